"""Addresses of run stores: what is allowed, what is never shown, and what lies on a network."""

from pathlib import Path

import pytest

from core.errors import DataError
from core.settings import settings
from core.store.address import address_of, file_of, file_system, require_local, shown
from core.store.database import Database

MOUNTS = r"""
/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb /home/ann/local\040disk xfs rw 0 0
//server/share /mnt/share cifs rw 0 0
ann@server: /mnt/ssh fuse.sshfs rw 0 0
tmpfs /mnt/share/memory tmpfs rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mounts"
    path.write_text(MOUNTS.lstrip())
    return path


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/srv/runs.sqlite", "ext4"),
        ("/home/ann/data/runs.sqlite", "nfs4"),
        ("/home/ann/local disk/runs.sqlite", "xfs"),
        ("/home2/runs.sqlite", "ext4"),
        ("/mnt/share/runs.sqlite", "cifs"),
        ("/mnt/share/memory/runs.sqlite", "tmpfs"),
        ("/mnt/ssh/a/b/runs.sqlite", "fuse.sshfs"),
    ],
)
def test_sqlite_is_refused_over_a_network(file: str, kind: str, mounts: Path) -> None:
    assert file_system(Path(file), mounts) == kind
    if kind in ("ext4", "xfs", "tmpfs"):
        require_local(Path(file), mounts)
        return
    with pytest.raises(DataError, match=rf"on a network file system \({kind}\), over which SQLite loses data; allowed"):
        require_local(Path(file), mounts)


def test_a_link_into_a_network_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "far"
    real.mkdir()
    (tmp_path / "near").symlink_to(real)
    (tmp_path / "mounts").write_text(f"/dev/vda / ext4 rw 0 0\nserver:/far {real} nfs rw 0 0\n")
    assert file_system(tmp_path / "near" / "runs.sqlite", tmp_path / "mounts") == "nfs"


def test_a_store_over_a_network_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mounts").write_text(f"server:/far {tmp_path} nfs rw 0 0\n")
    monkeypatch.setattr("core.store.address.require_local.__defaults__", (tmp_path / "mounts",))
    with pytest.raises(DataError, match="network file system"):
        Database(f"sqlite:///{tmp_path}/data/runs.sqlite")
    assert not (tmp_path / "data").exists()


def test_a_system_that_does_not_tell_is_trusted(tmp_path: Path) -> None:
    require_local(tmp_path / "runs.sqlite", tmp_path / "no such table")


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_postgresql_has_one_driver(url: str) -> None:
    assert address_of(url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://ann:hush@server/runs", r"cannot be mysql://ann:\*\*\*@server/runs; allowed: sqlite:///FILE"),
        ("sqlite://", "cannot be sqlite:///; allowed"),
        ("sqlite:///:memory:", "cannot be sqlite:///:memory:; allowed"),
        ("no address, hush", "cannot be read; allowed"),
        ("postgresql://ann:x@hush@server:port/runs", "cannot be read; allowed"),
        ("postgresql://ann:x@hush@server/runs", "write it as %40"),
        ("oracle://server/runs?password=hush", "cannot be oracle://server/runs; allowed"),
    ],
)
def test_a_wrong_address_is_said_without_its_password(url: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as said:
        address_of(url)
    assert "hush" not in str(said.value)
    assert said.value.__cause__ is None
    assert said.value.__suppress_context__ or said.value.__context__ is None


def test_a_password_is_not_shown() -> None:
    address = address_of("postgresql://ann:hush@server/runs?password=hush&sslpassword=hush")
    assert shown(address) == "postgresql+psycopg://ann:***@server/runs"


def test_a_data_folder_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a b%20c?d#e"
    monkeypatch.setenv("INFOSCOPE_DATA", str(folder))
    assert file_of(address_of(settings().database_url)) == folder / "runs.sqlite"


def test_settings_do_not_show_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFOSCOPE_DATABASE_URL", "postgresql://ann:hush@server/runs")
    assert settings().database_url == "postgresql://ann:hush@server/runs"
    assert "hush" not in repr(settings())

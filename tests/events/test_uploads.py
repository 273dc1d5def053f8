"""Uploads: kept once, under safe names, whole or not at all."""

import errno
import io
import os
import tomllib
from pathlib import Path

import pytest

from core.errors import DataError
from core.events import inspect_file, uploads
from core.events.probe import read_through
from core.events.uploads import shown_name
from core.settings import Settings

CSV = b"x,y\n1,2\n"


def keep_upload(content: io.BytesIO | bytes, filename: str, folder: Path, **options: int) -> Path:
    """Keep an upload that is looked at in this process, which is faster."""
    return uploads.keep_upload(content, filename, folder, examine=read_through, **options)


def test_an_upload_can_be_read_and_is_kept_once(tmp_path: Path) -> None:
    first = keep_upload(CSV, "my events.csv", tmp_path / "new" / "uploads")
    again = keep_upload(io.BytesIO(CSV), "other name.csv", tmp_path / "new" / "uploads")
    assert first == again
    assert first.read_bytes() == CSV
    assert first.name.endswith("-my_events.csv")
    assert inspect_file(first).n_events == 1
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_other_content_of_the_same_name_is_another_file(tmp_path: Path) -> None:
    assert keep_upload(CSV, "a.csv", tmp_path) != keep_upload(CSV + b"3,4\n", "a.csv", tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "/etc/passwd.csv",
        "..\\..\\a.csv",
        "....",
        "a\0b.csv",
        "é λ.csv",
        "x" * 500 + ".csv",
        "",
        "*?[a]",
        "CON.csv",
        "nul",
        "COM1.csv",
        ".csv",
        "-rf.csv",
        "a\u202egpj.csv",
        "x\ud800.csv",
        "name\nwith\r\nlines.csv",
        "a:b|c<d>e.csv",
    ],
)
def test_names_of_users_never_become_paths(tmp_path: Path, name: str) -> None:
    path = keep_upload(CSV, name, tmp_path)
    assert path.parent == tmp_path
    assert path.suffix == ".csv"
    assert len(path.name) < 160
    assert path.read_bytes() == CSV


def test_the_suffix_comes_from_the_content(tmp_path: Path, parquet) -> None:
    content = parquet({"x": [1.0]}).read_bytes()
    assert keep_upload(content, "data", tmp_path / "u").suffix == ".parquet"
    with pytest.raises(DataError, match=r"events.csv is not CSV.*looks like Parquet"):
        keep_upload(content, "events.csv", tmp_path / "u")


def test_too_large_uploads_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"big.csv is larger than 4.0 KiB, .* INFOSCOPE_MAX_UPLOAD_BYTES"):
        keep_upload(CSV * 2000, "big.csv", tmp_path, max_bytes=4096)
    assert list(tmp_path.iterdir()) == []
    assert keep_upload(b"x\n" + b"1\n" * 2047, "small.csv", tmp_path, max_bytes=4096).stat().st_size == 4096


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [(b"", "a.csv", "is empty"), (b"\x89HDF\0", "a.h5", "allowed formats"), (CSV, "a.parquet", "is not Parquet")],
)
def test_bad_uploads(tmp_path: Path, content: bytes, name: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        keep_upload(content, name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError("gone")
            return super().read(size)

    with pytest.raises(ConnectionError):
        keep_upload(Broken(CSV * 1000), "a.csv", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_too_large_uploads_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 2 GiB and a byte, of which nothing is read."""

    class Huge(io.BytesIO):
        def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
            return 2**31 + 1 if whence == io.SEEK_END else place

        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("read")

    with pytest.raises(DataError, match=r"big.csv is larger than 2.0 GiB"):
        keep_upload(Huge(), "big.csv", tmp_path / "u")
    monkeypatch.setenv("INFOSCOPE_MAX_UPLOAD_BYTES", "4")
    with pytest.raises(DataError, match=r"larger than 4 bytes"):
        keep_upload(CSV, "small.csv", tmp_path / "u")
    assert not (tmp_path / "u").exists()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("INFOSCOPE_MAX_ROWS", r"wide.csv has 2 events; allowed: 1 \(INFOSCOPE_MAX_ROWS, which whoever"),
        ("INFOSCOPE_MAX_COLUMNS", r"2 columns of wide.csv are needed; allowed: 1 \(INFOSCOPE_MAX_COLUMNS\)"),
        ("INFOSCOPE_MAX_UNCOMPRESSED_BYTES", r"take 32 bytes in memory.*allowed: 1 bytes \(INFOSCOPE_MAX_UNCOMPRESSED"),
    ],
)
def test_each_limit_is_a_setting_that_the_refusal_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, said: str
) -> None:
    monkeypatch.setenv(setting, "1")
    with pytest.raises(DataError, match=said):
        keep_upload(b"x,y\n1,2\n3,4\n", "wide.csv", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_is_no_number_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFOSCOPE_MAX_ROWS", "many")
    with pytest.raises(DataError, match=r"INFOSCOPE_MAX_ROWS is 'many'; allowed: a whole number"):
        keep_upload(CSV, "a.csv", tmp_path)


def test_a_damaged_upload_is_not_kept(tmp_path: Path, parquet) -> None:
    content = parquet({"x": [1.0] * 1000}).read_bytes()
    with pytest.raises(DataError, match=r"^a.parquet is cut short"):
        keep_upload(content[:-50], "../a.parquet", tmp_path / "u")
    assert list((tmp_path / "u").iterdir()) == []


def test_old_drafts_are_removed_and_new_ones_stay(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / f".draft-{name}").mkdir()
        (tmp_path / f".draft-{name}" / "a.csv").write_bytes(CSV)
    os.utime(tmp_path / ".draft-old", (0, 0))
    kept = keep_upload(CSV, "a.csv", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".draft-new", kept.name}


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().read(size)

    with pytest.raises(DataError, match=r"a.csv cannot be kept: No space left on device"):
        keep_upload(Full(CSV * 1000), "a.csv", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\data\\my events.csv", "my events.csv"),
        ("a\0b\u202e\u200b\n.csv", "ab.csv"),
        ("λ scan.csv", "λ scan.csv"),
        ("..", "upload"),
        ("x" * 500 + ".parquet", "x" * 71 + "….parquet"),
    ],
)
def test_shown_names_are_short_and_visible(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_the_browser_and_the_program_have_the_same_limit() -> None:
    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] * 2**20 == Settings.max_upload_bytes

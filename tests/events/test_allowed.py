"""Which files pages may read: nothing that a link, a form or a stored run names leaves the configured folders."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events import DatasetSpec
from core.events.allowed import below_root, files_below_root, load_allowed, require_allowed
from core.events.table import Roles
from core.settings import Settings


@pytest.fixture
def now(tmp_path: Path) -> Settings:
    """Folders with a file each, and a secret beside them."""
    found = Settings(tmp_path / "data", tmp_path / "samples", data_root=str(tmp_path / "shared"))
    for folder in (found.uploads, found.samples, tmp_path / "shared" / "run1", tmp_path / "shared2", tmp_path / "own"):
        folder.mkdir(parents=True)
        (folder / "a.parquet").touch()
    (tmp_path / "secret.parquet").touch()
    return found


def test_uploads_samples_and_the_configured_folder_may_be_read(tmp_path: Path, now: Settings) -> None:
    for path in (now.uploads / "a.parquet", now.samples / "a.parquet", tmp_path / "shared", tmp_path / "shared/run1"):
        require_allowed(str(path), now)
    require_allowed(f"{tmp_path}/shared/run1/a.root:Events", now)
    require_allowed(f"{tmp_path}/shared/*/a.parquet", now)
    require_allowed(f"{tmp_path}/shared/run1/not_there.parquet", now)


@pytest.mark.parametrize(
    "path",
    [
        "secret.parquet",
        "",
        "shared2/a.parquet",
        "shared/../secret.parquet",
        "shared/run1/../../secret.parquet",
        "shared/x:/../../secret.parquet",
        "secret.parquet:tree",
        "not_there_either",
        "shared*/a.parquet",
        "s*",
        "shared/../*.parquet",
        "shared/**/../../secret.parquet",
        "data/upl*/a.parquet",
        "data/uploads/*.parquet",
    ],
)
def test_nothing_else_may_be_read_and_nothing_is_told_of_it(tmp_path: Path, now: Settings, path: str) -> None:
    with pytest.raises(DataError, match=r"may not be read by pages; allowed: uploads, samples, all below '.*/shared'"):
        require_allowed(f"{tmp_path}/{path}", now)


@pytest.mark.parametrize("path", ["/etc/passwd", "/", ".", "../..", "~/x", "/proc/self/environ", "x" * 5000, "a\0b"])
def test_system_files_and_odd_paths_are_refused(now: Settings, path: str) -> None:
    with pytest.raises(DataError, match=r"may not be read by pages|is no path"):
        require_allowed(path, now)


def test_symbolic_links_are_resolved(tmp_path: Path, now: Settings) -> None:
    shared = tmp_path / "shared"
    (shared / "fine.parquet").symlink_to(shared / "run1" / "a.parquet")
    require_allowed(str(shared / "fine.parquet"), now)
    require_allowed(str(shared), now)
    (shared / "bad.parquet").symlink_to(tmp_path / "secret.parquet")
    (shared / "loop").symlink_to(shared / "loop")
    for path in (shared / "bad.parquet", shared / "loop", shared, shared / "*.parquet"):
        with pytest.raises(DataError, match=r"may not be read by pages|is no path"):
            require_allowed(str(path), now)


def test_a_pattern_does_not_lead_to_what_others_uploaded(tmp_path: Path, now: Settings) -> None:
    wide = Settings(now.data, now.samples, data_root=str(tmp_path))
    require_allowed(f"{tmp_path}/secr*.parquet", wide)
    with pytest.raises(DataError, match="may not be read"):
        require_allowed(f"{tmp_path}/data/upl*/a.parquet", wide)


def test_without_a_configured_folder_there_are_uploads_and_samples(tmp_path: Path, now: Settings) -> None:
    unset = Settings(now.data, now.samples)
    require_allowed(str(now.samples / "a.parquet"), unset)
    for path in (str(tmp_path / "shared" / "run1" / "a.parquet"), "s3://bucket/a.parquet", f"{tmp_path}/*"):
        with pytest.raises(DataError, match=r"all below the folder INFOSCOPE_DATA_ROOT, which is not set"):
            require_allowed(path, unset)


def test_addresses_stay_below_their_root(tmp_path: Path) -> None:
    now = Settings(tmp_path, tmp_path, data_root="s3://bucket/events/")
    require_allowed("s3://bucket/events/2018/*.parquet", now)
    require_allowed("s3://bucket/events", now)
    for path in (
        "s3://bucket/events2/a.parquet",
        "s3://bucket/events/../secret",
        "s3://bucket/events/%2e%2e/secret",
        "s3://bucket/events/a.zip::file:///etc/passwd",
        "S3://other/a.parquet",
        "http://localhost/metadata",
        "file:///etc/passwd",
        "/etc/passwd",
    ):
        with pytest.raises(DataError, match=r"may not be read by pages"):
            require_allowed(path, now)
    with pytest.raises(DataError, match=r"may not be read by pages"):
        require_allowed("file:///data/a.parquet", Settings(tmp_path, tmp_path, data_root="file:///data"))


def test_events_are_loaded_from_allowed_files_only(data_folder: Path, parquet, tmp_path: Path) -> None:
    path = parquet({"x": [1.0, 2.0]})
    spec = DatasetSpec.model_validate({"path": str(path), "roles": {"features": ["x"]}})
    assert load_allowed(spec).n_events == 2
    with pytest.raises(DataError, match="may not be read"):
        load_allowed(spec.model_copy(update={"path": "/etc/passwd"}))


def test_what_the_program_wrote_of_a_run_is_read_but_no_link_or_form_may_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFOSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("INFOSCOPE_DATA_ROOT", raising=False)
    path = tmp_path / "data" / "runs" / "some-run" / "held_out.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"x": [1.0, 2.0, 3.0]}), path)
    assert load_allowed(DatasetSpec(path=str(path), roles=Roles(features=("x",)))).n_events == 3
    with pytest.raises(DataError, match="may not be read by pages"):
        require_allowed(str(path))


def test_the_root_lists_what_is_readable_and_no_links_hidden_files_or_the_data_folder(tmp_path: Path) -> None:
    root = tmp_path / "all"
    now = Settings(root / "own", tmp_path / "samples", data_root=str(root))
    for folder in (now.uploads, root / "run2", root / ".hidden", tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
    for name, n_bytes in (("b.parquet", 7), ("a.csv", 3), ("notes.pdf", 9), (".secret.csv", 1)):
        (root / name).write_bytes(b"x" * n_bytes)
    (root / "link").symlink_to(tmp_path / "elsewhere")
    assert files_below_root(now) == {"a.csv": 3, "b.parquet": 7, "run2": None}
    assert files_below_root(Settings(root, root)) == {}
    assert files_below_root(Settings(root, root, data_root=str(tmp_path / "none"))) == {}
    for k in range(250):
        (root / f"z{k:03}.csv").touch()
    assert len(files_below_root(now)) == 200


def test_a_relative_name_lies_below_the_root_and_cannot_leave_it(tmp_path: Path, now: Settings) -> None:
    assert below_root("run1/a.parquet", now) == str(tmp_path / "shared" / "run1" / "a.parquet")
    require_allowed(below_root("run1/*.parquet", now), now)
    for path in ("../secret.parquet", "run1/../../own/a.parquet", str(tmp_path / "secret.parquet")):
        with pytest.raises(DataError, match="may not be read by pages"):
            require_allowed(below_root(path, now), now)

"""Uploads: kept once, under safe names, whole or not at all."""

import io
from pathlib import Path

import pytest

from core.errors import DataError
from core.events import inspect_file, keep_upload

CSV = b"x,y\n1,2\n"


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
    with pytest.raises(DataError, match=r"big.csv is larger than 4.0 KiB"):
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

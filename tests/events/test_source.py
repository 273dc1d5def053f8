"""Which reader a path gets, and what is said of paths and files that get none."""

from pathlib import Path

import pytest

from core.errors import DataError
from core.events import inspect_file


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file or folder .*nowhere.parquet"):
        inspect_file(tmp_path / "nowhere.parquet")


def test_a_path_that_no_system_accepts_is_a_data_error() -> None:
    with pytest.raises(DataError, match=r"path|no file"):
        inspect_file("bad\0name.parquet")
    with pytest.raises(DataError, match=r"path|no file"):
        inspect_file("x" * 5000)


def test_text_renamed_to_parquet_says_what_it_looks_like(text_file) -> None:
    with pytest.raises(DataError, match=r"events.parquet is not Parquet.*PAR1.*looks like CSV"):
        inspect_file(text_file("x,y\n1,2\n", "events.parquet"))


def test_parquet_renamed_to_csv_says_what_it_looks_like(parquet) -> None:
    with pytest.raises(DataError, match=r"events.csv is not CSV.*looks like Parquet"):
        inspect_file(parquet({"x": [1.0]}, "events.csv"))


def test_content_decides_where_the_name_says_nothing(parquet, text_file) -> None:
    assert inspect_file(parquet({"x": [1.0]}, "events.data")).format == "Parquet"
    assert inspect_file(text_file("x,y\n1,2\n", "events")).format == "CSV"


def test_empty_file(text_file) -> None:
    with pytest.raises(DataError, match=r"events.csv is empty"):
        inspect_file(text_file(""))


def test_unknown_format_lists_those_read(text_file) -> None:
    with pytest.raises(DataError, match=r"allowed formats: CSV, Parquet, ROOT"):
        inspect_file(text_file(b"\x89HDF\r\n\x1a\n\0\0\0", "events.h5"))


def test_something_that_is_neither_file_nor_folder() -> None:
    with pytest.raises(DataError, match=r"neither a file nor a folder"):
        inspect_file("/dev/null")


def test_only_root_files_hold_trees(parquet, text_file) -> None:
    with pytest.raises(DataError, match=r"holds one table; 'Events'"):
        inspect_file(f"{parquet({'x': [1.0]})}:Events")
    with pytest.raises(DataError, match=r"holds one table; 'Events'"):
        inspect_file(str(text_file("x\n1\n")) + ":Events")

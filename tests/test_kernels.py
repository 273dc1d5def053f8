"""Compiled functions are kept where that is possible."""

import os
from pathlib import Path

import pytest

import core


def test_a_folder_that_takes_no_files_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    core._keep_kernels()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "kernels")
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "kernels"))
    core._keep_kernels()
    assert Path(os.environ["NUMBA_CACHE_DIR"]).is_dir()
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    core._keep_kernels()
    assert "NUMBA_CACHE_DIR" not in os.environ

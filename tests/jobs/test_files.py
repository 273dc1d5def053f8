"""Files that appear whole or not at all, and what is said of a disk that does not take them."""

import errno
import os
from pathlib import Path

import pytest

from core.errors import DataError
from core.jobs.files import require_writable, settle, whole_folder, write_whole, writing

FULL = Path("/dev/full")
"""A device of Linux that is always full."""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_and_leaves_no_draft(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        write_whole(tmp_path / "state.pt", content)
    assert (tmp_path / "state.pt").read_bytes() == b"new"
    assert names(tmp_path) == ["state.pt"]


@pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
def test_a_full_disk_leaves_the_old_file_and_is_said_in_words(tmp_path: Path) -> None:
    write_whole(tmp_path / "state.pt", b"old")
    (tmp_path / ".state.pt.draft").symlink_to(FULL)
    with pytest.raises(DataError) as caught:
        write_whole(tmp_path / "state.pt", b"new")
    said = str(caught.value)
    assert said.startswith(f"the disk is full: state.pt cannot be written to {tmp_path} (No space left on device); ")
    assert said.endswith("MB are free there")
    assert (tmp_path / "state.pt").read_bytes() == b"old"
    assert names(tmp_path) == ["state.pt"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "the folder is read-only"),
        (errno.EIO, "the disk failed"),
    ],
)
def test_each_refusal_has_its_words(number: int, reason: str, tmp_path: Path) -> None:
    with (
        pytest.raises(DataError, match=f"^{reason}: a cannot be written to .*/gone .{os.strerror(number)}"),
        writing(tmp_path / "gone" / "a"),
    ):
        raise OSError(number, os.strerror(number))


def test_a_folder_takes_the_place_of_the_old_one_when_it_is_complete(tmp_path: Path) -> None:
    for name in ("old", "new"):
        with whole_folder(tmp_path / "run") as draft:
            (draft / name).write_text(name)
            assert names(tmp_path / "run") == ["old"] if name == "new" else not (tmp_path / "run").exists()
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["new"]


def test_a_folder_that_is_not_completed_leaves_the_old_one(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "run") as draft:
        (draft / "old").write_text("old")
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "run") as draft:
        (draft / "new").write_text("new")
        raise ZeroDivisionError
    assert (names(tmp_path), names(tmp_path / "run")) == (["run"], ["old"])


def test_a_disk_that_fails_at_the_last_moment_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with whole_folder(tmp_path / "run") as draft:
        (draft / "old").write_text("old")
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name == ".draft-run":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(DataError, match="the disk failed: run cannot be written"), whole_folder(tmp_path / "run"):
        pass
    assert (names(tmp_path), names(tmp_path / "run")) == (["run"], ["old"])


@pytest.mark.parametrize("left", [("run", ".draft-run"), (".former-run", ".draft-run"), ("run", ".former-run")])
def test_what_a_crash_leaves_is_settled(left: tuple[str, ...], tmp_path: Path) -> None:
    """Wherever the program ended between both renames, one whole folder is left under its name."""
    for name in left:
        (tmp_path / name).mkdir()
        (tmp_path / name / "model").write_text("")
    settle(tmp_path / "run")
    assert (names(tmp_path), names(tmp_path / "run")) == (["run"], ["model"])


def test_a_folder_that_takes_no_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"run cannot be written to .*file .Not a directory"):
        require_writable(tmp_path / "file" / "run")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(DataError, match=r"the folder is read-only: run cannot be written to .*Permission denied"):
        require_writable(tmp_path / "run")

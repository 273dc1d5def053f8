"""Files that appear whole or not at all, and what is said of a disk that does not take them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import DataError

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "the folder is read-only",
    errno.EPERM: "the folder is read-only",
}
FULL = (errno.ENOSPC, errno.EDQUOT)
"""Where it helps to know how much room is left."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says of a file that it does not write into a sentence.

    Raises:
        DataError: which file could not be written, where and why; on a full disk how much room is left there.
    """
    try:
        yield
    except OSError as problem:
        reason = REASONS.get(problem.errno or 0, "the disk failed")
        raise DataError(
            f"{reason}: {path.name} cannot be written to {path.parent} ({problem.strerror or problem})"
            + (f"; {_free(path.parent)}" if problem.errno in FULL else "")
        ) from problem


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is complete, or as it was before, whatever happens: a draft is synchronised and renamed.

    Raises:
        DataError: the disk does not take it.
    """
    draft = path.with_name(f".{path.name}.draft")
    with writing(path):
        try:
            draft.write_bytes(content)
            _synchronise(draft)
            draft.replace(path)
            _synchronise(path.parent)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty draft of a folder, which takes the folder's place when the block ends well, and goes otherwise.

    A program that ends in the middle leaves the old folder or the new one; ``settle`` finds it.

    Raises:
        DataError: the disk does not take it.
    """
    settle(folder)
    draft, former = _draft(folder), _former(folder)
    try:
        with writing(folder):
            draft.mkdir(parents=True)
        yield draft
        with writing(folder):
            for path in (*draft.iterdir(), draft):
                _synchronise(path)
            if folder.exists():
                folder.rename(former)
            draft.rename(folder)
            _synchronise(folder.parent)
    finally:
        settle(folder)


def settle(folder: Path) -> None:
    """Remove the draft that a program left when it ended in the middle of a folder, and put the folder in its place."""
    shutil.rmtree(_draft(folder), ignore_errors=True)
    former = _former(folder)
    if former.exists() and not folder.exists():
        with writing(folder):
            former.rename(folder)
    shutil.rmtree(former, ignore_errors=True)


def require_writable(folder: Path) -> None:
    """Make a folder where there is none.

    Raises:
        DataError: the disk does not take it, or nothing can be written to it.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _draft(folder: Path) -> Path:
    return folder.with_name(f".draft-{folder.name}")


def _former(folder: Path) -> Path:
    return folder.with_name(f".former-{folder.name}")


def _synchronise(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk; a system that cannot open folders keeps them."""
    is_folder = path.is_dir()
    if is_folder and os.name != "posix":
        return
    opened = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _free(folder: Path) -> str:
    """Return in words how much room is left where a folder is, or is to be."""
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    try:
        return f"{shutil.disk_usage(there or folder).free / 1e6:,.1f} MB are free there"
    except OSError:
        return "the disk does not say how much is free there"

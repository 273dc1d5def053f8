"""Files that users bring: looked at in a process of their own, kept once each, named by their content."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.errors import DataError
from core.events.probe import probe
from core.events.source import format_of
from core.events.spec import Limits, configured_limits
from core.events.summary import in_bytes
from core.settings import settings

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 4096
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_STEM = 60
_LONGEST_NAME = 80
_DRAFT = ".draft-"
_STALE_SECONDS = 3600.0


def keep_upload(
    content: BinaryIO | bytes,
    filename: str,
    folder: Path,
    *,
    max_bytes: int | None = None,
    examine: Callable[[Path, Limits], None] = probe,
) -> Path:
    """Copy an upload into a folder, once for each content, and return where it is.

    The name is the SHA-256 of the content and what is harmless of the user's file name; no part of a path that
    a user sends is used. The copy is written and looked at beside its place and then renamed, so that no half file and
    no file that cannot be read is ever kept. Drafts that an end of the program left are removed after an hour.

    Args:
        content: a binary stream or bytes.
        filename: what the user calls the file; its suffix must not contradict the content.
        folder: where uploads are kept; created when missing.
        max_bytes: the largest upload that is accepted [bytes]; INFOSCOPE_MAX_UPLOAD_BYTES when None.
        examine: reads a file and raises DataError if it cannot be used or holds more than the limits allow.

    Raises:
        DataError: the upload is empty, too large, damaged, of no known format or of another than its name says, or
            the folder cannot be written.
    """
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    name = shown_name(filename)
    most = settings().max_upload_bytes if max_bytes is None else max_bytes
    _require_small(_size_told(stream), most, name)
    head = stream.read(_HEAD_BYTES)
    suffix = format_of(name, head).item.suffixes[0]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
        with tempfile.TemporaryDirectory(dir=folder, prefix=_DRAFT) as draft:
            path = Path(draft) / f"{_stem(name)}{suffix}"
            digest = _copy(stream, head, path, most, name)
            kept = next(iter(sorted(folder.glob(f"{digest}-*{suffix}"))), None)
            if kept is not None:
                return kept
            examine(path, configured_limits())
            return path.replace(folder / f"{digest}-{path.name}")
    except ConnectionError:
        raise
    except OSError as problem:
        raise DataError(f"{name} cannot be kept: {problem.strerror or problem}") from problem


def shown_name(filename: str) -> str:
    r"""Return what a page calls an upload: the last part of its name, without what cannot be seen, of 80 characters.

    Example:
        >>> shown_name("..\\..\\my events.csv"), shown_name("/")
        ('my events.csv', 'upload')
    """
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    # Cc, Cf and the like: control characters, and those that turn the direction of text.
    seen = "".join(c for c in last if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp"))
    words = " ".join(seen.split())
    if len(words) > _LONGEST_NAME:
        suffix = Path(words).suffix[:10]
        words = f"{words[: _LONGEST_NAME - len(suffix) - 1]}…{suffix}"
    return words if words.strip(". ") else "upload"


def _copy(stream: BinaryIO, head: bytes, path: Path, most: int, name: str) -> str:
    """Write a stream to a file, and return the SHA-256 of its content."""
    digest, n_bytes, chunk = hashlib.sha256(), 0, head
    with path.open("wb") as draft:
        while chunk:
            n_bytes += len(chunk)
            _require_small(n_bytes, most, name)
            digest.update(chunk)
            draft.write(chunk)
            chunk = stream.read(_CHUNK_BYTES)
    return digest.hexdigest()


def _size_told(stream: BinaryIO) -> int:
    """Return how much a stream has left where it can tell, so that too much of it is refused unread; else 0."""
    if not stream.seekable():
        return 0
    here = stream.tell()
    size = stream.seek(0, io.SEEK_END) - here
    stream.seek(here)
    return size


def _require_small(n_bytes: int, most: int, name: str) -> None:
    if n_bytes > most:
        raise DataError(f"{name} is larger than {in_bytes(most)}, which is all that INFOSCOPE_MAX_UPLOAD_BYTES allows")


def _stem(name: str) -> str:
    """Return what is harmless of a name, without its suffix."""
    return _UNSAFE.sub("_", Path(name).stem).strip("._-")[:_LONGEST_STEM] or "upload"


def _remove_stale(folder: Path) -> None:
    for draft in folder.glob(f"{_DRAFT}*"):
        if time.time() - draft.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(draft, ignore_errors=True) if draft.is_dir() else draft.unlink(missing_ok=True)

"""Files that users bring: kept once each, under a name that depends on their content."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from core.errors import DataError
from core.events.source import format_of
from core.events.summary import in_bytes

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 4096
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_STEM = 60


def keep_upload(content: BinaryIO | bytes, filename: str, folder: Path, *, max_bytes: int = 4 * 2**30) -> Path:
    """Copy an upload into a folder, once for each content, and return where it is.

    The name is the SHA-256 of the content and what is harmless of the user's file name; no part of a path that
    a user sends is used. The copy is written beside its place and renamed, so that no half file is ever seen.

    Args:
        content: a binary stream or bytes.
        filename: what the user calls the file; its suffix must not contradict the content.
        folder: where uploads are kept; created when missing.
        max_bytes: the largest upload that is accepted [bytes].

    Raises:
        DataError: the upload is empty, too large, of no known format, or of another than its name says.
    """
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    name = Path(filename.replace("\\", "/")).name or "upload"
    head = stream.read(_HEAD_BYTES)
    found = format_of(name, head)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".draft-", delete=False) as draft:
        draft_path = Path(draft.name)
        try:
            digest, n_bytes = hashlib.sha256(), 0
            chunk = head
            while chunk:
                n_bytes += len(chunk)
                if n_bytes > max_bytes:
                    raise DataError(f"{name} is larger than {in_bytes(max_bytes)}, which is all that is allowed")
                digest.update(chunk)
                draft.write(chunk)
                chunk = stream.read(_CHUNK_BYTES)
            draft.flush()
            place = _place(folder, digest.hexdigest(), name, found.item.suffixes[0])
            return place if place.exists() else draft_path.replace(place)
        finally:
            draft_path.unlink(missing_ok=True)


def _place(folder: Path, digest: str, name: str, suffix: str) -> Path:
    """Return where content of a digest is kept, or already is."""
    kept = next(iter(sorted(folder.glob(f"{digest}-*{suffix}"))), None)
    stem = _UNSAFE.sub("_", Path(name).stem).strip("._-")[:_LONGEST_STEM] or "upload"
    return kept or folder / f"{digest}-{stem}{suffix}"

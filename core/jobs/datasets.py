"""The data sets that users set up, so that a link names one."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path

from pydantic import ValidationError

from core.errors import DataError
from core.events.spec import DatasetSpec

_KEY = re.compile(r"[0-9a-f]{12}")


def remember(spec: DatasetSpec, folder: Path) -> str:
    """Keep a data set's file, roles and selection, and return the key that recalls them.

    Args:
        spec: the data set.
        folder: where to keep it.

    Returns:
        Twelve hexadecimal digits; the same for the same data set.

    Raises:
        DataError: the folder cannot be written.
    """
    text = spec.model_dump_json()
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / f"{key}.json"
    if not path.exists():
        try:
            _write(path, text)
        except OSError as problem:
            raise DataError(f"the data set cannot be kept in {folder.name!r}: {problem.strerror}") from problem
    return key


def recall(key: str, folder: Path) -> DatasetSpec:
    """Return the data set that a key names.

    Raises:
        DataError: no data set was kept under the key.
    """
    path = folder / f"{key}.json"
    if not _KEY.fullmatch(key) or not path.is_file():
        raise DataError(f"no data set {key!r} is known here; choose one on the Data page")
    try:
        return DatasetSpec.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        raise DataError(f"the data set {key!r} was kept by another version; choose one on the Data page") from None


def _write(path: Path, text: str) -> None:
    """Write a draft of its own and rename it: two sessions may keep the same data set at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".draft-", delete=False, encoding="utf-8") as draft:
        try:
            draft.write(text)
            draft.flush()
            Path(draft.name).replace(path)
        finally:
            Path(draft.name).unlink(missing_ok=True)

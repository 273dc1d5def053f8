"""The data sets that users set up, so that a link names one."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from core.errors import DataError
from core.events.portable import at_home, portable, require_here
from core.events.roles import guess_roles, roles_from_guesses
from core.events.source import inspect_file
from core.events.spec import DatasetSpec
from core.settings import Settings, settings

_KEY = re.compile(r"[0-9a-f]{12}")


def remember(spec: DatasetSpec, folder: Path, samples: Path | None = None) -> str:
    """Keep a data set's file, roles and selection, and return the key that recalls them.

    A sample is kept by its name and content, wherever the program is installed: its key is the same on all machines. A
    file of the data folder is kept by its place in there.

    Args:
        spec: the data set.
        folder: where to keep it.
        samples: where the samples are; those of the program by default.

    Returns:
        Twelve hexadecimal digits; the same for the same data set.

    Raises:
        DataError: the folder cannot be written.
    """
    text = portable(spec, _settings(samples)).model_dump_json()
    key = _key_of(text)
    path = folder / f"{key}.json"
    if not path.exists():
        try:
            _write(path, text)
        except OSError as problem:
            raise DataError(f"the data set cannot be kept in {folder.name!r}: {problem.strerror}") from problem
    return key


def recall(key: str, folder: Path, samples: Path | None = None) -> DatasetSpec:
    """Return the data set that a key names; a sample with guessed roles is known though nobody opened it here.

    Args:
        key: what `remember` returned.
        folder: where it was kept.
        samples: where the samples are; those of the program by default.

    Raises:
        DataError: no data set was kept under the key.
    """
    path, now = folder / f"{key}.json", _settings(samples)
    if not _KEY.fullmatch(key):
        raise DataError(f"no data set {key!r} is known here; choose one on the Data page")
    if not path.is_file():
        for sample in sorted(now.samples.glob("*.parquet")):
            found = _guessed(sample)
            if _key_of(portable(found, now).model_dump_json()) == key:
                return found
        raise DataError(f"no data set {key!r} is known here; choose one on the Data page")
    try:
        found = at_home(DatasetSpec.model_validate_json(path.read_bytes()), now)
    except (ValidationError, OSError):
        raise DataError(f"the data set {key!r} was kept by another version; choose one on the Data page") from None
    for name in found.files:
        require_here(name)
    return found


def _settings(samples: Path | None) -> Settings:
    return settings() if samples is None else replace(settings(), samples=samples)


def _key_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _guessed(path: Path) -> DatasetSpec:
    """Return a sample as its card opens it."""
    return DatasetSpec(path=str(path), roles=roles_from_guesses(guess_roles(inspect_file(path))))


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

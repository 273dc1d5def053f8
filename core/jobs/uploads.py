"""Whose an upload is: a record beside each file for everyone who brought it, and whether all others see it."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import DataError

_OWNERS = ".owners"
_OPERATOR = "operator"
_KEY = re.compile(r"[0-9a-f]{0,64}")


class _Record(BaseModel):
    """Hold what is kept of one user's upload."""

    model_config = ConfigDict(frozen=True)

    name: str
    created: float
    published: bool = False


@dataclass(frozen=True)
class Upload:
    """Hold one file that one user brought.

    Args:
        path: of the file.
        owner: key of the user; empty for whoever runs the program.
        name: what the user calls it.
        created: when it was brought [s since 1970].
        published: whether all users see it.
    """

    path: Path
    owner: str
    name: str
    created: float
    published: bool


def claim_upload(path: Path, name: str, owner: str) -> Upload:
    """Note whose an upload is; one who brings the same content again keeps the first record.

    Users who bring the same content share one file and have a record each, so that two servers on one folder never
    write the same record for two users.

    Args:
        path: of the file, as `keep_upload` returned it.
        name: what the user calls it.
        owner: key of the user; hexadecimal digits, or empty for whoever runs the program.

    Raises:
        DataError: the key is not allowed, or the file was deleted in the meantime.
    """
    known = _read(_place(path, owner))
    record = known or _Record(name=name, created=time.time())
    _write(_place(path, owner), record)
    if not path.is_file():
        raise DataError(f"{name} was deleted in the meantime; upload it again")
    return _upload(path, owner, record)


def uploads(folder: Path, owner: str) -> list[Upload]:
    """Return the uploads that a user sees, newest first: their own, and what others published.

    Args:
        folder: where uploads are kept.
        owner: key of the user.

    Raises:
        DataError: the key is not allowed.
    """
    found = [each for path in folder.glob(f"*{_OWNERS}") for each in _records(path.with_suffix(""))]
    own = {each.path: each for each in found if each.owner == owner}
    published = {each.path: each for each in found if each.published and each.path not in own}
    return sorted([*own.values(), *published.values()], key=lambda each: -each.created)


def publish(upload: Upload, *, published: bool) -> None:
    """Put an upload on the list that all users see, or take it off."""
    record = _Record(name=upload.name, created=upload.created, published=published)
    _write(_place(upload.path, upload.owner), record)


def delete_upload(upload: Upload) -> None:
    """Delete a user's upload; the file stays as long as another user has it too."""
    _place(upload.path, upload.owner).unlink(missing_ok=True)
    if not _records(upload.path):
        upload.path.unlink(missing_ok=True)
        shutil.rmtree(_folder(upload.path), ignore_errors=True)


def may_open(path: str, folder: Path, owner: str) -> bool:
    """Return whether a user may open a path without a link to it.

    Files beyond the folder of uploads are nobody's; of uploads, one's own and published ones are open. Whoever runs
    the program may open all.

    Args:
        path: of a file, of a folder, or ``file.root:tree``.
        folder: where uploads are kept.
        owner: key of the user.

    Raises:
        DataError: the key is not allowed.
    """
    if not owner:
        return True
    place, folder = Path(path).resolve(), folder.resolve()
    if place == folder or place in folder.parents:
        return False
    if not place.is_relative_to(folder):
        return True
    file = folder / place.relative_to(folder).parts[0].partition(":")[0]
    return any(each.owner == owner or each.published for each in _records(file))


def _records(path: Path) -> list[Upload]:
    """Return what users have of one file; nothing when it is gone."""
    if not path.is_file():
        return []
    found = ((place, _read(place)) for place in _folder(path).glob("*.json"))
    return [_upload(path, "" if place.stem == _OPERATOR else place.stem, record) for place, record in found if record]


def _folder(path: Path) -> Path:
    return path.with_name(f"{path.name}{_OWNERS}")


def _place(path: Path, owner: str) -> Path:
    if not _KEY.fullmatch(owner):
        raise DataError(f"the user is {owner!r}; allowed: up to 64 hexadecimal digits")
    return _folder(path) / f"{owner or _OPERATOR}.json"


def _upload(path: Path, owner: str, record: _Record) -> Upload:
    return Upload(path, owner, record.name, record.created, record.published)


def _read(place: Path) -> _Record | None:
    """Return a record; None when there is none, or none that can be read."""
    try:
        return _Record.model_validate_json(place.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _write(place: Path, record: _Record) -> None:
    """Write a record beside its place, then rename it, so that no half record is ever seen."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=place.parent, prefix=".draft-", delete=False, encoding="utf-8") as draft:
        try:
            draft.write(record.model_dump_json())
            draft.flush()
            Path(draft.name).replace(place)
        finally:
            Path(draft.name).unlink(missing_ok=True)

"""Names of files that hold wherever the program and its data folder are: what the store and the links keep.

A sample is kept by name and content, as in ``sample:dimuon@0123456789ab``; a file of the data folder, such as an upload
or a toy, by its place in there, as in ``data:uploads/…``. Any other file is kept by its path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DataError
from core.settings import Settings, settings

if TYPE_CHECKING:
    from core.events.spec import DatasetSpec

_SAMPLE, _DATA = "sample:", "data:"
_PLACES = ("uploads", "toys", "runs")
"""Folders of the data folder whose files no other program names alike."""


def portable(spec: DatasetSpec, now: Settings | None = None) -> DatasetSpec:
    """Return a data set whose samples and files of the data folder have names that hold in every installation.

    Args:
        spec: the data set.
        now: where samples and data folder are; as the settings say when None.
    """
    now = now or settings()
    return _renamed(spec, lambda path: _name_of(path, now))


def at_home(spec: DatasetSpec, now: Settings | None = None) -> DatasetSpec:
    """Return a data set whose samples and files of the data folder are named by their paths here.

    What an older program kept by its path is sought here too, where that path leads nowhere. A sample that is not here
    with the same content keeps its name, which `require_here` and every reader refuse.

    Args:
        spec: what `portable` returned, or a data set that was kept by its paths.
        now: where samples and data folder are; as the settings say when None.
    """
    here = now

    def path_of(name: str) -> str:
        nonlocal here
        if not _may_move(name):
            return name
        here = here or settings()
        return _path_of(name, here)

    return _renamed(spec, path_of)


def require_here(name: str) -> None:
    """Refuse the name of a sample that `at_home` did not find.

    Raises:
        DataError: the name is one of a sample.
    """
    if name.startswith(_SAMPLE):
        stem = name.removeprefix(_SAMPLE).partition("@")[0]
        raise DataError(f"the sample {stem!r} of this data set is not here, or in another version")


def _renamed(spec: DatasetSpec, rename: Callable[[str], str]) -> DatasetSpec:
    names = {path: rename(path) for path in spec.files}
    if all(path == name for path, name in names.items()):
        return spec
    background = None if spec.background is None else names[spec.background]
    return spec.model_copy(update={"path": names[spec.path], "background": background})


def _name_of(path: str, now: Settings) -> str:
    place, inside = Path(path), f"{now.data}/"
    if place.parent == now.samples and place.is_file():
        return f"{_SAMPLE}{place.stem}@{_digest(place, place.stat().st_mtime_ns)}"
    return f"{_DATA}{path.removeprefix(inside)}" if path.startswith(inside) else path


def _may_move(name: str) -> bool:
    """Return whether a name is portable, or one by which an older program kept a file that moves with it."""
    return name.startswith((_SAMPLE, _DATA)) or (
        name.startswith("/") and any(f"/{each}/" in name for each in ("sample_data", *_PLACES))
    )


def _path_of(name: str, now: Settings) -> str:
    if name.startswith(_DATA):
        return f"{now.data}/{name.removeprefix(_DATA)}"
    if name.startswith(_SAMPLE):
        path = now.samples / f"{name.removeprefix(_SAMPLE).partition('@')[0]}.parquet"
        return str(path) if path.is_file() and _name_of(str(path), now) == name else name
    return name if _exists(name) else _moved(name, now)


def _moved(path: str, now: Settings) -> str:
    """Return where a file is that an older program kept by a path; that path where it is nowhere."""
    place = Path(path)
    if place.parent.name == now.samples.name and (now.samples / place.name).is_file():
        return str(now.samples / place.name)
    for folder in _PLACES:
        found = f"{now.data}/{folder}/{path.rpartition(f'/{folder}/')[2]}"
        if f"/{folder}/" in path and _exists(found):
            return found
    return path


def _exists(path: str) -> bool:
    """Return whether there is a file or folder; of "file.root:tree" the file."""
    return Path(path).exists() or Path(path.rpartition(":")[0] or path).is_file()


@lru_cache(maxsize=64)
def _digest(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]

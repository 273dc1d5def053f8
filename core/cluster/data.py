"""Whether a worker sees the events of a run, and what is sent to one that does not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from core.events.readers._pieces import is_address, is_pattern
from core.events.summary import in_bytes

MAX_SENT_BYTES = 256 * 2**20
"""Larger data sets are not sent to a worker that does not see them."""
_LOOKED_AT = 1 << 16


@dataclass(frozen=True)
class Look:
    """Hold what tells a data set from another one: the names, sizes and both ends of its files.

    Args:
        path: file or folder.
        rest: what follows it: a colon and the name of a tree.
        files: names below a folder, or that of the file.
        n_bytes: size of all files [bytes].
        digest: of names, sizes and ends.
    """

    path: str
    rest: str
    files: tuple[str, ...]
    n_bytes: int
    digest: str

    @property
    def is_folder(self) -> bool:
        """Return whether the files lie in a folder that is named as a whole."""
        return self.files != (Path(self.path).name,)

    def file(self, name: str) -> Path:
        """Return where one of the files is."""
        return Path(self.path, name) if self.is_folder else Path(self.path)


def look_at(path: str) -> Look | None:
    """Look at the files of a data set; None where every machine reads by itself: an address, a pattern of names.

    Raises:
        DataError: there is no such file.
    """
    if is_address(path) or (is_pattern(path) and not Path(path).exists()):
        return None
    place, rest = Path(path), ""
    if not place.exists():
        before, colon, tree = path.rpartition(":")
        place, rest = Path(before), colon + tree
    if not (place.is_file() if rest else place.exists()):
        raise DataError(f"there is no file or folder {path[:200]!r}")
    files = sorted(each for each in place.rglob("*") if each.is_file()) if place.is_dir() else [place]
    names = tuple(str(each.relative_to(place)) if place.is_dir() else each.name for each in files)
    digest = hashlib.sha256()
    for name, file in zip(names, files, strict=True):
        digest.update(f"{name}\0{file.stat().st_size}\0".encode())
        digest.update(_ends(file))
    return Look(str(place), rest, names, sum(file.stat().st_size for file in files), digest.hexdigest()[:32])


def find(look: Look | None, path: str, store: Path) -> str | None:
    """Return where this machine has a data set: under its own path, or where it was sent before; None if nowhere.

    Args:
        look: what another machine saw; None where every machine reads by itself.
        path: as the run names it.
        store: where sent data are kept.
    """
    if look is None:
        return path
    try:
        here = look_at(path)
    except (DataError, OSError):
        here = None
    if here is not None and here.digest == look.digest:
        return path
    kept = kept_at(look, store)
    return f"{kept}{look.rest}" if kept.exists() else None


def kept_at(look: Look, store: Path) -> Path:
    """Return where a worker keeps a data set that was sent to it, under the data set's own name."""
    return store / f"infoscope-{look.digest}" / Path(look.path).name


def require_sendable(look: Look) -> None:
    """Check that a data set is small enough to be sent.

    Raises:
        DataError: it is not.
    """
    if look.n_bytes > MAX_SENT_BYTES:
        raise DataError(
            f"a worker does not see {look.path} ({in_bytes(look.n_bytes)}), and at most {in_bytes(MAX_SENT_BYTES)} are "
            "sent to it; put the data on a file system that all machines share, or at an address such as s3://…"
        )


def chunks(path: Path, size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield a file piece by piece, and with each whether it is the last; an empty file has one empty piece."""
    left = path.stat().st_size
    with path.open("rb") as file:
        while True:
            data = file.read(size)
            left -= len(data)
            yield data, left <= 0
            if left <= 0:
                return


def _ends(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
        file.seek(max(path.stat().st_size - _LOOKED_AT, 0))
        return head + file.read(_LOOKED_AT)

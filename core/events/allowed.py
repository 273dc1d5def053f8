"""Which files the pages may read: uploads, samples and what lies below one configured folder or address."""

from __future__ import annotations

import glob
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from core.errors import DataError
from core.events.portable import require_here
from core.events.readers import readers
from core.events.readers._pieces import is_address, is_pattern
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.settings import Settings, settings

LISTED, LOOKED_AT = 200, 5_000
"""How many files and folders of the root are listed, and among how many they are sought."""


def below_root(path: str, now: Settings | None = None) -> str:
    """Return a path or pattern that is relative as one below INFOSCOPE_DATA_ROOT, where there is such a folder.

    What it names still passes `require_allowed`, which refuses a path that leads out again.

    Args:
        path: what a user typed.
        now: the settings; those of the environment when None.

    Example:
        >>> now = Settings(Path("/srv/data"), Path("/srv/samples"), data_root="/srv/all")
        >>> [below_root(path, now) for path in ("big.parquet", "/srv/x.root", "s3://store/x.parquet")]
        ['/srv/all/big.parquet', '/srv/x.root', 's3://store/x.parquet']
    """
    root = (now or settings()).data_root
    is_relative = not (is_address(path) or Path(path).is_absolute())
    return f"{root.rstrip('/')}/{path}" if root and is_relative else path


def files_below_root(now: Settings | None = None) -> dict[str, int | None]:
    """List readable files and folders right below INFOSCOPE_DATA_ROOT, at most 200: no links, nothing hidden.

    The folder of uploads and runs is left out. Each still passes `require_allowed` before it is read.

    Args:
        now: the settings; those of the environment when None.

    Returns:
        Name below the root → size [bytes], None for a folder; in the order of the names. Empty where there is no root,
        it is an address, or it cannot be listed.
    """
    now = now or settings()
    suffixes = {suffix for entry in readers for suffix in entry.item.suffixes}
    found: dict[str, int | None] = {}
    for root in _data_root(now):
        try:
            for place in islice(root.iterdir(), LOOKED_AT):
                if place.name.startswith(".") or place.is_symlink() or now.data.resolve() == place.resolve():
                    continue
                if place.is_dir():
                    found[place.name] = None
                elif place.suffix.lower() in suffixes and place.is_file():
                    found[place.name] = place.stat().st_size
        except OSError:
            continue  # what cannot be listed can still be typed, and is then refused in words
    return {name: found[name] for name in sorted(found)[:LISTED]}


def require_allowed(path: str, now: Settings | None = None) -> None:
    """Check that a page may read a file, folder, pattern or address: symbolic links are resolved first.

    Allowed are uploads, samples and what lies below INFOSCOPE_DATA_ROOT. Whatever a link, a form or a stored run names
    passes here before a page reads it; the command line may read all that its user may. What is not allowed is refused
    without a word about whether it exists. A pattern may not lead into the uploads, which are each user's own.

    Args:
        path: what `core.events.inspect_file` takes.
        now: the settings; those of the environment when None.

    Raises:
        DataError: it lies elsewhere, or a link inside it leads elsewhere.

    Example:
        >>> require_allowed("/etc/passwd", Settings(Path("/srv/data"), Path("/srv/samples"), data_root="/srv/all"))
        Traceback (most recent call last):
        ...
        core.errors.DataError: '/etc/passwd' may not be read by pages; allowed: uploads, samples, all below '/srv/all'
    """
    now = now or settings()
    try:
        if is_address(path):
            allowed = _is_below_address(path, now.data_root)
        elif is_pattern(path) and not Path(path).exists():
            allowed = _matches_below(path, now)
        else:
            allowed = _is_below(path, now)
    except (OSError, ValueError, RuntimeError) as problem:
        raise DataError(f"{path[:200]!r} is no path: {problem}") from problem
    if not allowed:
        require_here(path)
        root = now.data_root
        more = f"all below {root!r}" if root else "all below the folder INFOSCOPE_DATA_ROOT, which is not set"
        raise DataError(f"{path[:200]!r} may not be read by pages; allowed: uploads, samples, {more}")


def require_allowed_data(spec: DatasetSpec) -> None:
    """Check that a page may read every file of a data set.

    Raises:
        DataError: as `require_allowed`.
    """
    for path in spec.files:
        require_allowed(path)


def require_loadable(spec: DatasetSpec) -> None:
    """Check that a page may load the events of a data set.

    What the program itself wrote into the folder of runs is read too: a page names it, while a link, a form or a stored
    run that names it is refused by `require_allowed` before.

    Raises:
        DataError: as `require_allowed`.
    """
    now = settings()
    for path in spec.files:
        if not _within(Path(path), [now.runs]):
            require_allowed(path, now)


def load_allowed(spec: DatasetSpec, report: Callable[[int, int], None] | None = None) -> EventTable:
    """Load the events of a specification if a page may load them.

    Args:
        spec: what to load.
        report: as of `load_events`.

    Raises:
        DataError: as `require_loadable`, or as `load_events`.
    """
    require_loadable(spec)
    return load_events(spec, report=report)


def _is_below(text: str, now: Settings) -> bool:
    """Return whether a file, or a folder with all that links inside it lead to, lies below a root."""
    roots = [now.uploads, now.samples, now.toys, *_data_root(now)]
    path = Path(text)
    before = Path(text.rpartition(":")[0] or text)  # of "file.root:tree" the file, whichever of the two there is
    if not (_within(path, roots) and _within(before, roots)):
        return False
    folders = {place for place in (path, before) if place.is_dir()}
    return all(_within(found, roots) for place in folders for found in place.rglob("*") if found.is_symlink())


def _matches_below(pattern: str, now: Settings) -> bool:
    """Return whether a pattern begins below the configured folder, and all that it matches lies there."""
    roots = _data_root(now)
    fixed = pattern[: min(pattern.find(magic) for magic in "*?[" if magic in pattern)]
    if ".." in Path(pattern).parts or not _within(Path(f"{fixed}_").parent, roots):
        return False
    found = [Path(match) for match in glob.iglob(pattern, recursive=True)]  # noqa: PTH207 (as the reader does)
    return all(_within(path, roots) and not _within(path, [now.uploads]) for path in found)


def _is_below_address(address: str, root: str) -> bool:
    """Return whether an address begins with the root and cannot leave it again: "::" chains file systems."""
    leaves = "::" in address or ".." in address.split("/") or any(sign in address for sign in "\\%?#")
    is_local = address.lower().startswith(("file:", "local:", "memory:"))
    return is_address(root) and not leaves and not is_local and f"{address}/".startswith(f"{root.rstrip('/')}/")


def _data_root(now: Settings) -> list[Path]:
    return [Path(now.data_root)] if now.data_root and not is_address(now.data_root) else []


def _within(path: Path, roots: list[Path]) -> bool:
    place = path.resolve()
    return any(place.is_relative_to(root.resolve()) for root in roots)

"""From a path to the reader of its format."""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError
from core.events.readers import Reader, readers
from core.events.readers._pieces import is_address, is_pattern
from core.events.summary import FileSummary
from core.registry import Entry

_HEAD_BYTES = 4096


def inspect_file(path: str | Path) -> FileSummary:
    """Tell what a file holds from its metadata, without reading the events.

    Args:
        path: a Parquet, CSV or ROOT file, a folder of Parquet files, or "file.root:tree"; of Parquet also a pattern
            such as "runs/*.parquet" and an address such as "s3://bucket/folder".

    Returns:
        Format, number of events, columns with their types, words and sizes.

    Raises:
        DataError: no such file, a format not read here, a damaged file, or nothing in it that can be used.
    """
    return open_source(path).summary()


def open_source(path: str | Path) -> Reader:
    """Return a reader for a file or folder: its first bytes tell the format, its name must not contradict them.

    Args:
        path: a Parquet, CSV or ROOT file, a folder of Parquet files, or "file.root:tree"; of Parquet also a pattern
            such as "runs/*.parquet" and an address such as "s3://bucket/folder".

    Raises:
        DataError: no such file, a format not read here, or a name that says another format.
    """
    text = str(path)
    if is_address(text) or (is_pattern(text) and not Path(text).exists()):
        from core.events.readers.parquet import ParquetReader  # which registers itself as the folder is discovered

        return ParquetReader(text, None)
    location, tree = _split(text)
    if location.is_dir():
        return readers["Parquet"].item(location, tree)
    entry = format_of(location.name, _head(location))
    return entry.item(location, tree)


def format_of(name: str, head: bytes) -> Entry[type[Reader]]:
    """Return the format of a file by its first bytes.

    Args:
        name: the file's name, for the check of its suffix.
        head: the first bytes.

    Raises:
        DataError: the file is empty, of no known format, or of another than its name says.
    """
    if not head:
        raise DataError(f"{name} is empty (0 bytes)")
    found = next((entry for entry in readers if entry.item.recognises(head)), None)
    suffix = Path(name).suffix.lower()
    named = next((entry for entry in readers if suffix in entry.item.suffixes), None)
    if named is not None and named is not found:
        looks = f"looks like {found.name}" if found else f"begins with {head[:8]!r}"
        raise DataError(f"{name} is not {named.name}: {named.item.mark}, this one {looks}")
    if found is None:
        raise DataError(f"{name} begins with {head[:8]!r}; allowed formats: {', '.join(sorted(readers.names()))}")
    return found


def _split(text: str) -> tuple[Path, str | None]:
    """Return the file or folder and, after a colon, the tree."""
    try:
        if Path(text).exists():
            return Path(text), None
        before, colon, tree = text.rpartition(":")
        if colon and Path(before).is_file():
            return Path(before), tree
    except (OSError, ValueError) as problem:
        raise DataError(f"{text[:200]!r} is no path: {problem}") from problem
    raise DataError(f"there is no file or folder {text[:200]!r}")


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise DataError(f"{path.name} is neither a file nor a folder")
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as problem:
        raise DataError(f"{path.name} cannot be opened: {problem.strerror}") from problem

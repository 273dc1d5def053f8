"""From a path to the reader of its format."""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError
from core.events.portable import require_here
from core.events.readers import Reader, readers
from core.events.readers._many import FolderReader
from core.events.readers._pieces import is_address, is_pattern
from core.events.summary import FileSummary
from core.registry import Entry

_HEAD_BYTES = 4096
KINDS = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "compressed by gzip",
    b"\x89HDF": "an HDF5 file",
}
"""First bytes of common files that hold no events read here, and what to call them."""


def inspect_file(path: str | Path, background: str | Path | None = None) -> FileSummary:
    """Tell what a file holds from its metadata, without reading the events.

    Args:
        path: a Parquet, CSV or ROOT file, a folder or a pattern such as "runs/*.parquet" of files of one format, or
            "file.root:tree"; of Parquet also an address such as "s3://bucket/folder".
        background: the same for a second file whose events are background; those of ``path`` are signal then.

    Returns:
        Format, number of events, columns with their types, words and sizes.

    Raises:
        DataError: no such file, a format not read here, a damaged file, or nothing in it that can be used.
    """
    return open_source(path, background).summary()


def vanished(*paths: str) -> list[str]:
    """Return the names of the files and folders that are not there; addresses and patterns are not looked up.

    Example:
        >>> vanished("no/such.parquet", "runs/*.parquet")
        ['such.parquet']
    """
    plain = [Path(path) for path in paths if not is_address(path) and not is_pattern(path)]
    return [path.name for path in plain if not (path.exists() or Path(str(path).rpartition(":")[0] or path).exists())]


def open_source(path: str | Path, background: str | Path | None = None) -> Reader:
    """Return a reader for a file or folder: its first bytes tell the format, its name must not contradict them.

    Args:
        path: what `inspect_file` takes.
        background: the same for a second file whose events are background.

    Raises:
        DataError: no such file, a format not read here, a name that says another format, or one file twice.
    """
    if background is not None:
        from core.events.composed import ComposedReader

        require_apart(str(path), str(background))
        return ComposedReader(open_source(path), open_source(background))
    text = str(path)
    if is_address(text):
        from core.events.readers.parquet import ParquetReader  # which registers itself as the folder is discovered

        return ParquetReader(text, None)
    if is_pattern(text) and not Path(text).exists():
        return _of_folder(text, None)
    location, tree = _split(text)
    if location.is_dir():
        return _of_folder(str(location), tree)
    entry = format_of(location.name, _head(location))
    return entry.item(location, tree)


def trees_to_choose(path: str | Path) -> tuple[str, ...]:
    """Return the trees of a ROOT file or folder of which one must be named; nothing where there is no choice.

    Raises:
        DataError: as `open_source`.
    """
    reader = open_source(path)
    if is_address(str(path)) or not Path(path).exists():
        return ()  # "file.root:tree" has chosen
    trees = reader.tables()
    return tuple(str(tree) for tree in trees) if len(trees) > 1 else ()


def require_apart(signal: str, background: str) -> None:
    """Check that two paths name different events: no file may be signal and background.

    Raises:
        DataError: they are the same, or one lies in the folder that the other names.
    """
    here, there = (text if is_address(text) else str(Path(text).resolve()) for text in (signal, background))
    if here == there:
        raise DataError(f"{Path(signal).name} is given twice; signal and background must be different files")
    for one, other in ((here, there), (there, here)):
        if other.startswith(f"{one.rstrip('/')}/"):
            raise DataError(
                f"{Path(other).name} lies in the folder {Path(one).name}; signal and background must be different files"
            )


def files_of(path: str | Path) -> tuple[Path, ...]:
    """Return the files of this machine that a path names: itself, those of a folder or pattern, or that of a tree.

    Raises:
        DataError: no such file or folder.
    """
    text = str(path)
    if is_pattern(text) and not Path(text).exists():
        return tuple(file for files in _files(text).values() for file in files)
    location, _ = _split(text)
    return (
        tuple(file for files in _files(str(location)).values() for file in files) if location.is_dir() else (location,)
    )


def _of_folder(location: str, tree: str | None) -> Reader:
    """Return the reader of a folder or pattern of files of one format; what ends in .txt counts where it is alone."""
    from core.events.readers.parquet import ParquetReader

    found = _files(location)
    if len(found) > 1:
        found.pop("text", None)
    if len(found) > 1:
        told = " and ".join(f"{len(files):,} {name}" for name, files in found.items())
        raise DataError(
            f"{Path(location).name} holds {told} files; allowed: one format in a folder; a pattern such as "
            f"{Path(location).name}/*.{next(iter(found)).lower()} chooses one"
        )
    ((name, files),) = found.items() or (("Parquet", []),)
    if name == "Parquet" or not files:
        return readers["Parquet"].item(Path(location), tree) if tree else ParquetReader(location, None)
    entry = readers["CSV" if name == "text" else name]
    for file in files:
        format_of(file.name, _head(file))
    return FolderReader(Path(location), files, lambda file: entry.item(file, tree))


def _files(location: str) -> dict[str, list[Path]]:
    """Return format → files that a folder holds at any depth or a pattern matches, in the order of their names."""
    path = Path(location)
    is_folder = path.is_dir()
    found = path.rglob("*") if is_folder else Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    by_suffix = {suffix: entry.name for entry in readers for suffix in entry.item.suffixes} | {".txt": "text"}
    files: dict[str, list[Path]] = {}
    for file in sorted(found):
        hidden = is_folder and any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        if not hidden and file.suffix.lower() in by_suffix and file.is_file():
            files.setdefault(by_suffix[file.suffix.lower()], []).append(file)
    return files


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
        looks = f"looks like {found.name}" if found else f"is {_kind(head)}"
        raise DataError(f"{name} is not {named.name}: {named.item.mark}, this one {looks}")
    if found is None:
        raise DataError(f"{name} is {_kind(head)}; allowed formats: {', '.join(sorted(readers.names()))}")
    return found


def _kind(head: bytes) -> str:
    """Return in words what a file is that begins with some bytes and that no reader knows."""
    return next((kind for mark, kind in KINDS.items() if head.startswith(mark)), "of a format that is not known")


def _split(text: str) -> tuple[Path, str | None]:
    """Return the file or folder and, after a colon, the tree."""
    try:
        if Path(text).exists():
            return Path(text), None
        before, colon, tree = text.rpartition(":")
        if colon and Path(before).exists():
            return Path(before), tree
    except (OSError, ValueError) as problem:
        raise DataError(f"{text[:200]!r} is no path: {problem}") from problem
    require_here(text)
    raise DataError(f"there is no file or folder {text[:200]!r}")


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise DataError(f"{path.name} is neither a file nor a folder")
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as problem:
        raise DataError(f"{path.name} cannot be opened: {problem.strerror}") from problem

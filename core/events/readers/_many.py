"""Many files as one table: what their columns have in common, and a folder of CSV or of ROOT files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from core.errors import DataError
from core.events.readers import Reader
from core.events.readers._arrow import kind_of
from core.events.summary import ColumnSummary, FileSummary, Kind

_NUMBERS = ("numeric", "boolean")
_BYTES = 8


class SeveralFiles(ABC):
    """Be a reader of more than one file, which no file's first bytes lead to."""

    suffixes: ClassVar[tuple[str, ...]] = ()
    mark: ClassVar[str] = ""

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return that no single file is several."""
        return False

    def summary(self) -> FileSummary:
        """Return what the files hold together, from their metadata."""
        return self._summary

    @property
    @abstractmethod
    def _summary(self) -> FileSummary: ...


class FolderReader(SeveralFiles):
    """Read the files of a folder or pattern, all of one format, as one table.

    Args:
        path: the folder or pattern, for messages.
        files: its files, in order.
        make: makes the reader of a file.
    """

    def __init__(self, path: Path, files: Sequence[Path], make: Callable[[Path], Reader]) -> None:
        self.path = path
        self._files = files
        self._make = make

    def tables(self) -> tuple[str | None, ...]:
        """Return the tables of the first file: each of the others must have the one that is read."""
        return self._make(self._files[0]).tables()

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of up to ``size`` events at a time, name → pyarrow.Array."""
        mixed = mixed_types(self._each, columns)
        for file in self._files:  # each is opened for its turn only: a folder may hold thousands
            for batch in self._make(file).batches(columns, size):
                yield {name: widened(array) if name in mixed else array for name, array in batch.items()}

    def apart(self, n: int) -> list[FolderReader]:
        """Return readers of at most ``n`` of the files, one each, from the first to the last."""
        last = len(self._files) - 1
        places = sorted({round(k * last / max(n - 1, 1)) for k in range(n)})
        readers = [FolderReader(self.path, [self._files[k]], self._make) for k in places]
        for reader in readers:
            vars(reader)["_each"] = self._each  # types are those of the whole
        return readers

    @cached_property
    def _each(self) -> list[FileSummary]:
        found = [self._make(file).summary() for file in self._files]
        for summary in found[1:]:
            require_same(summary, found[0])
        return found

    @cached_property
    def _summary(self) -> FileSummary:
        first = self._each[0]
        return FileSummary(
            path=self.path,
            name=self.path.name,
            format=first.format,
            n_events=sum(each.n_events for each in self._each),
            columns=tuple(merged([each[column.name] for each in self._each], self._each) for column in first.columns),
            bytes_on_disk=sum(each.bytes_on_disk for each in self._each),
        )


def kind_shared(columns: Sequence[ColumnSummary]) -> Kind | None:
    """Return the kind that columns of one name have in common, booleans being numbers; None when they differ."""
    kinds = {column.kind for column in columns}
    if kinds <= set(_NUMBERS):
        return "boolean" if kinds == {"boolean"} else "numeric"
    return kinds.pop() if len(kinds) == 1 else None


def require_same(found: FileSummary, first: FileSummary) -> None:
    """Check that two files of a folder have the same columns.

    Raises:
        DataError: a column is missing in one of them or of another kind; both files are named.
    """
    here, there = ({column.name: column for column in each.columns} for each in (found, first))
    for name in sorted({**there, **here}):
        pair = [each[name] for each in (here, there) if name in each]
        if len(pair) < 2 or kind_shared(pair) is None:
            words = [each[name].kind if name in each else "missing" for each in (here, there)]
            raise DataError(
                f"the files of the folder differ in their columns: {name!r} is {words[0]} in {found.path.name} and "
                f"{words[1]} in {first.path.name}; all must have the same"
            )


def merged(columns: Sequence[ColumnSummary], files: Sequence[FileSummary]) -> ColumnSummary:
    """Describe the columns of one name in several files as one; the first tells its words."""
    types = tuple(dict.fromkeys(column.dtype for column in columns))
    n_bytes = sum(column.uncompressed_bytes for column in columns)
    shared = kind_shared(columns)
    if len(types) > 1 and shared in _NUMBERS:
        n_bytes = max(n_bytes, _BYTES * sum(each.n_events for each in files))
    return replace(
        columns[0],
        dtype=" / ".join(types),
        kind=shared or columns[0].kind,
        uncompressed_bytes=n_bytes,
        elements=max(column.elements for column in columns),
    )


def mixed_types(files: Sequence[FileSummary], columns: Collection[str]) -> set[str]:
    """Return which columns of numbers, or lists of them, are stored in another type in another file."""
    number_like = (*_NUMBERS, "list")
    return {
        name
        for name in columns
        if all(each[name].kind in number_like for each in files) and len({each[name].dtype for each in files}) > 1
    }


def widened(array: Any) -> Any:
    """Return numbers of any type in double precision, and lists of them as lists of such.

    Example:
        >>> widened(pa.array([True, None])).to_pylist()
        [1.0, None]
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    is_list = kind_of(array.type)[0] == "list"
    return array.cast(pa.large_list(pa.float64()) if is_list else pa.float64(), safe=False)

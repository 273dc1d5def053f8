"""CSV: text with a header line; comma, semicolon or tab between the values."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.csv as pc

from core.errors import DataError
from core.events.readers import readers
from core.events.readers._arrow import kind_of, pick_columns, reading, summarise
from core.events.summary import FileSummary

_BLOCK_BYTES = 1 << 22
_LONGEST_HEADER = 1 << 20
_MOST_COLUMNS = 20_000
_WRONG_VALUE = re.compile(r"In CSV column #(\d+): Row #(\d+): CSV conversion error to (\w+): (.*)", re.DOTALL)
_WRONG_WIDTH = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")
_TYPE_WORDS = {"double": "numbers", "int64": "numbers", "bool": "true or false", "string": "text"}


class CsvReader:
    """Read CSV through pyarrow; types are taken from the first block of rows."""

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".txt")
    mark: ClassVar[str] = "a CSV file is plain text in UTF-8"

    def __init__(self, path: Path, tree: str | None) -> None:
        if tree is not None:
            raise DataError(f"{path.name} is CSV and holds one table; {tree!r} after the colon is not allowed")
        self.path = path

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return whether ``head`` is text and no other known format."""
        if b"\0" in head or head.startswith((b"PAR1", b"root")):
            return False
        try:
            # The head may end within a character of up to four bytes.
            head[: max(head.rfind(b"\n"), len(head) - 3, 0) if len(head) > 3 else None].decode()
        except UnicodeDecodeError:
            return False
        return True

    def summary(self) -> FileSummary:
        """Return what the file holds, from the first block of rows and the number of lines."""
        return self._summary

    def tables(self) -> tuple[str | None, ...]:
        """Return that there is one table without a name."""
        return (None,)

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of up to ``size`` events at a time, name → pyarrow.Array."""
        types = {field.name: _read_as(field.type) for field in self._schema}
        wanted = list(columns) or self._names[:1]
        options = pc.ConvertOptions(column_types=types, include_columns=wanted)
        with reading(self.path.name, "CSV"), self._explained():
            for block in self._open(options):
                for start in range(0, block.num_rows, size):
                    yield pick_columns(block.slice(start, size), columns)

    def _open(self, options: Any) -> Any:
        # One thread, because pyarrow then tells the row of a bad value.
        skip = self._header[0]
        read = pc.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES, column_names=self._names, skip_rows=skip)
        return pc.open_csv(self.path, read, pc.ParseOptions(delimiter=self._delimiter), options)

    @cached_property
    def _header(self) -> tuple[int, str]:
        """Return how many lines the header ends at, and the header."""
        with reading(self.path.name, "CSV"), self.path.open("rb") as file:
            for n, line in enumerate(iter(lambda: file.readline(_LONGEST_HEADER), b""), start=1):
                if len(line) >= _LONGEST_HEADER:
                    raise DataError(
                        f"{self.path.name} has a line of over {_LONGEST_HEADER} bytes where a header should be"
                    )
                header = line.decode("utf-8-sig").strip("\r\n")
                if header.strip():
                    return n, header
        raise DataError(f"{self.path.name} is empty; a line of column names and at least one row are needed")

    @property
    def _delimiter(self) -> str:
        return max(",;\t", key=self._header[1].count)

    @cached_property
    def _names(self) -> list[str]:
        header = self._header[1]
        with reading(self.path.name, "CSV"):
            written = next(csv.reader([header], delimiter=self._delimiter, skipinitialspace=True))
        if len(written) > _MOST_COLUMNS:
            raise DataError(f"{self.path.name} names {len(written):,} columns; allowed: {_MOST_COLUMNS:,}")
        names = [name.strip() for name in written]
        if all(_is_number(name) for name in names):
            raise DataError(
                f"{self.path.name} begins with numbers ({header[:60]!r}); its first line must hold column names"
            )
        if "" in names:
            raise DataError(f"column {names.index('') + 1} of {self.path.name} has no name; every column needs one")
        return names

    @cached_property
    def _schema(self) -> Any:
        with reading(self.path.name, "CSV"), self._explained():
            return self._open(pc.ConvertOptions()).schema

    @cached_property
    def _summary(self) -> FileSummary:
        n_events = self._n_rows()
        # The summary refuses names that stand twice, and a file without rows: then no type matters.
        typed = n_events > 0 and len(set(self._names)) == len(self._names)
        fields = self._schema if typed else [pa.field(name, pa.null()) for name in self._names]
        columns = tuple(summarise(field, n_events) for field in fields)
        return FileSummary(self.path, self.path.stem, "CSV", n_events, columns, self.path.stat().st_size)

    def _n_rows(self) -> int:
        with reading(self.path.name, "CSV"), self.path.open("rb") as file:
            lines = iter(lambda: file.readline(_LONGEST_HEADER), b"")
            return sum(line not in (b"\n", b"\r\n") for line in islice(lines, self._header[0], None))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say which value of which row pyarrow did not accept; the header is row 1."""
        try:
            yield
        except pa.ArrowInvalid as problem:
            value, width = _WRONG_VALUE.search(str(problem)), _WRONG_WIDTH.search(str(problem))
            if value:
                column, row, dtype, said = value.groups()
                above = _TYPE_WORDS.get(dtype, dtype)
                raise DataError(
                    f"row {row} of {self.path.name}, column {self._names[int(column)]!r}: {said}; "
                    f"the rows above hold {above}"
                ) from problem
            if width:
                row, expected, found = width.groups()
                raise DataError(
                    f"row {row} of {self.path.name} has {found} values; the header names {expected} columns"
                ) from problem
            raise


def _read_as(dtype: Any) -> Any:
    """Return the type to read a column with: later rows may hold 1.5 where the first block held whole numbers."""
    return pa.float64() if kind_of(dtype)[0] == "numeric" else dtype


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


readers.register(
    "CSV",
    CsvReader,
    title="CSV",
    summary="Text in UTF-8 with column names in the first line.",
    reference="RFC 4180, https://www.rfc-editor.org/rfc/rfc4180",
)

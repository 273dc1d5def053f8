"""Parquet: one file, a folder or pattern of files, a data set partitioned by folder names (hive), or an address."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import DataError
from core.events.readers import readers
from core.events.readers._arrow import fixed_width, pick_columns, reading, summarise
from core.events.readers._pieces import Part, Piece, find_pieces, is_address
from core.events.summary import ColumnSummary, FileSummary

_MAGIC = b"PAR1"
# Small, because each open column of a file holds one buffer.
_BUFFER_BYTES = 1 << 18
_READ_AT_ONCE = 16
PART_ROWS = 1_000_000
"""Least rows of a part: each is then long enough that finding and opening it costs little."""


class ParquetReader:
    """Read Parquet through pyarrow.

    Args:
        path: a file or a folder; or, as text, a pattern of names or an address such as ``s3://bucket/folder``.
        tree: not allowed: Parquet holds one table.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq", ".parq")
    mark: ClassVar[str] = "a Parquet file begins with the bytes PAR1"

    def __init__(self, path: Path | str, tree: str | None) -> None:
        self.path = Path(path)
        self._location = str(path)
        if tree is not None:
            raise DataError(f"{self.path.name} is Parquet and holds one table; {tree!r} after the colon is not allowed")

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return whether ``head`` begins as a Parquet file does."""
        return head.startswith(_MAGIC)

    def summary(self) -> FileSummary:
        """Return what the file or folder holds, from the footers alone."""
        return self._summary

    def tables(self) -> tuple[str | None, ...]:
        """Return that there is one table without a name."""
        return (None,)

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of up to ``size`` events at a time, name → pyarrow.Array."""
        for piece in self._pieces:
            stored = [name for name in columns if name not in piece.partition]
            with reading(piece.name, "Parquet"), _open(piece) as file:
                _require_rows(file, piece)
                groups = piece.row_groups
                # A file without the stored columns asked for still says how many events it has.
                for batch in file.iter_batches(size, row_groups=groups, columns=stored or file.schema_arrow.names[:1]):
                    found = pick_columns(batch, stored)
                    for name, value in piece.partition.items():
                        found[name] = pa.repeat(pa.scalar(value), batch.num_rows)
                    yield {name: found[name] for name in columns}

    def parts(self, least: int | None = None) -> tuple[Part, ...]:
        """Divide the rows into parts of whole row groups, in order; the same files always give the same parts.

        Args:
            least: rows of each part but the last, at least; None for PART_ROWS.
        """
        parts: list[Part] = []
        pieces: list[Piece] = []
        first_row = n_rows = 0
        for piece, footer in zip(self._pieces, self._footers, strict=True):
            start = 0
            for group, n_group in enumerate(footer.row_groups):
                n_rows += n_group
                if n_rows >= (least or PART_ROWS):
                    chosen = replace(piece, row_groups=tuple(range(start, group + 1)), n_rows=footer.n_events)
                    parts.append(Part(first_row, n_rows, (*pieces, chosen)))
                    first_row, n_rows, start, pieces = first_row + n_rows, 0, group + 1, []
            if start < len(footer.row_groups):
                chosen = replace(piece, row_groups=tuple(range(start, len(footer.row_groups))), n_rows=footer.n_events)
                pieces.append(chosen)
        return (*parts, Part(first_row, n_rows, tuple(pieces))) if n_rows else tuple(parts)

    def of(self, part: Part) -> ParquetReader:
        """Return a reader of a part only, which knows what the whole data set holds and can be sent elsewhere."""
        reader = ParquetReader(self._location, None)
        vars(reader).update(_pieces=part.pieces, _summary=self._summary)
        return reader

    @cached_property
    def _pieces(self) -> tuple[Piece, ...]:
        with reading(self.path.name, "a folder of Parquet files"):
            return find_pieces(self._location, self.suffixes)

    @cached_property
    def _footers(self) -> list[_Footer]:
        if not is_address(self._location):
            return [_footer(piece) for piece in self._pieces]
        with ThreadPoolExecutor(_READ_AT_ONCE, thread_name_prefix="footers") as pool:
            return list(pool.map(_footer, self._pieces))

    @cached_property
    def _summary(self) -> FileSummary:
        footers, first = self._footers, self._footers[0]
        n_bytes: Counter[str] = Counter()
        for footer, piece in zip(footers, self._pieces, strict=True):
            _require_same(footer.columns, first.columns, piece.name, self._pieces[0].name)
            n_bytes.update({column.name: column.uncompressed_bytes for column in footer.columns})
        return FileSummary(
            path=self.path,
            name=self.path.stem if self.path.suffix.lower() in self.suffixes else self.path.name,
            format="Parquet",
            n_events=sum(footer.n_events for footer in footers),
            columns=tuple(replace(column, uncompressed_bytes=n_bytes[column.name]) for column in first.columns),
            bytes_on_disk=sum(piece.n_bytes for piece in self._pieces),
            card=first.card,
        )


@dataclass(frozen=True)
class _Footer:
    """What the footer of one file says."""

    n_events: int
    columns: tuple[ColumnSummary, ...]
    card: Mapping[str, object]
    row_groups: tuple[int, ...]


@contextmanager
def _open(piece: Piece) -> Iterator[Any]:
    with ExitStack() as opened:
        source = piece.open()
        if not isinstance(source, Path):
            opened.enter_context(source)
        options = {"pre_buffer": False, "buffer_size": _BUFFER_BYTES, "page_checksum_verification": True}
        yield opened.enter_context(pq.ParquetFile(source, **options))


def _require_rows(file: Any, piece: Piece) -> None:
    if piece.n_rows is not None and file.metadata.num_rows != piece.n_rows:
        raise DataError(
            f"{piece.name} has {file.metadata.num_rows:,} events where it is read and had {piece.n_rows:,} where its "
            "data set was inspected; all machines must see the same files"
        )


def _footer(piece: Piece) -> _Footer:
    with reading(piece.name, "Parquet"):
        _require_end(piece)
        with _open(piece) as file:
            schema, n_events = file.schema_arrow, file.metadata.num_rows
            row_groups = tuple(file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups))
            shared = _shared_bytes(file.metadata, schema)
        columns = [summarise(field, n_events, 0 if fixed_width(field.type) else shared) for field in schema]
        fields = [pa.field(name, pa.scalar(value).type) for name, value in piece.partition.items()]
        columns += [summarise(field, n_events) for field in fields if field.name not in schema.names]
        return _Footer(n_events, tuple(columns), _card(schema), row_groups)


def _shared_bytes(metadata: Any, schema: Any) -> int:
    """Return how many bytes of decompressed pages fall on each column of lists or text.

    Footers tell the size of each column too, but pyarrow ends the whole process when that part of a footer is
    damaged. So fixed-width columns count as they are in memory, and the others share evenly what is left.
    """
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    widths = [fixed_width(field.type) for field in schema]
    n_open = widths.count(0)
    return max(total - metadata.num_rows * sum(widths), 0) // n_open if n_open else 0


def _require_end(piece: Piece) -> None:
    source = piece.open()
    with source.open("rb") if isinstance(source, Path) else source as file:
        file.seek(max(piece.n_bytes - len(_MAGIC), 0))
        if file.read() != _MAGIC:
            raise DataError(
                f"{piece.name} is cut short: a Parquet file ends with PAR1, this one does not; copy it again"
            )


def _require_same(columns: Sequence[ColumnSummary], first: Sequence[ColumnSummary], name: str, first_name: str) -> None:
    kinds, expected = {c.name: c.kind for c in columns}, {c.name: c.kind for c in first}
    if kinds == expected:
        return
    column = sorted(dict(kinds.items() ^ expected.items()))[0]
    here, there = kinds.get(column, "missing"), expected.get(column, "missing")
    raise DataError(
        f"the files of the folder differ in their columns: {column!r} is {here} in {name} and {there} in {first_name}; "
        "all must have the same"
    )


def _card(schema: Any) -> dict[str, object]:
    # The card only decorates the events: a file with a damaged one is as good as a file without.
    try:
        card = json.loads((schema.metadata or {}).get(b"infoscope", b"{}"))
    except (ValueError, RecursionError):
        return {}
    return card if isinstance(card, dict) else {}


readers.register(
    "Parquet",
    ParquetReader,
    title="Parquet",
    summary="Columns with types, units and sizes; one file, a folder or a partitioned data set.",
    reference="Apache Parquet format, https://parquet.apache.org",
)

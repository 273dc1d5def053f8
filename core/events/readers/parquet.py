"""Parquet: one file, a folder of files, or a data set partitioned by folder names (hive)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from core.errors import DataError
from core.events.readers import readers
from core.events.readers._arrow import fixed_width, pick_columns, reading, summarise
from core.events.summary import ColumnSummary, FileSummary

_MAGIC = b"PAR1"
# Small, because each open column of a file holds one buffer.
_BUFFER_BYTES = 1 << 18


@dataclass(frozen=True)
class _Piece:
    """One file of a data set, and what its folder names say of all its events."""

    path: Path
    partition: Mapping[str, Any]


class ParquetReader:
    """Read Parquet through pyarrow."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq", ".parq")
    mark: ClassVar[str] = "a Parquet file begins with the bytes PAR1"

    def __init__(self, path: Path, tree: str | None) -> None:
        if tree is not None:
            raise DataError(f"{path.name} is Parquet and holds one table; {tree!r} after the colon is not allowed")
        self.path = path

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return whether ``head`` begins as a Parquet file does."""
        return head.startswith(_MAGIC)

    def summary(self) -> FileSummary:
        """Return what the file or folder holds, from the footers alone."""
        return self._summary

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of up to ``size`` events at a time, name → pyarrow.Array."""
        for piece in self._pieces:
            stored = [name for name in columns if name not in piece.partition]
            with reading(piece.path.name, "Parquet"), _open(piece.path) as file:
                # A file without the stored columns asked for still says how many events it has.
                for batch in file.iter_batches(size, columns=stored or file.schema_arrow.names[:1]):
                    found = pick_columns(batch, stored)
                    for name, value in piece.partition.items():
                        found[name] = pa.repeat(pa.scalar(value), batch.num_rows)
                    yield {name: found[name] for name in columns}

    @cached_property
    def _pieces(self) -> tuple[_Piece, ...]:
        if self.path.is_file():
            return (_Piece(self.path, {}),)
        with reading(self.path.name, "a folder of Parquet files"):
            files = sorted(
                p for p in self.path.rglob("*") if p.suffix.lower() in self.suffixes and _is_seen(p, self.path)
            )
            if not files:
                raise DataError(f"folder {self.path.name} holds no Parquet file; allowed: {', '.join(self.suffixes)}")
            partitioning = ds.HivePartitioning.discover(infer_dictionary=False)
            folder = ds.dataset(
                [str(file) for file in files],
                format="parquet",
                partitioning=partitioning,
                partition_base_dir=str(self.path),
            )
            return tuple(
                _Piece(Path(f.path), ds.get_partition_keys(f.partition_expression)) for f in folder.get_fragments()
            )

    @cached_property
    def _summary(self) -> FileSummary:
        footers = [_footer(piece) for piece in self._pieces]
        first = footers[0]
        n_bytes: Counter[str] = Counter()
        for footer, piece in zip(footers, self._pieces, strict=True):
            _require_same(footer.columns, first.columns, piece.path.name, self._pieces[0].path.name)
            n_bytes.update({column.name: column.uncompressed_bytes for column in footer.columns})
        return FileSummary(
            path=self.path,
            name=self.path.stem if self.path.is_file() else self.path.name,
            format="Parquet",
            n_events=sum(footer.n_events for footer in footers),
            columns=tuple(replace(column, uncompressed_bytes=n_bytes[column.name]) for column in first.columns),
            bytes_on_disk=sum(piece.path.stat().st_size for piece in self._pieces),
            card=first.card,
        )


@dataclass(frozen=True)
class _Footer:
    """What the footer of one file says."""

    n_events: int
    columns: tuple[ColumnSummary, ...]
    card: Mapping[str, object]


def _open(path: Path) -> Any:
    return pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES, page_checksum_verification=True)


def _footer(piece: _Piece) -> _Footer:
    with reading(piece.path.name, "Parquet"):
        _require_end(piece.path)
        with _open(piece.path) as file:
            schema, n_events = file.schema_arrow, file.metadata.num_rows
            shared = _shared_bytes(file.metadata, schema)
        columns = [summarise(field, n_events, 0 if fixed_width(field.type) else shared) for field in schema]
        fields = [pa.field(name, pa.scalar(value).type) for name, value in piece.partition.items()]
        columns += [summarise(field, n_events) for field in fields if field.name not in schema.names]
        return _Footer(n_events, tuple(columns), _card(schema))


def _shared_bytes(metadata: Any, schema: Any) -> int:
    """Return how many bytes of decompressed pages fall on each column of lists or text.

    Footers tell the size of each column too, but pyarrow ends the whole process when that part of a footer is
    damaged. So fixed-width columns count as they are in memory, and the others share evenly what is left.
    """
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    widths = [fixed_width(field.type) for field in schema]
    n_open = widths.count(0)
    return max(total - metadata.num_rows * sum(widths), 0) // n_open if n_open else 0


def _require_end(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - len(_MAGIC), 0))
        if file.read() != _MAGIC:
            raise DataError(
                f"{path.name} is cut short: a Parquet file ends with PAR1, this one does not; copy it again"
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
    except ValueError:
        return {}
    return card if isinstance(card, dict) else {}


def _is_seen(path: Path, folder: Path) -> bool:
    return path.is_file() and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


readers.register(
    "Parquet",
    ParquetReader,
    title="Parquet",
    summary="Columns with types, units and sizes; one file, a folder or a partitioned data set.",
    reference="Apache Parquet format, https://parquet.apache.org",
)

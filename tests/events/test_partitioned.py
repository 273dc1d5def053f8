"""Data sets of many Parquet files: folders, patterns of names, addresses, and their parts."""

from collections.abc import Iterator
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events.readers.parquet import ParquetReader
from core.events.source import inspect_file, open_source
from core.events.spec import DatasetSpec, load_events
from core.events.table import Roles
from core.information import streaming
from core.information.streaming import matrix_of_file

ROWS = (700, 40, 1200, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four files in two folders named by year, with x counting all rows."""
    start = 0
    for i, n in enumerate(ROWS):
        place = tmp_path / "events" / f"year={2016 + i // 2}"
        place.mkdir(parents=True, exist_ok=True)
        x = np.arange(start, start + n, dtype=np.float32)
        pq.write_table(pa.table({"x": x, "y": np.sin(x)}), place / f"part{i}.parquet", row_group_size=250)
        start += n
    return tmp_path / "events"


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """The same files in the memory of this process, which stands for a remote storage."""
    memory = fsspec.filesystem("memory")
    for file in folder.rglob("*.parquet"):
        memory.pipe(f"/bucket/{file.relative_to(folder)}", file.read_bytes())
    yield "memory://bucket"
    memory.rm("/bucket", recursive=True)


def read_x(reader: ParquetReader) -> list[float]:
    return [value for batch in reader.batches(["x"], 100) for value in batch["x"].to_pylist()]


@pytest.mark.parametrize("least", [1, 251, 600, 10_000])
def test_parts_hold_every_row_once_and_in_order(folder: Path, least: int) -> None:
    """Whole row groups, at least so many rows but in the last; each knows the number of its first row."""
    reader = ParquetReader(folder, None)
    parts = reader.parts(least)
    read = [read_x(reader.of(part)) for part in parts]
    assert [part.first_row for part in parts] == [int(rows[0]) for rows in read]
    assert [part.n_rows for part in parts] == [len(rows) for rows in read]
    assert all(part.n_rows >= least for part in parts[:-1])
    assert [x for rows in read for x in rows] == list(range(sum(ROWS)))
    assert len(parts) == {1: 10, 251: 5, 600: 3, 10_000: 1}[least]


def test_an_address_is_read_as_the_folder_is(folder: Path, address: str) -> None:
    """Columns, folder names as columns, events, parts, and the information of all pairs, streamed."""
    here, there = inspect_file(folder), inspect_file(address)
    assert (there.n_events, there.columns, there.bytes_on_disk) == (here.n_events, here.columns, here.bytes_on_disk)
    specs = [DatasetSpec(path=str(path), roles=Roles(features=("x", "y", "year"))) for path in (folder, address)]
    one, other = (load_events(spec) for spec in specs)
    assert one.fingerprint == other.fingerprint
    assert set(other["year"]) == {2016, 2017}
    mine, theirs = (matrix_of_file(spec, bins=8, max_bytes=0) for spec in specs)
    assert np.array_equal(mine.mi, theirs.mi)
    assert [part.first_row for part in open_source(address).parts(600)] == [  # type: ignore[attr-defined]
        part.first_row for part in ParquetReader(folder, None).parts(600)
    ]


def test_patterns_choose_files_in_order(folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sum(ROWS[:2])
    assert inspect_file(f"{folder}/year=2016/*.parquet").n_events == first
    assert inspect_file(f"{folder}/**/part[0-2].parquet").n_events == sum(ROWS[:3])
    assert inspect_file(f"{address}/year=2016/*.parquet").n_events == first
    assert inspect_file(f"{address}/year=2016/part0.parquet").n_events == ROWS[0]
    monkeypatch.chdir(folder)
    assert read_x(open_source("year=2016/part*.parquet")) == list(range(first))  # type: ignore[arg-type]


def test_a_file_whose_name_has_a_bracket_is_no_pattern(folder: Path) -> None:
    file = folder / "year=2016" / "part0.parquet"
    assert inspect_file(file.rename(folder / "a[1].parquet")).n_events == ROWS[0]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("{folder}/*.csv", "pattern '.*csv' holds no Parquet file"),
        ("memory://nothing/here", "memory://nothing/here (holds no Parquet file|cannot be listed)"),
        ("s3://bucket/events", "s3:// addresses cannot be read here: install the package s3fs"),
        ("nowhere://bucket", "is no address that can be read: Protocol not known: nowhere"),
    ],
)
def test_what_cannot_be_found_is_said(folder: Path, path: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        inspect_file(path.format(folder=folder))


def test_a_selection_counts_rows_from_the_beginning_of_the_data_set(folder: Path) -> None:
    """Numbers of rows decide which events are sampled: they are those of the data set, whatever passes."""
    spec = DatasetSpec(path=str(folder), roles=Roles(features=("x", "y")), selection="x % 3 == 0")
    source = streaming.find_source(spec, None, "all")
    rows = [
        (int(row), float(x))
        for part in source.plan.reader.parts(600)  # type: ignore[attr-defined]
        for batch in source.read(part, 70)
        for row, x in zip(batch.rows, batch.columns["x"], strict=True)
    ]
    assert rows == [(row, float(row)) for row in range(0, sum(ROWS), 3)]

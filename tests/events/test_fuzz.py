"""Damaged files: whatever the bytes, events or a DataError come out."""

from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pytest
import uproot

from core.errors import DataError
from core.events import DatasetSpec, inspect_file, load_events


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip, cut, repeat or overwrite some bytes."""
    changed = bytearray(content)
    match int(rng.integers(4)):
        case 0:
            for place in rng.integers(0, len(changed), rng.integers(1, 20)):
                changed[place] = int(rng.integers(256))
        case 1:
            del changed[int(rng.integers(len(changed))) :]
        case 2:
            start, stop = sorted(rng.integers(0, len(changed), 2).tolist())
            changed[start:start] = changed[start:stop]
        case _:
            start = int(rng.integers(len(changed)))
            changed[start : start + 30] = rng.bytes(min(30, len(changed) - start))
    return bytes(changed)


def load_whatever_it_is(path: Path) -> bool:
    """Return whether the file could be loaded; a DataError is an answer too, anything else is not."""
    try:
        names = inspect_file(path).usable[:20]
        load_events(DatasetSpec(path=str(path)), extra_columns=names)
    except DataError as problem:
        assert str(problem)
        return False
    return True


@pytest.fixture
def parquet_file(parquet) -> Path:
    columns = {"x": np.arange(50.0), "n": np.arange(50), "s": ["a", "b"] * 25, "l": [[1.0], []] * 25}
    return parquet(columns, row_group_size=20)


@pytest.fixture
def csv_file(text_file) -> Path:
    return text_file("x,n,name,good\n" + "".join(f"{i / 3},{i},event {i},true\n" for i in range(50)))


@pytest.fixture
def root_file(tmp_path: Path) -> Path:
    with uproot.recreate(tmp_path / "events.root") as file:
        file.mktree("Events", {"x": "float32", "l": "var * float64"})
        file["Events"].extend({"x": np.arange(50, dtype=np.float32), "l": ak.Array([[1.0], []] * 25)})
    return tmp_path / "events.root"


@pytest.mark.parametrize(("kind", "n_mutants"), [("parquet_file", 120), ("csv_file", 120), ("root_file", 60)])
@pytest.mark.filterwarnings("default")
def test_mutants_give_events_or_a_data_error(
    request: pytest.FixtureRequest, rng: np.random.Generator, kind: str, n_mutants: int
) -> None:
    path = request.getfixturevalue(kind)
    content = path.read_bytes()
    assert load_whatever_it_is(path)
    outcomes = []
    for _ in range(n_mutants):
        path.write_bytes(mutated(content, rng))
        outcomes.append(load_whatever_it_is(path))
    assert not all(outcomes)
    assert pa.default_memory_pool().bytes_allocated() < 2**28

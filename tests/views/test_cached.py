"""Events in memory: shared by all sessions, bounded in bytes, and no longer there once nobody looks at them."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.settings import settings
from views.parts import cached
from views.parts.data.roles import guessed_dataset


@pytest.fixture
def files(toy_table: Callable[..., EventTable]) -> list[DatasetSpec]:
    """Write three files of 1000 events."""
    settings().uploads.mkdir(parents=True)
    paths = [settings().uploads / f"{k}.parquet" for k in range(3)]
    for k, path in enumerate(paths):
        pq.write_table(pa.table(dict(toy_table(1000, seed=k).columns)), path)
    return [guessed_dataset(str(path)) for path in paths]


def test_events_take_no_more_than_they_may(files: list[DatasetSpec], monkeypatch: pytest.MonkeyPatch) -> None:
    n_bytes = sum(values.nbytes for values in cached.events_of(files[0]).columns.values())
    taken = cached.events_in_memory().n_bytes
    assert n_bytes < taken < 2 * n_bytes  # weights and label, worked out later, are counted too
    cached._tables.clear()
    monkeypatch.setenv("INFOSCOPE_CACHE_BYTES", str(2 * taken))
    for spec in (files[0], files[1], files[0], files[2]):
        cached.events_of(spec)
    assert [cached.are_loaded(spec) for spec in files] == [True, False, True]
    use = cached.events_in_memory()
    assert (use.entries, use.n_bytes, use.max_bytes, use.evicted) == (2, 2 * taken, 2 * taken, 1)


def test_sessions_share_events_and_results_outlive_them(files: list[DatasetSpec]) -> None:
    assert cached.events_of(files[0]) is cached.events_of(files[0].model_copy())
    before = cached.histogram_of(files[0], "mass")
    cached._tables.clear()
    Path(files[0].path).unlink()
    assert cached.histogram_of(files[0], "mass").column == before.column


def test_a_session_that_left_is_forgotten_in_minutes() -> None:
    """Streamlit keeps a session for a browser that comes back at once; what it holds must not be kept for longer."""
    kept = MemorySessionStorage()._cache
    assert kept.ttl <= 120
    assert kept.maxsize <= 128

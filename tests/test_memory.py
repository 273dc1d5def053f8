"""The cache of tables: never more bytes than allowed, the longest unused leaves first, idle ones by themselves."""

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import memory
from core.errors import DataError
from core.memory import ByteCache, memory_bytes
from core.settings import settings


class Table:
    """Stands for events that take a number of bytes."""

    def __init__(self, n_bytes: int) -> None:
        self.n_bytes = n_bytes


def cache(max_bytes: int, idle_seconds: float = 3600) -> ByteCache[str, Table]:
    return ByteCache(max_bytes, lambda table: table.n_bytes, idle_seconds=idle_seconds)


def test_the_longest_unused_leave_first_and_only_as_many_as_must() -> None:
    tables = cache(100)
    for name in "abcd":
        tables.get(name, lambda: Table(25))
    tables.get("a", lambda: Table(25))  # b is now the longest unused
    tables.get("e", lambda: Table(40))
    assert [name for name in "abcde" if name in tables] == ["a", "d", "e"]
    assert (tables.use.entries, tables.use.n_bytes, tables.use.evicted) == (3, 90, 2)


def test_what_is_larger_than_all_that_is_allowed_is_kept_alone() -> None:
    tables = cache(100)
    tables.get("small", lambda: Table(10))
    huge = tables.get("huge", lambda: Table(500))
    assert tables.get("huge", lambda: Table(1)) is huge
    assert "small" not in tables
    tables.get("small", lambda: Table(10))
    assert "huge" not in tables


def test_what_leaves_is_freed() -> None:
    tables = cache(100)
    gone = weakref.ref(tables.get("a", lambda: Table(80)))
    tables.get("b", lambda: Table(80))
    gc.collect()
    assert gone() is None


def test_what_many_ask_for_at_the_same_time_is_made_once() -> None:
    tables, made, together = cache(100), [], threading.Barrier(8)

    def make() -> Table:
        made.append(1)
        time.sleep(0.05)
        return Table(10)

    def ask(_: int) -> Table:
        together.wait()
        return tables.get("a", make)

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(ask, range(8)))
    assert len(made) == len(found) == 1


def test_a_table_that_cannot_be_made_is_not_kept_and_can_be_asked_for_again() -> None:
    tables = cache(100)
    with pytest.raises(DataError, match="no file"):
        tables.get("a", lambda: (_ for _ in ()).throw(DataError("no file")))
    assert "a" not in tables
    assert tables.get("a", lambda: Table(10)).n_bytes == 10


def test_what_nobody_asks_for_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(memory, "monotonic", lambda: now)
    tables = cache(100, idle_seconds=60)
    tables.get("a", lambda: Table(10))
    now = 40
    tables.get("b", lambda: Table(10))
    now = 60
    assert tables.forget_idle() == 40
    assert ("a" in tables, "b" in tables, tables.use.idle) == (False, True, 1)
    tables.get("b", lambda: Table(10))  # asking keeps it
    now = 100
    tables.forget_idle()
    assert "b" in tables


def test_idle_tables_leave_without_anyone_asking() -> None:
    tables = cache(100, idle_seconds=0.05)
    tables.get("a", lambda: Table(10))
    deadline = time.monotonic() + 10
    while "a" in tables and time.monotonic() < deadline:
        time.sleep(0.01)
    assert tables.use.n_bytes == 0


def test_the_clock_does_not_keep_a_cache_alive() -> None:
    tables = cache(100)
    tables.get("a", lambda: Table(10))
    gone = weakref.ref(tables)
    del tables
    gc.collect()
    assert gone() is None


def test_a_container_bounds_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, look = tmp_path / "memory.max", memory_bytes.__wrapped__
    machine = look()
    monkeypatch.setattr(memory, "CONTAINER_LIMITS", (limit, tmp_path / "none"))
    limit.write_text("1073741824\n")
    assert look() == 2**30
    limit.write_text("max\n")
    assert look() >= machine


def test_events_take_a_quarter_of_the_memory_or_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INFOSCOPE_CACHE_BYTES", raising=False)
    assert settings().cache_bytes == memory_bytes() // 4
    monkeypatch.setenv("INFOSCOPE_CACHE_BYTES", "2_000_000")
    assert settings().cache_bytes == 2_000_000
    monkeypatch.setenv("INFOSCOPE_CACHE_BYTES", "2G")
    with pytest.raises(DataError, match="INFOSCOPE_CACHE_BYTES"):
        settings()

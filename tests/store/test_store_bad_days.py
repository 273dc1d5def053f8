"""The database locked, gone, full or read-only: what is tried again, and what is said."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from core.errors import DataError
from core.jobs.runner import ThreadRunner, check_request
from core.store.database import FIRST_PAUSE, LONGEST_PAUSE, Database, StoreError
from core.store.request import RunRequest
from core.store.store import Run, RunStore
from tests.store.postgres import Server

Requests = Callable[..., RunRequest]
Lock = Callable[[], Callable[[], None]]


@pytest.fixture
def server(postgresql: Server) -> Iterator[Server]:
    """Return a PostgreSQL server that a test may stop."""
    yield postgresql
    if not postgresql.is_running:
        postgresql.start()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.sqlite"


@pytest.fixture
def locked(path: Path) -> Iterator[Lock]:
    """Hold a lock that lets nobody write, from a connection of its own; returned is what ends it."""
    ready, end = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("begin exclusive")
            ready.set()
            end.wait(60)
            connection.execute("commit")

    holder = threading.Thread(target=hold)

    def unlock() -> None:
        end.set()
        holder.join()

    def lock() -> Callable[[], None]:
        holder.start()
        assert ready.wait(60)
        return unlock

    yield lock
    unlock()


def started(store: RunStore, request: RunRequest) -> str:
    run = store.add(request, check_request(request))
    store.claim(run.id)
    return run.id


def test_a_training_goes_on_after_a_lock(path: Path, locked: Lock, request_for: Requests) -> None:
    """SQLite itself waits a part of the patience, the rest is asked again."""
    store = RunStore(f"sqlite:///{path}", patience=0.2)
    run = started(store, request_for())
    unlock = locked()
    store._database.patience = 60
    threading.Timer(0.4, unlock).start()
    store.record(run, 1, {"loss": 0.5})
    assert [entry.epoch for entry in store.history(run)] == [1]
    store.close()


def test_pages_read_while_a_writer_holds_its_lock(path: Path, locked: Lock, request_for: Requests) -> None:
    """A write-ahead log lets readers through."""
    store = RunStore(f"sqlite:///{path}", patience=0.2)
    run = started(store, request_for())
    locked()
    assert [found.id for found in store.runs()] == [run]
    store.close()


def test_a_lock_that_lasts_is_said(path: Path, locked: Lock, request_for: Requests) -> None:
    store = RunStore(f"sqlite:///{path}", patience=0.2)
    run = started(store, request_for())
    unlock = locked()
    with pytest.raises(StoreError, match=r"did not answer for 0\.2 s: database is locked$"):
        store.record(run, 1, {})
    unlock()
    store.record(run, 1, {})
    store.close()


def test_a_server_that_comes_back_is_found_again(server: Server, request_for: Requests) -> None:
    """All connections broke, and one of them in the middle of a transaction."""
    store = RunStore(server.empty("comes_back"), patience=20)
    run = started(store, request_for())
    store.record(run, 1, {"loss": 0.5})
    stopped, go_on = threading.Event(), threading.Event()

    def in_the_middle(connection: Connection) -> str:
        first = not stopped.is_set()
        connection.exec_driver_sql("select 1")
        if first:
            server.stop()
            stopped.set()
        return str(connection.exec_driver_sql("select 'answered'").scalar())

    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(store._database.use(in_the_middle))),
        threading.Thread(target=lambda: (stopped.wait(30), store.record(run, 2, {"loss": 0.25}), go_on.set())),
    ]
    for thread in threads:
        thread.start()
    assert stopped.wait(30)
    assert not go_on.wait(0.3)
    server.start()
    for thread in threads:
        thread.join(30)
    assert answers == ["answered"]
    assert [entry.scalars["loss"] for entry in store.history(run)] == [0.5, 0.25]
    store.close()


def test_a_server_that_is_gone_is_said(server: Server, request_for: Requests) -> None:
    store = RunStore(server.empty("gone"), patience=0.2)
    started(store, request_for())
    server.stop()
    with pytest.raises(DataError, match=r"the run store did not answer for 0\.2 s: ") as said:
        store.runs()
    assert "\n" not in str(said.value)
    store.close()


class Failing:
    """Work that fails with a driver's error a number of times."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.left, self.asked = error, times, 0

    def __call__(self, _connection: Connection) -> str:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise OperationalError("select hush", {"password": "hush"}, self.error)
        return "done"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let pauses pass at once, and note them."""
    now, made = [0.0], []

    def sleep(seconds: float) -> None:
        made.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("core.store.database.time.sleep", sleep)
    monkeypatch.setattr("core.store.database.time.monotonic", lambda: now[0])
    return made


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database is locked"),
        sqlite3.OperationalError("disk I/O error"),
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        psycopg.OperationalError("connection to server on socket failed: No such file or directory"),
    ],
    ids=str,
)
def test_what_passes_is_asked_again_less_and_less_often(path: Path, error: Exception, pauses: list[float]) -> None:
    work = Failing(error, 8)
    assert Database(f"sqlite:///{path}").use(work) == "done"
    assert pauses == [min(FIRST_PAUSE * 2**k, LONGEST_PAUSE) for k in range(8)]


def test_ten_seconds_are_within_the_patience_and_a_minute_is_not(path: Path, pauses: list[float]) -> None:
    database, error = Database(f"sqlite:///{path}"), sqlite3.OperationalError("database is locked")
    with pytest.raises(StoreError, match="did not answer for 30 s: database is locked") as said:
        database.use(Failing(error, 1000))
    assert 28 < sum(pauses) <= 30
    assert "hush" not in str(said.value)


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("attempt to write a readonly database"),
        psycopg.errors.DiskFull("could not extend file: No space left on device"),
        psycopg.OperationalError('password authentication failed for user "ann"'),
    ],
    ids=str,
)
def test_what_does_not_pass_is_said_at_once(path: Path, error: Exception, pauses: list[float]) -> None:
    work, words = Failing(error, 1000), str(error)
    with pytest.raises(StoreError, match=f"^the run store refused: {words}$"):
        Database(f"sqlite:///{path}").use(work)
    assert (work.asked, pauses) == (1, [])


def test_a_full_database_fails_in_words_and_the_server_lives(path: Path, request_for: Requests) -> None:
    """A real limit on the file; with room again, the same store goes on."""
    store = RunStore(f"sqlite:///{path}")
    run = started(store, request_for())
    limit = store._database.use(lambda connection: connection.exec_driver_sql("pragma page_count").scalar())
    store._database.use(lambda connection: connection.exec_driver_sql(f"pragma max_page_count = {limit}").all())
    with pytest.raises(StoreError, match="the run store refused: database or disk is full"):
        store.record(run, 1, {}, "x" * 100_000)
    assert store.history(run) == []
    store._database.use(lambda connection: connection.exec_driver_sql("pragma max_page_count = 100000").all())
    store.record(run, 1, {}, "x" * 100_000)
    assert len(store.history(run)) == 1
    store.close()


def test_a_worker_survives_a_store_that_is_gone(
    path: Path, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The run is given up, and waits to be continued as soon as the store answers."""
    store = RunStore(f"sqlite:///{path}")
    runner = ThreadRunner(store, tmp_path / "runs", workers=0)
    run = runner.submit(request_for())

    def train(_store: RunStore, claimed: Run, _folder: Path, **_: object) -> None:
        store.record(claimed.id, 1, {})
        store.finish(claimed.id, "done")

    def gone(*_: object) -> None:
        raise StoreError("the run store did not answer for 30 s")

    monkeypatch.setattr("core.jobs.runner.work_through", train)
    with monkeypatch.context() as outage:
        outage.setattr(store, "record", gone)
        assert runner.work_on_next()
        outage.setattr(store._database, "use", gone)
        assert not runner.work_on_next()
        runner.look_after()
    assert store.get(run.id).status == "running"
    assert "no run can be claimed: the run store did not answer" in caplog.text
    runner.look_after()
    assert (store.get(run.id).status, store.get(run.id).waiting) == ("interrupted", True)
    assert runner.work_on_next()
    assert (store.get(run.id).status, len(store.history(run.id))) == ("done", 1)
    store.close()

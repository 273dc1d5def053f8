"""The runner: fair turns, limits of users, several servers on one store, and threads that end."""

import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import DataError
from core.jobs import runner as module
from core.jobs.runner import ThreadRunner
from core.store.request import RunRequest
from core.store.store import Run, RunStore

Requests = Callable[..., RunRequest]
NOBODY = 2**22 + 1
"""No process has this number."""


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """End runs at once instead of training them, and note them."""
    done: list[Run] = []

    def work(store: RunStore, run: Run, _folder: Path, **_: object) -> None:
        done.append(run)
        store.finish(run.id, "done")

    monkeypatch.setattr(module, "work_through", work)
    monkeypatch.setattr(module, "LOOK", 0.02)
    monkeypatch.setattr(module, "ROUND", 0.02)
    return done


@pytest.fixture
def server(tmp_path: Path, store: RunStore) -> Callable[..., ThreadRunner]:
    """Start a runner on a store, with workers that are called by hand unless asked for."""
    return lambda workers=0, of=store: ThreadRunner(of, tmp_path / "runs", workers=workers)


def wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done() and time.monotonic() < deadline:
        time.sleep(0.005)


def test_users_take_turns(server: Callable[..., ThreadRunner], worked: list[Run], request_for: Requests) -> None:
    """A scan of one user, then one run of another while the first has one running."""
    runner = server()
    scan = runner.submit_all([request_for(seed=seed) for seed in range(4)], "ann")
    assert runner.store.claim(scan[0].id)
    ben = runner.submit(request_for(), owner="ben")
    assert (ben.owner, ben.waiting, runner.store.place_in_queue(ben.id)) == ("ben", True, 0)
    while runner.work_on_next():
        pass
    assert [run.id for run in worked] == [ben.id, *(run.id for run in scan[1:])]


def test_a_user_cannot_fill_the_queue(
    server: Callable[..., ThreadRunner], request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan is queued whole or not at all; where nobody signs in there is no limit."""
    monkeypatch.setenv("INFOSCOPE_RUNS_PER_USER", "3")
    runner = server()
    runner.submit_all([request_for()] * 2, "ann")
    with pytest.raises(
        DataError, match="2 of your runs wait already and this asks for 2 more; allowed: 3 waiting runs"
    ):
        runner.submit_all([request_for()] * 2, "ann")
    assert len(runner.store.runs(owner="ann")) == 2
    assert runner.store.claim(runner.store.runs(owner="ann")[0].id)
    runner.submit_all([request_for()] * 2, "ann")
    runner.submit(request_for(), "ben")
    assert len(runner.submit_all([request_for()] * 5)) == 5


def test_one_wrong_request_of_several_queues_nothing(
    server: Callable[..., ThreadRunner], request_for: Requests
) -> None:
    runner = server()
    with pytest.raises(DataError, match="unknown method 'dicso'"):
        runner.submit_all([request_for(), request_for("dicso")])
    assert runner.store.runs() == []


def test_a_run_that_is_asked_for_begins_at_once(
    server: Callable[..., ThreadRunner], worked: list[Run], request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker without a run is woken; it looks by itself only now and then."""
    monkeypatch.setattr(module, "LOOK", 3600.0)
    runner = server(workers=2)
    asked = runner.submit_all([request_for()] * 3)
    wait_for(lambda: len(worked) == 3)
    assert {run.id for run in worked} == {run.id for run in asked}


def test_a_server_takes_runs_that_another_one_queued(
    server: Callable[..., ThreadRunner], worked: list[Run], store: RunStore, tmp_path: Path, request_for: Requests
) -> None:
    """The other one lives, but its workers are busy."""
    other = RunStore(f"sqlite:///{tmp_path}/data/runs.sqlite")
    other.process = replace(other.process, host="far")
    run = server(of=other).submit(request_for())
    runner = server(workers=1)
    wait_for(lambda: runner.store.get(run.id).status == "done")
    assert [done.id for done in worked] == [run.id]


def test_a_running_server_finds_what_another_one_left(
    server: Callable[..., ThreadRunner], worked: list[Run], tmp_path: Path, request_for: Requests
) -> None:
    """Not only at its start."""
    runner = server(workers=1)
    other = RunStore(f"sqlite:///{tmp_path}/data/runs.sqlite")
    run = server(of=other).store.add(request_for(), {"epochs": 3})
    assert other.claim(run.id)
    other._update(run.id, process=NOBODY)
    wait_for(lambda: runner.store.get(run.id).status == "done")
    assert [done.id for done in worked] == [run.id]


def test_threads_end_with_the_runner(server: Callable[..., ThreadRunner], worked: list[Run]) -> None:
    before = set(threading.enumerate())
    runner = server(workers=2)
    threads = set(threading.enumerate()) - before
    assert len(threads) == 3
    gone = weakref.ref(runner)
    del runner
    for thread in threads:
        thread.join(10)
    assert gone() is None
    assert not any(thread.is_alive() for thread in threads)


def test_deleted_runs_lose_their_files_in_the_end(
    server: Callable[..., ThreadRunner], store: RunStore, request_for: Requests, tmp_path: Path
) -> None:
    run = store.add(request_for(), {"epochs": 3})
    (tmp_path / "runs" / run.id).mkdir(parents=True)
    store.delete(run.id)
    server()
    assert (tmp_path / "runs" / run.id).exists()
    store._update(run.id, deleted=time.time() - module.KEEP_DELETED - 1)
    server()
    assert not (tmp_path / "runs" / run.id).exists()

"""The run store: states, histories, deletion, and programs that ended."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import DataError
from core.jobs.request import RunRequest
from core.jobs.runner import check_request
from core.jobs.store import Run, RunStore

Requests = Callable[..., RunRequest]


def queued(store: RunStore, request: RunRequest) -> Run:
    return store.add(request, check_request(request))


def test_a_run_goes_from_queued_to_running_to_done(store: RunStore, request_for: Requests) -> None:
    run = queued(store, request_for())
    assert (run.status, run.epoch, run.n_epochs, run.is_live) == ("queued", 0, 3, True)
    assert store.claim(run.id)
    assert not store.claim(run.id)
    store.record(run.id, 1, {"classification": 0.6}, '{"view": 1}')
    store.record(run.id, 2, {"classification": 0.5})
    running = store.get(run.id)
    assert (running.status, running.epoch) == ("running", 2)
    assert running.seconds_left == pytest.approx(running.seconds / 2, rel=0.2)
    assert store.view(run.id) == ('{"view": 1}', False)
    store.finish(run.id, "done", headline={"auc": 0.9}, result='{"view": 2}')
    assert store.get(run.id).headline == {"auc": 0.9}
    assert store.view(run.id) == ('{"view": 2}', True)
    assert [(r.epoch, r.scalars["classification"]) for r in store.history(run.id)] == [(1, 0.6), (2, 0.5)]


def test_a_request_comes_back_as_it_was(store: RunStore, request_for: Requests) -> None:
    run = queued(store, request_for(lam=7.0, seed=3))
    assert store.get(run.id).request == request_for(lam=7.0, seed=3)
    assert store.get(run.id).config["lam"] == 7.0
    assert store.get(run.id).config["clip"] == 1.0


def test_stopping_ends_a_queued_run_and_asks_a_running_one(store: RunStore, request_for: Requests) -> None:
    waiting, running = queued(store, request_for()), queued(store, request_for())
    store.claim(running.id)
    store.stop(waiting.id)
    store.stop(running.id)
    assert store.get(waiting.id).status == "stopped"
    assert store.get(running.id).status == "running"
    assert store.is_stopping(running.id)


def test_a_deleted_run_can_be_restored_until_it_is_purged(store: RunStore, request_for: Requests) -> None:
    run = queued(store, request_for())
    store.delete(run.id)
    assert store.runs() == []
    with pytest.raises(DataError, match="no run"):
        store.get(run.id)
    assert store.purge(older_than=60) == []
    store.restore(run.id)
    assert [r.id for r in store.runs()] == [run.id]
    store.delete(run.id)
    assert store.purge(older_than=-1) == [run.id]
    store.restore(run.id)
    assert store.runs() == []


def test_runs_are_listed_newest_first_and_by_status(store: RunStore, request_for: Requests) -> None:
    first, second = queued(store, request_for()), queued(store, request_for())
    store.claim(first.id)
    assert [r.id for r in store.runs()] == [second.id, first.id]
    assert [r.id for r in store.runs(["running"])] == [first.id]
    assert store.place_in_queue(second.id) == 0


def test_what_an_ended_program_left_is_taken_over(tmp_path: Path, store: RunStore, request_for: Requests) -> None:
    """Another process claims one run, leaves one queued and ends; a living one's run is left alone."""
    claimed, waiting, living = (queued(store, request_for()) for _ in range(3))
    script = (
        "import sys; from sqlalchemy import create_engine, text; import os\n"
        "with create_engine(sys.argv[1]).begin() as c:\n"
        "    change = text('update runs set process = :p where id in (:a, :b)')\n"
        "    c.execute(change, dict(p=os.getpid(), a=sys.argv[2], b=sys.argv[3]))\n"
    )
    store.claim(claimed.id)
    url = f"sqlite:///{tmp_path}/data/runs.sqlite"
    subprocess.run([sys.executable, "-c", script, url, claimed.id, waiting.id], check=True)
    _set_process(store, living.id, os.getppid())
    orphans = store.adopt_orphans()
    assert [run.id for run in orphans] == [waiting.id]
    assert store.get(claimed.id).status == "interrupted"
    assert "ended before it was done" in store.get(claimed.id).error
    assert store.get(living.id).status == "queued"


def _set_process(store: RunStore, run_id: str, process: int) -> None:
    store._update(run_id, process=process)


def test_threads_share_a_store_without_losing_an_epoch(store: RunStore, request_for: Requests) -> None:
    runs = [queued(store, request_for()) for _ in range(4)]

    def write(run: Run) -> None:
        for epoch in range(1, 21):
            store.record(run.id, epoch, {"loss": float(epoch)})

    threads = [threading.Thread(target=write, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(store.history(run.id)) for run in runs] == [20] * 4


def test_a_store_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be opened"):
        RunStore(f"sqlite:///{tmp_path}/file/runs.sqlite")

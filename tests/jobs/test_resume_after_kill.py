"""A server that is killed in the middle of a training: the next one continues it as if nothing had happened."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.jobs.artifacts import SCORES, read_model
from core.jobs.restarts import RESTART
from core.jobs.runner import ThreadRunner, check_request
from core.jobs.states import from_bytes
from core.jobs.work import work_through
from core.store.request import RunRequest
from core.store.store import RunStore

EPOCHS = 24
SERVER = """
import sys, threading, time
from pathlib import Path
import core.jobs.restarts, core.jobs.work
from core.store.request import RunRequest
from core.jobs.runner import ThreadRunner
from core.store.store import RunStore

core.jobs.restarts.RESTART_SECONDS = 0.1
url, folder, request = sys.argv[1:]
core.jobs.work.Looks.at = lambda self, snapshot: None
record = RunStore.record

def slowly(*arguments):
    record(*arguments)
    time.sleep(0.05)

RunStore.record = slowly
runner = ThreadRunner(RunStore(url), Path(folder))
runner.submit(RunRequest.model_validate_json(request))
threading.Event().wait()
"""


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_killed_server_loses_no_epoch_and_the_next_one_ends_its_run(
    store: RunStore, request_for: Callable[..., RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, folder = request_for("mine", epochs=EPOCHS, critic_steps=2), tmp_path / "runs"
    url = f"sqlite:///{tmp_path}/data/runs.sqlite"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, url, str(folder), request.model_dump_json()],
        env={**os.environ, "PYTHONPATH": "."},
    )
    try:
        other = store.add(request, check_request(request))
        store.claim(other.id)
        work_through(store, store.get(other.id), folder / other.id)
        wait_for(lambda: len(store.runs(["running"])) == 1, "the server did not begin")
        (run,) = store.runs(["running"])
        wait_for(lambda: store.get(run.id).epoch >= 9, "the server trained nothing")
    finally:
        server.kill()
        server.wait()
    run = store.get(run.id)
    before = store.history(run.id)
    saved = from_bytes((folder / run.id / RESTART).read_bytes())["epoch"]
    assert run.status == "running"  # so the store was left
    assert 1 < saved <= run.epoch == len(before) < EPOCHS

    trained = recorded_epochs(monkeypatch)
    runner = ThreadRunner(store, folder, workers=0)
    assert store.get(run.id).status == "interrupted"
    assert runner.work_on_next()
    ended = store.get(run.id)
    assert ended.status == "done", ended.error
    assert trained == list(range(saved + 1, EPOCHS + 1))
    history = store.history(run.id)
    assert [each.epoch for each in history] == list(range(1, EPOCHS + 1))
    assert [each.scalars for each in history[: len(before)]] == [each.scalars for each in before]
    assert not (folder / run.id / RESTART).exists()

    assert [each.scalars for each in history] == [each.scalars for each in store.history(other.id)]
    assert (ended.headline, ended.remarks) == (store.get(other.id).headline, store.get(other.id).remarks)
    assert store.view(run.id) == store.view(other.id)
    one, two = folder / run.id, folder / other.id
    models = [read_model(each) for each in (one, two)]
    assert all((models[0][name] == values).all() for name, values in models[1].items())
    assert pq.read_table(one / SCORES).equals(pq.read_table(two / SCORES))


def recorded_epochs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the epochs that are recorded from now on."""
    record, seen = RunStore.record, []

    def noting(self: RunStore, run: str, epoch: int, scalars: Mapping[str, float], view: Any = None) -> None:
        seen.append(epoch)
        record(self, run, epoch, scalars, view)

    monkeypatch.setattr(RunStore, "record", noting)
    return seen

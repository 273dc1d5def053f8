"""The state of an installation, as system calls and the store give it."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import psutil
import pytest

from core.events.spec import DatasetSpec
from core.observability import system
from core.observability.system import queue_of, system_state
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore


@pytest.fixture
def store(data_folder: Path) -> Iterator[RunStore]:
    """Open a store with a run that trains, one that waits and one that failed."""
    store = RunStore(settings().database_url)
    request = RunRequest(method="disco", dataset=DatasetSpec(path="events.parquet"))
    running, _waiting, failed = (store.add(request, {"epochs": 10}, owner=f"user {k}") for k in range(3))
    store.claim(running.id)
    for epoch in (1, 2, 3):
        store.record(running.id, epoch, {"loss": 1 / epoch})
    store.finish(failed.id, "failed", error="on purpose")
    yield store
    store.close()


def test_queue_and_store_count_what_the_runs_say(store: RunStore) -> None:
    state = system_state(store, settings())
    assert [(run.epoch, run.owner) for run in state.queue.running] == [(3, "user 0")]
    assert [run.owner for run in state.queue.queued] == ["user 1"]
    assert dict(state.store.runs) == {"running": 1, "queued": 1, "failed": 1}
    assert (state.store.n_runs, state.store.n_epochs) == (3, 3)
    assert state.store.kind == "SQLite"


def test_the_queue_tells_which_program_trains_a_run(store: RunStore) -> None:
    (run,) = store.runs(["running"])
    queue = system_state(store, settings()).queue
    assert queue.here == {run.id}
    place = queue.places[run.id]
    assert place == f"{socket.gethostname()}, process {os.getpid()}"
    store.process = replace(store.process, number=store.process.number + 1)
    queue = system_state(store, settings()).queue
    assert (queue.here, queue.places) == (frozenset(), {run.id: place})


def test_the_size_of_the_store_is_that_of_its_files(store: RunStore, data_folder: Path) -> None:
    on_disk = sum(file.stat().st_size for file in data_folder.glob("runs.sqlite*") if "lock" not in file.name)
    assert system_state(store, settings()).store.n_bytes == on_disk > 0


def test_the_pace_adds_up_all_running_trainings(store: RunStore) -> None:
    run = store.runs(["running"])[0]
    one, two = (replace(run, started=100.0, finished=end, epoch=epoch) for end, epoch in ((110.0, 5), (104.0, 8)))
    assert queue_of([one, two]).epochs_per_second == pytest.approx(5 / 10 + 8 / 4)
    assert queue_of([replace(run, started=None)]).epochs_per_second == 0


def test_memory_disk_and_devices_are_those_of_this_machine(store: RunStore, data_folder: Path) -> None:
    state = system_state(store, settings())
    assert state.memory.process == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
    assert 0 < state.memory.available < state.memory.total <= psutil.virtual_memory().total
    assert state.disk.total == psutil.disk_usage(str(data_folder)).total
    assert 0 < state.disk.free < state.disk.total
    assert state.devices[0].kind == "cpu"
    assert 1 <= state.devices[0].cores <= (psutil.cpu_count() or 1)
    assert state.uptime > 0


def test_each_gpu_is_a_device_with_its_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda k: ((3 + k) * 2**30, 8 * 2**30))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda k: f"GPU {k}")
    _, first, second = system.devices()
    assert (first.name, first.kind, first.free_bytes, first.total_bytes) == ("GPU 0", "cuda:0", 3 * 2**30, 8 * 2**30)
    assert (second.kind, second.free_bytes) == ("cuda:1", 4 * 2**30)


def test_a_look_in_the_middle_of_the_import_of_torch_finds_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    half = ModuleType("torch")
    half.__spec__ = SimpleNamespace(_initializing=True)  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "torch", half)
    assert [device.kind for device in system.devices()] == ["cpu"]


def test_a_container_s_limit_is_the_memory_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = psutil.Process().memory_info().rss + 2**20
    monkeypatch.setattr(system, "memory_bytes", lambda: limit)
    found = system.memory()
    assert found.total == limit
    assert found.available <= 2**21


def test_the_address_of_a_server_is_told_without_its_password(store: RunStore) -> None:
    chosen = replace(settings(), database="postgresql://anna:pa55word@db.example/runs")
    state = system_state(store, chosen)
    assert state.store.kind == "PostgreSQL"
    assert state.store.n_bytes is None
    assert "db.example/runs" in state.store.address
    assert "pa55word" not in state.store.address


def test_the_disk_of_a_folder_that_is_not_there_yet_is_that_above_it(tmp_path: Path) -> None:
    assert system.disk(tmp_path / "not" / "yet").total == system.disk(tmp_path).total


def test_the_command_prints_the_same(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.cli.main import main

    def printed(*options: str) -> str:
        monkeypatch.setattr("sys.argv", ["core", "system", *options])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        return capsys.readouterr().out

    answer = json.loads(printed("--json"))
    assert [run["epoch"] for run in answer["queue"]["running"]] == [3]
    assert answer["store"]["runs"] == {"running": 1, "queued": 1, "failed": 1}
    assert answer["devices"][0]["kind"] == "cpu"
    assert answer["versions"]["infoscope"]
    text = printed()
    assert "3 runs, 3 recorded epochs" in text
    assert "1 running, 1 queued" in text

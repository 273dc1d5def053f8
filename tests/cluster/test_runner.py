"""Trainings on the workers of a cluster: the same answers, recorded once, whatever happens to the workers."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, KilledWorker, LocalCluster

import core
from core.cluster import data, session
from core.cluster.choice import runner_for
from core.cluster.client import require_same_program
from core.cluster.data import find, kept_at, look_at
from core.cluster.runner import ClusterRunner, resource_for
from core.cluster.scan import run_on_cluster
from core.cluster.session import Session
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.jobs.artifacts import MANIFEST, MODEL, SCORES, read_model
from core.jobs.restarts import RESTART
from core.jobs.runner import ThreadRunner, check_request
from core.jobs.work import work_through
from core.settings import Settings
from core.store.request import RunRequest
from core.store.store import Run, RunStore
from tests.store.postgres import Server, missing

PATIENCE = 40.0

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
"""A connection to a killed worker is not closed but collected."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    found = RunStore(f"sqlite:///{tmp_path}/data/runs.sqlite")
    yield found
    found.close()


@pytest.fixture
def runner(cluster: LocalCluster, client: Client, store: RunStore, tmp_path: Path) -> Iterator[ClusterRunner]:
    client.wait_for_workers(2, timeout=20)
    found = ClusterRunner(store, tmp_path / "runs", cluster.scheduler_address)
    yield found
    found.close()


@pytest.fixture
def request_for(tmp_path: Path, toy_table: Callable[..., object]) -> Callable[..., RunRequest]:
    events = toy_table(1500)
    pq.write_table(pa.table(dict(events.columns)), tmp_path / "toy.parquet")  # type: ignore[attr-defined]
    dataset = DatasetSpec(path=str(tmp_path / "toy.parquet"), roles=events.roles)  # type: ignore[attr-defined]

    def make(epochs: int = 3, **options: object) -> RunRequest:
        config = {"epochs": epochs, "batch_size": 512, "hidden": [16]}
        return RunRequest(method="disco", dataset=dataset, config=config, **options)

    return make


def states_at_once() -> None:
    """Let a worker keep a state after every epoch."""
    from core.jobs import restarts

    restarts.RESTART_SECONDS, restarts.SAVING = 0.0, 1.0


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ended(store: RunStore, run: Run) -> Run:
    until(lambda: not store.get(run.id).is_live)
    return store.get(run.id)


def trained_here(request: RunRequest, folder: Path) -> tuple[RunStore, Run]:
    store = RunStore(f"sqlite:///{folder}/here.sqlite")
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), folder / "here" / run.id)
    return store, store.get(run.id)


def require_same(store: RunStore, run: Run, runs: Path, request: RunRequest, folder: Path) -> None:
    """The same history, each epoch once, and the same network as a run of this process that nothing interrupted."""
    other, expected = trained_here(request, folder)
    mine, theirs = store.history(run.id), other.history(expected.id)
    assert [each.epoch for each in mine] == list(range(1, expected.n_epochs + 1))
    assert [dict(each.scalars) for each in mine] == [dict(each.scalars) for each in theirs]
    assert run.headline == expected.headline
    network, same = read_model(runs / run.id), read_model(folder / "here" / expected.id)
    assert network.keys() == same.keys()
    assert all(np.array_equal(network[name], same[name]) for name in network)
    other.close()


def test_runs_on_workers_give_what_threads_give(
    runner: ClusterRunner, store: RunStore, request_for: Callable[..., RunRequest], tmp_path: Path
) -> None:
    """Both at once, one on each worker; history, network, files and view as in this process."""
    runs = runner.submit_all([request_for(seed=1), request_for(seed=2)])
    done = [ended(store, run) for run in runs]
    assert [run.status for run in done] == ["done", "done"]
    assert {path.name for path in (tmp_path / "runs" / done[0].id).iterdir()} == {MODEL, SCORES, MANIFEST}
    view = store.view(done[0].id)
    assert view is not None
    assert view[1]
    require_same(store, done[0], tmp_path / "runs", request_for(seed=1), tmp_path)
    assert not list((tmp_path / "runs").glob(".*"))


def test_a_worker_that_is_killed_costs_no_epoch_and_counts_none_twice(
    runner: ClusterRunner,
    client: Client,
    store: RunStore,
    request_for: Callable[..., RunRequest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """kill -9 once a state has come: another worker goes on from it, and the history is that of a quiet day."""
    recorded: list[int] = []
    original = store.record

    def record(run: str, epoch: int, *rest: object) -> None:
        recorded.append(epoch)
        original(run, epoch, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "record", record)
    client.run(states_at_once)
    request = request_for(epochs=80)
    run = runner.submit(request)
    until(lambda: (tmp_path / "runs" / run.id / RESTART).exists() or not store.get(run.id).is_live)
    assert store.get(run.id).status == "running"
    worker = next(each for each, tasks in client.processing().items() if tasks)
    os.kill(client.run(os.getpid, workers=[worker])[worker], signal.SIGKILL)
    n_before = len(recorded)
    done = ended(store, run)
    assert (done.status, done.error, done.remarks) == ("done", "", trained_remarks(done))
    again = [epoch for epoch in recorded[n_before:] if epoch <= recorded[n_before - 1]]
    assert 1 not in again, "it went on from the state"
    require_same(store, done, tmp_path / "runs", request, tmp_path)
    assert not (tmp_path / "runs" / run.id / RESTART).exists()
    client.wait_for_workers(2, timeout=20)


def trained_remarks(run: Run) -> tuple[str, ...]:
    """Remarks of the training itself; none says that it began anew."""
    return tuple(each for each in run.remarks if "anew" not in each)


def test_stopping_keeps_the_best_network(
    runner: ClusterRunner, store: RunStore, request_for: Callable[..., RunRequest], tmp_path: Path
) -> None:
    run = runner.submit(request_for(epochs=500))
    until(lambda: store.get(run.id).epoch >= 2)
    store.stop(run.id)
    stopped = ended(store, run)
    assert stopped.status == "stopped"
    assert 2 <= stopped.epoch < 500
    assert stopped.headline["auc"] > 0
    assert (tmp_path / "runs" / run.id / MODEL).exists()


def test_a_server_that_ends_leaves_its_runs_to_the_next_one(
    runner: ClusterRunner,
    client: Client,
    cluster: LocalCluster,
    store: RunStore,
    request_for: Callable[..., RunRequest],
    tmp_path: Path,
) -> None:
    """The worker leaves the run within seconds; the run waits, and another runner has it done once."""
    run = runner.submit(request_for(epochs=500))
    until(lambda: store.get(run.id).epoch >= 2)
    runner.close()
    assert (store.get(run.id).status, store.get(run.id).waiting) == ("interrupted", True)
    until(lambda: not client.call_stack())
    other = ClusterRunner(store, tmp_path / "runs", cluster.scheduler_address)
    until(lambda: store.get(run.id).status == "running")
    store.stop(run.id)
    assert ended(store, run).status == "stopped"
    epochs = [each.epoch for each in store.history(run.id)]
    assert epochs == list(range(1, len(epochs) + 1))
    other.close()


def test_data_that_a_worker_does_not_see_are_sent_up_to_a_size(
    runner: ClusterRunner,
    store: RunStore,
    request_for: Callable[..., RunRequest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker finds another file of that name: it trains on what the server sends, or not at all."""
    from core.cluster import runner as module

    looked = look_at(str(tmp_path / "toy.parquet"))
    assert looked is not None
    other = replace(looked, digest=os.urandom(16).hex())
    monkeypatch.setattr(module, "look_at", lambda path: other)
    monkeypatch.setattr(session, "CHUNK", 50_000)
    request = request_for(seed=3)
    done = ended(store, runner.submit(request))
    assert (done.status, done.error) == ("done", "")
    require_same(store, done, tmp_path / "runs", request, tmp_path)
    unsent = replace(looked, digest=os.urandom(16).hex())
    monkeypatch.setattr(module, "look_at", lambda path: unsent)
    monkeypatch.setattr(data, "MAX_SENT_BYTES", 1000)
    failed = ended(store, runner.submit(request))
    assert failed.status == "failed"
    assert "a worker does not see" in failed.error
    assert "at most 1000 bytes are sent to it" in failed.error


def test_what_a_run_needs_is_refused_in_words(
    runner: ClusterRunner, store: RunStore, request_for: Callable[..., RunRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.jobs import runner as jobs_runner

    monkeypatch.setattr(jobs_runner, "check_request", lambda request: {"epochs": 3})  # this machine has no GPU to ask
    failed = ended(store, runner.submit(request_for(device="cuda")))
    assert failed.error == "no worker of the cluster has a GPU for device 'cuda'; allowed: auto, cpu"
    with pytest.raises(DataError, match=r"a worker runs infoscope .*, the program that asks runs 0\.0\.0"):
        require_same_program("0.0.0")


def test_resources_are_gpus_first_unless_the_processor_is_asked_for() -> None:
    slots = {"GPU": 1, "CPU": 2}
    assert resource_for("auto", slots, {"GPU": 1, "CPU": 2}) == "GPU"
    assert resource_for("auto", slots, {"GPU": 0, "CPU": 2}) == "CPU"
    assert resource_for("auto", slots, {"GPU": 0, "CPU": 0}) == "GPU"
    assert resource_for("cpu", slots, {"GPU": 1, "CPU": 1}) == "CPU"
    assert resource_for("cpu", {"GPU": 1, "CPU": 0}, {"GPU": 0, "CPU": 0}) == "GPU"


def test_without_a_scheduler_runs_wait_and_the_reason_is_told(
    store: RunStore, request_for: Callable[..., RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.cluster import runner as module
    from core.cluster.client import connect

    monkeypatch.setattr(module, "connect", lambda address: connect(address, timeout=0.2))
    runner = ClusterRunner(store, tmp_path / "runs", "tcp://127.0.0.1:1")
    run = runner.submit(request_for())
    until(lambda: runner.problem)
    assert runner.problem.startswith("no scheduler answers at 'tcp://127.0.0.1:1'")
    assert store.get(run.id).status == "queued"
    lost = store.claim_next()
    assert lost is not None
    runner._given_up[lost.id] = ""  # as when the scheduler went in the middle of it
    until(lambda: store.get(run.id).status == "interrupted")
    assert store.get(run.id).waiting
    runner.close()


def test_settings_choose_threads_or_a_cluster(cluster: LocalCluster, store: RunStore, tmp_path: Path) -> None:
    here = Settings(tmp_path, tmp_path)
    threads = runner_for(here, store, workers=0)
    assert type(threads) is ThreadRunner
    there = runner_for(replace(here, dask_address=cluster.scheduler_address), store)
    assert isinstance(there, ClusterRunner)
    until(lambda: there.slots["CPU"] == 2)
    there.close()


def test_the_runs_of_a_scan_go_to_workers_and_are_waited_for(
    cluster: LocalCluster, client: Client, store: RunStore, request_for: Callable[..., RunRequest], tmp_path: Path
) -> None:
    """As the command line does it."""
    client.wait_for_workers(2, timeout=20)
    seen: list[str] = []
    requests = [request_for(epochs=1, seed=seed, scan="scan") for seed in range(2)]
    runs = run_on_cluster(
        store, requests, tmp_path / "runs", cluster.scheduler_address, report=lambda run: seen.append(run.id)
    )
    assert [run.request.seed for run in runs] == [0, 1]
    assert {run.status for run in runs} == {"done"}
    assert sorted(seen) == sorted(run.id for run in runs)


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_postgresql_serves_as_well(
    cluster: LocalCluster, client: Client, request_for: Callable[..., RunRequest], tmp_path: Path
) -> None:
    """The workers never open the store: they have no address of it."""
    server = Server.make()
    server.start()
    store = RunStore(server.empty("cluster"))
    client.wait_for_workers(2, timeout=20)
    runner = ClusterRunner(store, tmp_path / "runs", cluster.scheduler_address)
    done = ended(store, runner.submit(request_for(seed=1)))
    assert (done.status, done.error) == ("done", "")
    require_same(store, done, tmp_path / "runs", request_for(seed=1), tmp_path)
    runner.close()
    store.close()
    server.remove()


def test_a_look_tells_files_apart(tmp_path: Path) -> None:
    """By name, size and both ends; a folder by all of its files; a tree's name follows the file's."""
    (tmp_path / "a.root").write_bytes(b"x" * 10)
    look = look_at(f"{tmp_path}/a.root:Events")
    assert look is not None
    assert (look.rest, look.files, look.n_bytes) == (":Events", ("a.root",), 10)
    assert find(look, f"{tmp_path}/a.root:Events", tmp_path) == f"{tmp_path}/a.root:Events"
    (tmp_path / "a.root").write_bytes(b"y" * 10)
    assert find(look, f"{tmp_path}/a.root:Events", tmp_path) is None
    kept_at(look, tmp_path).parent.mkdir()
    kept_at(look, tmp_path).write_bytes(b"x" * 10)
    assert find(look, f"{tmp_path}/a.root:Events", tmp_path) == f"{kept_at(look, tmp_path)}:Events"
    whole = look_at(str(tmp_path))
    assert whole is not None
    assert whole.is_folder
    assert look_at("s3://bucket/events") is None
    with pytest.raises(DataError, match="there is no file or folder"):
        look_at(str(tmp_path / "gone"))


def test_a_task_that_ends_without_a_word_ends_its_run_with_a_reason(
    runner: ClusterRunner, store: RunStore, request_for: Callable[..., RunRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version on the worker fails the run; workers killed again and again interrupt it."""
    monkeypatch.setattr(core, "__version__", "0.0.0")
    failed = ended(store, runner.submit(request_for()))
    assert failed.status == "failed"
    assert failed.error.endswith("runs 0.0.0; all machines must run the same version")
    runner.close()
    run = store.add(request_for(), {"epochs": 3})
    assert store.claim(run.id)
    killed = SimpleNamespace(status="error", exception=lambda: KilledWorker("train", None, 3), cancel=lambda: None)
    followed = Session(
        SimpleNamespace(cancel=lambda *_, **__: None), store, run, Path("unused"), None, killed, "CPU", "post"
    )  # fmt: skip
    runner._lose(followed)
    assert store.get(run.id).status == "interrupted"
    assert "several workers died while they trained it" in store.get(run.id).error

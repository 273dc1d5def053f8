"""Runs that are interrupted, and disks that fail them: what goes on, what begins anew, and what is said."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from core.jobs.artifacts import MANIFEST, MODEL, SCORES
from core.jobs.request import RunRequest
from core.jobs.restarts import RESTART, Restarts
from core.jobs.runner import ThreadRunner, check_request
from core.jobs.states import from_bytes, to_bytes
from core.jobs.store import Run, RunStore, StoreError
from core.jobs.work import work_through
from core.learning.snapshot import Snapshot

Requests = Callable[..., RunRequest]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a state after every epoch."""
    monkeypatch.setattr("core.jobs.restarts.RESTART_SECONDS", 0.0)
    monkeypatch.setattr("core.jobs.restarts.SAVING", float("inf"))


def begin(store: RunStore, request: RunRequest) -> Run:
    run = store.add(request, check_request(request))
    store.claim(run.id)
    return run


def go_on(store: RunStore, run: Run, folder: Path, **options: Any) -> Run:
    store.claim(run.id)
    work_through(store, store.get(run.id), folder / run.id, **options)
    return store.get(run.id)


def interrupt_after(epoch: int) -> Callable[[Any], None]:
    def watch(snapshot: Any) -> None:
        if snapshot.epoch == epoch:
            raise KeyboardInterrupt

    return watch


@pytest.fixture
def interrupted(store: RunStore, request_for: Requests, tmp_path: Path) -> Run:
    """A run of three epochs that was interrupted after the second."""
    run = begin(store, request_for())
    with pytest.raises(KeyboardInterrupt):
        work_through(store, store.get(run.id), tmp_path / run.id, watch=interrupt_after(2))
    assert store.get(run.id).status == "interrupted"
    assert [path.name for path in (tmp_path / run.id).iterdir()] == [RESTART]
    return run


def epochs_of(seen: list[int]) -> Callable[[Any], None]:
    return lambda snapshot: seen.append(snapshot.epoch)


def test_an_interrupted_run_goes_on_and_leaves_its_files_alone(
    store: RunStore, interrupted: Run, tmp_path: Path
) -> None:
    seen: list[int] = []
    run = go_on(store, interrupted, tmp_path, watch=epochs_of(seen))
    assert (run.status, seen, run.epoch) == ("done", [3], 3)
    assert not [remark for remark in run.remarks if "interrupted" in remark]
    assert {path.name for path in (tmp_path / run.id).iterdir()} == {MODEL, SCORES, MANIFEST}


def test_a_state_of_other_data_begins_anew_and_says_so(store: RunStore, interrupted: Run, tmp_path: Path) -> None:
    path = Path(interrupted.request.dataset.path)
    pq.write_table(pq.read_table(path).slice(2), path)
    seen: list[int] = []
    run = go_on(store, interrupted, tmp_path, watch=epochs_of(seen))
    assert (run.status, seen) == ("done", [1, 2, 3])
    assert run.remarks[0] == "the training was interrupted and began anew: the data changed since"


@pytest.mark.parametrize("broken", [b"", b"no state", "shorter", "pickle"])
def test_a_state_that_cannot_be_read_begins_anew(
    broken: bytes | str, store: RunStore, interrupted: Run, tmp_path: Path
) -> None:
    path = tmp_path / interrupted.id / RESTART
    if broken == "shorter":
        broken = path.read_bytes()[:-500]
    if broken == "pickle":
        torch.save({"key": {}}, path)
    else:
        path.write_bytes(broken)  # type: ignore[arg-type]
    seen: list[int] = []
    run = go_on(store, interrupted, tmp_path, watch=epochs_of(seen))
    assert (run.status, seen[0]) == ("done", 1)
    assert run.remarks[0] == "the training was interrupted and began anew: its saved state cannot be read"


def test_a_state_with_other_parts_begins_anew(store: RunStore, interrupted: Run, tmp_path: Path) -> None:
    """As after a change of the program that nobody numbered."""
    path = tmp_path / interrupted.id / RESTART
    saved = from_bytes(path.read_bytes())
    del saved["state"]["parts"]["best"]
    path.write_bytes(to_bytes(saved))
    run = go_on(store, interrupted, tmp_path)
    assert (run.status, run.epoch) == ("done", 3)
    assert run.remarks[0].endswith("began anew: the saved state is that of another training")


def test_a_program_that_ended_while_it_judged_trains_nothing_again(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object) -> None:
        raise KeyboardInterrupt

    run = begin(store, request_for())
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("core.jobs.work.write_artifacts", end)
        work_through(store, store.get(run.id), tmp_path / run.id)
    seen: list[int] = []
    ended = go_on(store, run, tmp_path, watch=epochs_of(seen))
    assert (ended.status, seen, ended.epoch) == ("done", [], 3)
    assert ended.headline["auc"] > 0


def test_a_training_that_fails_at_once_when_it_goes_on_keeps_its_best_network(
    store: RunStore, interrupted: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled = torch.full((2,), float("nan"), dtype=torch.float64)
    monkeypatch.setattr("core.unlearning.objective.Objective.step", lambda *_: spoiled)
    run = go_on(store, interrupted, tmp_path)
    assert (run.status, run.epoch) == ("stopped", 2)
    assert run.remarks[0].startswith("stopped after epoch 2, whose best network was kept: the loss or its gradient")
    assert (tmp_path / run.id / MODEL).exists()


def test_a_store_that_does_not_answer_leaves_the_state(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise StoreError("the run store does not answer")

    def lose(snapshot: Any) -> None:
        monkeypatch.setattr(store, "record", gone)

    run = begin(store, request_for())
    with pytest.raises(StoreError):
        work_through(store, store.get(run.id), tmp_path / run.id, watch=lose)
    assert store.get(run.id).status == "running"
    assert (tmp_path / run.id / RESTART).exists()


def test_a_state_that_cannot_be_written_is_said_and_ends_nothing(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    run = begin(store, request_for())
    (tmp_path / run.id).mkdir()
    with monkeypatch.context() as patch:
        patch.setattr("core.jobs.files.Path.write_bytes", full)
        patch.setattr("core.jobs.work.write_artifacts", lambda *_: None)
        ended = go_on(store, run, tmp_path)
    assert ended.status == "done"
    assert ended.remarks[0].startswith(
        "if the program had ended, this training would have been lost: the disk is full: "
    )
    assert f"{RESTART} cannot be written to {tmp_path / run.id}" in ended.remarks[0]


def test_a_full_disk_fails_the_run_with_its_epochs_and_not_the_next_one(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = ThreadRunner(store, tmp_path / "runs", workers=0)
    first, second = (runner.submit(request_for(seed=seed)) for seed in range(2))
    with monkeypatch.context() as patch:
        patch.setattr("core.jobs.artifacts.pq.write_table", no_room)
        assert runner.work_on_next()
    failed = store.get(first.id)
    where = tmp_path / "runs" / first.id
    assert failed.status == "failed"
    assert failed.error.startswith(f"the disk is full: {SCORES} cannot be written to {where} (No space left on device)")
    assert "MB are free there" in failed.error
    assert len(store.history(first.id)) == 3
    assert not any((tmp_path / "runs").iterdir())
    assert runner.work_on_next()
    assert store.get(second.id).status == "done"


def no_room(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_memory_that_ends_in_the_middle_fails_the_run_and_not_the_worker(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_epoch, calls = torch.randperm, []

    def scarce(*arguments: Any, **options: Any) -> torch.Tensor:
        calls.append(0)
        if len(calls) == 3:
            raise MemoryError
        return run_epoch(*arguments, **options)

    runner = ThreadRunner(store, tmp_path / "runs", workers=0)
    first, second = (runner.submit(request_for(seed=seed)) for seed in range(2))
    monkeypatch.setattr("core.learning.epochs.torch.randperm", scarce)
    assert runner.work_on_next()
    failed = store.get(first.id)
    assert (failed.status, failed.epoch) == ("failed", 2)
    assert failed.error == "there was not enough memory; use fewer events or smaller layers (MemoryError)"
    assert runner.work_on_next()
    assert store.get(second.id).status == "done"
    assert not (tmp_path / "runs" / first.id).exists()


def test_a_read_only_folder_is_said_before_the_training(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    run = go_on(store, begin(store, request_for()), tmp_path)
    assert (run.status, run.epoch) == ("failed", 0)
    assert run.error.startswith(
        f"the folder is read-only: {run.id} cannot be written to {tmp_path} (Permission denied)"
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where the system lets this user mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only a user who may mount has a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_small_disk_that_is_full_and_then_read_only(store: RunStore, request_for: Requests, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(40_000))
    full = go_on(store, begin(store, request_for(hidden=[64, 64])), small_disk)
    assert (full.status, full.epoch) == ("failed", 3)
    assert full.error.startswith("the disk is full: ")
    assert f"cannot be written to {small_disk / full.id} (No space left on device)" in full.error
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    locked = go_on(store, begin(store, request_for()), small_disk)
    assert (locked.status, locked.epoch) == ("failed", 0)
    assert locked.error.startswith(f"the disk is read-only: {locked.id} cannot be written to {small_disk}")
    subprocess.run(["mount", "-o", "remount,rw,size=1m", str(small_disk)], check=True)
    assert go_on(store, begin(store, request_for()), small_disk).status == "done"


def test_a_full_disk_that_the_store_is_on_too_ends_nothing_for_good(request_for: Requests, small_disk: Path) -> None:
    """The run is given up, for nobody can note its failure; when there is room it goes on where it was."""
    subprocess.run(["mount", "-o", "remount,size=2m", str(small_disk)], check=True)
    store = RunStore(f"sqlite:///{small_disk}/runs.sqlite", patience=0.5)
    runner = ThreadRunner(store, small_disk / "runs", workers=0)
    run = runner.submit(request_for(epochs=40))
    record, ballast = store.record, small_disk / "ballast"

    def fill(run_id: str, epoch: int, *rest: Any) -> None:
        record(run_id, epoch, *rest)
        if epoch == 20:
            with suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))

    store.record = fill  # type: ignore[method-assign]
    assert runner.work_on_next()
    del store.record
    epoch = store.get(run.id).epoch
    assert (store.get(run.id).status, 20 <= epoch < 40) == ("running", True)
    ballast.unlink()
    runner.look_after()
    assert store.get(run.id).status == "interrupted"
    assert runner.work_on_next()
    assert store.get(run.id).status == "done"
    assert [each.epoch for each in store.history(run.id)] == list(range(1, 41))
    store.close()


def test_a_clock_that_goes_back_harms_nothing(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, passed = time.time(), iter(range(10_000))
    monkeypatch.setattr("time.time", lambda: start - 3600.0 * next(passed))
    run = go_on(store, begin(store, request_for()), tmp_path)
    assert (run.status, run.epoch) == ("done", 3)
    assert min(each.seconds for each in store.history(run.id)) >= 0
    assert run.seconds >= 0


@pytest.mark.parametrize(("cost", "written"), [(0.001, [4, 8, 12, 16]), (0.1, [4, 8, 17]), (1.0, [4, 8])])
def test_saving_takes_at_most_two_hundredths_of_the_time(
    cost: float, written: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Epochs of 0.6 s; the first state is due after 2 s, and a second one of 0.1 s is followed by none for 5 s."""
    monkeypatch.setattr("core.jobs.restarts.RESTART_SECONDS", 2.0)
    monkeypatch.setattr("core.jobs.restarts.SAVING", 0.02)
    now, seen = 0.0, []

    def state() -> dict[str, Any]:
        nonlocal now
        now += cost
        return {"epoch": 1}

    restarts = Restarts(tmp_path, clock=lambda: now)
    restarts.read(dict)
    for epoch in range(20):
        before = (tmp_path / RESTART).stat().st_ino if (tmp_path / RESTART).exists() else 0
        restarts.offer(Snapshot(epoch, 20, {}, dict, dict, (), state), {})
        after = (tmp_path / RESTART).stat().st_ino if (tmp_path / RESTART).exists() else 0
        seen += [epoch] if after != before else []
        now += 0.6
    assert seen == written


def test_a_training_without_a_state_writes_none(tmp_path: Path) -> None:
    restarts = Restarts(tmp_path)
    restarts.offer(Snapshot(1, 2, {}, dict, dict), {})
    assert not any(tmp_path.iterdir())

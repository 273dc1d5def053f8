"""Disks that are full or read-only, and memory that ends: what is said, and that the next run works."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from core.jobs.artifacts import SCORES
from core.jobs.restarts import RESTART
from core.jobs.runner import ThreadRunner
from core.store.store import RunStore
from tests.jobs.continuing import Requests, begin, go_on

pytestmark = pytest.mark.usefixtures("often")


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

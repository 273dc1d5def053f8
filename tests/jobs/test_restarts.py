"""Runs that are interrupted: what goes on, what begins anew, and what is said."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.artifacts import MANIFEST, MODEL, SCORES
from core.jobs.restarts import RESTART, Restarts
from core.jobs.states import from_bytes, to_bytes
from core.jobs.work import KEYBOARD, NOTHING_KEPT, UNREAD, work_through
from core.learning.pulse import sign_of_life
from core.learning.snapshot import Snapshot
from core.store.store import Run, RunStore, StoreError
from tests.jobs.continuing import Requests, begin, go_on

pytestmark = pytest.mark.usefixtures("often", "heard_at_once")


@pytest.fixture
def heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the store at every sign of life, and tell every batch."""
    monkeypatch.setattr("core.jobs.within.LISTENING", 0.0)
    monkeypatch.setattr("core.jobs.within.LONG", 0.0)


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


OTHER_DATA = "the training was interrupted and began anew: the data changed since"


def change_data(run: Run) -> None:
    path = Path(run.request.dataset.path)
    pq.write_table(pq.read_table(path).slice(2), path)


def test_a_state_of_other_data_begins_anew_and_says_so(
    store: RunStore, interrupted: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    change_data(interrupted)
    seen: list[int] = []

    def watch(snapshot: Any) -> None:
        seen.append(snapshot.epoch)
        assert [each.epoch for each in store.history(interrupted.id)] == seen  # none of before
        assert store.get(interrupted.id).remarks == (OTHER_DATA,)  # while it trains

    run = go_on(store, interrupted, tmp_path, watch=watch)
    assert (run.status, seen) == ("done", [1, 2, 3])
    assert run.remarks[0] == OTHER_DATA
    assert "WARNING" in [record.levelname for record in caplog.records if OTHER_DATA in record.message]


def test_that_a_run_began_anew_is_said_after_another_interruption_too(
    store: RunStore, interrupted: Run, tmp_path: Path
) -> None:
    change_data(interrupted)
    with pytest.raises(KeyboardInterrupt):
        go_on(store, interrupted, tmp_path, watch=interrupt_after(1))
    seen: list[int] = []
    run = go_on(store, interrupted, tmp_path, watch=epochs_of(seen))
    assert (run.status, seen, run.remarks[0]) == ("done", [2, 3], OTHER_DATA)


def test_a_state_that_does_not_fit_is_no_promise_to_go_on(store: RunStore, interrupted: Run, tmp_path: Path) -> None:
    """Stopped in its first epoch, the run that began anew has nothing from which Continue could go on."""
    change_data(interrupted)
    store.claim(interrupted.id)
    work_through(store, interrupted, tmp_path / interrupted.id, within=lambda _done, _of: store.stop(interrupted.id))
    run = store.get(interrupted.id)
    assert (run.status, run.remarks) == ("stopped", (OTHER_DATA, NOTHING_KEPT))
    assert not (tmp_path / run.id).exists()


def test_a_stop_while_a_run_reads_its_events_again_loses_none_of_its_epochs(
    store: RunStore, interrupted: Run, tmp_path: Path
) -> None:
    def stopped_reading(_spec: DatasetSpec) -> EventTable:
        store.stop(interrupted.id)
        sign_of_life(1, 2)
        raise AssertionError("the stop was not heard")

    assert store.get(interrupted.id).error == KEYBOARD
    left = go_on(store, interrupted, tmp_path, load=stopped_reading)
    assert (left.status, left.waiting, left.error, left.epoch) == ("interrupted", False, UNREAD, 2)
    assert store.resume(left.id)
    seen: list[int] = []
    run = go_on(store, left, tmp_path, watch=epochs_of(seen))
    assert (run.status, seen) == ("done", [3])


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

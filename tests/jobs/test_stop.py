"""A stop, or an interruption, in the middle of an epoch: heard between two batches, and nothing of the rest is lost."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.jobs.artifacts import MANIFEST, MODEL, read_model
from core.jobs.loading import SharedLoader
from core.jobs.restarts import RESTART
from core.jobs.runner import check_request
from core.jobs.scan import run_scan
from core.jobs.task import TASKS
from core.jobs.within import Ear
from core.jobs.work import NOT_JUDGED, NOTHING_KEPT, UNJUDGED, work_through
from core.learning.pulse import Stopped, heard_by
from core.store.request import RunRequest
from core.store.store import RunStore
from tests.jobs.continuing import begin, go_on
from tests.jobs.test_resume import CASES, Toys, brief, events_of, fitted, through_a_file

__all__ = ["brief"]
Requests = Callable[..., RunRequest]
ONE_OF_EACH = [next(case for case in CASES if case[0] == task) for task in dict.fromkeys(case[0] for case in CASES)]
ONE_OF_EACH += [case for case in CASES if case[1] in ("regression", "mine")]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the store at every sign of life, and tell every batch."""
    monkeypatch.setattr("core.jobs.within.LISTENING", 0.0)
    monkeypatch.setattr("core.jobs.within.LONG", 0.0)


@pytest.mark.parametrize(
    ("task", "method", "config"), ONE_OF_EACH, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_task_can_be_stopped_within_an_epoch_and_continued_to_the_same_numbers(
    task: str, method: str, config: dict[str, object], toy_table: Toys, tmp_path: Path
) -> None:
    fit = fitted(task, method, config, events_of(task, method, toy_table))
    *_, last = fit()
    wanted, state, batches = dict(last.scalars), {}, []

    def end(done: int, of: int) -> None:
        if state and of:
            batches.append((done, of))
            if len(batches) == 2:
                raise Stopped

    with pytest.raises(Stopped), heard_by(end):
        for snapshot in fit():
            state = through_a_file(snapshot.state(), tmp_path / "state")
    assert [done for done, _ in batches] == [0, 1]
    *_, last = fit(state)
    assert last.scalars == wanted


def test_a_stop_within_an_epoch_keeps_and_judges_the_network_of_the_epoch_before(
    store: RunStore, request_for: Requests, tmp_path: Path, at_once: None
) -> None:
    heard: list[tuple[int, int]] = []

    def stop(done: int, of: int) -> None:
        heard.append((done, of))
        run = store.runs()[0]
        if (run.epoch, done) == (1, 1):
            assert (run.batch, run.batches) == (1, of)
            store.stop(run.id)

    run = begin(store, request_for(epochs=500, batch_size=64))
    work_through(store, store.get(run.id), tmp_path / run.id, within=stop)
    ended = store.get(run.id)
    assert (ended.status, ended.epoch, ended.batch, ended.batches) == ("stopped", 1, 0, 0)
    assert heard[-1] == (1, heard[-1][1])
    assert ended.headline["auc"] > 0
    assert (tmp_path / run.id / MODEL).exists()


def test_judging_tells_how_far_it_is_and_can_be_stopped(
    store: RunStore, request_for: Requests, tmp_path: Path, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, seen = begin(store, request_for(epochs=2)), []
    reach = store.reach

    def noted(run_id: str, done: int, of: int, seconds: float = 0.0, phase: str = "") -> None:
        reach(run_id, done, of, seconds, phase)  # type: ignore[arg-type]
        if phase == "judging" and of:
            seen.append(done / of)
            if done / of > 0.42:
                store.stop(run_id, judging=True)

    monkeypatch.setattr(store, "reach", noted)
    ended = go_on(store, run, tmp_path)
    assert (ended.status, ended.epoch, ended.remarks, ended.headline) == ("stopped", 2, (NOT_JUDGED,), {})
    assert seen == sorted(seen)
    assert seen[0] < 0.4 < seen[-1] < 0.6
    assert not (tmp_path / run.id).exists()


def test_a_run_whose_judging_was_stopped_is_continued_and_judged(
    store: RunStore,
    request_for: Requests,
    tmp_path: Path,
    at_once: None,
    often: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, reach = begin(store, request_for(epochs=2)), store.reach

    def impatient(run_id: str, done: int, of: int, seconds: float = 0.0, phase: str = "") -> None:
        reach(run_id, done, of, seconds, phase)  # type: ignore[arg-type]
        if phase == "judging":
            store.stop(run_id, judging=True)

    with monkeypatch.context() as once:
        once.setattr(store, "reach", impatient)
        left = go_on(store, run, tmp_path)
    assert (left.status, left.waiting, left.error) == ("interrupted", False, UNJUDGED)
    assert store.resume(run.id)
    ended = go_on(store, store.get(run.id), tmp_path)
    untouched = go_on(store, begin(store, request_for(epochs=2)), tmp_path)
    assert (ended.status, ended.epoch, ended.error) == ("done", 2, "")
    assert ended.headline == untouched.headline
    assert not (tmp_path / run.id / RESTART).exists()


def test_a_stop_within_the_first_epoch_leaves_no_network_and_says_so(
    store: RunStore, request_for: Requests, tmp_path: Path, at_once: None
) -> None:
    run = begin(store, request_for(epochs=500))
    work_through(store, run, tmp_path / run.id, within=lambda _done, _of: store.stop(run.id))
    ended = store.get(run.id)
    assert (ended.status, ended.epoch, ended.error, ended.remarks) == ("stopped", 0, "", (NOTHING_KEPT,))
    assert store.view(run.id) is None
    assert not (tmp_path / run.id).exists()


def test_an_interruption_within_an_epoch_is_continued_to_the_same_numbers(
    store: RunStore, request_for: Requests, tmp_path: Path, at_once: None, often: None
) -> None:
    """Ctrl-C; and the manifest names the first start, not the one after the interruption."""
    request = request_for("mine", epochs=4, critic_steps=2, batch_size=128)

    def interrupt(done: int, _of: int) -> None:
        if (store.runs()[0].epoch, done) == (2, 2):
            raise KeyboardInterrupt

    run = begin(store, request)
    with pytest.raises(KeyboardInterrupt):
        work_through(store, store.get(run.id), tmp_path / run.id, within=interrupt)
    left = store.get(run.id)
    assert (left.status, left.epoch) == ("interrupted", 2)
    assert (tmp_path / run.id / RESTART).exists()
    first_start = left.began
    ended = go_on(store, run, tmp_path)
    assert (ended.status, ended.epoch, ended.began) == ("done", 4, first_start)
    whole = go_on(store, store.add(request, check_request(request)), tmp_path)
    assert ended.headline == whole.headline
    one, other = (read_model(tmp_path / each.id) for each in (ended, whole))
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert json.loads((tmp_path / run.id / MANIFEST).read_text())["seconds"] >= 0


def test_an_interrupted_scan_does_not_go_on_with_what_trains_or_waits(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, threads = threading.Event(), []
    sign = Ear.__call__

    def told(ear: Ear, done: int, of: int) -> None:
        if of:
            begun.set()
        sign(ear, done, of)

    def interrupted(_pool: object, work: Callable[[object], object], runs: list[object]) -> list[object]:
        def first() -> None:
            with pytest.raises(KeyboardInterrupt):
                work(runs[0])

        threads.append(threading.Thread(target=first))
        threads[0].start()
        assert begun.wait(30)
        raise KeyboardInterrupt

    monkeypatch.setattr(Ear, "__call__", told)
    monkeypatch.setattr("core.jobs.scan.ThreadPoolExecutor.map", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_scan(store, [request_for(seed=seed, epochs=20_000) for seed in (0, 1)], tmp_path)
    threads[0].join(30)
    assert [run.status for run in reversed(store.runs())] == ["interrupted", "stopped"]


def test_the_store_is_asked_rarely_and_told_of_long_epochs_only(store: RunStore, request_for: Requests) -> None:
    run, now, asked = begin(store, request_for()), 0.0, []
    ear = Ear(store, run.id, clock=lambda: now)
    is_stopping = store.is_stopping
    store.is_stopping = lambda each: bool(asked.append(now)) or is_stopping(each)  # type: ignore[method-assign]
    for k in range(12):
        now = 0.2 * k
        ear(k, 100)
    assert asked == pytest.approx([0.6, 1.2, 1.8])
    assert (store.get(run.id).batch, store.get(run.id).batches) == (9, 100)


def test_runs_side_by_side_share_their_events_and_nothing_is_kept_after_them(request_for: Requests) -> None:
    loader, spec = SharedLoader(), request_for().dataset
    first = loader(spec)
    assert loader(spec) is first
    other = loader(spec.model_copy(update={"selection": "mass > 0"}))
    assert other is not first
    Path(spec.path).touch()
    assert loader(spec) is not first
    del first, other
    assert not loader._held


def test_runs_on_a_folder_share_its_events_until_a_file_of_it_changes(request_for: Requests) -> None:
    """And those of a pattern, since page and worker would each hold all of them."""
    file = Path(request_for().dataset.path)
    for path in (str(file.parent), f"{file.parent}/*.parquet"):
        loader, spec = SharedLoader(), request_for().dataset.model_copy(update={"path": path})
        first = loader(spec)
        assert loader(spec) is first
        file.touch()
        second = loader(spec)
        assert second is not first
        (file.parent / "more.parquet").write_bytes(file.read_bytes())
        assert loader(spec).n_events == 2 * second.n_events
        (file.parent / "more.parquet").unlink()


def test_a_run_has_the_events_that_a_page_holds_unless_the_file_changed(request_for: Requests) -> None:
    def must_not_read(_spec: DatasetSpec) -> EventTable:
        raise AssertionError("the events were read twice")

    loader, spec = SharedLoader(must_not_read), request_for().dataset
    of_page = loader.keep(spec, lambda: load_events(spec))
    assert loader(spec) is of_page
    Path(spec.path).touch()
    with pytest.raises(AssertionError, match="read twice"):
        loader(spec)


def test_a_training_on_fewer_events_is_judged_on_fewer_and_scores_all(
    store: RunStore, request_for: Requests, tmp_path: Path, toy_table: Callable[..., EventTable]
) -> None:
    request = request_for(train_events=1000, train_fraction=0.8)
    events = toy_table(1500)
    seen = []
    for snapshot in TASKS["unlearn"].item.fit(events, request):
        seen.append(snapshot)
    conclusion = TASKS["unlearn"].item.conclude(events, request, seen[-1].save())
    assert (conclusion.split == 0).sum() == pytest.approx(1000, abs=1)
    assert (conclusion.split == 3).sum() == pytest.approx(1500 * (1 - 1000 / 1200), abs=3)
    assert conclusion.view.n_events == (conclusion.split == 2).sum() == pytest.approx(125, abs=2)
    assert len(conclusion.score) == 1500
    assert np.isfinite(conclusion.score).all()


@pytest.mark.parametrize("when", ["after the last epoch", "while it is judged"])
def test_a_stop_after_the_last_epoch_leaves_a_finished_run(
    when: str, store: RunStore, request_for: Requests, tmp_path: Path, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, reach = begin(store, request_for(epochs=2)), store.reach

    def stop_after_two(snapshot: object) -> None:
        if when == "after the last epoch" and snapshot.epoch == 2:  # type: ignore[attr-defined]
            store.stop(run.id)

    def stop_when_judged(run_id: str, done: int, of: int, seconds: float = 0.0, phase: str = "") -> None:
        reach(run_id, done, of, seconds, phase)  # type: ignore[arg-type]
        if when == "while it is judged" and phase == "judging":
            store.stop(run_id)

    monkeypatch.setattr(store, "reach", stop_when_judged)
    ended = go_on(store, run, tmp_path, watch=stop_after_two)
    assert (ended.stopping, ended.status, ended.epoch, ended.error) == (True, "done", 2, "")
    assert ended.headline["auc"] > 0

"""The run store: states, histories, owners and deletion."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from core.errors import DataError
from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.store.store import Run, RunStore

Requests = Callable[..., RunRequest]


@pytest.fixture
def store(database: str) -> Iterator[RunStore]:
    store = RunStore(database)
    yield store
    store.close()


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
    assert running.seconds_left == pytest.approx(store.history(run.id)[1].seconds - store.history(run.id)[0].seconds)
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


def test_an_epoch_that_is_recorded_twice_is_replaced(store: RunStore, request_for: Requests) -> None:
    run = queued(store, request_for())
    for epoch, loss in [(1, 0.9), (2, 0.8), (3, 0.7), (2, 0.5)]:
        store.record(run.id, epoch, {"loss": loss}, f'"{loss}"')
    assert [(entry.epoch, entry.scalars["loss"]) for entry in store.history(run.id)] == [(1, 0.9), (2, 0.5), (3, 0.7)]
    assert store.get(run.id).epoch == 2
    store.record(run.id, 3, {"loss": 0.4})
    assert store.view(run.id) == ('"0.5"', False), "the view that was replaced by none is gone"


def test_runs_carry_their_owner(store: RunStore, request_for: Requests) -> None:
    config = check_request(request_for())
    ann, ben = store.add(request_for(), config, "ann"), store.add(request_for(), config, owner="ben")
    nobody = store.add(request_for(), config)
    assert (ann.owner, ben.owner, nobody.owner) == ("ann", "ben", "")
    assert [run.id for run in store.runs(owner="ann")] == [ann.id]
    assert [run.id for run in store.runs(["queued"], owner="")] == [nobody.id]
    assert store.runs(["done"], owner="ben") == []
    assert len(store.runs()) == 3


def test_many_runs_of_one_minute_have_names_of_their_own(
    store: RunStore, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names' random part comes back twice before it is new."""
    request, config = request_for(), check_request(request_for())
    ends = iter(["aaaa", "aaaa", "aaaa", "bbbb"])
    real = secrets.token_hex
    monkeypatch.setattr("core.store.store.secrets.token_hex", lambda n: next(ends) if n == 2 else real(n))
    first, second = store.add(request, config), store.add(request, config)
    assert [run.id[-4:] for run in (first, second)] == ["aaaa", "bbbb"]


def test_the_time_left_is_that_of_the_last_epochs_whatever_the_first_one_took(
    store: RunStore, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, now = store.add(request_for(), {"epochs": 20}).id, [1e9]
    monkeypatch.setattr("core.store.store.time.time", lambda: now[0])
    monkeypatch.setattr("core.store.claims.time.time", lambda: now[0])
    store.claim(run)
    for epoch, took in enumerate((60.0, 2.0, 3.0, 50.0, 4.0, 2.0, 5.0), start=1):  # one of them while others worked
        now[0] += took
        store.record(run, epoch, {})
        if epoch in (1, 2):
            assert store.get(run).seconds_left == (None if epoch == 1 else pytest.approx(18 * 2.0))
    assert store.get(run).pace == pytest.approx(4.0)
    assert store.get(run).seconds_left == pytest.approx(13 * 4.0)


def test_reading_and_judging_are_no_epochs(store: RunStore, request_for: Requests) -> None:
    run = store.add(request_for(), {"epochs": 4}).id
    store.claim(run)
    store.reach(run, 3, 4, 30.0, "reading")
    there = store.get(run)
    assert (there.phase, there.epochs_done, there.seconds_left, there.phase_left) == (
        "reading",
        0,
        None,
        pytest.approx(10),
    )
    store.record(run, 1, {})
    assert (store.get(run).phase, store.get(run).is_judged) == ("", False)
    store.stop(run)
    assert store.is_stopping(run)
    store.reach(run, 250, 1000, 5.0, "judging")
    there = store.get(run)
    assert (there.is_judged, there.seconds_left, there.epochs_done) == (True, 15.0, 1)
    assert not store.is_stopping(run)  # the stop was of the training
    store.stop(run)
    assert not store.is_stopping(run)
    store.stop(run, judging=True)
    store.reach(run, 500, 1000, 10.0, "judging")  # by a worker that has not heard it yet
    assert (store.get(run).phase, store.is_stopping(run)) == ("leaving", True)


def test_a_clock_that_jumps_back_gives_no_negative_times(
    store: RunStore, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queued(store, request_for())
    store.claim(run.id)
    now = time.time()
    monkeypatch.setattr("core.store.store.time.time", lambda: now - 3600)
    store.record(run.id, 1, {})
    assert [entry.seconds for entry in store.history(run.id)] == [0.0]
    assert store.get(run.id).seconds == 0.0
    assert store.get(run.id).seconds_left is None
    store.record(run.id, 2, {})
    assert (store.get(run.id).pace, store.get(run.id).seconds_left) == (0.0, None)


def test_tags_and_pins_are_kept_without_repeats(store: RunStore, request_for: Requests) -> None:
    run = queued(store, request_for())
    assert (run.tags, run.pinned) == ((), False)
    store.tag(run.id, [" paper ", "best", "paper", ""])
    store.pin(run.id)
    assert (store.get(run.id).tags, store.get(run.id).pinned) == (("paper", "best"), True)
    store.tag(run.id, [])
    store.pin(run.id, pinned=False)
    assert (store.get(run.id).tags, store.get(run.id).pinned) == ((), False)


@pytest.mark.parametrize("tags", [["t" * 41], [str(i) for i in range(13)]])
def test_too_long_or_too_many_tags_are_refused(store: RunStore, request_for: Requests, tags: list[str]) -> None:
    run = queued(store, request_for())
    with pytest.raises(DataError, match=r"too (long|many).*allowed: (40|12)"):
        store.tag(run.id, tags)
    assert store.get(run.id).tags == ()


def test_deleted_runs_are_listed_apart(store: RunStore, request_for: Requests) -> None:
    kept, gone = queued(store, request_for()), queued(store, request_for(seed=1))
    store.delete(gone.id)
    assert [run.id for run in store.runs()] == [kept.id]
    assert [run.id for run in store.runs(deleted=True)] == [gone.id]


def test_a_long_epoch_tells_its_batches_and_the_first_start_stays(
    store: RunStore, request_for: Callable[..., RunRequest]
) -> None:
    run = store.add(request_for(), {"epochs": 10}).id
    store.claim(run)
    store.reach(run, 30, 120, 6.0)
    there = store.get(run)
    assert (there.epochs_done, there.seconds_left) == (0.25, pytest.approx(10 * 24 - 6))  # an epoch takes 24 s
    store.record(run, 1, {"loss": 1.0})
    there = store.get(run)
    assert (there.batch, there.batches, there.epochs_done) == (0, 0, 1)
    store.reach(run, 60, 120, 12.0)
    assert store.get(run).seconds_left == pytest.approx(8.5 * 24)  # nobody knows yet how long a whole epoch takes
    store.give_back(run)
    store.claim(run)
    again = store.get(run)
    assert (again.batch, again.began) == (0, there.began)
    assert again.started is not None and again.started >= there.started  # type: ignore[operator]
    store.finish(run, "stopped")
    store.reach(run, 3, 4, 1.0)
    assert store.get(run).batches == 0

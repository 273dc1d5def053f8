"""Several programs on one store: claims that one of them wins, and runs taken over from those that ended."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import DataError
from core.jobs.runner import check_request
from core.store import lease
from core.store.claims import MOST_DEATHS
from core.store.lease import BEAT, LEASE, Watch
from core.store.request import RunRequest
from core.store.store import Run, RunStore, StoreError

Requests = Callable[..., RunRequest]
Stores = Callable[..., RunStore]
NOBODY = 2**22 + 1
"""No process has this number."""


@pytest.fixture
def opened(database: str) -> Iterator[Stores]:
    """Open the store as another program would: in a process or on a host of its own."""
    stores = []

    def open_as(**process: object) -> RunStore:
        store = RunStore(database)
        store.process = replace(store.process, **process)  # type: ignore[arg-type]
        stores.append(store)
        return store

    yield open_as
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Stores) -> RunStore:
    return opened()


def queued(store: RunStore, request: RunRequest, owner: str = "", *, waiting: bool = True) -> Run:
    return store.add(request, check_request(request), owner, waiting=waiting)


def trained(store: RunStore, request: RunRequest, epochs: int = 1) -> Run:
    """Return a run that a program trains."""
    run = queued(store, request)
    assert store.claim(run.id)
    for epoch in range(1, epochs + 1):
        store.record(run.id, epoch, {"loss": 1 / epoch})
    return store.get(run.id)


def test_what_an_ended_program_left_is_taken_over(opened: Stores, store: RunStore, request_for: Requests) -> None:
    """A queued run of a command line, and a running one; those of a living program are left alone."""
    ended = opened(number=NOBODY)
    running, own = trained(ended, request_for()), queued(ended, request_for(), waiting=False)
    living = trained(store, request_for()), queued(store, request_for(), waiting=False)
    other = opened()
    assert {run.id for run in other.adopt_orphans()} == {running.id, own.id}
    assert other.adopt_orphans() == []
    found = other.get(running.id)
    assert (found.status, found.waiting, found.epoch) == ("interrupted", True, 1)
    assert "ended before it was done; it goes on" in found.error
    assert (other.get(own.id).status, other.get(own.id).waiting) == ("queued", True)
    assert [(run.status, run.waiting) for run in map(other.get, (run.id for run in living))] == [
        ("running", False),
        ("queued", False),
    ]


def test_a_killed_program_is_found_dead(database: str, opened: Stores, request_for: Requests, tmp_path: Path) -> None:
    """A real process that is killed in its training; the run goes on with the epochs that it recorded."""
    script = (
        "import sys\n"
        "from core.store.request import RunRequest\n"
        "from core.store.store import RunStore\n"
        "store = RunStore(sys.argv[1])\n"
        "run = store.add(RunRequest.model_validate_json(sys.argv[2]), {'epochs': 3})\n"
        "store.claim(run.id)\n"
        "store.record(run.id, 1, {'loss': 0.5})\n"
        "print(run.id, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, database, request_for().model_dump_json()]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=Path(__file__).parents[2], text=True) as program:
        assert program.stdout is not None
        run = program.stdout.readline().strip()
        store = opened()
        assert store.adopt_orphans() == []
        program.kill()
        program.wait()
    assert [found.id for found in store.adopt_orphans()] == [run]
    again = store.claim_next()
    assert again is not None
    assert (again.id, again.status, again.epoch, again.error) == (run, "running", 1, "")
    assert [entry.scalars for entry in store.history(run)] == [{"loss": 0.5}]


def test_a_number_that_was_given_again_is_another_process(
    opened: Stores, store: RunStore, request_for: Requests
) -> None:
    """As in a container, where the program is number 1 at every start."""
    earlier = trained(opened(born="an hour ago"), request_for())
    assert [run.id for run in store.adopt_orphans()] == [earlier.id]


def test_a_program_of_another_machine_is_left_alone_until_it_is_silent(
    opened: Stores, store: RunStore, request_for: Requests
) -> None:
    """Clocks play no part: neither the number of a process here nor the time of day is asked."""
    far = opened(host="far", number=NOBODY)
    run, now = trained(far, request_for()), 0.0
    store._watch = Watch(clock=lambda: now)
    for _ in range(20):
        far.beat()
        assert store.adopt_orphans() == []
        now += BEAT
    for _ in range(int(LEASE / BEAT) - 1):
        assert store.adopt_orphans() == []
        now += BEAT
    assert [found.id for found in store.adopt_orphans()] == [run.id]


def test_a_clock_that_jumps_takes_no_run_away(
    opened: Stores, store: RunStore, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(opened(host="far"), request_for())
    trained(opened(), request_for())
    real = time.time
    for jump in (-1e6, 1e6, 1e9):
        monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump)
        assert store.adopt_orphans() == []
    assert {run.status for run in store.runs()} == {"running"}


def test_a_program_that_was_given_up_too_early_writes_no_more(
    opened: Stores, store: RunStore, request_for: Requests
) -> None:
    """It was cut off for a while; the run is the other program's, and no epoch is written twice."""
    cut_off = opened(number=NOBODY)
    run = trained(cut_off, request_for(), epochs=2)
    store.adopt_orphans()
    assert store.claim(run.id)
    store.record(run.id, 3, {"loss": 0.25})
    with pytest.raises(StoreError, match="another program's by now"):
        cut_off.record(run.id, 3, {"loss": 99.0})
    with pytest.raises(StoreError, match="another program's by now"):
        cut_off.finish(run.id, "failed", error="cut off")
    cut_off.give_back(run.id)
    assert store.get(run.id).status == "running"
    assert store.history(run.id)[-1].scalars == {"loss": 0.25}


@pytest.mark.parametrize("how", ["asked to stop", "deleted", "failed", "stopped", "done"])
def test_a_run_that_a_user_ended_or_that_failed_is_not_taken(
    how: str, opened: Stores, store: RunStore, request_for: Requests
) -> None:
    ended = opened(number=NOBODY)
    run = trained(ended, request_for())
    if how == "asked to stop":
        store.stop(run.id)
    elif how == "deleted":
        store.delete(run.id)
    else:
        ended.finish(run.id, how)  # type: ignore[arg-type]
    assert store.adopt_orphans() == []
    assert store.claim_next() is None
    if how == "asked to stop":
        assert store.get(run.id).status == "interrupted"
        assert store.get(run.id).error == "the program that trained it ended before it was done"


def killed(opened: Stores, store: RunStore, run: str, epochs: int) -> Run:
    """Let a program claim a run, train it for some epochs, and be killed."""
    program = opened(number=NOBODY)
    assert program.claim(run)
    for epoch in range(1, epochs + 1):
        program.record(run, epoch, {})
    store.adopt_orphans()
    return store.get(run)


def test_a_run_that_kills_its_programs_is_not_continued_for_ever(
    opened: Stores, store: RunStore, request_for: Requests
) -> None:
    run = queued(store, request_for()).id
    assert [killed(opened, store, run, 2).waiting for _ in range(MOST_DEATHS)] == [True] * MOST_DEATHS
    last = killed(opened, store, run, 2)
    assert (last.status, last.waiting) == ("interrupted", False)
    assert last.error.startswith("the program that trained it ended 4 times after epoch 2, perhaps for want of memory")
    assert store.claim_next() is None
    assert store.resume(run)
    assert [found.id for found in [store.claim_next()] if found] == [run]
    assert not store.resume(run)


def test_a_run_that_gets_on_between_deaths_is_continued(opened: Stores, store: RunStore, request_for: Requests) -> None:
    run = queued(store, request_for()).id
    for epochs in range(1, 3 * MOST_DEATHS):
        assert killed(opened, store, run, epochs).waiting


def test_time_that_a_run_lay_still_is_not_counted(
    opened: Stores, store: RunStore, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two epochs of 10 s, a night, another epoch of 10 s."""
    now, ended = 1e9, opened(number=NOBODY)
    monkeypatch.setattr(time, "time", lambda: now)
    run = queued(store, request_for()).id
    ended.claim(run)
    for epoch in (1, 2):
        now += 10
        ended.record(run, epoch, {})
    now += 30_000
    store.adopt_orphans()
    assert store.get(run).seconds == pytest.approx(20)
    now += 5
    store.claim(run)
    assert store.get(run).seconds == pytest.approx(20)
    now += 10
    store.record(run, 3, {})
    assert [entry.seconds for entry in store.history(run)] == pytest.approx([10, 20, 30])


def test_one_program_wins_a_claim(opened: Stores, request_for: Requests) -> None:
    """Eight workers of four servers draw 24 runs from one queue; each run is drawn once."""
    servers = [opened(number=NOBODY + k) for k in range(4)]
    request, config = request_for(), check_request(request_for())
    runs = {servers[k % 4].add(request, config, f"user {k % 3}", waiting=True).id for k in range(24)}
    drawn: list[str] = []

    def work(server: RunStore) -> None:
        while (run := server.claim_next()) is not None:
            drawn.append(run.id)

    threads = [threading.Thread(target=work, args=(server,)) for server in [*servers, *servers]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(drawn) == Counter(runs)


def test_one_program_takes_an_orphan_over(opened: Stores, request_for: Requests) -> None:
    trained(opened(number=NOBODY), request_for())
    servers, adopted = [opened(host=f"far {k}") for k in range(4)], []
    for server in servers:
        server._watch.silent = set  # type: ignore[assignment]
    threads = [threading.Thread(target=lambda s=server: adopted.extend(s.adopt_orphans())) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(adopted) == 1


def test_places_in_the_queue_are_the_order_of_claims(store: RunStore, request_for: Requests) -> None:
    """While no run ends."""
    runs = [queued(store, request_for(), owner).id for owner in ("ann", "ann", "ann", "ben", "cat", "ben")]
    places = sorted(runs, key=store.place_in_queue)
    assert [store.place_in_queue(run) for run in places] == list(range(6))
    claimed = [run.id for run in iter(store.claim_next, None)]
    assert claimed == places
    assert [store.get(run).owner for run in claimed] == ["ann", "ben", "cat", "ann", "ben", "ann"]


def test_a_run_of_a_command_line_is_not_taken_by_a_server(store: RunStore, request_for: Requests) -> None:
    own = [queued(store, request_for(), waiting=False) for _ in range(2)]
    assert store.claim_next() is None
    assert [store.place_in_queue(run.id) for run in own] == [0, 1]
    assert store.claim(own[0].id)


def test_stopping_ends_an_interrupted_run_that_waits(opened: Stores, store: RunStore, request_for: Requests) -> None:
    run = trained(opened(number=NOBODY), request_for())
    store.adopt_orphans()
    store.stop(run.id)
    assert (store.get(run.id).status, store.get(run.id).waiting) == ("stopped", False)
    assert not store.claim(run.id)


def test_a_claim_whose_answer_was_lost_is_found_again(
    store: RunStore, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change took effect, the connection broke before it was said: the same is done again."""
    run = queued(store, request_for())
    use = store._database.use
    monkeypatch.setattr(store._database, "use", lambda work: (use(work), use(work))[1])
    assert store.claim(run.id)
    other = queued(store, request_for())
    assert [found.id for found in [store.claim_next()] if found] == [other.id]
    assert len(store.runs()) == 2


def test_a_program_gives_signs_of_life_by_itself(
    store: RunStore, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT", 0.01)
    beats = threading.Semaphore(0)
    beat = store.beat
    monkeypatch.setattr(store, "beat", lambda: (beat(), beats.release()))
    trained(store, request_for())
    assert all(beats.acquire(timeout=10) for _ in range(2))


def test_a_deleted_run_is_not_claimed(store: RunStore, request_for: Requests) -> None:
    run = queued(store, request_for())
    store.delete(run.id)
    assert not store.claim(run.id)
    assert store.claim_next() is None
    with pytest.raises(DataError, match="no run"):
        store.get(run.id)

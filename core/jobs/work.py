"""The work on one run: drain its iterator of snapshots into the store."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import DataError
from core.events.table import EventTable
from core.jobs.artifacts import write_artifacts
from core.jobs.files import require_writable, settle
from core.jobs.loading import Loader, load_with_signs
from core.jobs.restarts import Restarts, key_of
from core.jobs.task import TASKS
from core.jobs.within import Ear
from core.learning.pulse import Listener, Stopped, heard_by, uncounted
from core.learning.snapshot import Checkpoint, Snapshot
from core.learning.state import UnfitState
from core.logs import about_run
from core.results import to_json
from core.store.request import RunRequest
from core.store.store import Run, RunStore, Status, StoreError

VIEW_SECONDS = 1.0
"""A view is taken at most this often: pages redraw each second."""
LOOKING = 0.04
"""Looking takes at most this share of the time from one look to the next."""
NOTHING_KEPT = "it was stopped before its first epoch was over: there is no network to keep"
NOT_JUDGED = "its judging was stopped: there is no verdict, and no network is kept, as the training was so short"
UNJUDGED = (
    "its judging was stopped, so that there is no verdict yet. Continue goes on from the last state of the training; a "
    "stop then has its network judged"
)
UNREAD = "it was stopped while its events were read again. Continue goes on from the last state of the training"
KEYBOARD = "it was interrupted from the keyboard"

log = logging.getLogger(__name__)


def work_through(
    store: RunStore,
    run: Run,
    folder: Path,
    *,
    load: Loader = load_with_signs,
    watch: Callable[[Snapshot[object]], None] | None = None,
    within: Listener | None = None,
    is_left: Callable[[], bool] | None = None,
) -> None:
    """Train, record and conclude one claimed run; however it ends, the store says so.

    A stop ends the training between two batches, keeps the best network of the epochs before and judges it; a run that
    is stopped in its first epoch has none, and one that is stopped after its last epoch is done. One whose judging is
    stopped too is interrupted, to be continued from the last state that was written, or has no network where none was;
    so is one that is stopped while it reads its events to be continued. A failure keeps its reason and the recorded
    epochs. A run whose program ended continues from that state too, and gives the same numbers again on a CPU.

    Args:
        store: where to record.
        run: a run that this worker claimed.
        folder: the run's own folder for its files.
        load: reads the events; a page's cache, or the file.
        watch: called after each epoch, such as a progress bar.
        within: called about twice a second within a long epoch, with its batches that are done and all of them.
        is_left: whether the program shall end, which interrupts the run; for a run in a thread of a command line.

    Raises:
        StoreError: the store does not answer, or another program took the run over.
    """
    with about_run(run.id), _one_thread():
        restarts = Restarts(folder, partial(store.begin_anew, run.id))
        try:
            settle(folder)
            require_writable(folder)
            log.info("run %s: begun, %s by %s", run.id, run.request.task, run.request.method)
            status, remarks = _train(store, run, folder, restarts, load, watch, Ear(store, run.id, within, is_left))
            log.info("run %s: %s", run.id, " ".join([status, *remarks]))
        except StoreError:  # nobody knows how the run ended: its state stays, to be continued
            raise
        except DataError as problem:
            log.warning("run %s failed: %s", run.id, problem)
            store.finish(run.id, "failed", error=str(problem), remarks=restarts.remarks)
            status = "failed"
        except KeyboardInterrupt:
            store.finish(run.id, "interrupted", error=KEYBOARD)
            raise
        except Exception as problem:
            log.exception("run %s failed", run.id)
            store.finish(run.id, "failed", error=_in_words(problem), remarks=restarts.remarks)
            status = "failed"
        if status != "interrupted":
            restarts.remove()


def _one_thread() -> AbstractContextManager[None]:
    """Hold one torch thread from loading to verdict: no sum may depend on what runs beside it."""
    import torch

    from core.learning.device import few_threads

    return few_threads(torch.device("cpu"))


class Looks:
    """Take the views of a training that a page draws, rarely enough that they cost it little.

    After a look that took t, the next one is not before 1 s and not before t / 0.04 have passed. The first look comes
    after the first epoch; its own time does not count, since it may load what all later ones need.

    Args:
        clock: returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: float | None = None

    def at(self, snapshot: Snapshot[Any]) -> str | None:
        """Return the view of a snapshot as JSON, or None when it is too early for one."""
        start = self._clock()
        if self._next is not None and start < self._next:
            return None
        with uncounted():
            view = to_json(snapshot.look())
        end = self._clock()
        self._next = end + max(VIEW_SECONDS, 0.0 if self._next is None else (end - start) / LOOKING)
        return view


@dataclass
class _Outcome:
    """Hold what is left of a training: no snapshot, which would keep its tensors while the result is judged."""

    status: Status = "done"
    epoch: int = 0
    checkpoint: Checkpoint | None = None
    remarks: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)


def _train(
    store: RunStore,
    run: Run,
    folder: Path,
    restarts: Restarts,
    load: Loader,
    watch: Callable[[Snapshot[object]], None] | None,
    ear: Ear,
) -> tuple[Status, tuple[str, ...]]:
    """Drain the iterator, then judge the best network on held-out events and write its files."""
    left = _Outcome()
    try:
        with heard_by(ear):
            events = load(run.request.dataset)
    except Stopped:
        return _end_without_result(store, run, restarts, UNREAD, NOTHING_KEPT)
    restarts.read(partial(key_of, run, events))
    try:
        ear.begin("")
        with heard_by(ear):
            _drain(store, run, events, restarts, watch, ear, left)
    except Stopped:
        left.status = "stopped"
    if left.checkpoint is None and restarts.kept:
        kept = restarts.kept
        left.epoch, left.checkpoint, left.remarks = kept.epoch, kept.checkpoint, kept.remarks
    if left.checkpoint is None and left.status == "stopped":
        return _end_without_result(store, run, restarts, UNREAD, NOTHING_KEPT)
    if left.checkpoint is None:
        raise DataError("the training ended before its first epoch")
    if left.epoch >= run.n_epochs:  # whatever was asked for after the last epoch
        left.status = "done"
    ear.begin("judging")  # which takes its time where there are many events
    try:
        with heard_by(ear):
            conclusion = TASKS[run.request.task].item.conclude(events, run.request, left.checkpoint)
    except Stopped:
        return _end_without_result(store, run, restarts, UNJUDGED, NOT_JUDGED)
    remarks = (*restarts.remarks, *left.remarks, *left.problems, *conclusion.remarks)
    status: Status = "stopped" if left.problems else left.status
    write_artifacts(folder, run, events, conclusion)
    store.finish(run.id, status, remarks=remarks, headline=conclusion.scalars, result=to_json(conclusion.view))
    return status, remarks


def _end_without_result(
    store: RunStore, run: Run, restarts: Restarts, unfinished: str, lost: str
) -> tuple[Status, tuple[str, ...]]:
    """Interrupt a run that somebody stopped and that can be continued, and say why; stop one that cannot."""
    if restarts.are_kept:
        store.finish(run.id, "interrupted", error=unfinished, remarks=restarts.remarks)
        return "interrupted", (unfinished,)
    remarks = (*restarts.remarks, lost)
    store.finish(run.id, "stopped", remarks=remarks)
    return "stopped", remarks


def _drain(
    store: RunStore,
    run: Run,
    events: EventTable,
    restarts: Restarts,
    watch: Callable[[Snapshot[object]], None] | None,
    ear: Ear,
    left: _Outcome,
) -> None:
    """Record snapshot after snapshot, and note what is left of each."""
    looks = Looks()
    with closing(_good_ones(events, run.request, restarts, left.problems)) as snapshots:
        for snapshot in snapshots:
            store.record(run.id, snapshot.epoch, snapshot.scalars, looks.at(snapshot))
            left.epoch, left.checkpoint, left.remarks = snapshot.epoch, snapshot.save(), snapshot.remarks
            restarts.offer(snapshot, left.checkpoint)
            if watch:
                watch(snapshot)
            ear.next_epoch()


def _good_ones(
    events: EventTable, request: RunRequest, restarts: Restarts, problems: list[str]
) -> Generator[Snapshot[Any], None, None]:
    """Yield snapshots until the training fails; what failed after the first one is noted, since a network was kept."""
    last = restarts.kept.epoch if restarts.kept else 0
    try:
        for snapshot in _begun(events, request, restarts):
            last = snapshot.epoch
            yield snapshot
    except StoreError:  # met while the epoch was heard: no failure of the training
        raise
    except DataError as problem:
        if not last:
            raise
        problems.append(f"stopped after epoch {last}, whose best network was kept: {problem}")


def _begun(events: EventTable, request: RunRequest, restarts: Restarts) -> Iterator[Snapshot[Any]]:
    """Continue a training from the state that was kept of it, or begin it."""
    fit = TASKS[request.task].item.fit
    if restarts.kept:
        try:
            yield from fit(events, request, restarts.kept.state)
            return
        except UnfitState as problem:
            restarts.discard(str(problem))
    yield from fit(events, request)


def _in_words(problem: Exception) -> str:
    """Return why a run failed that nobody foresaw."""
    from core.learning.epochs import is_out_of_memory

    if isinstance(problem, MemoryError) or (isinstance(problem, RuntimeError) and is_out_of_memory(problem)):
        return f"there was not enough memory; use fewer events or smaller layers ({str(problem) or 'MemoryError'})"
    return f"unexpected {type(problem).__name__}: {problem}"

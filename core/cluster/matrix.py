"""All pairs of a partitioned data set, sampled and counted by the workers of a cluster.

The parts, the sample of each, the counts of each and the order in which they are added are those of
``stream_matrix``, so that the answer is the same to the last bit. Workers send back samples and tables, never events.
Every task is a pure function of its part: one that is lost with its worker is done again, and counts only once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

import core
from core.cluster.client import connect, require_same_program, workers_of
from core.errors import DataError
from core.events.readers._pieces import Part
from core.events.spec import DatasetSpec
from core.events.table import EventClass
from core.information.coding import Coding, Sample, merged
from core.information.estimate import Correction
from core.information.matrix import InformationMatrix
from core.information.partition import Source, count_part, find_source, sample_part
from core.information.quantise import SAMPLE_SIZE, Rule, check_binning
from core.information.streaming import Progress, no_events
from core.information.tally import Tally, add_up

if TYPE_CHECKING:
    from distributed import Client, Future

FAN_IN = 8
"""Results that one task adds up: a power of two, so that the tree of tasks is the tree of ``add_up``."""
SPARE = 4
"""Workers keep so many times as many events as the sample needs: a selection may leave a quarter."""
RETRIES = 2
"""A task that fails by itself, such as by a storage that does not answer, is tried again so often."""
_LARGEST_KEY = 2**64 - 1
_LOOK_SECONDS = 1.0
T = TypeVar("T")


def count_on_cluster(
    client: Client,
    spec: DatasetSpec,
    names: Sequence[str] | None = None,
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    rule: Rule = "equal_frequency",
    seed: int = 0,
) -> Iterator[Progress]:
    """Count all pairs of variables on the workers of a cluster; stop iterating to cancel.

    Args:
        client: connected to the scheduler.
        spec: file, folder, pattern or address of Parquet that all workers see; roles, derived columns and selection.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255.
        rule: where the boundaries of the codes lie.
        seed: of the random sample that gives the boundaries.

    Yields:
        Progress at least once a second; the matrix is ``tally.matrix()`` of the last: that of ``stream_matrix``.

    Raises:
        DataError: the data cannot be used, a worker does not see it, or the cluster gave up.
    """
    check_binning(bins, rule)
    source = find_source(spec, names, event_class)
    sent, parts, n_rows = source.to_send(), source.parts, source.n_rows
    if not workers_of(client):
        raise DataError("the scheduler has no workers; start one with: dask worker ADDRESS")
    shared = client.submit(_given, sent, pure=False)
    n_events, n_total = n_rows, 2 * n_rows
    while True:
        below = min(_LARGEST_KEY, SPARE * SAMPLE_SIZE * 2**64 // n_events)
        task = _Tree(client, _sample, _merge, parts, (core.__version__, shared, seed, below))
        for n_done in task.progress():
            yield Progress(n_total - 2 * n_rows + n_done, n_total)
        sample = task.result()
        if not sample.n_events:
            raise no_events(source)
        if len(sample.keys) >= min(SAMPLE_SIZE, sample.n_events):
            break
        n_events, n_total = sample.n_events, n_total + n_rows  # the selection left fewer than were kept: once more
    coding = sample.coding(source.names, source.titles, event_class, bins, rule)
    yield Progress(n_total - n_rows, n_total, coding)
    tree = _Tree(client, _count, add_up, parts, (core.__version__, shared, client.submit(_given, coding, pure=False)))
    for n_done in tree.progress():
        yield Progress(n_total - n_rows + n_done, n_total, coding)
    yield Progress(n_total, n_total, coding, tree.result())


def matrix_on_cluster(
    address: str,
    spec: DatasetSpec,
    names: Sequence[str] | None = None,
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    rule: Rule = "equal_frequency",
    correction: Correction = "miller_madow",
    report: Callable[[Progress], None] = lambda progress: None,
) -> InformationMatrix:
    """Compute the information of every pair of variables on a cluster.

    Args:
        address: of the scheduler, such as ``tcp://scheduler:8786``.
        spec: as for ``count_on_cluster``, like the other arguments.
        names: two variables or more.
        event_class: "all", "signal" or "background".
        bins: B.
        rule: where the boundaries of the codes lie.
        correction: "miller_madow" removes the bias, "none" leaves it.
        report: is called at least once a second.

    Raises:
        DataError: as ``count_on_cluster``, or no scheduler answers.
    """
    tally = None
    with connect(address) as client:
        for progress in count_on_cluster(client, spec, names, event_class=event_class, bins=bins, rule=rule):
            report(progress)
            tally = progress.tally
    if tally is None:
        raise DataError(f"{spec.path} changed while it was read; read it again")
    return tally.matrix(correction)


class _Tree:
    """A task for each part, and tasks that put together what FAN_IN consecutive ones gave, up to one result."""

    def __init__(
        self,
        client: Client,
        task: Callable[..., T],
        together: Callable[[list[T]], T],
        parts: Sequence[Part],
        arguments: tuple[Any, ...],
    ) -> None:
        self._client = client
        self._finished: SimpleQueue[Future[Any]] = SimpleQueue()
        self._rows: dict[object, int] = {}
        # Lower values come first: a subtree is added up before the parts after it are read.
        options = {"pure": False, "retries": RETRIES}
        level = [
            client.submit(task, part, *arguments, priority=-i, **options) for i, part in enumerate(parts)
        ]  # fmt: skip
        self._futures = {future.key: future for future in level}
        for future, part in zip(level, parts, strict=True):
            self._rows[future.key] = part.n_rows
            future.add_done_callback(self._finished.put)
        while len(level) > 1:
            groups = range(0, len(level), FAN_IN)
            level = [
                client.submit(together, level[i : i + FAN_IN], priority=len(parts), **options) for i in groups
            ]  # fmt: skip
        self._root = level[0]

    def progress(self) -> Iterator[int]:
        """Yield how many rows are done, at least once a second, until the result is there; cancel when left early."""
        n_done = 0
        self._root.add_done_callback(self._finished.put)
        try:
            while not self._root.done():
                future = self._next()
                if future is not None and future.status == "error":
                    _raise(future)
                if future is not None and self._futures.pop(future.key, None) is not None:
                    n_done += self._rows[future.key]  # its result goes as soon as it is added up
                yield n_done
        finally:
            if not self._root.done():
                self._client.cancel([*self._futures.values(), self._root], force=True)

    def result(self) -> Any:
        """Return what all parts gave together."""
        if self._root.status != "finished":
            _raise(self._root)
        return self._root.result()

    def _next(self) -> Future[Any] | None:
        try:
            return self._finished.get(timeout=_LOOK_SECONDS)
        except Empty:
            return None


def _raise(future: Future[Any]) -> None:
    """Raise what ended a task as an error that says what to do."""
    from distributed import KilledWorker

    if future.status != "error":
        raise DataError("the scheduler went away or cancelled the count; nothing was counted")
    problem = future.exception()
    if isinstance(problem, DataError):
        raise problem
    if isinstance(problem, KilledWorker):
        raise DataError(f"several workers died over one part; give them more memory: {problem}") from problem
    raise DataError(f"a worker could not do its part: {type(problem).__name__}: {problem}") from problem


def _given(value: T) -> T:
    """Hold a value that many tasks use; unlike scattered data it is there again when its worker is lost."""
    return value


def _sample(part: Part, version: str, source: Source, seed: int, below: int) -> Sample:
    require_same_program(version)
    return sample_part(source, part, seed, below=below)


def _merge(samples: list[Sample]) -> Sample:
    return merged(samples)


def _count(part: Part, version: str, source: Source, coding: Coding) -> Tally | None:
    require_same_program(version)
    *_, (_, tally) = count_part(source, part, coding)
    return tally

"""Scans that were started: how far each is, how long one will take, and what its front says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot, isfinite
from statistics import median

from core.evaluation.front import hypervolume
from core.jobs.front import FrontPoint
from core.jobs.runner import ThreadRunner, check_request
from core.jobs.task import EVENT_OPTIONS
from core.numbers import format_number
from core.results import Estimate
from core.store.request import RunRequest
from core.store.store import Run, RunStore

BASELINE, LAMBDA = "baseline", "lam"
SHARED = ("epochs", "downstream_epochs")
"""Options that all runs of a scan take alike."""
LEVELS = tuple(step * 10.0**power for power in range(6) for step in (1, 2, 5))
"""Flatness 1/JSD at which methods are compared in words."""
SIGMAS = 2.0
MOST_REMEMBERED = 3


@dataclass(frozen=True)
class Scan:
    """Hold the runs of one scan in the order they were asked for."""

    name: str
    runs: tuple[Run, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """Return the methods in the order they were asked for."""
        return tuple(dict.fromkeys(run.request.method for run in self.runs))

    @property
    def parameter(self) -> str:
        """Return the option that the scan varies: the one of several values, else the last that was asked for."""
        taken: dict[str, set[float]] = {}
        for run in self.runs:
            for name, value in run.request.config.items():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    taken.setdefault(name, set()).add(value)
        several = [name for name, values in taken.items() if len(values) > 1]
        asked = [name for name in taken if name not in SHARED]
        return (several or asked or [LAMBDA])[-1]

    @property
    def task(self) -> str:
        """Return the task that the runs are of."""
        return self.runs[0].request.task

    @property
    def is_live(self) -> bool:
        """Return whether a run is queued or running."""
        return any(run.is_live for run in self.runs)

    @property
    def n_ended(self) -> int:
        """Return how many runs have ended, however they did."""
        return sum(not run.is_live for run in self.runs)

    @property
    def failed(self) -> tuple[Run, ...]:
        """Return the runs that failed or were interrupted."""
        return tuple(run for run in self.runs if run.status in ("failed", "interrupted"))

    @property
    def share(self) -> float:
        """Return how much of the work is done, in [0, 1]; a run counts by its epochs."""
        return sum(min(run.epochs_done / run.n_epochs, 1.0) if run.is_live else 1.0 for run in self.runs) / len(
            self.runs
        )

    @property
    def seconds_left(self) -> float | None:
        """Return the expected remaining time at the present pace and number of workers; None before the first epoch."""
        begun = [run for run in self.runs if run.epoch and run.seconds]
        epochs = sum(run.epoch for run in begun)
        if not self.is_live or not epochs:
            return None
        left = sum(run.n_epochs - run.epoch for run in self.runs if run.is_live)
        side_by_side = max(sum(run.status == "running" for run in self.runs), 1)
        took = (run.pace * run.epoch if run.is_live and run.pace else run.seconds for run in begun)
        return sum(took) / epochs * left / side_by_side


def scans(runs: Sequence[Run]) -> tuple[Scan, ...]:
    """Group runs by the scan that they belong to, newest scan first; runs of their own are left out.

    Args:
        runs: newest first, as ``RunStore.runs`` returns them.
    """
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if run.request.scan:
            groups.setdefault(run.request.scan, []).append(run)
    return tuple(Scan(name, tuple(reversed(found))) for name, found in groups.items())


def submit_scan(runner: ThreadRunner, requests: Sequence[RunRequest]) -> list[Run]:
    """Queue the runs of a scan, all or none, and return them.

    Raises:
        DataError: a request is not allowed, or they are too many; nothing is queued then.
    """
    return runner.submit_all(requests)


def expected_seconds(requests: Sequence[RunRequest], store: RunStore, workers: int = 1) -> float | None:
    """Estimate how long the runs of a scan will take, from the newest of each method on as many events of the file.

    A run takes as long for an epoch as those did, and as long besides, to load events and to judge the score.

    Args:
        requests: of the scan.
        store: the run store.
        workers: runs trained at the same time.

    Returns:
        Seconds, where a method that never ran takes as long as the others did; None when no run tells.

    Raises:
        DataError: a request is not allowed.
    """
    paces: dict[str, list[tuple[float, float]]] = {}
    for run in store.runs(("done",)):
        known = paces.setdefault(run.request.method, [])
        if _costs_alike(run.request, requests[0]) and run.epoch and len(known) < MOST_REMEMBERED:
            trained = _trained_seconds(store, run.id)
            known.append((trained / run.epoch, run.seconds - trained))
    typical = {
        method: (median(epoch for epoch, _ in known), median(besides for _, besides in known))
        for method, known in paces.items()
        if known
    }
    if not typical:
        return None
    otherwise = median(epoch for epoch, _ in typical.values()), median(besides for _, besides in typical.values())
    total = 0.0
    for request in requests:
        epoch, besides = typical.get(request.method, otherwise)
        config = check_request(request)
        total += besides + epoch * sum(float(str(config[name])) for name in SHARED if name in config)
    return total / min(workers, len(requests))


def _costs_alike(one: RunRequest, other: RunRequest) -> bool:
    return (
        one.task == other.task
        and one.dataset.files == other.dataset.files
        and all(one.config.get(name) == other.config.get(name) for name in EVENT_OPTIONS)
    )


@lru_cache(maxsize=1024)
def _trained_seconds(store: RunStore, run_id: str) -> float:
    """Return how long a finished run trained: its history, of thousands of epochs, is read once."""
    return store.history(run_id)[-1].seconds


def hypervolumes(points: Sequence[FrontPoint]) -> dict[str, float]:
    """Return the area that the front of each method dominates in the plane of AUC and log10 1/JSD."""
    return {
        method: hypervolume(
            [p.auc.value for p in points if p.method == method],
            [p.inverse_jsd.value for p in points if p.method == method],
        )
        for method in dict.fromkeys(point.method for point in points)
    }


def front_sentence(points: Sequence[FrontPoint], titles: Mapping[str, str]) -> str:
    """Say which method is best where: at the flattest level that two methods reach, and who goes beyond it.

    The baseline sets no level, but leads where it is that flat: then there is nothing to unlearn. A point that is above
    the level by less than its standard error is told from one that surely reaches it.

    Args:
        points: of a front.
        titles: method → what to call it.

    Returns:
        One or two sentences; empty before the first point.
    """
    drawn = [p for p in points if isfinite(p.inverse_jsd.value) and isfinite(p.auc.value)]
    unlearning = [p for p in drawn if p.method != BASELINE] or drawn
    if not unlearning:
        return ""
    several = len({p.method for p in unlearning}) > 1
    rivals, sentences = unlearning if several else drawn, []
    for level in reversed(LEVELS):
        if len(_best_from(rivals, level)) > 1:
            sentences.append(_lead(level, _best_from(drawn, level), titles))
            break
    return " ".join([*sentences, _furthest(unlearning, titles)])


def _best_from(points: Sequence[FrontPoint], level: float) -> list[FrontPoint]:
    """Return each method's point of highest AUC among those at least as flat as a level, the best first."""
    best: dict[str, FrontPoint] = {}
    for point in sorted(points, key=lambda p: -p.auc.value):
        if point.inverse_jsd.value >= level:
            best.setdefault(point.method, point)
    return list(best.values())


def _lead(level: float, best: Sequence[FrontPoint], titles: Mapping[str, str]) -> str:
    first, second = best[0], best[1]
    lead = first.auc.value - second.auc.value
    error = hypot(_known(first.auc), _known(second.auc))
    where = f"At 1/JSD ≥ {level:g} per nat"
    kept = f"{titles[first.method]} keeps AUC {format_number(first.auc.value, first.auc.error)}"
    if lead < SIGMAS * error:
        said = f"{where}, {kept}; {titles[second.method]} does as well within the errors."
    else:
        said = f"{where}, {kept}, {format_number(lead, error)} more than {titles[second.method]}."
    barely = [p for p in (first, second) if p.inverse_jsd.value - _known(p.inverse_jsd) < level]
    doubts = (f"{titles[p.method]} is that flat only within its uncertainty ({_flat(p)})." for p in barely)
    return " ".join([said, *doubts])


def _furthest(points: Sequence[FrontPoint], titles: Mapping[str, str]) -> str:
    """Say which method is the flattest, and which others are as flat within the errors."""
    flattest: dict[str, FrontPoint] = {}
    for point in sorted(points, key=lambda p: -p.inverse_jsd.value):
        flattest.setdefault(point.method, point)
    first, *others = flattest.values()
    alike = [
        titles[p.method]
        for p in others
        if first.inverse_jsd.value - p.inverse_jsd.value
        < SIGMAS * hypot(_known(first.inverse_jsd), _known(p.inverse_jsd))
    ]
    auc = format_number(first.auc.value, first.auc.error)
    return (
        f"{titles[first.method]} goes furthest: {_flat(first)} at AUC {auc} "
        f"(statistical limit {format_number(first.inverse_limit)})"
        + (f"; as far within the errors: {', '.join(alike)}." if alike else ".")
    )


def _flat(point: FrontPoint) -> str:
    return f"1/JSD {format_number(point.inverse_jsd.value, point.inverse_jsd.error)} per nat"


def _known(estimate: Estimate) -> float:
    """Return the standard error; 0 where it is not known."""
    return estimate.error if isfinite(estimate.error) else 0.0

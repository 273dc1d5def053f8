"""A λ scan: methods × λ × seeds as runs of one name, and the front that they reach."""

from __future__ import annotations

import secrets
import shlex
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.errors import DataError
from core.evaluation.front import pareto_optimal
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.jobs.command import command_line
from core.jobs.request import RunRequest
from core.jobs.runner import check_request
from core.jobs.store import Run, RunStore
from core.jobs.work import work_through
from core.results import Estimate, Number
from core.unlearning.method import METHODS

BELOW, ABOVE = 100.0, 2.0
"""A method's λ run from a hundredth of its default to twice it."""


class ScanPlan(BaseModel):
    """Say which runs a scan makes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: tuple[str, ...] = Field(("baseline", "disco"), min_length=1, title="methods", description="to compare")
    points: int = Field(5, ge=1, le=50, title="λ values", description="of each method, even in ln λ around its default")
    lams: dict[str, tuple[float, ...]] = Field(
        default_factory=dict, title="own λ values", description="of a method, in place of those"
    )
    seeds: int = Field(
        3, ge=1, le=100, title="seeds", description="runs of each point, whose spread is its error; from 0 on"
    )
    config: dict[str, Any] = Field(
        default_factory=dict, title="options", description="that all runs take, such as epochs, where a method has them"
    )

    @field_validator("methods")
    @classmethod
    def _know_the_methods(cls, methods: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in methods if name not in METHODS.names()]
        if unknown:
            raise ValueError(f"unknown method {unknown[0]!r}; allowed: {', '.join(METHODS.names())}")
        if len(set(methods)) < len(methods):
            raise ValueError(f"{', '.join(methods)} name a method twice; allowed: each once")
        return methods

    def lams_of(self, method: str) -> tuple[float | None, ...]:
        """Return the λ values of a method; a single None for a method without λ."""
        field = METHODS[method].item.config.model_fields.get("lam")
        if field is None:
            return (None,)
        if method in self.lams:
            return self.lams[method]
        default = float(field.default)
        if self.points == 1:
            return (default,)
        return tuple(float(f"{lam:.3g}") for lam in np.geomspace(default / BELOW, default * ABOVE, self.points))


def scan_requests(plan: ScanPlan, dataset: DatasetSpec, *, device: str = "auto", name: str = "") -> list[RunRequest]:
    """Return the requests of a scan, ordered so that every front grows from coarse to fine: seed after seed.

    Args:
        plan: methods, λ and seeds.
        dataset: the events.
        device: where to train.
        name: of the scan; one of date and time when not given.

    Raises:
        DataError: λ values for a method that is not among the methods or has none.
    """
    for method in plan.lams:
        if method not in plan.methods or plan.lams_of(method) == (None,):
            raise DataError(f"λ values for {method}; allowed: for {', '.join(plan.methods)}, where they have a λ")
    name = name or f"scan-{time.strftime('%y%m%d-%H%M')}-{secrets.token_hex(2)}"
    requests = []
    for seed in range(plan.seeds):
        for method in plan.methods:
            fields = METHODS[method].item.config.model_fields
            shared = {key: value for key, value in plan.config.items() if key in fields}
            for lam in plan.lams_of(method):
                config = shared | ({} if lam is None else {"lam": lam})
                requests.append(
                    RunRequest(method=method, dataset=dataset, config=config, seed=seed, device=device, scan=name)
                )
    return requests


def lam_values(text: str) -> tuple[float, ...]:
    """Read λ values that are separated by commas or spaces.

    Raises:
        DataError: a value is no finite number of at least 0.

    Example:
        >>> lam_values("0.5, 1 2e3")
        (0.5, 1.0, 2000.0)
    """
    try:
        found = tuple(float(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise DataError(f"the λ values {text!r} cannot be read; allowed: numbers, such as 1, 10, 100") from None
    if wrong := [lam for lam in found if not 0 <= lam < np.inf]:
        raise DataError(f"a λ of {wrong[0]:g} is not allowed; allowed: finite numbers of at least 0")
    return tuple(dict.fromkeys(found))


def scan_command(plan: ScanPlan, dataset: DatasetSpec) -> str:
    """Return the command that makes the runs of a plan.

    Example:
        >>> scan_command(ScanPlan(lams={"disco": (1, 10)}, seeds=2), DatasetSpec(path="events.parquet"))
        'python -m core scan events.parquet --methods baseline,disco --points 5 --seeds 2 --lam disco=1,10'
    """
    options = {"methods": plan.methods, "points": plan.points, "seeds": plan.seeds, **plan.config}
    words = shlex.split(command_line(RunRequest(task="scan", method="", dataset=dataset, config=options)))
    for name in ("--method", "--seed"):  # a scan has several of either
        place = words.index(name)
        del words[place : place + 2]
    for method, lams in plan.lams.items():
        words += ["--lam", f"{method}={','.join(f'{lam:.10g}' for lam in lams)}"]
    return shlex.join(words)


def run_scan(
    store: RunStore,
    requests: Sequence[RunRequest],
    folder: Path,
    *,
    workers: int = 1,
    report: Callable[[Run], None] = lambda run: None,
) -> list[Run]:
    """Train the runs of a scan in this process, and return them as they ended.

    Nothing is trained unless every request is allowed. A run that fails does not end the scan. Trainings leave
    Python's interpreter lock most of the time, so threads are enough.

    Args:
        store: where to record.
        requests: from ``scan_requests``.
        folder: parent of the runs' own folders.
        workers: runs trained at the same time; one thread each.
        report: called with each run that ended.

    Raises:
        DataError: a request is not allowed.
    """
    configs = [check_request(request) for request in requests]
    runs = [store.add(request, config) for request, config in zip(requests, configs, strict=True)]
    load = lru_cache(maxsize=1)(_load_from_text)

    def work(run: Run) -> Run:
        if store.claim(run.id):
            work_through(store, store.get(run.id), folder / run.id, load=lambda spec: load(spec.model_dump_json()))
        ended = store.get(run.id)
        report(ended)
        return ended

    with ThreadPoolExecutor(workers, thread_name_prefix="scan") as pool:
        return list(pool.map(work, runs))


def _load_from_text(spec: str) -> EventTable:
    return load_events(DatasetSpec.model_validate_json(spec))


@dataclass(frozen=True)
class FrontPoint:
    """Hold what the finished runs of one method at one λ reach; errors are the spread over seeds, at least their own.

    Args:
        method: name of the method.
        lam: λ; NaN for a method without one.
        runs: ids of the runs.
        auc: mean AUC.
        rejection: mean background rejection at 50 % signal efficiency.
        inverse_jsd: 1 over the mean JSD in nats.
        inverse_limit: 1 over the mean JSD that statistics alone give.
        optimal: whether no other point has both a higher AUC and a higher 1/JSD.
    """

    method: str
    lam: Number
    runs: tuple[str, ...]
    auc: Estimate
    rejection: Estimate
    inverse_jsd: Estimate
    inverse_limit: Number
    optimal: bool


def front(runs: Sequence[Run]) -> tuple[FrontPoint, ...]:
    """Return the points that finished runs reach, by method and rising λ."""
    groups: dict[tuple[str, float | None], list[Run]] = {}
    for run in runs:
        if run.headline:
            groups.setdefault((run.request.method, run.config.get("lam")), []).append(run)
    keys = sorted(groups, key=lambda key: (key[0], key[1] or 0.0))
    drawn = [_point(method, float("nan") if lam is None else lam, groups[method, lam]) for method, lam in keys]
    optimal = pareto_optimal([p["auc"].value for p in drawn], [p["inverse_jsd"].value for p in drawn])
    return tuple(FrontPoint(**point, optimal=bool(best)) for point, best in zip(drawn, optimal, strict=True))


def _point(method: str, lam: float, runs: Sequence[Run]) -> dict[str, Any]:
    jsd = _mean(runs, "jsd_nats")
    inverse = 1 / jsd.value if jsd.value > 0 else float("inf")
    return {
        "method": method,
        "lam": lam,
        "runs": tuple(run.id for run in runs),
        "auc": _mean(runs, "auc"),
        "rejection": _mean(runs, "r50"),
        "inverse_jsd": Estimate(inverse, inverse * jsd.error / jsd.value if jsd.value > 0 else float("nan")),
        "inverse_limit": 1 / float(np.mean([run.headline["jsd_limit_nats"] for run in runs])),
    }


def _mean(runs: Sequence[Run], figure: str) -> Estimate:
    """Return the mean of a figure and its standard error: the spread over seeds, or the runs' own errors if larger.

    Two or three seeds may agree by chance; the events of each set a floor to what their mean can be known to.
    """
    values = np.array([run.headline[figure] for run in runs])
    own = np.array([run.headline.get(f"{figure}_error", float("nan")) for run in runs])
    floor = float(np.sqrt(np.sum(own**2)) / len(runs))
    if len(values) == 1:
        return Estimate(float(values[0]), floor)
    spread = float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(float(values.mean()), max(spread, floor) if np.isfinite(floor) else spread)

"""The points that the finished runs of a scan reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.evaluation.front import pareto_optimal
from core.results import Estimate, Number
from core.store.store import Run

NONE = Estimate(float("nan"))


@dataclass(frozen=True)
class FrontPoint:
    """Hold what the finished runs of one method at one value reach.

    Errors are the spread over seeds, at least the runs' own.

    Args:
        method: name of the method.
        value: λ, or what else was varied; NaN for a method without it.
        runs: ids of the runs.
        auc: mean AUC.
        rejection: mean background rejection at 50 % signal efficiency.
        inverse_jsd: 1 over the mean JSD in nats.
        inverse_limit: 1 over the mean JSD that statistics alone give.
        optimal: whether no other point has both a higher AUC and a higher 1/JSD.
        mig: mean mutual information gap; NaN where there is no latent.
    """

    method: str
    value: Number
    runs: tuple[str, ...]
    auc: Estimate
    rejection: Estimate
    inverse_jsd: Estimate
    inverse_limit: Number
    optimal: bool
    mig: Estimate = NONE


def front(runs: Sequence[Run], parameter: str = "lam", jsd: str = "jsd") -> tuple[FrontPoint, ...]:
    """Return the points that finished runs reach, by method and rising value.

    Args:
        runs: of one scan; those without a judged classifier are left out.
        parameter: option that the scan varied.
        jsd: "jsd" at 50 % signal efficiency, or "tight_jsd" at the tightest background rejection that was judged.
    """
    groups: dict[tuple[str, float | None], list[Run]] = {}
    for run in runs:
        if {"auc", f"{jsd}_nats"} <= set(run.headline):
            groups.setdefault((run.request.method, run.config.get(parameter)), []).append(run)
    keys = sorted(groups, key=lambda key: (key[0], key[1] or 0.0))
    drawn = [
        _point(method, float("nan") if value is None else value, groups[method, value], jsd) for method, value in keys
    ]
    optimal = pareto_optimal([p["auc"].value for p in drawn], [p["inverse_jsd"].value for p in drawn])
    return tuple(FrontPoint(**point, optimal=bool(best)) for point, best in zip(drawn, optimal, strict=True))


def _point(method: str, value: float, runs: Sequence[Run], which: str) -> dict[str, Any]:
    jsd = _mean(runs, f"{which}_nats")
    inverse = 1 / jsd.value if jsd.value > 0 else float("inf")
    return {
        "method": method,
        "value": value,
        "runs": tuple(run.id for run in runs),
        "auc": _mean(runs, "auc"),
        "rejection": _mean(runs, "r50"),
        "inverse_jsd": Estimate(inverse, inverse * jsd.error / jsd.value if jsd.value > 0 else float("nan")),
        "inverse_limit": 1 / float(np.mean([run.headline[f"{which}_limit_nats"] for run in runs])),
        "mig": _mean(runs, "mig"),
    }


def _mean(runs: Sequence[Run], figure: str) -> Estimate:
    """Return the mean of a figure and its standard error: the spread over seeds, or the runs' own errors if larger.

    Two or three seeds may agree by chance; the events of each set a floor to what their mean can be known to.
    """
    values = np.array([run.headline.get(figure, float("nan")) for run in runs])
    own = np.array([run.headline.get(f"{figure}_error", float("nan")) for run in runs])
    floor = float(np.sqrt(np.sum(own**2)) / len(runs))
    if len(values) == 1:
        return Estimate(float(values[0]), floor)
    spread = float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(float(values.mean()), max(spread, floor) if np.isfinite(floor) else spread)

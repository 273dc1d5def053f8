"""The judgement of classifiers of sets, on events of which no set was trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.ensembles.construction import CONSTRUCTIONS
from core.ensembles.learner import Scorer
from core.ensembles.results import Curve, EnsembleView
from core.ensembles.sets import TwoClasses, group
from core.evaluation.roc import Ranking, area_under_curve, thin
from core.events.table import effective_number
from core.results import Estimate

Score = Callable[[int], NDArray[np.float64]]
"""Class (0 signal, 1 background) → T of the sets of that class."""


@dataclass(frozen=True)
class _Judged:
    name: str
    symbol: str
    title: str
    score: NDArray[np.float64]


def judge(
    scorers: Mapping[str, Scorer], events: TwoClasses, size: int, *, seed: int, replicas: int = 200
) -> EnsembleView:
    """Compare classifiers on single events and on disjoint sets of N events of one class.

    All classifiers see the same sets, and the same Poisson-bootstrap replicas of them, so that the error of a
    difference is smaller than those of its terms.

    Args:
        scorers: name of a construction → what scores sets.
        events: events that were not trained on, with their exact log-ratios where they are known.
        size: N.
        seed: of the sets and the replicas.
        replicas: bootstrap replicas; 0 leaves the errors NaN.

    Returns:
        Curves of single events and of sets, and the exact ones.

    Raises:
        DataError: scores are not finite, or the weights of the sets of a class do not have a positive sum.
    """
    generator = torch.Generator().manual_seed(seed)
    curves: list[Curve] = []
    weights = np.empty(0)
    for n in (1, size):
        sets = [group(len(each), n, generator) for each in events]
        sides = [each.sets(index) for each, index in zip(events, sets, strict=True)]
        is_signal = np.repeat([True, False], [len(index) for index in sets])
        weights = np.concatenate([w.double().cpu().numpy() for _, w in sides])
        judged = [
            _Judged(name, _symbol(name, n, size), CONSTRUCTIONS[name].title, _scores(scorer, sides))
            for name, scorer in scorers.items()
            if n > 1 or CONSTRUCTIONS[name].item.reads_events
        ]
        if len(events.signal.truth):
            truth = [each.truth[index].sum(1).cpu().numpy() for each, index in zip(events, sets, strict=True)]
            judged.append(_Judged("exact", "exact", "Exact likelihood ratio", np.concatenate(truth)))
        curves += _compare(judged, is_signal, weights, n, np.random.default_rng((seed, n)), replicas)
    return EnsembleView(
        size,
        len(weights),
        effective_number(weights),
        tuple(curve for curve in curves if curve.name != "exact"),
        tuple(curve for curve in curves if curve.name == "exact"),
    )


def _scores(scorer: Scorer, sides: list[tuple[Tensor, Tensor]]) -> NDArray[np.float64]:
    return np.concatenate([scorer.score(x) for x, _ in sides])


def _symbol(name: str, n: int, size: int) -> str:
    """Return how a classifier is written, with its numbers."""
    if n == 1:
        return "f_1" if name == "product" else f"f_{size}→1"
    if name == "readback":
        return f"f_{size} (read back)"
    return CONSTRUCTIONS[name].item.symbol.replace("N", str(size))


def _compare(
    judged: list[_Judged],
    is_signal: NDArray[np.bool_],
    weights: NDArray[np.float64],
    n: int,
    rng: np.random.Generator,
    replicas: int,
) -> list[Curve]:
    """Return the curve of each classifier; what stands first is what the others are compared with."""
    rankings = [Ranking(each.score, is_signal) for each in judged]
    areas = np.empty((replicas, len(judged)))
    for row in areas:
        drawn = weights * rng.poisson(1.0, len(weights))
        row[:] = [area_under_curve(*ranking.efficiencies(drawn)) for ranking in rankings]
    errors, differences = _spreads(areas)
    found = [ranking.efficiencies(weights) for ranking in rankings]
    auc = [area_under_curve(*efficiencies) for efficiencies in found]
    return [
        Curve(
            each.name,
            each.symbol,
            each.title,
            n,
            Estimate(auc[k], errors[k]),
            Estimate(auc[0] - auc[k], differences[k]),
            thin(*found[k]),
        )
        for k, each in enumerate(judged)
    ]


def _spreads(areas: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Return the standard deviation of each column, and of its difference to the first; NaN without rows."""
    if not len(areas):
        nothing = [float("nan")] * areas.shape[1]
        return nothing, nothing
    return areas.std(0, ddof=1).tolist(), (areas[:, :1] - areas).std(0, ddof=1).tolist()

"""Scores compared: differences with uncertainties that know when two scores judge the same events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, ProtectedEvaluation
from core.evaluation.roc import Ranking, area_under_curve, rejection_at
from core.evaluation.sculpting import Spectrum, sculpting, split_spectrum
from core.events.table import EventTable
from core.results import Estimate

FIGURES = ("auc", "rejection", "jsd")


@dataclass(frozen=True)
class Scored:
    """Hold a score, the held-out events that it judges, and how it was evaluated on them."""

    name: str
    scores: NDArray[np.float64]
    events: EventTable
    evaluation: Evaluation


@dataclass(frozen=True)
class Difference:
    """Compare a score with the first one.

    Args:
        name: of the score.
        same_events: whether both judge the same events, so that what fluctuates in both cancels.
        auc: AUC minus that of the first.
        rejection: background rejection at 50 % signal efficiency minus that of the first.
        jsd: JSD in nats minus that of the first; NaN where one of them was not judged on the variable.
        times_less: JSD of the first over its own: how many times less it sculpts.
    """

    name: str
    same_events: bool
    auc: Estimate
    rejection: Estimate
    jsd: Estimate
    times_less: Estimate


@dataclass(frozen=True)
class PassingSpectrum:
    """Hold the passing background of one score at unit area, and its ratio to the first; each of shape (bins,)."""

    name: str
    density: NDArray[np.float64]
    error: NDArray[np.float64]
    ratio: NDArray[np.float64]
    ratio_error: NDArray[np.float64]


@dataclass(frozen=True)
class PassingSpectra:
    """Hold the passing background of several scores in common bins.

    Args:
        variable: the protected variable.
        edges: bin edges in its unit, shape (bins + 1,).
        every: all background of the first score at unit area, shape (bins,).
        spectra: one for each score that was judged on the variable.
        values: what each bin holds of a discrete variable, shape (bins,); empty for a continuous one.
    """

    variable: str
    edges: NDArray[np.float64]
    every: NDArray[np.float64]
    spectra: tuple[PassingSpectrum, ...]
    values: NDArray[np.float64]


def judged_on(evaluation: Evaluation, variable: str) -> ProtectedEvaluation | None:
    """Return how a protected variable fares; None when the score was not judged on it."""
    return next((each for each in evaluation.protected if each.variable == variable), None)


def same_events(one: EventTable, other: EventTable) -> bool:
    """Return whether two tables hold the same events in the same order: class, weight and protected variables."""
    shared = [name for name in one.roles.protected if name in other.roles.protected]
    if not shared or one.n_events != other.n_events:
        return False
    alike = np.array_equal(one.is_signal, other.is_signal) and np.array_equal(one.weights, other.weights)
    return alike and all(np.array_equal(one[name], other[name]) for name in shared)


def compare(scored: Sequence[Scored], variable: str, *, seed: int = 0, replicas: int = 50) -> tuple[Difference, ...]:
    """Compare scores with the first one.

    Where two scores judge the same events, var(b - a) = var a + var b - 2 cov(a, b) from Poisson-bootstrap replicas in
    which every event has one weight for all scores; else cov = 0 and the variances are those of the evaluations.

    Args:
        scored: the first is the one to compare with.
        variable: the protected variable whose sculpting is compared.
        seed: of the replicas.
        replicas: bootstrap replicas.

    Returns:
        One entry for each score but the first.

    Raises:
        DataError: there are fewer than two scores.
    """
    if len(scored) < 2:
        raise DataError(f"{len(scored)} scores; at least two are needed to compare")
    first, *others = scored
    together = [first, *(each for each in others if same_events(first.events, each.events))]
    drawn = _replicas(together, variable, np.random.default_rng(seed), replicas) if len(together) > 1 else np.empty(0)
    places = {id(each): k for k, each in enumerate(together)}
    return tuple(
        _difference(first, each, variable, (drawn[0], drawn[places[id(each)]]) if id(each) in places else None)
        for each in others
    )


def passing_spectra(scored: Sequence[Scored], variable: str) -> PassingSpectra:
    """Histogram the background that passes each score's cut, in the bins of the first score.

    Returns:
        Spectra at unit area and their ratios to the first; the error of a ratio knows the events that pass both cuts.

    Raises:
        DataError: no score was judged on the variable.
    """
    judged = [each for each in scored if judged_on(each.evaluation, variable)]
    if not judged:
        raise DataError(f"no score was judged on {variable!r}")
    first = judged[0]
    found = judged_on(first.evaluation, variable)
    edges, values = (found.spectrum.edges, found.spectrum.values) if found else (np.empty(0), np.empty(0))
    width = np.ones(len(values)) if len(values) else np.diff(edges)
    reference = _spectrum(first, variable, edges, _passes(first))
    every = reference.passed + reference.failed
    spectra = []
    for each in judged:
        own = _spectrum(each, variable, edges, _passes(each))
        common = np.zeros(len(width))
        if same_events(first.events, each.events):
            common = _spectrum(each, variable, edges, _passes(first) & _passes(each)).passed_variance
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = own.passed / reference.passed * (reference.passed.sum() / own.passed.sum())
            relative = own.passed_variance / own.passed**2 + reference.passed_variance / reference.passed**2
            relative -= 2 * common / (own.passed * reference.passed)
            area = own.passed.sum() * width
            error = np.abs(ratio) * np.sqrt(np.maximum(relative, 0))
            spectra.append(
                PassingSpectrum(each.name, own.passed / area, np.sqrt(own.passed_variance) / area, ratio, error)
            )
    return PassingSpectra(variable, edges, every / (every.sum() * width), tuple(spectra), values)


def _passes(scored: Scored) -> NDArray[np.bool_]:
    return scored.scores >= scored.evaluation.threshold


def _spectrum(scored: Scored, variable: str, edges: NDArray[np.float64], passes: NDArray[np.bool_]) -> Spectrum:
    background = ~scored.events.is_signal
    m = np.asarray(scored.events[variable], np.float64)[background]
    return split_spectrum(m, passes[background], scored.events.weights[background], edges)


def _replicas(scored: Sequence[Scored], variable: str, rng: np.random.Generator, replicas: int) -> NDArray[np.float64]:
    """Return the figures of merit of each score in each replica, shape (scores, replicas, 3)."""
    events = scored[0].events
    background = ~events.is_signal
    rankings = [Ranking(each.scores, events.is_signal) for each in scored]
    binned = [_binned(each, variable, background) for each in scored]
    found = np.full((len(scored), replicas, len(FIGURES)), np.nan)
    for r in range(replicas):
        weights = events.weights * rng.poisson(1.0, events.n_events)
        for i, (each, ranking) in enumerate(zip(scored, rankings, strict=True)):
            share = each.evaluation.signal_efficiency
            signal, passed = ranking.efficiencies(weights)
            cut = ranking.thresholds(signal, [share])[0]
            jsd = _divergence(binned[i], each.scores[background] >= cut, weights[background])
            found[i, r] = area_under_curve(signal, passed), rejection_at(signal, passed, share), jsd
    return found


def _binned(
    scored: Scored, variable: str, background: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.float64]] | None:
    """Return the bin of each background event, one past the last where it lies in none, and the edges."""
    judged = judged_on(scored.evaluation, variable)
    if judged is None:
        return None
    edges = judged.spectrum.edges
    m = np.asarray(scored.events[variable], np.float64)[background]
    code = np.searchsorted(edges, m, side="right") - 1
    code[m == edges[-1]] = len(edges) - 2
    code[(code < 0) | (code > len(edges) - 2)] = len(edges) - 1
    return code, edges


def _divergence(
    binned: tuple[NDArray[np.intp], NDArray[np.float64]] | None,
    passes: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> float:
    if binned is None:
        return float("nan")
    code, edges = binned
    n = len(edges) - 1
    passed, failed = (np.bincount(code[k], weights[k], n + 1)[:n].astype(np.float64) for k in (passes, ~passes))
    return sculpting(Spectrum(edges, passed, failed, np.zeros(n), np.zeros(n)))


def _difference(
    first: Scored,
    other: Scored,
    variable: str,
    drawn: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> Difference:
    a, b = _figures(first, variable), _figures(other, variable)
    if drawn is None:
        covariances = [(one.error**2, two.error**2, 0.0) for one, two in zip(a, b, strict=True)]
    else:
        covariances = [_covariance(drawn[0][:, k], drawn[1][:, k]) for k in range(len(FIGURES))]
    auc, rejection, jsd = (
        Estimate(two.value - one.value, sqrt(max(va + vb - 2 * c, 0.0)))
        for one, two, (va, vb, c) in zip(a, b, covariances, strict=True)
    )
    times_less = _ratio(a[2].value, b[2].value, *covariances[2])
    return Difference(other.name, drawn is not None, auc, rejection, jsd, times_less)


def _figures(scored: Scored, variable: str) -> tuple[Estimate, Estimate, Estimate]:
    judged = judged_on(scored.evaluation, variable)
    jsd = judged.jsd_nats if judged else Estimate(float("nan"))
    return scored.evaluation.auc, scored.evaluation.rejection, jsd


def _covariance(one: NDArray[np.float64], two: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return (var a, var b, cov); infinite variances where a replica is not finite, as when no background passes."""
    if not (np.isfinite(one).all() and np.isfinite(two).all()):
        return float("inf"), float("inf"), 0.0
    found = np.cov(one, two, ddof=0)
    return float(found[0, 0]), float(found[1, 1]), float(found[0, 1])


def _ratio(a: float, b: float, va: float, vb: float, c: float) -> Estimate:
    """Return a/b with σ² = (a/b)² (var a/a² + var b/b² - 2 cov/(a b))."""
    if not (a > 0 and b > 0):
        return Estimate(float("nan"))
    return Estimate(a / b, a / b * sqrt(max(va / a**2 + vb / b**2 - 2 * c / (a * b), 0.0)))

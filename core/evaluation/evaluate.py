"""The evaluation of a score: how well it separates, and how much it sculpts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.evaluation.propagation import sculpting_error, separation_errors
from core.evaluation.roc import Ranking, RocCurve, area_under_curve, rejection_at, thin
from core.evaluation.sculpting import (
    Efficiency,
    Spectrum,
    efficiency_against,
    few_values,
    sculpting,
    spectrum_edges,
    split_spectrum,
    statistical_limit,
)
from core.events.table import EventTable, effective_number
from core.information.distance_correlation import distance_correlation
from core.information.estimate import estimate_mi, suitable_bins
from core.learning.pulse import sign_of_life
from core.results import Estimate, Number

WORKING_POINTS = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class ProtectedEvaluation:
    """Say how one protected variable fares under the cut; all figures are of background events.

    Args:
        variable: its name.
        spectrum: its spectrum, passing and failing.
        efficiency: background efficiency against it.
        jsd_nats: Jensen-Shannon divergence of the passing and the failing spectrum.
        limit_nats: the divergence that statistics alone give an independent score.
        dcorr: squared distance correlation dCorr²(f, m).
        mi: mutual information I(f; m) in nats, binned.
    """

    variable: str
    spectrum: Spectrum
    efficiency: Efficiency
    jsd_nats: Estimate
    limit_nats: Number
    dcorr: Number
    mi: Estimate


@dataclass(frozen=True)
class Evaluation:
    """Judge a score on events that it was not trained on.

    Args:
        n_events: events judged.
        n_effective: their N_eff with both classes weighted alike.
        n_background: background events among them.
        signal_efficiency: working point ε of the cut.
        threshold: score above which an event passes.
        auc: area under the ROC curve.
        rejection: background rejection R_ε at the working point.
        roc: the curve.
        protected: one entry for each protected variable.
    """

    n_events: int
    n_effective: Number
    n_background: int
    signal_efficiency: Number
    threshold: Number
    auc: Estimate
    rejection: Estimate
    roc: RocCurve
    protected: tuple[ProtectedEvaluation, ...]

    def headline(self) -> dict[str, float]:
        """Return the figures that tables and the command line show; of several protected variables, the worst."""
        worst = max(self.protected, key=lambda p: p.jsd_nats.value)
        return {
            "auc": self.auc.value,
            "auc_error": self.auc.error,
            "r50": self.rejection.value,
            "r50_error": self.rejection.error,
            "jsd_nats": worst.jsd_nats.value,
            "jsd_nats_error": worst.jsd_nats.error,
            "jsd_bits": worst.jsd_nats.value / log(2),
            "jsd_limit_nats": worst.limit_nats,
            "mi_score_protected": float(np.max([p.mi.value for p in self.protected])),
            "dcorr": max(p.dcorr for p in self.protected),
        }


def evaluate(
    scores: NDArray[np.floating],
    events: EventTable,
    *,
    rng: np.random.Generator,
    signal_efficiency: float = 0.5,
    replicas: int = 50,
    dependence: bool = True,
) -> Evaluation:
    """Evaluate a score on labelled, weighted events with protected variables.

    Standard errors are the spread over Poisson-bootstrap replicas: every event enters each replica a Poisson(1)
    number of times; without replicas they are propagated.

    Args:
        scores: shape (n_events,), higher is more signal-like.
        events: the same events with their roles.
        rng: source of the replicas.
        signal_efficiency: working point ε of the cut; R50 and the default JSD take 0.5.
        replicas: bootstrap replicas; 0 propagates the errors instead, in no time.
        dependence: whether to compute dCorr² and I(f; m), which take most of the time; NaN otherwise.

    Returns:
        All figures of merit.

    Raises:
        DataError: no protected variable, one class only, scores not finite, or a constant protected variable.
    """
    if not events.roles.protected:
        raise DataError("no protected variable; choose at least one, such as the invariant mass")
    f = np.asarray(scores, dtype=np.float64)
    ranking = Ranking(f, events.is_signal)
    signal, background = ranking.efficiencies(events.weights)
    points = sorted({*WORKING_POINTS, signal_efficiency})
    thresholds = dict(zip(points, ranking.thresholds(signal, points), strict=True))
    judged = events.of_class("background")
    edges = {name: spectrum_edges(judged[name]) for name in events.roles.protected}
    if replicas:
        spread = _bootstrap(f, events, ranking, edges, signal_efficiency, rng, replicas)
    else:
        spread = dict(zip(("auc", "rejection"), separation_errors(ranking, events, signal_efficiency), strict=True))
    return Evaluation(
        n_events=events.n_events,
        n_effective=effective_number(events.balanced_weights),
        n_background=judged.n_events,
        signal_efficiency=signal_efficiency,
        threshold=thresholds[signal_efficiency],
        auc=Estimate(area_under_curve(signal, background), spread["auc"]),
        rejection=Estimate(rejection_at(signal, background, signal_efficiency), spread["rejection"]),
        roc=thin(signal, background),
        protected=tuple(
            _judge(
                name,
                f[~events.is_signal],
                judged,
                edges[name],
                thresholds,
                signal_efficiency,
                spread.get(name),
                dependence,
            )
            for name in events.roles.protected
        ),
    )


def _judge(
    variable: str,
    scores: NDArray[np.float64],
    background: EventTable,
    edges: NDArray[np.float64],
    thresholds: dict[float, float],
    signal_efficiency: float,
    jsd_error: float | None,
    dependence: bool,
) -> ProtectedEvaluation:
    """Evaluate one protected variable on background events; the error of its JSD is propagated where none is given."""
    m, w = np.asarray(background[variable], np.float64), background.weights
    passes = scores >= thresholds[signal_efficiency]
    spectrum = split_spectrum(m, passes, w, edges, few_values(m))
    return ProtectedEvaluation(
        variable=variable,
        spectrum=spectrum,
        efficiency=efficiency_against(m, scores, w, {point: thresholds[point] for point in WORKING_POINTS}),
        jsd_nats=Estimate(sculpting(spectrum), sculpting_error(spectrum) if jsd_error is None else jsd_error),
        limit_nats=statistical_limit(w[passes], w[~passes], len(edges) - 1),
        dcorr=distance_correlation(scores, m, w) if dependence else float("nan"),
        mi=_information(scores, m, background) if dependence else Estimate(float("nan")),
    )


def _information(scores: NDArray[np.float64], m: NDArray[np.float64], background: EventTable) -> Estimate:
    """Estimate I(f; m) with as many bins as the events bear without bias.

    NaN when so many cells have a negative weight that there is no estimate: the other figures still stand.
    """
    bins = suitable_bins(background.n_effective)
    weights = background.weights if background.is_weighted else None
    try:
        found = estimate_mi(scores, m, weights=weights, bins=bins)
    except DataError:
        return Estimate(float("nan"))
    return Estimate(found.value, found.error)


def _bootstrap(
    scores: NDArray[np.float64],
    events: EventTable,
    ranking: Ranking,
    edges: Mapping[str, NDArray[np.float64]],
    signal_efficiency: float,
    rng: np.random.Generator,
    replicas: int,
) -> dict[str, float]:
    """Return the standard errors of AUC, rejection and each variable's JSD."""
    samples: dict[str, list[float]] = {name: [] for name in ("auc", "rejection", *edges)}
    background = ~events.is_signal
    for k in range(replicas):
        sign_of_life(k, replicas)
        weights = events.weights * rng.poisson(1.0, events.n_events)
        signal_passed, background_passed = ranking.efficiencies(weights)
        samples["auc"].append(area_under_curve(signal_passed, background_passed))
        samples["rejection"].append(rejection_at(signal_passed, background_passed, signal_efficiency))
        passes = scores[background] >= ranking.threshold(weights, signal_efficiency)
        for name, cuts in edges.items():
            m = np.asarray(events[name][background], np.float64)
            samples[name].append(sculpting(split_spectrum(m, passes, weights[background], cuts)))
    return {name: _spread(values) for name, values in samples.items()}


def _spread(values: list[float]) -> float:
    """Return the standard deviation, infinite when a replica is (no background passed its cut)."""
    return float(np.std(values)) if np.isfinite(values).all() else float("inf")

"""What N events tell that one does not: the sum of log likelihood ratios of one variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.evaluation.roc import RocCurve, area_under_curve, rejection_at, thin
from core.events.table import EventTable
from core.guide.halves import two_halves
from core.guide.ratio import LikelihoodRatio, likelihood_ratio
from core.guide.sculpting import of_variable
from core.information.relevance import Relevance
from core.results import Estimate

Floats = NDArray[np.float64]
SIZES = (1, 3, 10)
REPLICAS = 50
WORKING_POINT = 0.5
STEPS = 1000
"""Cells of the grid of one event's log ratio."""
WORTH_SHOWING = 0.05
"""I(x; label) in nats of a variable that is weak alone and strong in numbers."""


@dataclass(frozen=True)
class SetCurve:
    """Say how well sets of N events are told apart.

    Args:
        size: N.
        auc: area under the ROC curve, with its bootstrap error.
        rejection: background rejection at 50 % signal efficiency, likewise.
        roc: the curve.
    """

    size: int
    auc: Estimate
    rejection: Estimate
    roc: RocCurve


@dataclass(frozen=True)
class SetsGain:
    """Hold how a variable's likelihood ratio gains by adding events up.

    Args:
        feature: the variable.
        feature_title: its symbol as in print.
        about_label: I(x; label) at even odds, in nats.
        n_features: among so many it was chosen.
        strongest_title: symbol of the one that tells most about the label.
        strongest: what that one tells, in nats.
        n_fit: events on which the ratio is fitted.
        n_held_out: events on which it is judged.
        curves: one a size, ascending.
    """

    feature: str
    feature_title: str
    about_label: Estimate
    n_features: int
    strongest_title: str
    strongest: Estimate
    n_fit: int
    n_held_out: int
    curves: tuple[SetCurve, ...]


def weak_feature(label: Relevance) -> str:
    """Return the variable whose information about the label is nearest to ``WORTH_SHOWING``, by ratio.

    Raises:
        DataError: no variable tells of the label beyond three standard errors.
    """
    usable = [
        (abs(float(np.log(mi / WORTH_SHOWING))), name)
        for name, mi, error in zip(label.names, label.mi, label.error, strict=True)
        if mi > 3 * error
    ]
    if not usable:
        raise DataError("no feature tells anything about the label beyond three standard errors")
    return min(usable)[1]


def gain_of_sets(
    table: EventTable,
    label: Relevance,
    rng: np.random.Generator | int,
    sizes: Sequence[int] = SIZES,
    replicas: int = REPLICAS,
) -> SetsGain:
    """Tell sets of N events of one class from sets of the other by Σ log p(x|s)/p(x|b).

    The ratio is fitted on half of the events. Its distribution on the other half gives that of the sum exactly, by a
    power of its Fourier transform: as if all sets were drawn. For normal x of unit variance whose means differ by d,
    AUC = Φ(√N d/√2).

    Args:
        table: labelled events.
        label: what the features tell about the label.
        rng: generator or seed of halves and replicas.
        sizes: N, each at least 1.
        replicas: of the held-out cells, w_c + √(Σw²_c) z with normal z, behind the errors.

    Raises:
        DataError: no variable tells of the label, or too few events.

    References:
        Nachman, Thaler 2021 (2101.07263): the optimal classifier of a set is the product of those of its events.
    """
    name = weak_feature(label)
    generator = np.random.default_rng(rng)
    fit, judged = two_halves(table, (name,), generator)
    ratio = likelihood_ratio(fit, name)
    sums = [_cells(ratio, judged.of_class(kind), name) for kind in ("signal", "background")]
    densities = [[_density(w) for w, _ in sums]] + [
        [_density(w + np.sqrt(w2) * generator.standard_normal(len(w))) for w, w2 in sums] for _ in range(replicas)
    ]
    return SetsGain(
        feature=name,
        feature_title=label.titles[label.names.index(name)],
        about_label=of_variable(label, name),
        n_features=len(label.names),
        strongest_title=label.titles[0],
        strongest=of_variable(label, label.names[0]),
        n_fit=fit.n_events,
        n_held_out=judged.n_events,
        curves=tuple(_curve(ratio.log_ratio, densities, size) for size in sorted(sizes)),
    )


def _curve(log_ratio: Floats, densities: Sequence[Sequence[Floats]], size: int) -> SetCurve:
    """Judge sets of one size: by the first densities of signal and background, with errors by all others."""
    every = [efficiencies_of_sets(log_ratio, signal, background, size) for signal, background in densities]
    areas = [area_under_curve(*passed) for passed in every]
    rejections = [rejection_at(*passed, WORKING_POINT) for passed in every]
    errors = [float(np.std(values[1:])) if len(values) > 1 else float("nan") for values in (areas, rejections)]
    return SetCurve(size, Estimate(areas[0], errors[0]), Estimate(rejections[0], errors[1]), thin(*every[0]))


def _cells(ratio: LikelihoodRatio, events: EventTable, name: str) -> tuple[Floats, Floats]:
    """Return Σw and Σw² of the events in each cell of the ratio."""
    return ratio.cells(events[name], events.weights), ratio.cells(events[name], events.weights, 2)


def _density(sums: Floats) -> Floats:
    """Return the share of each cell; one whose weights sum to less than nothing is empty."""
    positive = np.maximum(sums, 0)
    return np.asarray(positive / positive.sum())


def efficiencies_of_sets(log_ratio: Floats, signal: Floats, background: Floats, size: int) -> tuple[Floats, Floats]:
    """Return (ε_s, ε_b) of cuts on Σ log r over N events, from the tightest to the loosest, each from 0 to 1.

    The log ratios are rounded to a grid of ``STEPS`` cells; the density of their sum is the N-fold convolution.

    Args:
        log_ratio: log r of each cell of the variable, shape (cells,).
        signal: share of signal events in each cell, shape (cells,).
        background: share of background events in each cell, shape (cells,).
        size: N.
    """
    span = float(np.ptp(log_ratio))
    at = np.rint((log_ratio - log_ratio.min()) / (span or 1.0) * (STEPS - 1)).astype(np.intp)
    curves = []
    for density in (signal, background):
        one = np.bincount(at, weights=density, minlength=STEPS)
        length = size * (STEPS - 1) + 1
        added = np.fft.irfft(np.fft.rfft(one, n=2 * length) ** size, n=2 * length)[:length]
        tail = np.cumsum(np.maximum(added, 0)[::-1])
        curves.append(np.concatenate([[0.0], tail / tail[-1]]))
    return curves[0], curves[1]

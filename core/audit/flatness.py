"""Whether the background efficiency is flat in a protected variable, at several working points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from core.audit.shuffles import Floats
from core.evaluation.sculpting import value_edges
from core.results import Array, Estimate, Number

MOST_BINS = 20
LEAST_EXPECTED = 10.0


@dataclass(frozen=True)
class Flatness:
    """Hold the background efficiency against a protected variable at one working point.

    Args:
        signal_efficiency: working point.
        threshold: score above which an event passes.
        edges: equal-occupancy bin edges in the variable's unit, shape (bins + 1,); of a discrete variable, around its
            values.
        m: mean of the variable in each bin, shape (bins,).
        efficiency: background efficiency of each bin, shape (bins,).
        error: its standard error if it were flat, shape (bins,).
        inclusive: efficiency of all bins together.
        chi2: χ² of the efficiencies against the inclusive one; NaN when too few events pass or fail for two bins.
        ndf: bins - 1.
        p_value: probability of a larger χ² for a flat efficiency.
        deviation: the largest relative deviation of a bin, with its sign and error.
    """

    signal_efficiency: Number
    threshold: Number
    edges: Array
    m: Array
    efficiency: Array
    error: Array
    inclusive: Number
    chi2: Number
    ndf: int
    p_value: Number
    deviation: Estimate


def flatness(
    f: Floats, m: Floats, weights: Floats, thresholds: Mapping[float, float], *, discrete: bool = False
) -> tuple[Flatness, ...]:
    """Compare the background efficiency in bins of a protected variable with a flat one.

    χ² = Σ_b (ε_b - ε)²/σ_b²,  σ_b² = r Σ_b w² / (Σ_b w)²,  r = [(1 - ε)² Σ_pass w² + ε² Σ_fail w²] / Σ w²;  without
    weights r = ε(1 - ε), and χ² is that of the contingency table. At each working point there are as many bins of equal
    |w|, at most 20, as leave ten effective passing and ten failing events each.

    Args:
        f: scores of background events, shape (n,).
        m: their protected variable, shape (n,), finite.
        weights: event weights, shape (n,), of any sign.
        thresholds: signal efficiency → score above which an event passes.
        discrete: whether m takes few values; each is then a bin.

    Returns:
        One entry a working point.
    """
    return tuple(_at(f, m, weights, point, threshold, discrete) for point, threshold in thresholds.items())


def _at(f: Floats, m: Floats, w: Floats, point: float, threshold: float, discrete: bool) -> Flatness:
    passes = f >= threshold
    inclusive = float(w[passes].sum() / w.sum())
    squares = float(np.square(w).sum())
    spread = (
        (1 - inclusive) ** 2 * float(np.square(w[passes]).sum()) + inclusive**2 * float(np.square(w[~passes]).sum())
    ) / squares
    rarer = min(inclusive, 1 - inclusive) * float(w.sum()) ** 2 / squares
    bins = int(np.clip(rarer / LEAST_EXPECTED, 1, MOST_BINS))
    edges = value_edges(m) if discrete else _equal_edges(m, np.abs(w), bins)
    bin_of = np.clip(np.searchsorted(edges, m, side="right") - 1, 0, len(edges) - 2)
    whole, passed, whole_squares = (
        np.bincount(bin_of, values, len(edges) - 1) for values in (w, np.where(passes, w, 0.0), w**2)
    )
    usable = whole > 0
    efficiency = np.divide(passed, whole, out=np.full(len(whole), np.nan), where=usable)
    error = np.sqrt(spread * whole_squares) / np.where(usable, whole, np.nan)
    pulls = (efficiency - inclusive)[usable] / error[usable] if spread > 0 else np.zeros(0)
    ndf = max(len(pulls) - 1, 0) if len(pulls) <= bins else 0  # each value of a discrete variable needs its events
    total = float(np.square(pulls).sum()) if ndf else float("nan")
    return Flatness(
        signal_efficiency=point,
        threshold=threshold,
        edges=edges,
        m=_means(m, np.abs(w), bin_of, len(edges) - 1),
        efficiency=efficiency,
        error=error,
        inclusive=inclusive,
        chi2=total,
        ndf=ndf,
        p_value=float(chi2.sf(total, ndf)) if ndf else float("nan"),
        deviation=_largest(efficiency, error, inclusive) if ndf else Estimate(float("nan")),
    )


def _equal_edges(m: Floats, size: Floats, bins: int) -> Floats:
    """Return edges of bins of equal Σ|w|; fewer where values repeat."""
    order = np.argsort(m, kind="stable")
    filled = np.cumsum(size[order])
    inner = np.searchsorted(filled, filled[-1] * np.arange(1, bins) / bins)
    return np.unique(np.concatenate([m[order[[0, -1]]], m[order[inner]]]))


def _means(m: Floats, size: Floats, bin_of: NDArray[np.intp], bins: int) -> Floats:
    """Return the mean of m in each bin under the size of the weights; the plain mean where all are zero."""
    counts = np.bincount(bin_of, minlength=bins)
    filled = np.bincount(bin_of, size, bins)
    plain = np.bincount(bin_of, m, bins) / np.maximum(counts, 1)
    return np.divide(np.bincount(bin_of, size * m, bins), filled, out=plain, where=filled > 0)


def _largest(efficiency: Floats, error: Floats, inclusive: float) -> Estimate:
    relative = efficiency / inclusive - 1
    worst = int(np.nanargmax(np.abs(relative)))
    return Estimate(float(relative[worst]), float(error[worst] / inclusive))

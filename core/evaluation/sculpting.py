"""What a cut on the score does to the background's spectrum of a protected variable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import effective_number
from core.information.measures import jensen_shannon
from core.results import Array

SPECTRUM_BINS = 50
CENTRAL_SHARE = 0.998


@dataclass(frozen=True)
class Spectrum:
    """Hold the background's histogram of a protected variable, split by the cut.

    Args:
        edges: bin edges in the variable's unit, shape (bins + 1,).
        passed: Σw of the events that pass, shape (bins,).
        failed: Σw of the events that fail, shape (bins,).
        passed_variance: Σw² of the events that pass, shape (bins,).
        failed_variance: Σw² of the events that fail, shape (bins,).
    """

    edges: Array
    passed: Array
    failed: Array
    passed_variance: Array
    failed_variance: Array


@dataclass(frozen=True)
class Efficiency:
    """Hold background efficiency against a protected variable at several working points.

    Args:
        edges: equal-occupancy bin edges in the variable's unit, shape (bins + 1,).
        signal_efficiencies: working points, shape (k,).
        background: background efficiency in each bin, shape (k, bins).
        error: its binomial standard error with N_eff, shape (k, bins).
        inclusive: background efficiency of all bins together, shape (k,).
    """

    edges: Array
    signal_efficiencies: Array
    background: Array
    error: Array
    inclusive: Array


def spectrum_edges(
    m: NDArray[np.generic], bins: int = SPECTRUM_BINS, central: float = CENTRAL_SHARE
) -> NDArray[np.float64]:
    """Return equal bins over the central 99.8 % of the events, shape (bins + 1,).

    Raises:
        DataError: the variable is constant there.
    """
    low, high = np.quantile(np.asarray(m, np.float64), [(1 - central) / 2, (1 + central) / 2])
    if not high > low:
        raise DataError(f"the protected variable is constant ({low:.6g}) on background; one that varies is needed")
    return np.linspace(low, high, bins + 1)


def split_spectrum(
    m: NDArray[np.floating], passes: NDArray[np.bool_], weights: NDArray[np.float64], edges: NDArray[np.float64]
) -> Spectrum:
    """Histogram passing and failing background in given bins; events outside of them are left out."""

    def histogram(chosen: NDArray[np.bool_], power: int) -> NDArray[np.float64]:
        counts, _ = np.histogram(m[chosen], bins=edges, weights=weights[chosen] ** power)
        return np.asarray(counts, dtype=np.float64)

    return Spectrum(edges, histogram(passes, 1), histogram(~passes, 1), histogram(passes, 2), histogram(~passes, 2))


def sculpting(spectrum: Spectrum) -> float:
    """Compute the Jensen-Shannon divergence between the passing and the failing background, in nats.

    JSD = ½ KL(p‖½(p+q)) + ½ KL(q‖½(p+q)) for the normalised spectra p, q; 0 when the cut does not change the
    shape, ln 2 when the spectra do not overlap. Bins whose weights sum to less than zero count as empty.

    Returns:
        JSD in nats; NaN when no event passes or none fails.
    """
    passed, failed = np.maximum(spectrum.passed, 0), np.maximum(spectrum.failed, 0)
    if not (passed.sum() > 0 and failed.sum() > 0):
        return float("nan")
    return float(jensen_shannon(passed, failed))


def statistical_limit(passed: NDArray[np.float64], failed: NDArray[np.float64], bins: int = SPECTRUM_BINS) -> float:
    """Compute the JSD in nats that statistics alone give a score independent of the variable.

    (bins - 1)/8 · (1/N_pass + 1/N_fail) with N_eff for weighted events: below it, no method can be told from a
    perfect one.

    Args:
        passed: weights of the passing background, shape (n_pass,).
        failed: weights of the failing background, shape (n_fail,).
        bins: bins of the spectrum.

    Returns:
        JSD in nats; NaN when no event passes or none fails.
    """
    n_pass, n_fail = effective_number(passed), effective_number(failed)
    if not (n_pass > 0 and n_fail > 0):
        return float("nan")
    return (bins - 1) / 8 * (1 / n_pass + 1 / n_fail)


def efficiency_against(
    m: NDArray[np.floating],
    scores: NDArray[np.floating],
    weights: NDArray[np.float64],
    thresholds: dict[float, float],
    bins: int = 20,
) -> Efficiency:
    """Compute the background efficiency in equal-occupancy bins of a protected variable.

    Args:
        m: protected variable of the background, shape (n,).
        scores: shape (n,).
        weights: shape (n,).
        thresholds: signal efficiency → score above which an event passes.
        bins: number of bins; fewer where the variable takes fewer values.

    Returns:
        Efficiencies with errors sqrt(ε(1 - ε)/N_eff).
    """
    edges = np.unique(np.quantile(m, np.linspace(0, 1, bins + 1)))
    if len(edges) < 2:
        raise DataError(f"the protected variable is constant ({m[0]:.6g}) on background; one that varies is needed")
    bin_of = np.clip(np.searchsorted(edges, m, side="right") - 1, 0, len(edges) - 2)

    def totals(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(bin_of, weights=values, minlength=len(edges) - 1), dtype=np.float64)

    whole = totals(weights)
    n_effective = whole**2 / np.maximum(totals(weights**2), 1e-300)
    rows, errors, inclusive = [], [], []
    for threshold in thresholds.values():
        passing = np.where(scores >= threshold, weights, 0.0)
        share = np.divide(totals(passing), whole, out=np.full(len(whole), np.nan), where=whole > 0)
        bounded = np.clip(share, 0, 1)
        rows.append(share)
        errors.append(np.sqrt(bounded * (1 - bounded) / np.maximum(n_effective, 1)))
        inclusive.append(passing.sum() / weights.sum())
    return Efficiency(edges, np.array(list(thresholds)), np.array(rows), np.array(errors), np.array(inclusive))

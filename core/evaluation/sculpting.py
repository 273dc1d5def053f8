"""What a cut on the score does to the background's spectrum of a protected variable."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.categories import FEW_VALUES
from core.events.table import effective_number
from core.information.measures import jensen_shannon
from core.results import Array

SPECTRUM_BINS = 50
CENTRAL_SHARE = 0.998
EVENTS_A_VALUE = 5
_FIRST_LOOK = 1000


def _no_values() -> Array:
    return np.empty(0)


@dataclass(frozen=True)
class Spectrum:
    """Hold the background's histogram of a protected variable, split by the cut.

    Args:
        edges: bin edges in the variable's unit, shape (bins + 1,); of a discrete variable, around its values.
        passed: Σw of the events that pass, shape (bins,).
        failed: Σw of the events that fail, shape (bins,).
        passed_variance: Σw² of the events that pass, shape (bins,).
        failed_variance: Σw² of the events that fail, shape (bins,).
        values: the value that each bin holds of a discrete variable, shape (bins,); empty for a continuous one.
    """

    edges: Array
    passed: Array
    failed: Array
    passed_variance: Array
    failed_variance: Array
    values: Array = field(default_factory=_no_values)


@dataclass(frozen=True)
class Efficiency:
    """Hold background efficiency against a protected variable at several working points.

    Args:
        edges: equal-occupancy bin edges in the variable's unit, shape (bins + 1,); of a discrete variable, around its
            values.
        signal_efficiencies: working points, shape (k,).
        background: background efficiency in each bin, shape (k, bins).
        error: its binomial standard error with N_eff, shape (k, bins).
        inclusive: background efficiency of all bins together, shape (k,).
        values: the value that each bin holds of a discrete variable, shape (bins,); empty for a continuous one.
    """

    edges: Array
    signal_efficiencies: Array
    background: Array
    error: Array
    inclusive: Array
    values: Array = field(default_factory=_no_values)


def few_values(m: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the values of a discrete variable in order, shape (values,); nothing for a continuous one.

    A variable is discrete when it takes at most 20 values, with five events each on average: a year, a generator, a
    systematic variation. Each of them is a bin of its own, in spectra, efficiencies and audits.

    Args:
        m: of background events, shape (n,).

    Example:
        >>> few_values(np.repeat([2018, 2016, 2017], 10)), few_values(np.linspace(0, 1, 100))
        (array([2016., 2017., 2018.]), array([], dtype=float64))
    """
    found = np.asarray(m, np.float64)
    if len(np.unique(found[:_FIRST_LOOK])) > FEW_VALUES:  # spares sorting all events of a continuous variable
        return _no_values()
    values = np.unique(found)
    is_discrete = len(values) <= min(FEW_VALUES, len(found) / EVENTS_A_VALUE) and np.isfinite(values).all()
    return values if is_discrete else _no_values()


def value_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return edges halfway between the values of a discrete variable, shape (values + 1,).

    Args:
        values: in any order, each as often as it may be, shape (n,).

    Example:
        >>> value_edges(np.array([1.0, 2.0, 4.0, 1.0]))
        array([0.5, 1.5, 3. , 5. ])
    """
    values = np.unique(values)
    steps = np.diff(values) if len(values) > 1 else np.ones(1)
    return np.concatenate([[values[0] - steps[0] / 2], (values[1:] + values[:-1]) / 2, [values[-1] + steps[-1] / 2]])


def spectrum_edges(
    m: NDArray[np.generic], bins: int = SPECTRUM_BINS, central: float = CENTRAL_SHARE
) -> NDArray[np.float64]:
    """Return equal bins over the central 99.8 % of the events, shape (bins + 1,), or one bin a value of a discrete one.

    Raises:
        DataError: the variable is constant there.
    """
    values = few_values(m)
    if len(values) > 1:
        return value_edges(values)
    low, high = np.quantile(np.asarray(m, np.float64), [(1 - central) / 2, (1 + central) / 2])
    if not high > low:
        raise DataError(f"the protected variable is constant ({low:.6g}) on background; one that varies is needed")
    return np.linspace(low, high, bins + 1)


def split_spectrum(
    m: NDArray[np.floating],
    passes: NDArray[np.bool_],
    weights: NDArray[np.float64],
    edges: NDArray[np.float64],
    values: NDArray[np.float64] | None = None,
) -> Spectrum:
    """Histogram passing and failing background in given bins; events outside of them are left out.

    Args:
        m: protected variable, shape (n,).
        passes: whether each event passes, shape (n,).
        weights: shape (n,).
        edges: shape (bins + 1,).
        values: what the bins hold of a discrete variable, shape (bins,); None for a continuous one.
    """

    def histogram(chosen: NDArray[np.bool_], power: int) -> NDArray[np.float64]:
        counts, _ = np.histogram(m[chosen], bins=edges, weights=weights[chosen] ** power)
        return np.asarray(counts, dtype=np.float64)

    return Spectrum(
        edges, histogram(passes, 1), histogram(~passes, 1), histogram(passes, 2), histogram(~passes, 2),
        _no_values() if values is None else values,
    )  # fmt: skip


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
        bins: bins of the spectrum: 50, or the number of values of a discrete variable.

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
    """Compute the background efficiency in equal-occupancy bins of a protected variable, or at each value.

    Args:
        m: protected variable of the background, shape (n,).
        scores: shape (n,).
        weights: shape (n,).
        thresholds: signal efficiency → score above which an event passes.
        bins: number of bins of a continuous variable; fewer where values repeat.

    Returns:
        Efficiencies with errors sqrt(ε(1 - ε)/N_eff).
    """
    values = few_values(m)
    edges = value_edges(values) if len(values) > 1 else np.unique(np.quantile(m, np.linspace(0, 1, bins + 1)))
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
    points = np.array(list(thresholds))
    return Efficiency(edges, points, np.array(rows), np.array(errors), np.array(inclusive), values)

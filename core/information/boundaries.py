"""Where the codes of one variable begin and end: even shares, even widths, and point masses apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_LEAST_EVENTS = 10
_LEAST_SHARE = 1e-3
_CONTRAST = 10.0
_NEIGHBOURS = 4


def distinct(ordered: Floats) -> Floats:
    """Return the different ones of values that do not decrease."""
    return np.asarray(ordered[_starts(ordered)])


def between(values: Floats) -> Floats:
    """Return one boundary between each two of increasing values: their midpoint, where rounding and infinities let it.

    Example:
        >>> between(np.array([1.0, 2.0, np.inf]))
        array([1.5, inf])
    """
    below, above = values[:-1], values[1:]
    with np.errstate(invalid="ignore"):
        middle = below / 2 + above / 2
    return np.where(np.isfinite(middle) & (middle > below) & (middle <= above), middle, above)


def point_masses(ordered: Floats, weights: NDArray[np.float64] | None, most: int) -> Floats:
    """Find the values that stand out of a continuous variable: a sentinel such as -999, a threshold, pT = 0.

    A point mass is held by ten events or more and a thousandth of abs(weights), and by ten times as much as its
    neighbours typically are: the values of a counter or of rounded numbers are none.

    Args:
        ordered: values that do not decrease, shape (n,).
        weights: abs(weights) in the same order, shape (n,); None weighs every event 1.
        most: how many to return; the largest are kept.

    Returns:
        The values in increasing order.

    Example:
        >>> point_masses(np.concatenate([np.full(20, -999.0), np.linspace(0.0, 1.0, 980)]), None, most=8)
        array([-999.])
    """
    starts = _starts(ordered)
    counts = np.diff(starts, append=len(ordered))
    mass = counts.astype(np.float64) if weights is None else np.add.reduceat(weights, starts)
    found = np.flatnonzero((counts >= _LEAST_EVENTS) & (mass >= _LEAST_SHARE * mass.sum()))
    if most < 1 or not len(found):
        return ordered[:0]
    edge = np.full(_NEIGHBOURS, np.nan)
    around = np.lib.stride_tricks.sliding_window_view(np.concatenate([edge, mass, edge]), 2 * _NEIGHBOURS + 1)[found]
    around[:, _NEIGHBOURS] = np.nan  # a copy: fancy indexing made it
    known = ~np.isnan(around).all(axis=1)
    found, around = found[known], around[known]
    found = found[mass[found] >= _CONTRAST * np.nanmedian(around, axis=1)]
    largest = np.sort(found[np.argsort(-mass[found], kind="stable")[:most]])
    return np.asarray(ordered[starts[largest]])


def equal_frequency(ordered: Floats, weights: NDArray[np.float64] | None, bins: int) -> Floats:
    """Return at most B - 1 boundaries: point masses have codes of their own, the rest is shared out evenly.

    Args:
        ordered: values that do not decrease, shape (n,), more than B of them different.
        weights: abs(weights) in the same order, shape (n,); None weighs every event 1.
        bins: B.
    """
    masses, around, rest = _apart(ordered, weights, bins)
    shared = _even_shares(ordered[rest], None if weights is None else weights[rest], bins - len(around))
    return _merged(ordered, shared, around) if len(masses) else shared


def equal_width(ordered: Floats, bins: int) -> Floats:
    """Return at most B - 1 boundaries: point masses have codes of their own, the range of the rest is divided evenly.

    Args:
        ordered: values that do not decrease, shape (n,); infinite ones fall at the ends.
        bins: B.
    """
    masses, around, rest = _apart(ordered, None, bins)
    finite = ordered[rest & np.isfinite(ordered)]
    bins -= len(around)
    low, high = finite[0], finite[-1]
    share = np.arange(1, bins) / bins
    candidates = distinct((low * (1 - share) + high * share).astype(finite.dtype))
    even = np.asarray(candidates[(candidates > low) & (candidates <= high)])
    return _merged(ordered, even, around) if len(masses) else even


def _apart(ordered: Floats, weights: NDArray[np.float64] | None, bins: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the point masses, the boundaries around them, and which values are none."""
    masses = point_masses(ordered, weights, bins // 4)
    above = np.nextafter(masses, np.asarray(np.inf, ordered.dtype))
    around = np.concatenate([masses[masses > ordered[0]], above[above <= ordered[-1]]])
    return masses, around, ~np.isin(ordered, masses)


def _merged(ordered: Floats, boundaries: Floats, around: Floats) -> Floats:
    merged = distinct(np.sort(np.concatenate([boundaries, around])))
    return np.asarray(merged[(merged > ordered[0]) & (merged <= ordered[-1])])


def _even_shares(ordered: Floats, weights: NDArray[np.float64] | None, bins: int) -> Floats:
    """Return the lowest value of each of B equal shares, and the next value above one that fills several."""
    if weights is None:
        starts = np.arange(bins) * len(ordered) // bins
    else:
        filled = np.cumsum(weights)
        starts = np.searchsorted(filled, np.arange(bins) * filled[-1] / bins, side="right").clip(max=len(ordered) - 1)
    lowest = ordered[starts]
    repeated = lowest[1:][lowest[1:] == lowest[:-1]]
    above = np.nextafter(repeated, np.asarray(np.inf, ordered.dtype))
    candidates = distinct(np.sort(np.concatenate([lowest, above])))
    return np.asarray(candidates[(candidates > ordered[0]) & (candidates <= ordered[-1])])


def _starts(ordered: Floats) -> NDArray[np.intp]:
    """Return where each different value begins."""
    return np.flatnonzero(np.append(True, ordered[1:] > ordered[:-1])[: len(ordered)])

"""Pearson's correlation, shown beside the information that it misses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.information._parallel import map_threads

Floats = NDArray[np.float64]

_BLOCK = 4096


def pearson(
    columns: Sequence[NDArray[Any]],
    weights: NDArray[np.float64] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Floats:
    """Compute Pearson's correlation of every pair of columns over the events where both are finite.

    r = Σw(x-x̄)(y-ȳ) / √(Σw(x-x̄)² Σw(y-ȳ)²)

    Args:
        columns: k arrays, shape (n,) each, numeric.
        weights: event weights, shape (n,), of any sign; None weighs every event 1.
        report: called with how much of the work is done, and how much there is; what it raises ends it.

    Returns:
        Correlations, shape (k, k); NaN beside a column that is constant or that has no positive variance.

    Example:
        >>> pearson([np.array([0, 1, 2]), np.array([1, 0, -1])])
        array([[ 1., -1.],
               [-1.,  1.]])
    """
    few = slice(None, None, 1 + len(columns[0]) // _BLOCK)
    centres = [centre(column[few]) for column in columns]
    return correlation(product_moments(columns, centres, weights, report))


def product_moments(
    columns: Sequence[NDArray[Any]],
    centres: Sequence[float],
    weights: NDArray[np.float64] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Floats:
    """Sum Σw, Σwx, Σwx² and Σwxy of every pair of columns over the events where both are finite; sums of events add up.

    Args:
        columns: k arrays, shape (n,) each, numeric.
        centres: a value near the middle of each column, which is subtracted so that sums of squares lose no digits.
        weights: event weights, shape (n,), of any sign; None weighs every event 1.
        report: as of `pearson`.

    Returns:
        The four sums, shape (4, k, k): of row x, with column y.
    """

    def moments(start: int) -> Floats:
        events = slice(start, start + _BLOCK)
        x = np.empty((len(columns), len(columns[0][events])))
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows has no correlation
            for row, column, middle in zip(x, columns, centres, strict=True):
                np.subtract(column[events], middle, out=row, dtype=np.float64)
            return _moments(x, None if weights is None else weights[events])

    parts = map_threads(moments, range(0, len(columns[0]), _BLOCK), report)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.sum(parts, axis=0))


def correlation(moments: Floats) -> Floats:
    """Compute Pearson's correlation of every pair from the sums of ``product_moments``, shape (k, k)."""
    with np.errstate(all="ignore"):
        n, x, xx, xy = moments
        mean = x / n
        variance = xx / n - mean**2
        variance = np.where(variance > 0, variance, np.nan)
        return np.asarray((xy / n - mean * mean.T) / np.sqrt(variance * variance.T))


def centre(values: NDArray[Any]) -> float:
    """Return a value to subtract, so that sums of squares lose no digits."""
    finite = np.asarray(values[np.isfinite(values)], np.float64)
    return float(np.median(finite)) if finite.size else 0.0


def _moments(x: Floats, weights: NDArray[np.float64] | None) -> Floats:
    """Return Σw, Σwx_i, Σwx_i² and Σwx_ix_j over the events where x_i and x_j are finite, shape (4, k, k)."""
    weighted = x if weights is None else x * weights
    sums = np.empty((4, len(x), len(x)))
    sums[3] = _products(weighted, x, True)
    squares = np.diagonal(sums[3])[:, None]
    if np.isfinite(squares).all():
        sums[0] = x.shape[1] if weights is None else weights.sum()
        sums[1] = weighted.sum(axis=1, keepdims=True)
        sums[2] = squares
        return sums
    finite = np.isfinite(x)
    known, x = finite.astype(np.float64), np.where(finite, x, 0.0)
    weight, weighted = (known, x) if weights is None else (known * weights, x * weights)
    sums[0] = _products(weight, known, True)
    sums[1] = _products(weighted, known, False)
    sums[2] = _products(weighted * x, known, False)
    sums[3] = _products(weighted, x, True)
    return sums


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _products(a: Floats, b: Floats, symmetric: bool) -> Floats:
    """Return a bᵀ. A threaded BLAS takes ten times as long for such narrow matrices when the cores are busy."""
    product = np.empty((len(a), len(b)))
    for i in range(len(a)):
        for j in range(i if symmetric else 0, len(b)):
            total = 0.0
            for event in range(a.shape[1]):
                total += a[i, event] * b[j, event]
            product[i, j] = total
            if symmetric:
                product[j, i] = total
    return product

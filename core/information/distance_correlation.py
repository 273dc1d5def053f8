"""Weighted distance correlation of two one-dimensional variables in O(n log n) time and O(n) memory."""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.errors import DataError
from core.information._parallel import FIRST_CALL

FloatArray = NDArray[np.float64]

RESOLUTION = 1e-12
"""A variable whose range is below this share of its size is constant: what is left of it is rounding."""


def distance_correlation(
    x: NDArray[np.generic], y: NDArray[np.generic], weights: NDArray[np.generic] | None = None
) -> float:
    """Compute the squared distance correlation dCorr²(x, y), exactly and with event weights.

    With weights that sum to one, a_ij = |x_i - x_j| and b_ij = |y_i - y_j|,

        dCov²(x, y) = Σ_ij w_i w_j a_ij b_ij + (Σ_i w_i a_i.)(Σ_i w_i b_i.) - 2 Σ_i w_i a_i. b_i.,

    where a_i. = Σ_j w_j a_ij, and dCorr² = dCov²(x, y) / sqrt(dCov²(x, x) dCov²(y, y)). It is zero if and only
    if x and y are independent (in the limit of many events) and one for a linear relation.

    Args:
        x: values of the first variable, shape (n,).
        y: values of the second variable, shape (n,).
        weights: event weights, shape (n,), normalised inside; equal when None.

    Returns:
        dCorr² in [0, 1] for non-negative weights; 0 when either variable is constant.

    Raises:
        DataError: lengths differ, fewer than two events, values that are not finite, or weights whose sum is not
            positive.

    References:
        Székely, Rizzo, Bakirov 2007 (0803.4101); Kasieczka, Shih 2020 (2001.05310).

    Example:
        >>> x = np.arange(10.0)
        >>> round(distance_correlation(x, 3 * x + 1), 12)
        1.0
    """
    if np.shape(x) != np.shape(y) or np.ndim(x) != 1:
        raise DataError(
            f"variables have shapes {np.shape(x)} and {np.shape(y)}; two one-dimensional arrays of one length are "
            "needed"
        )
    if len(x) < 2:
        raise DataError(f"distance correlation needs at least two events, got {len(x)}")
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != x.shape or not w.sum() > 0:
        raise DataError(
            f"weights have shape {w.shape} and sum {w.sum():.4g}; one weight an event and a positive sum are needed"
        )
    if n_bad := int((~(np.isfinite(x) & np.isfinite(y))).sum()):
        raise DataError(f"{n_bad} of {len(x)} events have a value that is not finite; distances need finite ones")
    w = w / w.sum()
    a, b = _centred(x, w), _centred(y, w)
    if a is None or b is None:
        return 0.0
    row_a, row_b = _row_sums(a, w), _row_sums(b, w)
    covariance = 2 * (w * a) @ signed_distance_sums(a, b, w) + (w @ row_a) * (w @ row_b) - 2 * (w * row_a) @ row_b
    variances = _distance_variance(a, row_a, w) * _distance_variance(b, row_b, w)
    return float(covariance / np.sqrt(variances)) if variances > 0 else 0.0


def signed_distance_sums(x: FloatArray, y: FloatArray, w: FloatArray) -> FloatArray:
    """Compute g_i = Σ_j w_j sgn(x_i - x_j) |y_i - y_j| for all i in O(n log n).

    2 Σ_i w_i x_i g_i is Σ_ij w_i w_j |x_i - x_j| |y_i - y_j|, and 2 w_i g_i is its exact derivative in x_i, so one
    vector gives both the value and the gradient of the only double sum in dCov². Tied x count as sgn 0.

    Args:
        x: shape (n,), float64.
        y: shape (n,), float64.
        w: weights, shape (n,), float64.

    Returns:
        g, shape (n,).

    Example:
        >>> x, y, w = np.array([0.0, 1.0, 2.0]), np.array([5.0, 1.0, 2.0]), np.ones(3)
        >>> signed_distance_sums(x, y, w)
        array([-7.,  3.,  4.])
    """
    _load_kernel()
    order = np.argsort(x, kind="stable")
    rank = np.empty(len(y), dtype=np.int64)
    rank[np.argsort(y, kind="stable")] = np.arange(len(y))
    sums = np.empty(len(x))
    sums[order] = _dominance(x[order], y[order], w[order], rank[order], _row_sums(y, w)[order])
    return sums


@cache
def _load_kernel() -> None:
    """Compile the sweep, or load it, in one thread: numba's first calls must not meet."""
    one = np.zeros(1)
    with FIRST_CALL:
        _dominance(one, one, one, np.zeros(1, dtype=np.int64), one)


@njit(cache=True, nogil=True)
def _prefix(tree: NDArray[np.float64], count: int) -> tuple[float, float]:  # pragma: no cover - compiled
    """Sum the weights and the weighted values of the ``count`` lowest ranks in a Fenwick tree."""
    weight = 0.0
    moment = 0.0
    while count > 0:
        weight += tree[count, 0]
        moment += tree[count, 1]
        count -= count & -count
    return weight, moment


@njit(cache=True, nogil=True)
def _dominance(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    w: NDArray[np.float64],
    rank: NDArray[np.int64],
    row_y: NDArray[np.float64],
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Sweep in ascending x with a Fenwick tree over the ranks of y.

    With L_i and M_i the sums Σ_j w_j |y_i - y_j| over x_j < x_i and x_j ≤ x_i, g_i = L_i + M_i - Σ_j w_j |y_i - y_j|.
    """
    n = len(x)
    tree = np.zeros((n + 1, 2))
    total_weight = 0.0
    total_moment = 0.0
    sums = np.empty(n)
    start = 0
    while start < n:
        stop = start + 1  # NaN equals nothing, itself included
        while stop < n and x[stop] == x[start]:
            stop += 1
        for i in range(start, stop):
            weight, moment = _prefix(tree, rank[i])
            sums[i] = y[i] * (2 * weight - total_weight) - (2 * moment - total_moment)
        for i in range(start, stop):
            total_weight += w[i]
            total_moment += w[i] * y[i]
            k = rank[i] + 1
            while k <= n:
                tree[k, 0] += w[i]
                tree[k, 1] += w[i] * y[i]
                k += k & -k
        for i in range(start, stop):
            weight, moment = _prefix(tree, rank[i])
            sums[i] += y[i] * (2 * weight - total_weight) - (2 * moment - total_moment) - row_y[i]
        start = stop
    return sums


def _centred(x: NDArray[np.generic], w: FloatArray) -> FloatArray | None:
    """Return x minus its weighted mean in float64, which keeps the rounding small; None when x is constant."""
    values = np.asarray(x, dtype=np.float64)
    if np.ptp(values) <= RESOLUTION * np.abs(values).max():
        return None
    return values - w @ values


def _row_sums(x: FloatArray, w: FloatArray) -> FloatArray:
    """Compute Σ_j w_j |x_i - x_j| for all i by sorting, shape (n,)."""
    order = np.argsort(x, kind="stable")
    below = np.cumsum(w[order])
    moment = np.cumsum((w * x)[order])
    sums = np.empty(len(x))
    sums[order] = x[order] * (2 * below - below[-1]) - (2 * moment - moment[-1])
    return sums


def _distance_variance(x: FloatArray, row: FloatArray, w: FloatArray) -> float:
    """Compute dCov²(x, x) from the row sums; Σ_ij w_i w_j (x_i - x_j)² is twice the variance."""
    centred = x - w @ x
    return float(2 * w @ centred**2 + (w @ row) ** 2 - 2 * w @ row**2)

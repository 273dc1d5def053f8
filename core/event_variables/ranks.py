"""How two variables order events alike, and how well one orders signal above background."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.results import Estimate

Floats = NDArray[np.float64]


def kendall_tau(x: NDArray[np.generic], y: NDArray[np.generic], weights: Floats) -> Estimate:
    """Compute Kendall's τ_b = Σ w_i w_j s_ij / √(Σ w_i w_j [x_i ≠ x_j] Σ w_i w_j [y_i ≠ y_j]), and its standard error.

    s_ij is 1 for a pair that both variables order alike, -1 for one that they order unlike and 0 for a tie. The error
    is that of a U-statistic: from how much each event changes τ. It takes n log n steps.

    Args:
        x: values, shape (n,), finite.
        y: values, shape (n,), finite.
        weights: shape (n,), not negative.

    Returns:
        τ in [-1, 1]; NaN where a variable has one value.

    References:
        Kendall 1938 and 1945; Hoeffding 1948 for the error.

    Example:
        >>> kendall_tau(np.arange(5), np.arange(5) ** 3, np.ones(5))
        Estimate(value=1.0, error=0.0)
    """
    ranks_x, ranks_y = (np.unique(np.asarray(each), return_inverse=True)[1].astype(np.int64) for each in (x, y))
    w = np.asarray(weights, np.float64)
    order = np.argsort(ranks_x, kind="stable")
    ranks_x, ranks_y, w = ranks_x[order], ranks_y[order], w[order]
    excess = _below_less_above(ranks_x, ranks_y, w) - _below_less_above(ranks_x[::-1], ranks_y[::-1], w[::-1])[::-1]
    apart = [w.sum() - np.bincount(ranks, w)[ranks] for ranks in (ranks_x, ranks_y)]
    norms = [float(w @ each) for each in apart]
    if min(norms, default=0.0) <= 0:
        return Estimate(float("nan"))
    norm = float(np.sqrt(norms[0] * norms[1]))
    tau = float(w @ excess) / norm
    influence = w * (2 * excess / norm - tau * (apart[0] / norms[0] + apart[1] / norms[1]))
    return Estimate(tau, float(np.sqrt(influence @ influence)))


def separation(values: NDArray[np.generic], is_signal: NDArray[np.bool_], weights: Floats) -> Estimate:
    """Compute the area under the ROC curve of a variable as it is or reversed, whichever is larger, and its error.

    AUC = P(signal above background) + ½ P(equal); its error is DeLong's.

    Args:
        values: shape (n,), finite.
        is_signal: shape (n,), with events of both classes.
        weights: shape (n,), not negative.

    References:
        DeLong, DeLong, Clarke-Pearson 1988.

    Example:
        >>> separation(np.array([1, 2, 3, 4]), np.array([True, True, False, False]), np.ones(4)).value
        1.0
    """
    codes = np.unique(np.asarray(values), return_inverse=True)[1]
    w = np.asarray(weights, np.float64)
    below = []
    for chosen in (is_signal, ~is_signal):
        sums = np.bincount(codes[chosen], w[chosen], int(codes.max()) + 1)
        below.append((np.cumsum(sums) - sums / 2) / sums.sum())
    of_signal, of_background = below[1][codes[is_signal]], 1 - below[0][codes[~is_signal]]
    shares = [w[chosen] / w[chosen].sum() for chosen in (is_signal, ~is_signal)]
    area = float(shares[0] @ of_signal)
    squares = (np.sum((p * (v - area)) ** 2) for p, v in zip(shares, (of_signal, of_background), strict=True))
    return Estimate(max(area, 1 - area), float(np.sqrt(sum(squares))))


@njit(cache=True)
def _below_less_above(x: NDArray[np.int64], y: NDArray[np.int64], w: Floats) -> Floats:  # pragma: no cover - compiled
    """Return for each event the weight of events before it in x that are below it in y, less that of those above.

    Args:
        x: ranks in rising or in falling order, shape (n,).
        y: ranks, shape (n,).
        w: weights, shape (n,).
    """
    n = len(x)
    tree = np.zeros(y.max() + 2)
    found = np.empty(n)
    start, total = 0, 0.0
    while start < n:
        end = start
        while end < n and x[end] == x[start]:
            below, up_to = 0.0, 0.0
            k = y[end]
            while k > 0:
                below += tree[k]
                k -= k & -k
            k = y[end] + 1
            while k > 0:
                up_to += tree[k]
                k -= k & -k
            found[end] = below - (total - up_to)
            end += 1
        for i in range(start, end):
            total += w[i]
            k = y[i] + 1
            while k < len(tree):
                tree[k] += w[i]
                k += k & -k
        start = end
    return found

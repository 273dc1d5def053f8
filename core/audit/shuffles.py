"""How likely a statistic is for variables that know nothing of each other, from shuffled events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import gamma
from scipy.stats import t as student

Floats = NDArray[np.float64]

_ROUNDING = 1e-12


def upper_tail(seen: float, shuffled: NDArray[np.floating], error: float = float("nan")) -> float:
    """Compute the probability that shuffled events show as much as was seen.

    p = (1 + k)/(1 + n) where k of n shuffles show as much. Where none does, the tail of the gamma distribution with
    their mean and variance, so that p is not bounded by their number; if all show the same, that of a normal
    distribution around it with the standard error of what was seen.

    Args:
        seen: a statistic that is never far below zero.
        shuffled: the same statistic of shuffled events, shape (n,).
        error: standard error of what was seen; NaN when there is none.

    Returns:
        A probability; NaN when the statistic is.

    References:
        B. Phipson and G. Smyth, Permutation p-values should never be zero, arXiv:1603.05766;
        A. Gretton et al., A kernel statistical test of independence, NIPS 2007, for the gamma distribution.

    Example:
        >>> upper_tail(0.5, np.array([0.1, 0.3, 0.6, 0.2]))
        0.4
    """
    if not np.isfinite(seen):
        return float("nan")
    n_above = int(np.count_nonzero(shuffled >= seen - _ROUNDING))
    counted = (1 + n_above) / (1 + len(shuffled))
    mean, variance = float(np.mean(shuffled)), float(np.var(shuffled))
    if n_above:
        return counted
    if not (mean > 0 and variance > 0):
        return min(counted, float(ndtr(-(seen - mean) / error))) if error > 0 else counted
    return min(counted, float(gamma.sf(seen, mean**2 / variance, scale=variance / mean)))


def upper_tail_of_few(seen: float, shuffled: NDArray[np.floating]) -> float:
    """Compute the same probability from few shuffles of a statistic that scatters like a normal variable.

    Student's t of (seen - mean)/(s sqrt(1 + 1/n)) with n - 1 degrees of freedom.

    Args:
        seen: the statistic.
        shuffled: that of shuffled events, shape (n,), n ≥ 2.
    """
    n = len(shuffled)
    scatter = float(np.std(shuffled, ddof=1)) * np.sqrt(1 + 1 / n)
    return float(student.sf((seen - float(np.mean(shuffled))) / scatter, n - 1)) if scatter > 0 else float("nan")


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values of several tests: those below α are the failures of a family that is wrong with probability α.

    Args:
        p_values: one a test; NaN for those that could not be made, which stay NaN.

    Returns:
        Adjusted p-values in the same order.

    References:
        S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 1979.

    Example:
        >>> holm([0.01, 0.4, float("nan"), 0.02])
        [0.03, 0.4, nan, 0.04]
    """
    p = np.asarray(p_values, np.float64)
    made = np.flatnonzero(np.isfinite(p))
    order = made[np.argsort(p[made], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0)
    return [float(value) for value in adjusted]

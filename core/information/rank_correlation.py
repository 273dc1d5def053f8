"""Spearman's correlation from joint counts: the monotone part of a dependence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.information.counts import PairCounts

Floats = NDArray[np.float64]


def rank_correlation(counts: PairCounts, n_codes: Sequence[int]) -> Floats:
    """Compute Spearman's correlation of every pair: Pearson's of the ranks, where events of one code share a rank.

    It is exact for discrete variables. For continuous ones in B equally filled codes it is that of the coded variables,
    closer to zero by about 1/B².

    Args:
        counts: the joint tables of k variables.
        n_codes: codes of each variable that have an order, shape (k,); the code after them, of missing values, is left
            out.

    Returns:
        Correlations, shape (k, k); NaN beside a constant.

    References:
        C. Spearman, The proof and measurement of association between two things, 1904.

    Example:
        >>> from core.information.counts import count_pairs
        >>> from core.information.quantise import quantise
        >>> codes = quantise({"x": np.arange(6), "y": -(np.arange(6) ** 3)})
        >>> float(rank_correlation(count_pairs(codes), [6, 6])[0, 1].round(6))
        -1.0
    """
    whole = counts.with_selves()
    ordered = np.arange(whole.sum_w.shape[-1]) < np.asarray(n_codes)[:, None]
    i, j = whole.pairs.T
    p = np.maximum(whole.sum_w, 0) * ordered[i][:, :, None] * ordered[j][:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        p = p / p.sum(axis=(-2, -1), keepdims=True)
        (x, variance_x), (y, variance_y) = _ranks(p.sum(axis=-1)), _ranks(p.sum(axis=-2))
        found = np.einsum("pxy,px,py->p", p, x, y) / np.sqrt(variance_x * variance_y)
    square = np.empty((len(n_codes), len(n_codes)))
    square[i, j] = square[j, i] = found
    return square


def _ranks(margin: Floats) -> tuple[Floats, Floats]:
    """Return the middle rank of each code, around a mean of zero, and the variance of the ranks; NaN for a constant."""
    ranks = np.cumsum(margin, axis=-1) - margin / 2 - 0.5
    variance = (margin * ranks**2).sum(axis=-1)
    return ranks, np.where(np.count_nonzero(margin > 0, axis=-1) > 1, variance, np.nan)

"""Ranks and normal scores: what makes an estimate the same under every monotone map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


def ordinal_scores(values: NDArray[Any], rng: np.random.Generator) -> Floats:
    """Map values to normal scores Φ⁻¹((rank - ½)/n), equal values in random order.

    Args:
        values: shape (n,), without NaN.
        rng: breaks ties, and only those.

    Returns:
        Normal scores, shape (n,), all different.

    Example:
        >>> ordinal_scores(np.array([10.0, 1000.0, 20.0]), np.random.default_rng(1)).round(2)
        array([-0.97,  0.97,  0.  ])
    """
    order = np.argsort(values)
    ordered = values[order]
    if np.any(ordered[1:] == ordered[:-1]):
        order = np.lexsort((rng.permutation(len(values)), values))
    scores = np.empty(len(values))
    scores[order] = ndtri((np.arange(len(values)) + 0.5) / len(values))
    return scores


def tied_scores(values: NDArray[Any], weights: Floats | None = None) -> Floats:
    """Map values to normal scores Φ⁻¹(F), F the distribution function halfway up each step; equal values share one.

    Args:
        values: shape (n,), without NaN.
        weights: event weights, shape (n,), not negative; None weighs every event 1.

    Returns:
        Normal scores, shape (n,).

    Example:
        >>> tied_scores(np.array([3, 3, 8, 8])).round(2)
        array([-0.67, -0.67,  0.67,  0.67])
    """
    _, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    heights = counts.astype(np.float64) if weights is None else np.bincount(position, weights)
    filled = np.cumsum(heights)
    share = (filled - heights / 2) / filled[-1]
    tiny = 0.5 / len(values)  # values of no weight at the ends
    return np.asarray(ndtri(share.clip(tiny * 1e-3, 1 - tiny * 1e-3))[position])

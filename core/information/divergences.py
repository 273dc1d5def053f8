"""How two distributions over the same cells differ: cross entropy, and the divergence of any convex function.

The Kullback-Leibler and Jensen-Shannon divergences are beside the entropies in ``core.information.measures``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import entr, xlogy

from core.information.measures import Floats, Numbers, density

Potential = Callable[[Floats], Floats]
Gradient = Callable[[Floats], Floats]


def cross_entropy(first: Numbers, second: Numbers) -> Floats:
    """Compute the cross entropy H(f;g) = -Σ f log g = H(f) + KL(f,g) of two histograms in nats.

    Args:
        first: Σw in each bin, shape (..., n): the distribution f that events follow.
        second: the histogram of the distribution g that is believed, the same shape.

    Returns:
        Values from H(f) upwards; infinite where g = 0 < f.

    Raises:
        DataError: the weights of a histogram do not sum to a positive number.

    Example:
        >>> float(cross_entropy(np.array([1, 1]), np.array([1, 3])).round(4))  # (log 4 + log 4/3) / 2
        0.837
    """
    f, g = density(first, (-1,)), density(second, (-1,))
    return np.asarray(-xlogy(f, g).sum(axis=-1))


def negative_entropy(p: Floats) -> Floats:
    """Compute F(p) = Σ p log p, shape (..., n) to (...): its Bregman divergence is that of Kullback and Leibler."""
    return np.asarray(-entr(p).sum(axis=-1))


def negative_entropy_gradient(p: Floats) -> Floats:
    """Compute ∇F(p) = 1 + log p of ``negative_entropy``, the shape of p; -∞ in empty bins."""
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 + np.log(p))


def bregman_divergence(
    first: Numbers,
    second: Numbers,
    potential: Potential = negative_entropy,
    gradient: Gradient = negative_entropy_gradient,
) -> Floats:
    """Compute the Bregman divergence D_F(p,q) = F(p) - F(q) - <∇F(q), p - q> of two histograms.

    F = Σp² gives the squared distance Σ(p - q)², F = Σ p log p the Kullback-Leibler divergence in nats.

    Args:
        first: Σw in each bin, shape (..., n); scale does not matter.
        second: the histogram of reference, the same shape.
        potential: a convex function F from densities, shape (..., n), to numbers, shape (...).
        gradient: ∇F, from densities to the same shape; an infinite slope counts only where p and q differ.

    Returns:
        Values from 0 (equal shapes) upwards, one a histogram.

    Raises:
        DataError: the weights of a histogram do not sum to a positive number.

    References:
        L. M. Bregman, The relaxation method of finding the common point of convex sets, 1967;
        A. Banerjee et al., Clustering with Bregman divergences, JMLR 6, 2005.

    Example:
        >>> square = bregman_divergence(np.array([1, 1]), np.array([1, 3]), lambda p: (p**2).sum(-1), lambda p: 2 * p)
        >>> float(square)
        0.125
    """
    p, q = density(first, (-1,)), density(second, (-1,))
    step = p - q
    slope = np.where(step == 0, 0.0, gradient(q))
    return np.asarray(potential(p) - potential(q) - (slope * step).sum(axis=-1))

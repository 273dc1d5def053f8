"""Whether variables are jointly normal on their normal scores: a copula then tells all that they share."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtr, chdtri, ndtr

from core.information.estimators._sample import Sample
from core.information.estimators._scores import tied_scores

Floats = NDArray[np.float64]

_PARTS = (3, 5, 9, 17)  # of an axis; odd, so that no boundary is at 0, where equal ranks would lie on it
_LEAST_EXPECTED = 5  # events a cell
_SIGNIFICANCE = 0.01
_SINGULAR = 1e-10


def jointly_normal(sample: Sample) -> bool:
    """Test whether the normal scores of all components of x and y are jointly normal.

    Scores are rotated and scaled to a unit covariance, u = Σ^(-1/2) z. Each two components of u must be independent in
    tables of 3 × 3, 5 × 5, 9 × 9 and 17 × 17 cells of equal probability, and |u|² of all d must follow χ²_d in as many
    parts: χ² at 1 %, as far as there are five events a cell. A dependence of three components that no two of them and
    no distance show passes.

    Args:
        sample: continuous variables without weights and without NaN.

    Returns:
        Whether no test rejects; False where there are too few events for any, or a component follows from the others.

    Example:
        >>> x, noise = np.random.default_rng(1).normal(size=(2, 2000, 1))
        >>> jointly_normal(Sample(x, x + noise)), jointly_normal(Sample(x, x**2 + noise))
        (True, False)
    """
    scores = np.column_stack([tied_scores(column) for column in np.hstack([sample.x, sample.y]).T])
    strengths, directions = np.linalg.eigh(np.cov(scores, rowvar=False))
    if strengths[0] < _SINGULAR or len(scores) < _LEAST_EXPECTED * _PARTS[0] ** 2:
        return False
    unit = scores @ (directions / np.sqrt(strengths)) @ directions.T
    pairs = list(combinations(ndtr(unit).T, 2))
    if not _even(chdtr(unit.shape[1], (unit**2).sum(axis=1))):
        return False
    return all(_independent(u, v, _SIGNIFICANCE / len(pairs)) for u, v in pairs)


def _even(shares: Floats) -> bool:
    """Test whether values of 0 … 1, shape (n,), are evenly spread."""
    for parts in _PARTS:
        expected = len(shares) / parts
        counts = np.bincount(_part(shares, parts), minlength=parts)
        if ((counts - expected) ** 2).sum() / expected > chdtri(parts - 1, _SIGNIFICANCE):
            return False
    return True


def _independent(u: Floats, v: Floats, significance: float) -> bool:
    """Test whether values of 0 … 1, shape (n,) each, are independent."""
    for parts in _PARTS:
        if len(u) < _LEAST_EXPECTED * parts**2:
            break
        counts = np.bincount(_part(u, parts) * parts + _part(v, parts), minlength=parts**2).reshape(parts, parts)
        expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / len(u)
        if ((counts - expected) ** 2 / expected.clip(1e-9)).sum() > chdtri((parts - 1) ** 2, significance):
            return False
    return True


def _part(shares: Floats, parts: int) -> NDArray[np.int64]:
    return np.asarray((shares * parts).astype(np.int64).clip(0, parts - 1))

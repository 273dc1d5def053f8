"""Weighted statistics of residuals in bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDING = 1e-9


@dataclass(frozen=True)
class Binned:
    """Hold weighted statistics of y in bins, NaN where a bin has fewer than two effective events, shape (n_bins,) each.

    Args:
        n_effective: N_eff = (Σw)²/Σw².
        mean: Σwy/Σw.
        mean_error: standard deviation/√N_eff.
        width: standard deviation, √(Σw(y - mean)²/Σw).
        width_error: √((kurtosis - 1)/(4 N_eff)) · width, which is width/√(2 N_eff) for a Gaussian.
    """

    n_effective: Floats
    mean: Floats
    mean_error: Floats
    width: Floats
    width_error: Floats


def binned(y: Floats, weights: Floats, index: NDArray[np.int64], n_bins: int) -> Binned:
    """Compute mean and standard deviation of y, with their errors, in bins.

    Args:
        y: values, shape (n,).
        weights: not negative, shape (n,).
        index: bin of each value, shape (n,); values with -1 are left out.
        n_bins: number of bins.

    Example:
        >>> found = binned(np.array([1.0, 3.0, 7.0]), np.ones(3), np.array([0, 0, -1]), 1)
        >>> float(found.mean[0]), float(found.width[0])
        (2.0, 1.0)
    """
    keep = index >= 0
    y, weights, index = y[keep], weights[keep], index[keep]
    total = np.bincount(index, weights, n_bins)
    squares = np.bincount(index, weights**2, n_bins)
    with np.errstate(invalid="ignore", divide="ignore"):
        n_effective = np.where(squares > 0, total**2 / squares, 0.0)
        total = np.where(n_effective > 2 - ROUNDING, total, np.nan)
        mean = np.bincount(index, weights * y, n_bins) / total
        rest = y - mean[index]
        variance = np.bincount(index, weights * rest**2, n_bins) / total
        kurtosis = np.bincount(index, weights * rest**4, n_bins) / total / variance**2
        width = np.sqrt(variance)
        width_error = np.sqrt(np.maximum(kurtosis - 1, 0) / (4 * n_effective)) * width
        return Binned(n_effective, mean, width / np.sqrt(n_effective), width, width_error)


def medians(y: Floats, weights: Floats, index: NDArray[np.int64], n_bins: int) -> Floats:
    """Return the weighted median of y in each bin, shape (n_bins,); NaN without events."""
    found = np.full(n_bins, np.nan)
    order = np.argsort(y)
    for k in np.unique(index[index >= 0]):
        inside = order[index[order] == k]
        reached = np.cumsum(weights[inside])
        if reached[-1] > 0:
            found[k] = y[inside[np.searchsorted(reached, reached[-1] / 2)]]
    return found


def bin_of(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """Return the bin of each value, -1 for those beyond the edges, shape of values."""
    index = np.searchsorted(edges, values, side="right") - 1
    index[values == edges[-1]] = len(edges) - 2
    return np.where((index >= 0) & (index < len(edges) - 1), index, -1)


def quantiles(values: Floats, weights: Floats, shares: tuple[float, ...]) -> list[float]:
    """Return the values below which given shares of the weight lie."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return [
        float(values[order[np.searchsorted(reached, share * reached[-1]).clip(max=len(values) - 1)]])
        for share in shares
    ]

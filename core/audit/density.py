"""Smooth densities of two variables, by a kernel density estimate on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.special import logit

from core.audit.shuffles import Floats
from core.errors import DataError
from core.events.table import effective_number
from core.results import Array

GRID, FINER = 64, 4
CENTRAL_SHARE = 0.998
MARGIN = 3.0
SMALLEST_SCORE = 1e-6


@dataclass(frozen=True)
class KernelDensity:
    """Hold the density of a protected variable against logit f, of signal and of background.

    Args:
        m: points of the grid in the variable's unit, shape (64,).
        logit: points of the grid of log f/(1 - f), shape (64,).
        signal: density, shape (64, 64), first axis for m.
        background: density, the same shape.
        signal_bandwidth: standard deviations of the kernel along m and logit f, shape (2,).
        background_bandwidth: the same of background.
    """

    m: Array
    logit: Array
    signal: Array
    background: Array
    signal_bandwidth: Array
    background_bandwidth: Array


def score_density(m: Floats, scores: Floats, is_signal: NDArray[np.bool_], weights: Floats) -> KernelDensity:
    """Estimate the density of m against logit f of both classes on one grid.

    The grid holds the central 99.8 % of the events of each axis and three bandwidths more. Scores are bounded to
    10⁻⁶ … 1 - 10⁻⁶ before the logit.

    Args:
        m: protected variable, shape (n,), finite.
        scores: shape (n,), in [0, 1].
        is_signal: shape (n,).
        weights: event weights, shape (n,), of any sign; negative densities are left at zero.

    Raises:
        DataError: a score outside [0, 1], or a class whose points lie on a line.
    """
    if scores.min() < 0 or scores.max() > 1:
        raise DataError(f"scores from {scores.min():.4g} to {scores.max():.4g}; the logit needs scores in [0, 1]")
    points = np.stack([m, logit(np.clip(scores, SMALLEST_SCORE, 1 - SMALLEST_SCORE))])
    kernels = [_kernel(points[:, chosen], weights[chosen]) for chosen in (is_signal, ~is_signal)]
    widths = [np.sqrt(np.diag(kernel)) for kernel in kernels]
    ends = np.quantile(points, [(1 - CENTRAL_SHARE) / 2, (1 + CENTRAL_SHARE) / 2], axis=1)
    reach = MARGIN * np.max(widths, axis=0)
    axes = [np.linspace(low - r, high + r, GRID) for low, high, r in zip(*ends, reach, strict=True)]
    signal, background = (
        _rounded(kernel_density(points[:, chosen], weights[chosen], axes[0], axes[1]))
        for chosen in (is_signal, ~is_signal)
    )
    return KernelDensity(axes[0], axes[1], signal, background, widths[0], widths[1])


def kernel_density(points: Floats, weights: Floats, x: Floats, y: Floats) -> Floats:
    """Estimate the density of weighted points with Gaussian kernels of Scott's bandwidth, on a grid.

    Events are shared among the corners of cells a quarter as wide as those of the grid, and their table is convolved
    with the kernel by a Fourier transform: O(n + cells log cells).

    Args:
        points: shape (2, n).
        weights: shape (n,), of any sign; the kernel is made from |w|.
        x: evenly spaced points along the first axis.
        y: evenly spaced points along the second axis.

    Returns:
        Density that integrates to one over the whole plane, shape (len(x), len(y)).

    Raises:
        DataError: fewer than three points, points on a line, or weights that do not have a positive sum.

    References:
        D. W. Scott, Multivariate Density Estimation, 1992 (bandwidth n^(-1/6) standard deviations);
        M. P. Wand, Fast computation of multivariate kernel estimators, J. Comput. Graph. Stat. 3, 1994.
    """
    kernel = _kernel(points, weights)
    pads = [int(np.ceil(6 * np.sqrt(kernel[k, k]) / (axis[1] - axis[0]))) for k, axis in enumerate((x, y))]
    steps = [(axis[1] - axis[0]) / FINER for axis in (x, y)]
    sizes = [next_fast_len(FINER * (len(axis) + 2 * pad), real=True) for axis, pad in zip((x, y), pads, strict=True)]
    starts = [axis[0] - pad * (axis[1] - axis[0]) for axis, pad in zip((x, y), pads, strict=True)]
    table = _shared_among_corners(points, weights, starts, steps, sizes)
    waves = [2 * np.pi * np.fft.fftfreq(sizes[0], steps[0]), 2 * np.pi * np.fft.rfftfreq(sizes[1], steps[1])]
    along, across = waves[0][:, None], waves[1]
    exponent = kernel[0, 0] * along**2 + 2 * kernel[0, 1] * along * across + kernel[1, 1] * across**2
    smooth = irfft2(rfft2(table) * np.exp(-exponent / 2), s=tuple(sizes)) / (weights.sum() * steps[0] * steps[1])
    rows, columns = (FINER * (pad + np.arange(len(axis))) for axis, pad in zip((x, y), pads, strict=True))
    return np.asarray(smooth[np.ix_(rows, columns)], np.float64)


def _rounded(density: Floats) -> Floats:
    """Return a density to four figures, and zero below a millionth of its peak: what is drawn, and short to store."""
    kept = np.where(density > 1e-6 * density.max(), density, 0.0)
    decimals = 10.0 ** (3 - np.floor(np.log10(np.where(kept > 0, kept, 1.0))))
    return np.asarray(np.round(kept * decimals) / decimals)


def _kernel(points: Floats, weights: Floats) -> Floats:
    """Return the covariance of the kernel, N_eff^(-1/3) times that of the points, shape (2, 2)."""
    if points.shape[1] < 3 or not weights.sum() > 0:
        raise DataError(
            f"{points.shape[1]} events of weight {weights.sum():.4g}; a density needs three, of positive sum"
        )
    kernel = np.cov(points, aweights=np.abs(weights)) * effective_number(weights) ** (-1 / 3)
    if not np.linalg.det(kernel) > 1e-12 * kernel[0, 0] * kernel[1, 1]:
        raise DataError("all events lie on a line; a density of two variables needs both to vary")
    return np.asarray(kernel, np.float64)


def _shared_among_corners(
    points: Floats, weights: Floats, starts: list[float], steps: list[float], sizes: list[int]
) -> Floats:
    """Share each event's weight among the four corners of its cell; events beyond the table are left out."""
    places = [(points[k] - starts[k]) / steps[k] for k in (0, 1)]
    inside = np.all([(place >= 0) & (place < size - 1) for place, size in zip(places, sizes, strict=True)], axis=0)
    lower = [place[inside].astype(np.intp) for place in places]
    upper_share = [place[inside] - low for place, low in zip(places, lower, strict=True)]
    table = np.zeros(sizes[0] * sizes[1])
    for i in (0, 1):
        for j in (0, 1):
            shares = (upper_share[0] if i else 1 - upper_share[0]) * (upper_share[1] if j else 1 - upper_share[1])
            cells = (lower[0] + i) * sizes[1] + lower[1] + j
            table += np.bincount(cells, shares * weights[inside], len(table))
    return table.reshape(sizes)

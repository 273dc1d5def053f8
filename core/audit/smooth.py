"""Smooth functions fitted to weighted spectra, with a template of a peak on top where one is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import legvander
from numpy.typing import NDArray
from scipy.stats import chi2

from core.audit.shuffles import Floats
from core.errors import DataError
from core.results import Estimate

LEAST_EXPECTED = 10.0
STEPS, HALVINGS = 100, 30
NEIGHBOURS = 5
_CONVERGED = 1e-9


@dataclass(frozen=True)
class Histogram:
    """Hold Σw and Σw² of a spectrum in equal bins, and how much larger its variance is than that of counts.

    Args:
        sum_w: shape (bins,).
        sum_w2: shape (bins,).
        scale: Σw²/Σw of neighbouring bins; one without weights, shape (bins,).
    """

    sum_w: Floats
    sum_w2: Floats
    scale: Floats


@dataclass(frozen=True)
class Fit:
    """Hold a fitted spectrum.

    Args:
        smooth: the smooth part, shape (bins,).
        expected: the smooth part and the peak.
        peak: yield of the peak and its standard error; NaN without a template.
        loss: twice the negative logarithm of the likelihood, up to a constant.
        p_value: goodness of fit, by χ² of neighbouring bins of ten expected events together.
    """

    smooth: Floats
    expected: Floats
    peak: Estimate
    loss: float
    p_value: float


def histogram(m: Floats, weights: Floats, edges: Floats) -> Histogram:
    """Fill a spectrum; the scale is that of five neighbouring bins, and of all where theirs is not positive."""
    sum_w, sum_w2 = (np.histogram(m, edges, weights=values)[0] for values in (weights, weights**2))
    if not sum_w.sum() > 0:
        raise DataError(f"the weights in the spectrum sum to {sum_w.sum():.4g}; a positive sum is needed")
    whole = sum_w2.sum() / sum_w.sum()
    near, near2 = (np.convolve(values, np.ones(NEIGHBOURS), "same") for values in (sum_w, sum_w2))
    scale = np.divide(near2, near, out=np.full(len(near), whole), where=(near > 0) & (near2 > 0))
    return Histogram(sum_w, sum_w2, scale.clip(whole / 20, whole * 20))


def fit_smooth(spectrum: Histogram, order: int, template: Floats | None = None) -> Fit:
    """Fit μ_b = exp(Σ_k c_k P_k(m_b)) + S t_b with Legendre polynomials P_k up to ``order``.

    The likelihood is that of scaled Poisson numbers, -2 log L = 2 Σ_b (μ_b - w_b log μ_b)/s_b, minimised by Fisher's
    scoring; the error of S is that of the inverse information matrix.

    Args:
        spectrum: what to fit.
        order: of the polynomial, 0 or more.
        template: shape t of a peak, shape (bins,), that sums to one; None fits the smooth part alone.

    Returns:
        The fit.

    Raises:
        DataError: the fit does not converge.

    References:
        G. Bohm and G. Zech, Statistics of weighted Poisson events, arXiv:1309.1287.
    """
    bins, total = len(spectrum.sum_w), float(spectrum.sum_w.sum())
    polynomials = np.asarray(legvander((2 * np.arange(bins) + 1) / bins - 1, order), np.float64)
    shape = None if template is None else template * total
    parameters = np.zeros(polynomials.shape[1] + (shape is not None))
    parameters[0] = np.log(total / bins)
    loss = _loss(spectrum, _expected(parameters, polynomials, shape)[1])
    for _ in range(STEPS):
        smooth, expected = _expected(parameters, polynomials, shape)
        columns = smooth[:, None] * polynomials
        columns = columns if shape is None else np.column_stack([columns, shape])
        pull = columns / (expected * spectrum.scale)[:, None]
        information = columns.T @ pull
        gradient = pull.T @ (spectrum.sum_w - expected)
        step = np.asarray(np.linalg.lstsq(information, gradient, rcond=None)[0], np.float64)
        if gradient @ step < _CONVERGED:
            break
        parameters, loss = _improved(spectrum, parameters, step, loss, polynomials, shape)
    else:
        raise DataError(f"the fit of order {order} did not converge in {STEPS} steps")
    smooth, expected = _expected(parameters, polynomials, shape)
    peak = Estimate(float("nan"))
    if shape is not None:
        error = float(np.sqrt(np.linalg.pinv(information)[-1, -1]))
        peak = Estimate(float(parameters[-1]) * total, error * total)
    return Fit(smooth, expected, peak, loss, _goodness(spectrum, expected, len(parameters)))


def best_order(spectrum: Histogram, orders: range) -> int:
    """Return the order with the smallest Akaike criterion, -2 log L + 2 parameters."""
    criteria = {order: fit_smooth(spectrum, order).loss + 2 * order for order in orders}
    return min(criteria, key=lambda order: criteria[order])


def _expected(parameters: Floats, polynomials: Floats, shape: Floats | None) -> tuple[Floats, Floats]:
    """Return the smooth part and all of the expected spectrum."""
    n = polynomials.shape[1]
    smooth = np.exp(np.clip(polynomials @ parameters[:n], -300, 300))
    return smooth, smooth if shape is None else smooth + parameters[n] * shape


def _loss(spectrum: Histogram, expected: Floats) -> float:
    """Return -2 log L; infinite where a bin expects nothing or less."""
    if not (expected > 0).all():
        return float("inf")
    return float(2 * np.sum((expected - spectrum.sum_w * np.log(expected)) / spectrum.scale))


def _improved(
    spectrum: Histogram, start: Floats, step: Floats, loss: float, polynomials: Floats, shape: Floats | None
) -> tuple[Floats, float]:
    """Go along a step as far as the likelihood grows, halving it until it does."""
    for _ in range(HALVINGS):
        tried = start + step
        reached = _loss(spectrum, _expected(tried, polynomials, shape)[1])
        if reached <= loss + _CONVERGED * abs(loss):
            return tried, reached
        step = step / 2
    raise DataError("the fit of a smooth spectrum found no better parameters")


def _goodness(spectrum: Histogram, expected: Floats, n_parameters: int) -> float:
    """Return the probability of a larger χ², neighbouring bins joined until ten effective events are expected."""
    group = _joined(expected / spectrum.scale)
    seen, predicted, variance = (
        np.bincount(group, values) for values in (spectrum.sum_w, expected, expected * spectrum.scale)
    )
    ndf = len(seen) - n_parameters
    return float(chi2.sf(np.sum((seen - predicted) ** 2 / variance), ndf)) if ndf > 0 else float("nan")


def _joined(counts: Floats) -> NDArray[np.intp]:
    """Return the group of each bin such that each group, in the order of bins, holds ten expected events."""
    group = np.zeros(len(counts), np.intp)
    n, filled = 0, 0.0
    for b, count in enumerate(counts):
        group[b] = n
        filled += count
        if filled >= LEAST_EXPECTED:
            n, filled = n + 1, 0.0
    group[group == n] = max(n - 1, 0)
    return group

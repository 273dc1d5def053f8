"""Spurious signal: the peak that a smooth fit finds in selected background, where there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from core.audit.peak import central_window
from core.audit.shuffles import Floats
from core.audit.smooth import best_order, fit_smooth, histogram
from core.errors import DataError
from core.evaluation.sculpting import CENTRAL_SHARE
from core.events.table import effective_number
from core.numbers import format_number, format_percent
from core.results import Array, Estimate, Number

ORDERS = range(2, 9)
FEWEST_BINS, MOST_BINS = 40, 160
BINS_A_WIDTH = 2
LEAST_EVENTS, LEAST_TEMPLATE = 200, 200
MOST_BACKGROUND = 0.5


@dataclass(frozen=True)
class SpuriousSignal:
    """Hold the fit of a smooth function and a peak to the background that passes a cut.

    Args:
        edges: bins of the spectrum in the variable's unit, shape (bins + 1,).
        selected: Σw of the background that passes, shape (bins,).
        error: sqrt(Σw²) of each bin, where it is empty that of one typical event, shape (bins,).
        smooth: the smooth function alone, fitted without a peak, shape (bins,).
        with_peak: the fit with a peak, shape (bins,).
        order: of the polynomial in exp(Σ_k c_k P_k(m)), chosen on the background before the cut.
        template: what the peak is, in words.
        low: lower end of the peak's window, the central 68 % of the signal.
        high: its upper end.
        goodness: p-value of the smooth function alone on the background that passes.
        goodness_before: the same of all background: whether the function is adequate at all.
        fake: the peak's yield on the background that passes, in units of Σw.
        fake_before: its yield on all background.
        under_peak: Σw that the smooth function expects in the window after the cut.
        p_value: probability of a yield as far from zero.
        n_effective: N_eff of the background that passes.
    """

    edges: Array
    selected: Array
    error: Array
    smooth: Array
    with_peak: Array
    order: int
    template: str
    low: Number
    high: Number
    goodness: Number
    goodness_before: Number
    fake: Estimate
    fake_before: Estimate
    under_peak: Number
    p_value: Number
    n_effective: Number

    @property
    def significance(self) -> float:
        """Return the fake yield over its error."""
        return self.fake.value / self.fake.error


def spurious_signal(
    m: Floats, is_signal: NDArray[np.bool_], passes: NDArray[np.bool_], weights: Floats
) -> SpuriousSignal:
    """Fit a smooth function and the signal's peak to the background that passes a cut, and to all background.

    The function is exp of a polynomial, whose order of 2 to 8 has the smallest Akaike criterion on all background. The
    spectrum holds the central 99.8 % of the background, in bins of half the peak's standard deviation, 40 to 160. The
    peak is the histogram of the signal that passes, or a Gaussian of its core where its N_eff is below 200.

    Args:
        m: protected variable, shape (n,), finite and continuous.
        is_signal: shape (n,).
        passes: whether each event passes the cut, shape (n,).
        weights: event weights, shape (n,), of any sign.

    Returns:
        The fake yields.

    Raises:
        DataError: N_eff of the background that passes is below 200, the signal makes no peak, or a fit fails.

    References:
        ATLAS collaboration, Recommendations for the modelling of smooth backgrounds, ATL-PHYS-PUB-2020-028.
    """
    selected = passes & ~is_signal
    n_effective = effective_number(weights[selected])
    if n_effective < LEAST_EVENTS:
        raise DataError(
            f"{format_number(n_effective)} effective background events pass the cut; {LEAST_EVENTS} are needed"
        )
    low, high = central_window(m[is_signal], weights[is_signal])
    edges = _edges(m[~is_signal], weights[~is_signal], low, high)
    template, words = _template(m[is_signal & passes], weights[is_signal & passes], edges, low, high)
    before = histogram(m[~is_signal], weights[~is_signal], edges)
    after = histogram(m[selected], weights[selected], edges)
    order = best_order(before, ORDERS)
    smooth, smooth_before = fit_smooth(after, order), fit_smooth(before, order)
    fitted, fitted_before = fit_smooth(after, order, template), fit_smooth(before, order, template)
    filled = np.concatenate([[0.0], np.cumsum(smooth.expected)])
    fake = fitted.peak
    return SpuriousSignal(
        edges=edges,
        selected=after.sum_w,
        error=np.where(after.sum_w2 > 0, np.sqrt(after.sum_w2), after.scale),
        smooth=smooth.expected,
        with_peak=fitted.expected,
        order=order,
        template=words,
        low=low,
        high=high,
        goodness=smooth.p_value,
        goodness_before=smooth_before.p_value,
        fake=fake,
        fake_before=fitted_before.peak,
        under_peak=float(np.interp(high, edges, filled) - np.interp(low, edges, filled)),
        p_value=float(2 * ndtr(-abs(fake.value) / fake.error)) if fake.error > 0 else float("nan"),
        n_effective=n_effective,
    )


def _edges(m: Floats, weights: Floats, low: float, high: float) -> Floats:
    """Return equal bins over the central background.

    Raises:
        DataError: the signal makes no peak in it.
    """
    lowest, highest = np.quantile(m, [(1 - CENTRAL_SHARE) / 2, (1 + CENTRAL_SHARE) / 2])
    share = float(weights[(m > low) & (m < high)].sum() / weights.sum())
    if not lowest < (low + high) / 2 < highest:
        raise DataError("the signal's peak lies outside the background's spectrum")
    if share > MOST_BACKGROUND:
        raise DataError(
            f"the signal makes no peak: the window of its central 68 % holds {format_percent(share)} of the background"
        )
    if not high > low:
        raise DataError("the signal takes one value only")
    bins = int(np.clip(np.ceil(2 * BINS_A_WIDTH * (highest - lowest) / (high - low)), FEWEST_BINS, MOST_BINS))
    return np.linspace(lowest, highest, bins + 1)


def _template(m: Floats, weights: Floats, edges: Floats, low: float, high: float) -> tuple[Floats, str]:
    """Return the shape of the peak, which sums to one, and what it is."""
    if effective_number(weights) >= LEAST_TEMPLATE:
        counts = np.histogram(m, edges, weights=weights)[0].clip(0.0)
        if counts.sum() > 0:
            return counts / counts.sum(), "the signal that passes"
    inside = ndtr((edges - (low + high) / 2) / ((high - low) / 2))
    shape = np.diff(inside)
    return shape / shape.sum(), "a Gaussian of the signal's core"

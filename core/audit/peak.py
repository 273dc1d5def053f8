"""The signal's peak in a protected variable: its window, and S/√B in it before and after a cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audit.shuffles import Floats
from core.errors import DataError
from core.results import Estimate, Number

WINDOW_SHARE = 0.68


@dataclass(frozen=True)
class PeakSignificance:
    """Hold S/√B in the window that the central 68 % of the signal fill, of the events as they are weighted.

    Args:
        low: lower end of the window.
        high: upper end.
        before: S/√B without the cut.
        after: S/√B of the events that pass.
        gain: their ratio ε_S/√ε_B in the window; it does not depend on the scale of the weights.
        signal: Σw of the signal in the window that passes.
        background: Σw of the background in the window that passes.
    """

    low: Number
    high: Number
    before: Estimate
    after: Estimate
    gain: Estimate
    signal: Estimate
    background: Estimate


def central_window(m: Floats, weights: Floats, share: float = WINDOW_SHARE) -> tuple[float, float]:
    """Return the values between which the central ``share`` of the events lies; the weights may be of any sign.

    Raises:
        DataError: no events, or weights that do not have a positive sum.
    """
    if not weights.sum() > 0:
        raise DataError(f"the weights of {len(m)} signal events sum to {weights.sum():.4g}; a positive sum is needed")
    order = np.argsort(m, kind="stable")
    filled = np.maximum.accumulate(np.cumsum(weights[order]))
    ends = np.searchsorted(filled, filled[-1] * np.array([(1 - share) / 2, (1 + share) / 2]))
    low, high = m[order[np.minimum(ends, len(m) - 1)]]
    return float(low), float(high)


def peak_significance(
    m: Floats,
    is_signal: NDArray[np.bool_],
    passes: NDArray[np.bool_],
    weights: Floats,
) -> PeakSignificance:
    """Compute S/√B in the peak before and after a cut, and the gain.

    Errors are those of Σw and Σw²; that of an efficiency is sqrt((1 - ε)² Σ_pass w² + ε² Σ_fail w²)/Σw.

    Args:
        m: protected variable, shape (n,), finite.
        is_signal: shape (n,).
        passes: whether each event passes the cut, shape (n,).
        weights: event weights, shape (n,), of any sign.

    Returns:
        S/√B; NaN where no background of positive weight is in the window.

    Raises:
        DataError: the weights of the signal do not have a positive sum.
    """
    low, high = central_window(m[is_signal], weights[is_signal])
    inside = (m >= low) & (m <= high)
    signal, background = inside & is_signal, inside & ~is_signal
    s, b = _total(weights[signal]), _total(weights[background])
    s_passed, b_passed = _total(weights[signal & passes]), _total(weights[background & passes])
    s_share, b_share = (_efficiency(weights[chosen], passes[chosen]) for chosen in (signal, background))
    return PeakSignificance(
        low, high, _ratio(s, b), _ratio(s_passed, b_passed), _ratio(s_share, b_share), s_passed, b_passed
    )


def _total(weights: Floats) -> Estimate:
    return Estimate(float(weights.sum()), float(np.sqrt(np.square(weights).sum())))


def _efficiency(weights: Floats, passes: NDArray[np.bool_]) -> Estimate:
    total = float(weights.sum())
    if not total > 0:
        return Estimate(float("nan"))
    share = float(weights[passes].sum()) / total
    variance = (1 - share) ** 2 * np.square(weights[passes]).sum() + share**2 * np.square(weights[~passes]).sum()
    return Estimate(share, float(np.sqrt(variance)) / total)


def _ratio(s: Estimate, b: Estimate) -> Estimate:
    """Return s/√b with its error."""
    if not (b.value > 0 and s.value > 0):
        return Estimate(float("nan"))
    value = s.value / np.sqrt(b.value)
    relative = np.hypot(s.error / s.value, b.error / (2 * b.value))
    return Estimate(float(value), float(value * relative))

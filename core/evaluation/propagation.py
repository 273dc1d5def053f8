"""Standard errors of figures of merit by propagation, where there is no time for a bootstrap."""

from __future__ import annotations

from math import inf, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from core.evaluation.roc import Ranking, area_under_curve, rejection_at
from core.evaluation.sculpting import Spectrum
from core.events.table import EventTable, effective_number

SLOPE_WINDOW = 0.02
"""Largest step in ε_s to either side over which the slope of the ROC curve is taken."""


def separation_errors(ranking: Ranking, events: EventTable, signal_efficiency: float) -> tuple[float, float]:
    """Compute the standard errors of AUC and rejection R_ε = 1/ε_b to first order in the fluctuations of Σw.

    σ²(AUC) is the variance of the share of the other class that each event beats, over N_eff, for both classes;
    σ²(ε_b) = σ²(ε_b | cut) + (dε_b/dε_s)² σ²(ε_s | cut), since the cut follows the signal.

    Args:
        ranking: of the events by score.
        events: with weights and classes.
        signal_efficiency: working point ε of the cut.

    Returns:
        Standard errors of AUC and R_ε; that of R_ε is infinite when no background passes.

    References:
        DeLong, DeLong, Clarke-Pearson 1988 for the AUC.
    """
    w, is_signal = events.weights, events.is_signal
    n_signal, n_background = effective_number(w[is_signal]), effective_number(w[~is_signal])
    signal, background = ranking.efficiencies(w)
    squared_signal, squared_background = ranking.efficiencies(w**2)
    auc = area_under_curve(signal, background)
    beaten, beating = 1 - (background[1:] + background[:-1]) / 2, (signal[1:] + signal[:-1]) / 2
    auc_variance = (
        np.sum(np.diff(squared_signal) * (beaten - auc) ** 2) / n_signal
        + np.sum(np.diff(squared_background) * (beating - auc) ** 2) / n_background
    )

    def passing(shares: NDArray[np.float64], efficiency: float = signal_efficiency) -> float:
        return 1 / rejection_at(signal, shares, efficiency)

    step = min(SLOPE_WINDOW, signal_efficiency / 2, (1 - signal_efficiency) / 2)
    steps = passing(background, signal_efficiency + step) - passing(background, signal_efficiency - step)
    passed = passing(background)
    variance = _share_variance(passed, passing(squared_background), n_background) + (
        steps / (2 * step)
    ) ** 2 * _share_variance(signal_efficiency, passing(squared_signal), n_signal)
    return float(sqrt(auc_variance)), sqrt(variance) / passed**2 if passed > 0 else inf


def sculpting_error(spectrum: Spectrum) -> float:
    """Compute the standard error of the JSD of passing and failing background in nats.

    First order in the counts, whose slope is ½ ln(2p/(p + q)), and, since that vanishes for equal shapes, the second
    order of an independent score: 8 JSD/(1/N_pass + 1/N_fail) then is χ² with bins - 1 degrees of freedom.

    Args:
        spectrum: passing and failing background in bins, with Σw².

    Returns:
        Standard error in nats; NaN when no event passes or none fails.
    """
    passed, failed = np.maximum(spectrum.passed, 0), np.maximum(spectrum.failed, 0)
    if not (passed.sum() > 0 and failed.sum() > 0):
        return nan
    p, q = passed / passed.sum(), failed / failed.sum()
    variance, inverse_number = 0.0, 0.0
    for shape, total, squares in (
        (p, passed.sum(), spectrum.passed_variance),
        (q, failed.sum(), spectrum.failed_variance),
    ):
        slope = np.log(np.divide(2 * shape, p + q, out=np.ones_like(p), where=shape > 0)) / 2
        variance += np.sum(squares * (slope - np.sum(shape * slope)) ** 2) / total**2
        inverse_number += squares.sum() / total**2
    return float(sqrt(variance + 2 * (len(p) - 1) * (inverse_number / 8) ** 2))


def _share_variance(share: float, squared_share: float, n_effective: float) -> float:
    """Return the variance of a share Σw/Σw, given the share of Σw² in it and the N_eff of the whole."""
    return (squared_share * (1 - share) ** 2 + (1 - squared_share) * share**2) / n_effective

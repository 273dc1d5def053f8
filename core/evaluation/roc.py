"""Signal efficiency against background rejection, with event weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.results import Array

CURVE_POINTS = 256


@dataclass(frozen=True)
class RocCurve:
    """Hold a receiver operating characteristic, thinned for drawing.

    Args:
        signal_efficiency: ε_s, ascending, shape (n,).
        background_efficiency: ε_b at that ε_s, shape (n,); background rejection is 1/ε_b.
    """

    signal_efficiency: Array
    background_efficiency: Array


class Ranking:
    """Order events by score once, so that figures of merit for many sets of weights are cumulative sums.

    Args:
        scores: shape (n,), higher is more signal-like.
        is_signal: shape (n,).

    Raises:
        DataError: a class has no events, or scores are not finite.
    """

    def __init__(self, scores: NDArray[np.floating], is_signal: NDArray[np.bool_]) -> None:
        if not np.isfinite(scores).all():
            raise DataError(f"{int((~np.isfinite(scores)).sum())} scores are not finite; all must be")
        if is_signal.all() or not is_signal.any():
            raise DataError("only one class among the events; signal and background are both needed")
        self._order = np.argsort(-scores, kind="stable")
        ordered = scores[self._order]
        self._is_signal = is_signal[self._order]
        self._ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
        self._thresholds = ordered[self._ends]

    def efficiencies(self, weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (ε_s, ε_b) above every distinct score, in descending score, each starting at 0 and ending at 1.

        Args:
            weights: event weights, shape (n,), of any sign.

        Raises:
            DataError: the weights of a class do not have a positive sum.
        """
        w = weights[self._order]
        sums = [np.cumsum(np.where(chosen, w, 0.0))[self._ends] for chosen in (self._is_signal, ~self._is_signal)]
        for name, total in zip(("signal", "background"), (sums[0][-1], sums[1][-1]), strict=True):
            if not total > 0:
                raise DataError(f"the {name} weights sum to {total:.4g}; a positive sum is needed")
        signal, background = (np.concatenate([[0.0], s / s[-1]]) for s in sums)
        return signal, background

    def threshold(self, weights: NDArray[np.float64], signal_efficiency: float) -> float:
        """Return the highest score whose cut keeps at least ``signal_efficiency`` of the signal."""
        return self.thresholds(self.efficiencies(weights)[0], [signal_efficiency])[0]

    def thresholds(self, signal: NDArray[np.float64], signal_efficiencies: Sequence[float]) -> list[float]:
        """Return the highest scores whose cuts keep at least so much of the signal, given ε_s of ``efficiencies``."""
        crossings = [int(np.argmax(signal[1:] >= efficiency - 1e-12)) for efficiency in signal_efficiencies]
        return [float(self._thresholds[crossing]) for crossing in crossings]


def area_under_curve(signal: NDArray[np.float64], background: NDArray[np.float64]) -> float:
    """Compute AUC = ∫ ε_s dε_b by trapezoids, so that ties count one half."""
    return float(np.trapezoid(signal, background))


def rejection_at(signal: NDArray[np.float64], background: NDArray[np.float64], signal_efficiency: float) -> float:
    """Compute the background rejection R_ε = 1/ε_b at ε_s = ``signal_efficiency``; infinite when no background passes.

    Args:
        signal: ε_s from ``Ranking.efficiencies``.
        background: ε_b at the same scores.
        signal_efficiency: working point in (0, 1].
    """
    passed = float(_background_at(np.array([signal_efficiency]), signal, background)[0])
    return 1 / passed if passed > 0 else float("inf")


def efficiency_at(signal: NDArray[np.float64], background: NDArray[np.float64], background_rejected: float) -> float:
    """Return ε_s of the loosest cut that rejects at least a share of the background.

    Args:
        signal: ε_s from ``Ranking.efficiencies``.
        background: ε_b at the same scores.
        background_rejected: 1 - ε_b, such as 0.995.

    Raises:
        DataError: the share is not between 0 and 1, or only a cut that no signal passes rejects as much.
    """
    if not 0 < background_rejected < 1:
        raise DataError(f"rejected share of the background is {background_rejected:g}; allowed: above 0, below 1")
    efficiency = float(signal[background <= 1 - background_rejected].max(initial=0.0))
    if not efficiency > 0:
        raise DataError(f"no signal passes a cut that rejects {background_rejected:g} of the background")
    return efficiency


def thin(signal: NDArray[np.float64], background: NDArray[np.float64], points: int = CURVE_POINTS) -> RocCurve:
    """Interpolate a curve at ``points`` signal efficiencies from 1/points to 1."""
    grid = np.arange(1, points + 1) / points
    return RocCurve(grid, _background_at(grid, signal, background))


def _background_at(
    points: NDArray[np.float64], signal: NDArray[np.float64], background: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate ε_b at signal efficiencies; where the curve is upright, its lower end, which the cut can reach."""
    reached = np.maximum.accumulate(signal)
    above = np.clip(np.searchsorted(reached, points - 1e-12), 1, len(reached) - 1)
    below = above - 1
    step = reached[above] - reached[below]
    share = np.divide(points - reached[below], step, out=np.ones_like(points), where=step > 0)
    return np.asarray(background[below] + np.clip(share, 0, 1) * (background[above] - background[below]))

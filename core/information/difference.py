"""How much more signal shares than background: the difference of two matrices with its significance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, norm

from core.errors import DataError
from core.information.estimated import EstimatedMatrix
from core.information.matrix import InformationMatrix
from core.information.units import Unit, factor
from core.numbers import format_number

Floats = NDArray[np.float64]
Matrix = InformationMatrix | EstimatedMatrix

_RATE = 0.05
FEWEST_EVENTS = 20
"""Effective events of each class; with fewer the errors of the delta method mean nothing."""


@dataclass(frozen=True)
class InformationDifference:
    """Hold what signal shares more than background, in nats. Arrays are (k, k), rows and columns as in ``names``.

    Args:
        signal: the information of signal.
        background: that of background, of the same variables in the same order.
        mi: I(signal) - I(background), with the difference of the entropies on the diagonal.
        mi_error: √(σ_s² + σ_b²); NaN where either has no error.
        p_value: the chance of as large a difference when there is none; NaN on the diagonal and without an error.
        q_value: the smallest false discovery rate at which the difference is a discovery; NaN where p is.
    """

    signal: Matrix
    background: Matrix
    mi: Floats
    mi_error: Floats
    p_value: Floats
    q_value: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Return the variables."""
        return self.signal.names

    @property
    def titles(self) -> tuple[str, ...]:
        """Return their symbols as in print."""
        return self.signal.titles

    @property
    def estimator(self) -> str:
        """Return how the estimates were made, in words."""
        return " or ".join(dict.fromkeys((self.signal.estimator, self.background.estimator)))

    def measure(self, name: str) -> Floats:
        """Return signal - background of the measure of that name, shape (k, k).

        Raises:
            DataError: the matrices have no such measure.
        """
        return np.asarray(self.signal.measure(name) - self.background.measure(name))

    def discoveries(self, rate: float = _RATE) -> NDArray[np.bool_]:
        """Return which differences of I are real when a share ``rate`` of those named may be false, shape (k, k)."""
        return np.asarray(self.q_value <= rate)

    def take(self, order: Sequence[int]) -> InformationDifference:
        """Return the difference of some of the variables, or of all in another order; q-values stay those of all."""
        cells = np.ix_(order, order)
        return InformationDifference(
            self.signal.take(order),
            self.background.take(order),
            self.mi[cells],
            self.mi_error[cells],
            self.p_value[cells],
            self.q_value[cells],
        )


def information_difference(signal: Matrix, background: Matrix) -> InformationDifference:
    """Compare the information of signal with that of background, pair by pair.

    z = (I_s - I_b) / √(σ_s² + σ_b²) is standard normal when both classes share alike, so p = 2(1 - Φ(|z|)); q-values
    are those of Benjamini and Hochberg over all pairs.

    Args:
        signal: the information of signal.
        background: that of background.

    Returns:
        The difference.

    Raises:
        DataError: the matrices are of other variables or in another order, or of fewer than 20 effective events.

    References:
        Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, 1995.
    """
    if signal.names != background.names:
        raise DataError(
            f"signal of {', '.join(signal.names)} and background of {', '.join(background.names)}; "
            "allowed: the same variables in the same order"
        )
    for name, each in (("signal", signal), ("background", background)):
        if each.n_effective < FEWEST_EVENTS:
            raise DataError(
                f"{each.n_effective:.3g} effective {name} events; allowed: {FEWEST_EVENTS} or more of each class"
            )
    difference = np.asarray(signal.mi - background.mi)
    error = np.hypot(signal.mi_error, background.mi_error)
    z = np.divide(difference, error, out=np.full_like(difference, np.nan), where=error > 0)
    np.fill_diagonal(z, np.nan)
    p_value = np.asarray(2 * norm.sf(np.abs(z)))
    return InformationDifference(signal, background, difference, error, p_value, _q_values(p_value))


def difference_sentence(difference: InformationDifference, unit: Unit = "nats") -> str:
    """Say which pair signal and background share most differently, such as "D₂ and m share 0.21 ± 0.01 nats more …"."""
    size = np.where(difference.discoveries(), np.abs(difference.mi), -np.inf)
    i, j = (int(n) for n in np.unravel_index(size.argmax(), size.shape))
    if not np.isfinite(size[i, j]):
        return "No pair shares more in one class than in the other beyond the statistical error."
    more, less = ("signal", "background") if difference.mi[i, j] > 0 else ("background", "signal")
    scale = factor(unit)
    value = format_number(scale * float(size[i, j]), scale * float(difference.mi_error[i, j]), unit)
    x, y = difference.titles[i], difference.titles[j]
    return f"{x} and {y} share {value} more in {more} than in {less}, the largest difference."


def _q_values(p_value: Floats) -> Floats:
    """Return the q-values of the pairs that have a p-value, each pair counted once."""
    q_value = np.full_like(p_value, np.nan)
    i, j = np.triu_indices(len(p_value), 1)
    known = np.isfinite(p_value[i, j])
    if known.any():
        i, j = i[known], j[known]
        q_value[i, j] = q_value[j, i] = false_discovery_control(p_value[i, j])
    return q_value

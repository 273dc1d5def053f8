"""What the position of a latent dimension says of a protected variable, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from core.errors import DataError
from core.results import Array

Floats = NDArray[np.float64]

KNOTS, FEWEST_PER_KNOT = 60, 20


@dataclass(frozen=True)
class Curve:
    """Hold a monotone relation between a latent dimension and a protected variable.

    Args:
        position: positions of the dimension, rising, shape (S,).
        value: E[m | position] in the variable's unit, rising or falling, shape (S,).
    """

    position: Array
    value: Array

    def at(self, position: NDArray[np.floating]) -> Floats:
        """Return the value that positions stand for, shape (n,); constant beyond the knots."""
        return np.asarray(np.interp(position, self.position, self.value), np.float64)

    def where(self, value: float, variable: str) -> float:
        """Return the position that stands for a value.

        Raises:
            DataError: no position does.
        """
        low, high = sorted((float(self.value[0]), float(self.value[-1])))
        if not low <= value <= high:
            raise DataError(
                f"{variable} = {value:g} is not among the values that the latent can tell; "
                f"allowed: {low:.6g} to {high:.6g}"
            )
        # Where the curve is level, any of its positions will do; the middle one is the safest.
        values, at = np.unique(self.value, return_inverse=True)
        middle = np.bincount(at, self.position) / np.bincount(at)
        return float(np.interp(value, values, middle))


@dataclass(frozen=True)
class Dial:
    """Read a protected variable off an event's posterior, or set it in the latent that the decoder sees.

    A posterior has a width: an event is read by its mean, but the decoder learned from draws, which lie farther out
    for the same value. So there are two curves.

    Args:
        of_means: E[m | mean of q(z|x)].
        of_draws: E[m | draw from q(z|x)].
    """

    of_means: Curve
    of_draws: Curve

    def read(self, means: NDArray[np.floating]) -> Floats:
        """Return what posterior means, shape (n,), say of the protected variable, in its unit."""
        return self.of_means.at(means)

    def turn_to(self, value: float, variable: str) -> float:
        """Return where the decoder takes the latent dimension for a value of the protected variable.

        Raises:
            DataError: no position stands for the value.
        """
        return self.of_draws.where(value, variable)


def fit_curve(position: NDArray[np.floating], m: NDArray[np.floating], w: NDArray[np.floating]) -> Curve:
    """Fit E[m | position] by means in bins of equally many events, made monotone.

    The supervised term makes σ(r) the mean of the scaled variable given the event; the curve asks the same of the
    events themselves, so that it also serves a dimension that was found and not tied.

    Args:
        position: of the latent dimension, shape (n,).
        m: protected variable, shape (n,).
        w: weights, shape (n,); negative ones count by their size.

    Returns:
        At most 60 knots.

    References:
        Barlow, Bartholomew, Bremner, Brunk 1972 (Statistical inference under order restrictions) for the regression.

    Example:
        >>> r = np.linspace(-1, 1, 2001)
        >>> curve = fit_curve(r, 10 - 2 * r, np.ones(2001))
        >>> round(curve.where(11.0, "m"), 2)
        -0.5
    """
    order = np.argsort(position, kind="stable")
    bins = np.array_split(order, int(np.clip(len(order) // FEWEST_PER_KNOT, 2, KNOTS)))
    weights = [np.abs(w[part]) + np.finfo(np.float64).tiny for part in bins]
    x, y = (
        np.array([np.average(values[part], weights=of) for part, of in zip(bins, weights, strict=True)])
        for values in (np.asarray(position, np.float64), np.asarray(m, np.float64))
    )
    total = np.array([each.sum() for each in weights])
    rises = np.average((x - np.average(x, weights=total)) * y, weights=total) >= 0
    fitted = isotonic_regression(y, weights=total, increasing=bool(rises)).x
    return Curve(x, np.asarray(fitted, np.float64))

"""Spectra of the true quantity: drawn from, or reached by weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from core.errors import DataError

NAMES = ("uniform", "falling", "gaussian")
REWEIGHTING_BINS = 40


@dataclass(frozen=True)
class Spectrum:
    """Describe how a true quantity z is distributed.

    uniform: p(z) = 1/(high - low) between low and high. falling: p(z) ∝ exp(-z/scale) there. gaussian: mean
    (low + high)/2 and standard deviation (high - low)/4, not cut off.

    Args:
        name: uniform, falling or gaussian.
        low: lower end, in units of z.
        high: upper end.
        scale: decay length of the falling spectrum, in units of z; the others do not use it.

    Raises:
        DataError: the name is unknown, the ends are not in order or the scale is not positive.

    Example:
        >>> spectrum = Spectrum("falling", 0.0, 8.0, 2.5)
        >>> spectrum.density(np.array([-1.0, 0.0, 2.5])).round(3)
        array([0.   , 0.417, 0.153])
    """

    name: str
    low: float
    high: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise DataError(f"unknown spectrum {self.name!r}; allowed: {', '.join(NAMES)}")
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise DataError(
                f"spectrum from {self.low:g} to {self.high:g}: two finite ends are needed, the smaller first"
            )
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise DataError(f"decay length is {self.scale:g}; allowed: above 0")

    def cumulative(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return P(Z ≤ z), shape of z."""
        if self.name == "gaussian":
            middle, width = self.moments
            return np.asarray(0.5 + 0.5 * erf((z - middle) / (width * np.sqrt(2))))
        share = (np.clip(z, self.low, self.high) - self.low) / (self.high - self.low)
        if self.name == "uniform":
            return np.asarray(share)
        length = (self.high - self.low) / self.scale
        return np.asarray(np.expm1(-length * share) / np.expm1(-length))

    def density(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return p(z), shape of z."""
        if self.name == "gaussian":
            middle, width = self.moments
            return np.asarray(np.exp(-0.5 * ((z - middle) / width) ** 2) / (width * np.sqrt(2 * np.pi)))
        inside = (z >= self.low) & (z <= self.high)
        if self.name == "uniform":
            return np.asarray(inside / (self.high - self.low))
        norm = -self.scale * np.expm1(-(self.high - self.low) / self.scale)
        return np.asarray(
            np.where(inside, np.exp(-(np.clip(z, self.low, self.high) - self.low) / self.scale) / norm, 0)
        )

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw n values, shape (n,)."""
        if self.name == "gaussian":
            return np.asarray(rng.normal(*self.moments, n))
        u = rng.random(n)
        if self.name == "uniform":
            return self.low + (self.high - self.low) * u
        return np.asarray(self.low - self.scale * np.log1p(u * np.expm1(-(self.high - self.low) / self.scale)))

    @property
    def moments(self) -> tuple[float, float]:
        """Return mean and standard deviation of the gaussian spectrum."""
        return (self.low + self.high) / 2, (self.high - self.low) / 4


def weights_for(z: NDArray[np.float64], weights: NDArray[np.float64], spectrum: Spectrum) -> NDArray[np.float64]:
    """Weigh events so that their true quantity follows another spectrum.

    w_i → w_i · P_k / (W_k/W) in bin k of z, with P_k the spectrum's share of the bin, W_k the weights in it and W their
    sum; events between the ends only. What is measured at a given z stays as it is.

    Args:
        z: true quantity, shape (n,).
        weights: event weights, shape (n,), not negative.
        spectrum: what to reach.

    Returns:
        Weights, shape (n,), with the sum of those of the events between the ends; 0 for the others.

    Raises:
        DataError: a part of the spectrum's range has no events.
    """
    edges = np.linspace(spectrum.low, spectrum.high, REWEIGHTING_BINS + 1)
    inside = (z >= spectrum.low) & (z <= spectrum.high)
    index = np.clip(np.searchsorted(edges, z, side="right") - 1, 0, REWEIGHTING_BINS - 1)
    found = np.bincount(index[inside], weights[inside], REWEIGHTING_BINS)
    if not (found > 0).all():
        k = int(np.flatnonzero(found <= 0)[0])
        raise DataError(
            f"no events with a truth between {edges[k]:.4g} and {edges[k + 1]:.4g}, where the {spectrum.name} spectrum "
            f"from {spectrum.low:.4g} to {spectrum.high:.4g} has some; choose ends within "
            f"{z.min():.4g} and {z.max():.4g}"
        )
    wanted = np.diff(spectrum.cumulative(edges))
    factor = wanted / wanted.sum() * found.sum() / found
    return np.where(inside, weights * factor[index], 0.0)

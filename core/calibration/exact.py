"""Exact answers of the Gaussian toy x = z + N(0, σ²)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, log_ndtr

from core.calibration.spectra import Spectrum
from core.errors import DataError

GRID = 4001
MARGIN = 9.0
"""How many standard deviations of the noise an integral goes beyond the spectrum."""


def conditional_mean(x: NDArray[np.float64], spectrum: Spectrum, noise: float = 1.0) -> NDArray[np.float64]:
    """Compute E[z|x], the answer of the mean squared error, in closed form.

    Uniform and falling spectra: the mean of a normal distribution N(μ, σ²) that is cut off at low and high,
    E = μ + σ [φ(α) - φ(β)]/[Φ(β) - Φ(α)], α = (low - μ)/σ, β = (high - μ)/σ, with μ = x for the uniform spectrum and
    μ = x - σ²/scale for the falling one. Gaussian spectrum N(m, s²): (s² x + σ² m)/(s² + σ²).

    Args:
        x: measured, shape (n,), in units of z.
        spectrum: of the training.
        noise: σ, in units of z.

    Returns:
        E[z|x], shape (n,).

    Raises:
        DataError: σ is not positive.

    Example:
        >>> conditional_mean(np.array([4.0, 0.0]), Spectrum("uniform", 0.0, 8.0)).round(3)
        array([4.   , 0.798])
        >>> conditional_mean(np.array([4.0]), Spectrum("falling", 0.0, 8.0, 2.5)).round(2)
        array([3.6])
    """
    _require_noise(noise)
    if spectrum.name == "gaussian":
        middle, width = spectrum.moments
        return np.asarray((width**2 * x + noise**2 * middle) / (width**2 + noise**2))
    mean = x - noise**2 / spectrum.scale if spectrum.name == "falling" else x
    alpha, beta = (spectrum.low - mean) / noise, (spectrum.high - mean) / noise
    # mirrored to α + β > 0, so that the tail beyond both ends is computed without cancellation
    sign = np.where(alpha + beta > 0, 1.0, -1.0)
    near, far = np.where(sign > 0, alpha, -beta), np.where(sign > 0, beta, -alpha)
    decay = np.exp((near - far) * (near + far) / 2)
    ratio = np.sqrt(2 / np.pi) * (1 - decay) / (erfcx(near / np.sqrt(2)) - decay * erfcx(far / np.sqrt(2)))
    return np.asarray(mean + noise * sign * ratio)


def information(spectrum: Spectrum, noise: float = 1.0) -> float:
    """Compute I(x; z) = h(x) - ½ ln(2πeσ²) in nats, h(x) = -∫ p(x) ln p(x) dx by the trapezoidal rule.

    p(x) is in closed form; for the Gaussian spectrum of width s, I = ½ ln(1 + s²/σ²).

    Args:
        spectrum: of z.
        noise: σ, in units of z.

    Raises:
        DataError: σ is not positive.

    Example:
        >>> round(information(Spectrum("gaussian", -2.0, 2.0)), 4)
        0.3466
        >>> round(information(Spectrum("uniform", 0.0, 8.0)), 3)
        0.886
    """
    _require_noise(noise)
    if spectrum.name == "gaussian":
        return float(0.5 * np.log1p((spectrum.moments[1] / noise) ** 2))
    x = np.linspace(spectrum.low - MARGIN * noise, spectrum.high + MARGIN * noise, GRID)
    log_p = measured_log_density(x, spectrum, noise)
    return float(np.trapezoid(-np.exp(log_p) * log_p, x) - 0.5 * np.log(2 * np.pi * np.e * noise**2))


def measured_log_density(x: NDArray[np.float64], spectrum: Spectrum, noise: float) -> NDArray[np.float64]:
    """Compute ln p(x) of the uniform and the falling spectrum.

    uniform: p(x) = [Φ(β) - Φ(α)]/(high - low). falling: p(x) = exp((low - x)/τ + σ²/2τ²) [Φ(β) - Φ(α)] /
    (τ (1 - exp(-(high - low)/τ))), with α and β as in ``conditional_mean`` and τ the scale.
    """
    falls = spectrum.name == "falling"
    mean = x - noise**2 / spectrum.scale if falls else x
    alpha, beta = (spectrum.low - mean) / noise, (spectrum.high - mean) / noise
    mirrored = alpha + beta > 0
    upper, lower = np.where(mirrored, -alpha, beta), np.where(mirrored, -beta, alpha)
    log_share = log_ndtr(upper) + np.log1p(-np.exp(log_ndtr(lower) - log_ndtr(upper)))
    if not falls:
        return np.asarray(log_share - np.log(spectrum.high - spectrum.low))
    tau = spectrum.scale
    norm = np.log(tau) + np.log(-np.expm1(-(spectrum.high - spectrum.low) / tau))
    return np.asarray((spectrum.low - x) / tau + noise**2 / (2 * tau**2) + log_share - norm)


def _require_noise(noise: float) -> None:
    if not (np.isfinite(noise) and noise > 0):
        raise DataError(f"noise is {noise:g}; allowed: above 0")

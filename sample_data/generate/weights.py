"""Per-event weight factors, each of mean one, and the luminosity normalisation."""

from __future__ import annotations

import numpy as np

SPREAD = 0.2


def pile_up_like(n: int, rng: np.random.Generator) -> np.ndarray:
    """Pile-up-profile ratio: exp(s z - s²/2), z ~ N(0, 1), s = 0.2.

    Exactly the ratio of two Gaussian profiles of equal width displaced by s widths, at an interaction number
    drawn from the simulated one. Positive, mean 1, relative spread √(e^{s²} - 1) = 0.202.
    """
    return np.exp(SPREAD * rng.standard_normal(n) - 0.5 * SPREAD**2)


def efficiency_correction(n: int, factors: int, rng: np.random.Generator) -> np.ndarray:
    """Product of `factors` data/simulation corrections, each log-normal; total spread 0.2, mean 1, positive."""
    step = SPREAD / np.sqrt(factors)
    return np.exp((step * rng.standard_normal((n, factors)) - 0.5 * step**2).sum(axis=1))


def negative_probability(n_jets: np.ndarray) -> np.ndarray:
    """f = min(0.05 + 0.03 n_jets, 0.15): negative weights grow with jet multiplicity, as in matched NLO samples."""
    return np.minimum(0.05 + 0.03 * n_jets, 0.15)


def signed(n_jets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """±1/(1 - 2f), negative with probability f: the expectation is 1 for every event whatever its f."""
    f = negative_probability(n_jets)
    return np.where(rng.random(len(f)) < f, -1.0, 1.0) / (1.0 - 2.0 * f)


def normalisation(luminosity_fb: float, sigma_pb: float, efficiency: float, n_rows: int) -> float:
    """Events expected per row: L σ ε / n (L in fb⁻¹, σ in pb)."""
    return luminosity_fb * 1e3 * sigma_pb * efficiency / n_rows

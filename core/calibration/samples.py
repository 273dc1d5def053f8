"""Samples to calibrate on whose truth is known: a Gaussian measurement and jets in a parametrised detector."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.calibration.spectra import Spectrum
from core.errors import DataError
from core.events.table import Column, EventTable, Roles

GAUSSIAN_RANGE = (0.0, 8.0, 2.5)
"""Ends and decay length of the toy's spectra, in units of the noise."""
JET_RANGE = (50.0, 250.0, 50.0)
"""Ends and decay length of the true transverse momentum [GeV]."""
NOISE_TERM, STOCHASTIC_TERM, CONSTANT_TERM = 4.0, 0.7, 0.04
"""Of the jets' resolution: [GeV], [√GeV] and dimensionless."""


def gaussian_toy(n: int, spectra: Mapping[str, Spectrum], rng: np.random.Generator, noise: float = 1.0) -> EventTable:
    """Draw z from each spectrum first, then measure x = z + N(0, σ²).

    Truth: the maximum-likelihood calibration is ẑ = x ± σ whatever the spectrum; that of the mean squared error is
    ``exact.conditional_mean``, and I(x; z) is ``exact.information``.

    Args:
        n: events of each spectrum.
        spectra: name → spectrum.
        rng: source of randomness.
        noise: σ.

    Returns:
        Columns x (feature), z and, for each spectrum, 1 for the events that were drawn from it and 0 for the others
        (all protected: a calibration must not take them).

    Raises:
        DataError: n, the noise or the spectra are not allowed.

    Example:
        >>> gaussian_toy(5, {"uniform": Spectrum("uniform", 0.0, 8.0)}, np.random.default_rng(1)).n_events
        5
    """
    if not noise > 0:
        raise DataError(f"noise is {noise:g}; allowed: above 0")
    z = _truth(n, spectra, rng)
    words = {
        "x": Column("x", "x", "", "measured: the truth and Gaussian noise"),
        "z": Column("z", "z", "", "true quantity"),
    }
    return _table("Gaussian measurement", {"x": z + noise * rng.standard_normal(len(z))}, {"z": z}, n, spectra, words)


def jet_toy(n: int, spectra: Mapping[str, Spectrum], rng: np.random.Generator) -> EventTable:
    """Draw jets of a true transverse momentum from each spectrum and measure them in a parametrised detector.

    η is uniform within ±2.5. The number of constituents is Poisson of mean ν = 6 ln(p/2 GeV), p the true transverse
    momentum [GeV]. The measured transverse momentum is Gaussian of mean p·R(p, η)·[1 - 0.15 (n - ν)/ν] and width
    p·√((4/p)² + 0.49/p + 0.04²), with R = (1 - 0.45 (p/10)^-0.6) [1 - 0.12 exp(-½((|η| - 1.4)/0.2)²)]: a non-linear
    scale, a gap between barrel and endcap, and jets of many constituents, which are measured low.

    Args:
        n: jets of each spectrum.
        spectra: name → spectrum of p [GeV], of positive values only.
        rng: source of randomness.

    Returns:
        Columns pt, eta, n_constituents (features), true_pt and one for each spectrum (protected).

    Raises:
        DataError: n or the spectra are not allowed.
    """
    true = _truth(n, spectra, rng)
    if not (true > 2 * np.e).all():
        raise DataError(f"a true transverse momentum of {true.min():.4g} GeV; allowed: above {2 * np.e:.3g} GeV")
    eta = rng.uniform(-2.5, 2.5, len(true))
    expected = 6 * np.log(true / 2)
    constituents = rng.poisson(expected).astype(np.float64)
    mean = true * jet_response(true, eta) * (1 - 0.15 * (constituents - expected) / expected)
    features = {
        "pt": mean + jet_width(true) * rng.standard_normal(len(true)),
        "eta": eta,
        "n_constituents": constituents,
    }
    words = {
        "pt": Column("pt", "p_T", "GeV", "measured transverse momentum of the jet"),
        "eta": Column("eta", "η", "", "pseudorapidity of the jet"),
        "n_constituents": Column("n_constituents", "n", "", "number of the jet's constituents"),
        "true_pt": Column("true_pt", "true p_T", "GeV", "transverse momentum before the detector"),
    }
    return _table("jets in a parametrised detector", features, {"true_pt": true}, n, spectra, words)


def jet_response(true: NDArray[np.float64], eta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return R(p, η), the mean share of a jet's transverse momentum p [GeV] that is measured, shape of p."""
    gap = 1 - 0.12 * np.exp(-0.5 * ((np.abs(eta) - 1.4) / 0.2) ** 2)
    return np.asarray((1 - 0.45 * (true / 10) ** -0.6) * gap)


def jet_width(true: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the width of the measurement [GeV] by noise, stochastic and constant term, shape of p [GeV]."""
    return np.asarray(np.sqrt(NOISE_TERM**2 + STOCHASTIC_TERM**2 * true + (CONSTANT_TERM * true) ** 2))


def _truth(n: int, spectra: Mapping[str, Spectrum], rng: np.random.Generator) -> NDArray[np.float64]:
    if n < 1:
        raise DataError(f"number of events is {n}; allowed: 1 or more")
    if not spectra:
        raise DataError("no spectrum is named; at least one is needed")
    return np.concatenate([spectrum.draw(n, rng) for spectrum in spectra.values()])


def _table(
    name: str,
    features: Mapping[str, NDArray[np.float64]],
    truth: Mapping[str, NDArray[np.float64]],
    n: int,
    spectra: Mapping[str, Spectrum],
    words: Mapping[str, Column],
) -> EventTable:
    drawn = np.repeat(np.arange(len(spectra)), n)
    members = {label: (drawn == k).astype(np.int8) for k, label in enumerate(spectra)}
    about = {label: Column(label, label, "", f"1 for an event of the {label} spectrum") for label in spectra}
    roles = Roles(features=tuple(features), protected=(*truth, *members))
    return EventTable(name, {**features, **truth, **members}, roles, {**words, **about})

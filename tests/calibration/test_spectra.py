"""Spectra: densities, draws and weights agree with one another."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from core.calibration.spectra import NAMES, Spectrum, weights_for
from core.errors import DataError

every_spectrum = pytest.mark.parametrize("name", NAMES)


@every_spectrum
def test_the_cumulative_share_is_the_integral_of_the_density(name: str) -> None:
    spectrum = Spectrum(name, 1.0, 9.0, 2.5)
    for z in (2.0, 5.0, 8.5):
        integral, _ = quad(lambda t: float(spectrum.density(np.array([t]))[0]), -15 if name == "gaussian" else 1.0, z)
        assert spectrum.cumulative(np.array([z]))[0] == pytest.approx(integral, abs=1e-7)


@every_spectrum
def test_draws_follow_the_density(name: str, rng: np.random.Generator) -> None:
    spectrum = Spectrum(name, 1.0, 9.0, 2.5)
    assert kstest(spectrum.draw(20_000, rng), spectrum.cumulative).pvalue > 0.01


def test_the_falling_density_falls_by_e_over_one_decay_length() -> None:
    near, far = Spectrum("falling", 0.0, 8.0, 2.5).density(np.array([1.0, 3.5]))
    assert near / far == pytest.approx(np.e)


def test_weights_bring_one_spectrum_to_another(rng: np.random.Generator) -> None:
    """A mean and a share of the falling spectrum come out of uniform events; what lies beyond the ends counts 0."""
    z = rng.uniform(-1.0, 9.0, 200_000)
    spectrum = Spectrum("falling", 0.0, 8.0, 2.5)
    w = weights_for(z, np.ones(len(z)), spectrum)
    assert not w[(z < 0) | (z > 8)].any()
    assert w.sum() == pytest.approx(((z >= 0) & (z <= 8)).sum())
    assert np.average(z, weights=w) == pytest.approx(
        quad(lambda t: t * float(spectrum.density(np.array([t]))[0]), 0, 8)[0], abs=0.02
    )
    assert w[z < 2].sum() / w.sum() == pytest.approx(spectrum.cumulative(np.array([2.0]))[0], abs=1e-3)


def test_weights_multiply_those_the_events_have(rng: np.random.Generator) -> None:
    z, own = rng.uniform(0.0, 8.0, 50_000), rng.uniform(0.5, 1.5, 50_000)
    w = weights_for(z, own, Spectrum("uniform", 0.0, 8.0))
    assert np.corrcoef(w, own)[0, 1] > 0.95


def test_a_part_of_the_range_without_events_is_refused(rng: np.random.Generator) -> None:
    z = rng.uniform(0.0, 5.0, 10_000)
    with pytest.raises(DataError, match=r"no events with a truth between 5.* where the uniform spectrum from 0 to 8"):
        weights_for(z, np.ones(len(z)), Spectrum("uniform", 0.0, 8.0))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cubic", 0.0, 1.0), "unknown spectrum 'cubic'; allowed: uniform, falling, gaussian"),
        (("uniform", 1.0, 1.0), "from 1 to 1: two finite ends are needed, the smaller first"),
        (("uniform", 0.0, np.inf), "two finite ends"),
        (("falling", 0.0, 1.0, 0.0), "decay length is 0; allowed: above 0"),
    ],
)
def test_impossible_spectra_are_refused(arguments: tuple, words: str) -> None:
    with pytest.raises(DataError, match=words):
        Spectrum(*arguments)

"""The closed forms of the Gaussian toy against integration and against events."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from core.calibration.exact import conditional_mean, information
from core.calibration.samples import gaussian_toy
from core.calibration.spectra import NAMES, Spectrum
from core.errors import DataError

every_spectrum = pytest.mark.parametrize("name", NAMES)


@every_spectrum
@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_the_posterior_mean_is_that_of_an_integral(name: str, noise: float) -> None:
    spectrum = Spectrum(name, 1.0, 9.0, 2.5)
    low, high = (-10.0, 20.0) if name == "gaussian" else (1.0, 9.0)
    for x in (-1.0, 1.0, 4.0, 8.0, 11.0):

        def joint(z: float, x: float = x) -> float:
            return float(spectrum.density(np.array([z]))[0]) * norm.pdf(x, z, noise)

        points = [np.clip(x, low, high)]
        above, _ = quad(lambda z: z * joint(z), low, high, points=points, epsabs=1e-14)
        below, _ = quad(joint, low, high, points=points, epsabs=1e-14)
        assert conditional_mean(np.array([x]), spectrum, noise)[0] == pytest.approx(above / below, abs=1e-5)


def test_the_posterior_mean_stays_inside_the_spectrum_far_beyond_its_ends() -> None:
    """Twenty and more σ off, where Φ(β) - Φ(α) is 0 in double precision."""
    for name in ("uniform", "falling"):
        low, high = conditional_mean(np.array([-60.0, 70.0]), Spectrum(name, 0.0, 8.0, 2.5))
        assert 0 < low < 0.1
        assert 7.9 < high < 8


def test_the_shift_in_the_bulk_is_the_variance_over_the_decay_length() -> None:
    x = np.array([20.0])
    shift = conditional_mean(x, Spectrum("falling", 0.0, 40.0, 2.5), 0.8) - x
    assert shift[0] == pytest.approx(-(0.8**2) / 2.5)


@every_spectrum
def test_the_posterior_mean_is_the_mean_of_events_at_x(name: str, rng: np.random.Generator) -> None:
    spectrum = Spectrum(name, 0.0, 8.0, 2.5)
    toy = gaussian_toy(400_000, {name: spectrum}, rng)
    x, z = np.asarray(toy["x"], float), np.asarray(toy["z"], float)
    for centre in (0.5, 3.0, 6.0):
        near = abs(x - centre) < 0.1
        error = z[near].std() / near.sum() ** 0.5
        expected = conditional_mean(x[near], spectrum).mean()
        assert abs(z[near].mean() - expected) < 4 * error


@every_spectrum
@pytest.mark.parametrize("noise", [0.5, 1.5])
def test_the_information_is_that_of_a_double_integral(name: str, noise: float) -> None:
    """I = ∫ p(z) p(x|z) ln p(x|z)/p(x), p(x) summed over z: no closed form of p(x) goes in."""
    spectrum = Spectrum(name, 0.0, 8.0, 2.5)
    cells = np.linspace(-8.0, 16.0, 2401) if name == "gaussian" else np.linspace(0.0, 8.0, 801)
    z, dz = (cells[1:] + cells[:-1]) / 2, cells[1] - cells[0]
    x = np.linspace(-16.0, 24.0, 2001)
    likelihood = norm.pdf(x[:, None], z, noise)
    prior = spectrum.density(z) * dz
    p = likelihood @ prior
    joint = likelihood * prior
    log = np.where(joint > 0, np.log(np.maximum(likelihood, 1e-300)) - np.log(np.maximum(p, 1e-300))[:, None], 0.0)
    assert information(spectrum, noise) == pytest.approx((joint * log).sum() * (x[1] - x[0]), rel=2e-4)


def test_the_information_of_a_wide_gaussian_is_known() -> None:
    assert information(Spectrum("gaussian", -6.0, 6.0), 1.0) == pytest.approx(0.5 * np.log(1 + 9))


def test_noise_must_be_positive() -> None:
    for function in (lambda: information(Spectrum("uniform", 0.0, 1.0), 0.0),
                     lambda: conditional_mean(np.zeros(1), Spectrum("uniform", 0.0, 1.0), -1.0)):  # fmt: skip
        with pytest.raises(DataError, match="allowed: above 0"):
            function()

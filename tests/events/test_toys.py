"""Toys: what their docstrings promise."""

import numpy as np
import pytest
from scipy import integrate, stats

from core.errors import DataError
from core.events import gaussian_pair, require_labelled, sculpting_toy, shifted_gaussians


@pytest.mark.parametrize("rho", [-0.9, 0.0, 0.6])
def test_gaussian_pair_has_the_correlation(rng, rho: float) -> None:
    table = gaussian_pair(100_000, rho, rng)
    assert np.corrcoef(table["x"], table["y"])[0, 1] == pytest.approx(rho, abs=0.01)
    assert stats.kstest(table["y"][:5000], "norm").pvalue > 1e-3


@pytest.mark.parametrize(("epsilon", "nats"), [(0, 0), (2 / 9, 0.0241), (8 / 9, 0.2859), (14 / 9, 0.5427), (2, 0.6327)])
def test_shifted_gaussians_share_what_the_docstring_says(rng, epsilon: float, nats: float) -> None:
    """The formula by quadrature gives the stated numbers, and its sample mean over the toy agrees."""
    integral = integrate.quad(lambda x: stats.norm.pdf(x, epsilon) * np.logaddexp(0, -2 * epsilon * x), -10, 12)[0]
    assert np.log(2) - integral == pytest.approx(nats, abs=6e-5)
    table = shifted_gaussians(200_000, epsilon, rng)
    require_labelled(table)
    sampled = np.log(2) - np.mean(np.logaddexp(0, -2 * epsilon * table["x"] * table["label"]))
    assert sampled == pytest.approx(nats, abs=5e-3)


def test_shifted_gaussians_have_the_stated_area(rng) -> None:
    table = shifted_gaussians(20_000, 0.5, rng)
    x, signal = table["x"], table.is_signal
    area = stats.mannwhitneyu(x[signal], x[~signal]).statistic / (signal.sum() * (~signal).sum())
    assert area == pytest.approx(stats.norm.cdf(0.5 * np.sqrt(2)), abs=0.012)


def test_sculpting_toy_leaks_through_proxy_only(rng) -> None:
    table = sculpting_toy(100_000, rng)
    background = table.of_class("background")
    assert abs(np.corrcoef(background["clean"], background["m"])[0, 1]) < 0.015
    assert np.corrcoef(background["proxy"], background["m"])[0, 1] > 0.9
    x, signal = table["clean"], table.is_signal
    area = stats.mannwhitneyu(x[signal], x[~signal]).statistic / (signal.sum() * (~signal).sum())
    assert area == pytest.approx(stats.norm.cdf(np.sqrt(0.5)), abs=0.006)
    assert np.mean(table.of_class("signal")["m"]) == pytest.approx(80, abs=0.2)
    assert background["m"].min() >= 50


def test_the_same_seed_gives_the_same_events() -> None:
    first, second = (sculpting_toy(100, np.random.default_rng(7)).fingerprint for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda rng: gaussian_pair(0, 0.5, rng), "number of events is 0"),
        (lambda rng: gaussian_pair(10, 1.0, rng), "correlation is 1.0"),
        (lambda rng: shifted_gaussians(10, -0.1, rng), "shift is -0.1"),
        (lambda rng: sculpting_toy(-3, rng), "number of events is -3"),
    ],
)
def test_bad_parameters(rng, make, said: str) -> None:
    with pytest.raises(DataError, match=said):
        make(rng)

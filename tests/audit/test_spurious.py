"""Smooth fits, and the peak they find in selected background."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import kstest

from core.audit.smooth import best_order, fit_smooth, histogram
from core.audit.spurious import spurious_signal
from core.errors import DataError
from core.events.toys import sculpting_toy

EDGES = np.linspace(0.0, 1.0, 41)
MIDDLE = (EDGES[1:] + EDGES[:-1]) / 2
PEAK = np.exp(-0.5 * ((MIDDLE - 0.4) / 0.05) ** 2)
TEMPLATE = PEAK / PEAK.sum()


def falling(n: int, rng: np.random.Generator) -> np.ndarray:
    m = rng.exponential(0.4, 4 * n)
    return m[m < 1][:n]


def test_the_fit_is_the_maximum_of_the_poisson_likelihood(rng: np.random.Generator) -> None:
    """The same minimum by Nelder and Mead, and the peak's error from a numerical second derivative."""
    spectrum = histogram(falling(3000, rng), np.ones(3000), EDGES)
    x = 2 * MIDDLE - 1

    def loss(p: np.ndarray) -> float:
        expected = np.exp(p[0] + p[1] * x) + 1000 * p[2] * TEMPLATE
        return 2 * np.sum(expected - spectrum.sum_w * np.log(expected)) if (expected > 0).all() else np.inf

    truth = minimize(loss, [4.0, -1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-10}).x
    found = fit_smooth(spectrum, 1, TEMPLATE)
    assert found.peak.value == pytest.approx(1000 * truth[2], abs=0.01)
    assert found.loss == pytest.approx(loss(truth), abs=1e-6)
    np.testing.assert_allclose(found.smooth, np.exp(truth[0] + truth[1] * x), rtol=1e-4)
    free = [minimize(lambda q: loss([*q, s]), truth[:2], method="Nelder-Mead").fun for s in (truth[2] - 0.04, truth[2] + 0.04)]  # fmt: skip  # noqa: E501, B023
    curvature = (sum(free) - 2 * loss(truth)) / 40.0**2
    assert found.peak.error == pytest.approx(np.sqrt(2 / curvature), rel=0.05)


def test_goodness_is_uniform_for_the_right_function_and_small_for_a_wrong_one(rng: np.random.Generator) -> None:
    found = []
    for _ in range(150):
        w = rng.uniform(0.2, 1.8, 3000) * rng.choice([1, -1], 3000, p=[0.95, 0.05])
        found.append(fit_smooth(histogram(falling(3000, rng), w, EDGES), 1).p_value)
    assert kstest(found, "uniform").pvalue > 0.01
    bump = np.concatenate([falling(3000, rng), rng.normal(0.4, 0.03, 400)])
    assert fit_smooth(histogram(bump, np.ones(3400), EDGES), 1).p_value < 1e-6


def test_an_exponential_of_a_line_needs_no_higher_order(rng: np.random.Generator) -> None:
    assert best_order(histogram(falling(20_000, rng), np.ones(20_000), EDGES), range(1, 7)) <= 2
    waves = rng.random(20_000)
    waves = waves[rng.random(20_000) < 0.5 + 0.4 * np.sin(12 * waves)]
    assert best_order(histogram(waves, np.ones(len(waves)), EDGES), range(1, 9)) >= 5


def test_whole_weights_count_as_repetitions_and_scale_does_not_matter(rng: np.random.Generator) -> None:
    m, w = falling(3000, rng), rng.integers(1, 4, 3000).astype(float)
    weighted, scaled = (fit_smooth(histogram(m, s * w, EDGES), 2, TEMPLATE).peak for s in (1.0, 1e-4))
    repeated = fit_smooth(histogram(np.repeat(m, w.astype(int)), np.ones(int(w.sum())), EDGES), 2, TEMPLATE).peak
    assert scaled.value == pytest.approx(1e-4 * weighted.value, rel=1e-6)
    assert weighted.value == pytest.approx(repeated.value, abs=0.3 * repeated.error)
    assert weighted.error > 1.2 * repeated.error


@pytest.mark.parametrize("injected", [0, 400])
def test_a_bump_of_known_size_is_recovered_with_the_right_error(injected: int) -> None:
    pulls = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        events = sculpting_toy(20_000, rng)
        m, clean, is_signal = np.array(events["m"]), np.asarray(events["clean"]), events.is_signal
        passes = clean > np.median(clean[is_signal])
        m[np.flatnonzero(~is_signal & passes)[:injected]] = rng.normal(80, 8, injected)
        fake = spurious_signal(m, is_signal, passes, np.ones(20_000)).fake
        pulls.append((fake.value - injected) / fake.error)
    assert abs(np.mean(pulls)) < 0.8
    assert np.std(pulls) == pytest.approx(1.0, abs=0.4)


def test_a_cut_on_the_mass_fakes_a_signal(rng: np.random.Generator) -> None:
    events = sculpting_toy(20_000, rng)
    m, is_signal = np.asarray(events["m"]), events.is_signal
    found = spurious_signal(m, is_signal, np.abs(m - 80) < 15, np.ones(20_000))
    assert found.significance > 5 and found.p_value < 1e-6
    assert found.goodness_before > 0.01


def test_what_cannot_be_fitted_is_refused_in_words(rng: np.random.Generator) -> None:
    events = sculpting_toy(4000, rng)
    m, is_signal, w = np.asarray(events["m"]), events.is_signal, np.ones(4000)
    with pytest.raises(DataError, match="200 are needed"):
        spurious_signal(m, is_signal, np.arange(4000) < 100, w)
    with pytest.raises(DataError, match="the signal makes no peak"):
        spurious_signal(np.where(is_signal, 50 + rng.exponential(60, 4000), m), is_signal, np.ones(4000, bool), w)
    with pytest.raises(DataError, match="outside"):
        spurious_signal(np.where(is_signal, m + 2000, m), is_signal, np.ones(4000, bool), w)


def test_few_passing_signal_events_leave_a_gaussian(rng: np.random.Generator) -> None:
    events = sculpting_toy(8000, rng)
    passes = ~events.is_signal | (np.arange(8000) < 100)
    found = spurious_signal(np.asarray(events["m"]), events.is_signal, passes, np.ones(8000))
    assert found.template == "a Gaussian of the signal's core"
    assert abs(found.significance) < 4

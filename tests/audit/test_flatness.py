"""Flatness of the background efficiency."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, kstest

from core.audit.flatness import flatness, value_edges


def test_without_weights_it_is_the_test_of_a_contingency_table(rng: np.random.Generator) -> None:
    m, f = rng.exponential(60, 5000), rng.random(5000)
    (found,) = flatness(f, m, np.ones(5000), {0.5: 0.7})
    bin_of = np.clip(np.searchsorted(found.edges, m, side="right") - 1, 0, 19)
    table = np.stack([np.bincount(bin_of[f >= 0.7], minlength=20), np.bincount(bin_of[f < 0.7], minlength=20)])
    truth = chi2_contingency(table)
    assert found.chi2 == pytest.approx(truth.statistic)
    assert (found.ndf, found.p_value) == (truth.dof, pytest.approx(truth.pvalue))
    assert found.inclusive == pytest.approx(np.mean(f >= 0.7))


def test_chi2_by_hand() -> None:
    """Two values of 40 and 60 events, 10 and 30 pass: ε = .4, σ² = .24/n, χ² = .15²·40/.24 + .1²·60/.24 = 6.25."""
    m = np.repeat([0.0, 1.0], [40, 60])
    f = np.concatenate([np.repeat([1.0, 0.0], [10, 30]), np.repeat([1.0, 0.0], [30, 30])])
    (found,) = flatness(f, m, np.ones(100), {0.5: 0.5}, discrete=True)
    assert found.chi2 == pytest.approx(6.25)
    assert found.ndf == 1
    assert found.deviation.value == pytest.approx(-0.375)
    assert found.deviation.error == pytest.approx(np.sqrt(0.24 / 40) / 0.4)


def test_p_values_of_a_flat_efficiency_are_uniform_with_weights_that_know_the_score(rng: np.random.Generator) -> None:
    found = []
    for _ in range(300):
        f, m = rng.random((2, 4000))
        w = np.where(f > 0.7, 3.0, 1.0) * rng.uniform(0.5, 1.5, 4000) * rng.choice([1, -1], 4000, p=[0.95, 0.05])
        found.append(flatness(f, m, w, {0.5: 0.7})[0].p_value)
    assert kstest(found, "uniform").pvalue > 0.01


def test_scale_of_the_weights_does_not_matter(rng: np.random.Generator) -> None:
    m, f, w = rng.random(3000), rng.random(3000), rng.uniform(0.5, 1.5, 3000)
    one, other = (flatness(f, m, scale * w, {0.5: 0.7})[0] for scale in (1.0, 1e-5))
    assert (one.chi2, one.ndf) == (pytest.approx(other.chi2), other.ndf)


def test_few_passing_events_get_few_bins_and_none_no_test(rng: np.random.Generator) -> None:
    m, f = rng.random(1000), rng.random(1000)
    few, none = flatness(f, m, np.ones(1000), {0.3: np.sort(f)[-40], 0.1: 2.0})
    assert few.ndf == 3
    assert np.isnan(none.p_value) and none.ndf == 0


def test_edges_of_values_lie_between_them() -> None:
    np.testing.assert_array_equal(value_edges(np.array([2016.0, 2018.0, 2017.0])), [2015.5, 2016.5, 2017.5, 2018.5])

"""p-values of shuffled events, and several tests together."""

import numpy as np
import pytest
from scipy.stats import gamma, kstest

from core.audit.shuffles import holm, upper_tail, upper_tail_of_few


def test_p_values_count_the_shuffles_that_show_as_much() -> None:
    shuffled = np.arange(99.0)
    assert upper_tail(90.0, shuffled) == pytest.approx(10 / 100)
    assert upper_tail(-1.0, shuffled) == 1.0
    assert np.isnan(upper_tail(float("nan"), shuffled))


def test_beyond_all_shuffles_the_tail_is_that_of_a_gamma_distribution(rng: np.random.Generator) -> None:
    shuffled = rng.gamma(3.0, 2.0, 100_000)
    seen = shuffled.max() + 5.0
    assert upper_tail(seen, shuffled) == pytest.approx(gamma.sf(seen, 3.0, scale=2.0), rel=0.3)


def test_shuffles_that_all_show_nothing_leave_the_estimate_s_own_error() -> None:
    nothing = np.zeros(99)
    assert upper_tail(5.0, nothing) == pytest.approx(0.01)
    assert upper_tail(5.0, nothing, 1.0) == pytest.approx(2.867e-7, rel=1e-3)
    assert upper_tail(0.0, nothing, 1.0) == 1.0


def test_few_normal_shuffles_give_uniform_p_values(rng: np.random.Generator) -> None:
    found = [upper_tail_of_few(rng.normal(), rng.normal(size=8)) for _ in range(2000)]
    assert kstest(found, "uniform").pvalue > 0.01


def test_holm_by_hand() -> None:
    """Sorted .01 .02 .03 .04 times 4 3 2 1, made monotone: the last cannot be below the third."""
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([float("nan")])[0] != holm([float("nan")])[0]

"""Kernel densities on a grid."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import gaussian_kde

from core.audit.density import kernel_density, score_density
from core.errors import DataError


def test_it_is_scipy_s_weighted_estimate(rng: np.random.Generator) -> None:
    points = np.stack([rng.normal(80, 10, 2000), rng.normal(size=2000)])
    points[1] += 0.06 * (points[0] - 80)
    w = rng.uniform(0.2, 2.0, 2000)
    x, y = np.linspace(30, 130, 60), np.linspace(-6, 6, 50)
    truth = gaussian_kde(points, weights=w)(np.stack(np.meshgrid(x, y, indexing="ij")).reshape(2, -1)).reshape(60, 50)
    np.testing.assert_allclose(kernel_density(points, w, x, y), truth, atol=2e-3 * truth.max())


def test_it_integrates_to_one_with_negative_weights(rng: np.random.Generator) -> None:
    points, w = rng.normal(size=(2, 3000)), rng.choice([1.0, -1.0], 3000, p=[0.9, 0.1])
    axis = np.linspace(-7, 7, 71)
    assert kernel_density(points, w, axis, axis).sum() * 0.2**2 == pytest.approx(1.0, abs=1e-4)


def test_whole_weights_give_the_shape_of_repetitions(rng: np.random.Generator) -> None:
    """The kernel is that of N_eff, which repetitions do not lower: with one N_eff both are one density."""
    points, w = rng.normal(size=(2, 500)), np.full(500, 3.0)
    axis = np.linspace(-5, 5, 40)
    np.testing.assert_allclose(
        kernel_density(points, w, axis, axis), kernel_density(points, np.ones(500), axis, axis), atol=1e-12
    )


def test_events_beyond_the_grid_do_not_come_back_at_its_other_end(rng: np.random.Generator) -> None:
    points = rng.normal(size=(2, 2000))
    inner, outer = np.linspace(-1, 1, 21), np.linspace(-5, 5, 101)
    whole = kernel_density(points, np.ones(2000), outer, outer)[40:61, 40:61]
    np.testing.assert_allclose(kernel_density(points, np.ones(2000), inner, inner), whole, atol=2e-3 * whole.max())


def test_both_classes_lie_on_one_grid_of_the_logit(rng: np.random.Generator) -> None:
    is_signal = rng.random(4000) < 0.5
    logit = rng.normal(np.where(is_signal, 1.0, -1.0), 0.5)
    found = score_density(rng.normal(80, 8, 4000), expit(logit), is_signal, np.ones(4000))
    for density, centre in ((found.signal, 1.0), (found.background, -1.0)):
        cell = (found.m[1] - found.m[0]) * (found.logit[1] - found.logit[0])
        assert density.sum() * cell == pytest.approx(1.0, abs=0.01)
        assert density.sum(axis=0) @ found.logit / density.sum() == pytest.approx(centre, abs=0.05)


def test_scores_that_have_no_logit_and_points_on_a_line_are_refused(rng: np.random.Generator) -> None:
    m, is_signal = rng.random(100), np.arange(100) < 50
    with pytest.raises(DataError, match=r"the logit needs scores in \[0, 1\]"):
        score_density(m, 3 * m, is_signal, np.ones(100))
    with pytest.raises(DataError, match="on a line"):
        kernel_density(np.stack([m, m]), np.ones(100), np.linspace(0, 1, 9), np.linspace(0, 1, 9))

"""Fronts: who is beaten by nobody, and how much area a front covers."""

import numpy as np
import pytest

from core.evaluation.front import hypervolume, pareto_optimal


def test_optimal_points_are_those_that_no_other_beats_in_both(rng: np.random.Generator) -> None:
    auc, inverse = rng.random(60), rng.random(60)
    expected = [
        not any(
            auc[k] >= auc[i] and inverse[k] >= inverse[i] and (auc[k] > auc[i] or inverse[k] > inverse[i])
            for k in range(60)
        )
        for i in range(60)
    ]
    assert pareto_optimal(auc, inverse).tolist() == expected


def test_twins_are_both_optimal_and_nan_never() -> None:
    assert pareto_optimal([0.8, 0.8, float("nan")], [5.0, 5.0, 9.0]).tolist() == [True, True, False]


def test_hypervolume_is_the_share_of_random_points_below_the_front(rng: np.random.Generator) -> None:
    auc, inverse = 0.6 + 0.4 * rng.random(12), 10 ** (3 * rng.random(12))
    x, y = 0.7 + 0.3 * rng.random(200_000), 0.3 + 2.7 * rng.random(200_000)
    below = ((x[:, None] < auc) & (y[:, None] < np.log10(inverse))).any(1)
    assert hypervolume(auc, inverse) == pytest.approx(below.mean() * 0.3 * 2.7, abs=0.004)


def test_points_worse_than_the_reference_add_nothing() -> None:
    assert hypervolume([0.69, 0.9], [1000.0, 1.5]) == 0

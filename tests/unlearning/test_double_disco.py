"""Double DisCo: its gradient reaches both scores, and its scale gives weight to the signal-like tail."""

import numpy as np
import pytest
import torch

from core.information.distance_correlation import distance_correlation
from core.learning.batch import Batch
from core.unlearning.penalties.double_disco import DoubleDisco, DoubleDiscoConfig, tail_scores


def events(n: int = 300, seed: int = 4) -> tuple[torch.Tensor, Batch]:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]])
    batch = Batch(
        torch.zeros(n, 1),
        torch.from_numpy(rng.random(n) < 0.3),
        torch.zeros(n, 1).double(),
        torch.from_numpy(rng.uniform(0.5, 1.5, n)),
    )
    return torch.sigmoid(torch.from_numpy(z)), batch


def test_the_value_is_the_distance_correlation_on_background() -> None:
    scores, batch = events()
    background = (~batch.y).numpy()
    expected = distance_correlation(*scores.numpy()[background].T, batch.w.numpy()[background])
    found = DoubleDisco(DoubleDiscoConfig(scale="score"))(scores, batch)
    assert float(found) == pytest.approx(expected, rel=1e-10)


def test_the_gradient_in_both_scores_is_that_of_finite_differences() -> None:
    scores, batch = events()
    penalty = DoubleDisco(DoubleDiscoConfig(scale="score"))
    scores.requires_grad_()
    penalty(scores, batch).backward()
    assert scores.grad is not None
    for i in (int((~batch.y).nonzero()[k]) for k in (0, 5, 9)):
        for column in (0, 1):
            values = []
            for step in (1e-5, -1e-5):
                moved = scores.detach().clone()
                moved[i, column] += step
                values.append(float(penalty(moved, batch)))
            assert float(scores.grad[i, column]) == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-4, abs=1e-9)


def test_tail_scores_are_exponential_whatever_the_score() -> None:
    f = torch.from_numpy(np.random.default_rng(2).beta(0.3, 2.0, 20_000))
    found = tail_scores(f, torch.ones(len(f))).numpy()
    assert np.mean(found) == pytest.approx(1, abs=0.03)
    for x in (0.5, 1.0, 3.0):
        assert np.mean(found > x) == pytest.approx(np.exp(-x), abs=0.01)
    assert (np.diff(found[np.argsort(f.numpy())]) >= 0).all()


def test_a_dependence_of_the_tails_alone_weighs_more_on_the_tail_scale() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.random((2, 20_000))
    both = a > 0.97
    b = np.where(both & (rng.random(len(a)) < 0.5), 1 - 0.03 * b, b)
    scores, n = torch.from_numpy(np.stack([a, b], 1)), len(a)
    batch = Batch(torch.zeros(n, 1), torch.zeros(n, dtype=torch.bool), torch.zeros(n, 1).double(), torch.ones(n))
    tail, plain = (DoubleDisco(DoubleDiscoConfig(scale=scale))(scores, batch) for scale in ("tail", "score"))
    assert tail > 3 * plain > 0

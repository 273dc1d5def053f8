"""Checks and standardisation of what a critic is trained on."""

import numpy as np
import pytest
import torch
from scipy import stats

from core.errors import DataError
from core.neural_information.pairs import Pairs

CPU = torch.device("cpu")


def test_columns_become_standard_normal_scores_of_mid_ranks(rng: np.random.Generator) -> None:
    x, y = rng.integers(0, 30, (500, 2)), rng.choice([-999.0, 4.0], 500, p=[0.9, 0.1])
    pairs = Pairs.of(x, y, None, CPU)
    expected = stats.zscore(stats.norm.ppf((stats.rankdata(x, axis=0) - 0.5) / 500), axis=0)
    np.testing.assert_allclose(pairs.x, expected, atol=1e-5)
    np.testing.assert_allclose(pairs.y[:, 0], stats.zscore(y), atol=1e-5)


def test_an_integer_weight_acts_as_that_many_events(rng: np.random.Generator) -> None:
    x, y, weights = rng.normal(size=300), rng.normal(size=300), rng.integers(1, 5, 300)
    weighted = Pairs.of(x, y, weights, CPU)
    repeated = Pairs.of(np.repeat(x, weights), np.repeat(y, weights), None, CPU)
    np.testing.assert_allclose(np.repeat(weighted.x.numpy(), weights, axis=0), repeated.x, atol=1e-5)


def test_events_of_weight_zero_are_left_out(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(2, 500))
    weights = np.where(np.arange(500) < 300, 2.0, 0.0)
    with_zeros, without = Pairs.of(x, y, weights, CPU), Pairs.of(x[:300], y[:300], None, CPU)
    assert torch.equal(with_zeros.x, without.x)
    assert torch.equal(with_zeros.w, without.w)


def test_scores_in_parts_are_those_of_the_whole(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = Pairs.of(rng.normal(size=(300, 2)), rng.normal(size=300), None, CPU)

    def critic(inputs: torch.Tensor) -> torch.Tensor:
        return inputs[..., 0] * inputs[..., 2] + inputs[..., 1]

    whole = pairs.scores(critic, 5, torch.Generator().manual_seed(1))  # type: ignore[arg-type]
    monkeypatch.setattr("core.neural_information.pairs.ROWS_AT_ONCE", 64)
    parts = pairs.scores(critic, 5, torch.Generator().manual_seed(1))  # type: ignore[arg-type]
    assert torch.equal(whole.shuffled, parts.shuffled)
    expected = pairs.x[7, 0] * pairs.y[whole.partner[7, 3], 0] + pairs.x[7, 1]
    assert whole.shuffled[7, 3].item() == pytest.approx(expected.item())
    assert whole.joint[7].item() == pytest.approx((pairs.x[7, 0] * pairs.y[7, 0] + pairs.x[7, 1]).item())


GOOD = np.random.default_rng(3).normal(size=300)
WITH_NAN = np.where(np.arange(300) == 4, np.nan, GOOD)
WITH_INFINITY = np.where(np.arange(300) < 2, np.inf, GOOD)


@pytest.mark.parametrize(
    ("x", "y", "weights", "message"),
    [
        (GOOD, GOOD, np.zeros(300), "weights sum to 0"),
        (GOOD[:199], GOOD[:199], None, "N_eff is 199 events; at least 200"),
        (GOOD, GOOD, np.where(np.arange(300) < 150, 1.0, 0.0), "N_eff is 150 events"),
        (GOOD, GOOD[:299], None, "300"),
        (WITH_NAN, GOOD, None, "1 of 300 events have a missing or infinite value"),
        (GOOD, WITH_INFINITY, None, "2 of 300 events have a missing"),
        (GOOD, np.ones(300), None, "y is constant at 1"),
        (GOOD, np.ones(300, bool), None, "y is constant at 1"),
        (np.stack([GOOD, np.zeros(300)], 1), GOOD, None, "x is constant at 0"),
        (np.full(300, "a"), GOOD, None, "x has type <U1"),
        (GOOD, np.ones((300, 1, 1)), None, r"y has type float64 and shape \(300, 1, 1\)"),
        (GOOD, np.ones((300, 0)), None, r"shape \(300, 0\)"),
        (GOOD, GOOD, np.ones(299), r"weights of shape \(299,\)"),
        (GOOD, GOOD, WITH_NAN, "1 of 300 weights are NaN"),
        (GOOD, GOOD, np.where(np.arange(300) < 3, -1.0, 1.0), "3 of 300 weights are negative"),
    ],
)
def test_what_cannot_be_used_is_refused(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Pairs.of(x, y, weights, CPU)

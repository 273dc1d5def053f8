"""Planing makes the spectra of the training events flat, and leaves those of the evaluation alone."""

import numpy as np
import pytest
import torch

from core.learning.batch import Batch
from core.unlearning.method import METHODS
from core.unlearning.penalties.planing import inner_edges


def batch(n: int = 20_000, protected: int = 1, seed: int = 2) -> Batch:
    """Return a peak on a falling spectrum with weights of both signs; a second variable follows the first."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2 == 0
    m = np.where(y, rng.normal(90, 15, n), 50 + rng.exponential(60, n))
    columns = [m, m / 50 + rng.normal(size=n)][:protected]
    w = rng.uniform(0.5, 1.5, n) * rng.choice([1.0, -1.0], n, p=[0.95, 0.05])
    return Batch(
        torch.zeros(n, 1), torch.from_numpy(y), torch.from_numpy(np.stack(columns, 1)), torch.from_numpy(w).float()
    )


def weights(events: Batch, **options: object) -> torch.Tensor:
    method = METHODS["planing"].item
    assert method.reweigh is not None
    return method.reweigh(method.config(**options), events)(events)


def shares(events: Batch, w: torch.Tensor, of_signal: bool, variable: int = 0, bins: int = 20) -> torch.Tensor:
    chosen = events.y == of_signal
    bin_of = torch.bucketize(events.m[chosen, variable], inner_edges(events.m[:, variable], bins))
    sums = torch.zeros(bins, dtype=torch.float64).index_add_(0, bin_of, w[chosen].double())
    return sums / sums.sum()


@pytest.mark.parametrize("of_signal", [False, True])
def test_the_spectrum_is_exactly_flat_where_no_factor_is_too_large(of_signal: bool) -> None:
    events = batch()
    found = shares(events, weights(events, bins=20, largest=1e6), of_signal)
    filled = shares(events, events.w, of_signal) > 0
    torch.testing.assert_close(found[filled], torch.full_like(found[filled], float(found[filled].mean())))
    assert shares(events, events.w, of_signal).max() > 2 / 20


def test_the_largest_factor_bounds_every_weight() -> None:
    events = batch()
    factor = weights(events, largest=3.0) / events.w
    assert 2.9 < float(factor.max()) <= 3.0 + 1e-5
    assert float(factor.min()) > 0


def test_negative_weights_stay_negative() -> None:
    events = batch()
    assert torch.equal(weights(events).sign(), events.w.sign())


def test_background_alone_leaves_the_signal() -> None:
    events = batch()
    w = weights(events, classes="background")
    assert torch.equal(w[events.y], events.w[events.y])
    assert not torch.equal(w[~events.y], events.w[~events.y])


def test_two_correlated_variables_are_both_flat() -> None:
    events = batch(40_000, protected=2)
    w = weights(events, bins=8, largest=1e6)
    for variable in (0, 1):
        found = shares(events, w, False, variable, bins=8)
        torch.testing.assert_close(found, torch.full_like(found, 1 / 8), rtol=0.02, atol=0)


def test_each_value_of_a_discrete_variable_weighs_the_same() -> None:
    events = batch()
    year = torch.from_numpy(np.random.default_rng(1).choice([2016.0, 2017.0, 2018.0], len(events.y), p=[0.6, 0.3, 0.1]))
    events = Batch(events.x, events.y, year[:, None], events.w)
    w = weights(events)
    sums = [float(w[(year == value) & ~events.y].sum()) for value in (2016, 2017, 2018)]
    assert sums == pytest.approx([np.mean(sums)] * 3, rel=1e-5)
    assert float(w[~events.y].sum()) == pytest.approx(float(events.w[~events.y].sum()), rel=1e-5)


def test_other_events_get_the_factors_of_the_training() -> None:
    events, others = batch(), batch(seed=9)
    method = METHODS["planing"].item
    assert method.reweigh is not None
    found = shares(others, method.reweigh(method.config(bins=10, largest=1e6), events)(others), False, bins=10)
    torch.testing.assert_close(found[:5], torch.full_like(found[:5], 0.1), rtol=0.2, atol=0)

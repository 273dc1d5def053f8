"""Transforms of a trained score: flat where they were fitted, ascending in the score, exact when restored."""

import numpy as np
import pytest
import torch

from core.errors import DataError
from core.evaluation.roc import Ranking, area_under_curve
from core.learning.batch import Batch
from core.unlearning.method import METHODS
from core.unlearning.penalties._quantiles import conditional_quantiles, knots_of, weighted_quantiles

FITTED = ("transport", "percentile")
transforms = pytest.mark.parametrize("name", FITTED)


def background(n: int = 8000, seed: int = 3) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return scores whose location and width depend on a falling m, and weights of both signs."""
    rng = np.random.default_rng(seed)
    m = 50 + rng.exponential(60, n)
    z = -1 + 0.02 * (m - 100) + (0.5 + 0.004 * m) * rng.normal(size=n)
    w = rng.uniform(0.5, 1.5, n) * rng.choice([1.0, -1.0], n, p=[0.95, 0.05])
    return torch.from_numpy(1 / (1 + np.exp(-z))).float(), torch.from_numpy(m)[:, None], torch.from_numpy(w)


def fitted(name: str, *events: torch.Tensor, **options: float) -> torch.nn.Module:
    method = METHODS[name].item
    assert method.transform is not None
    return method.transform.fit(method.config(**options), *events)


def efficiencies(f: torch.Tensor, cut: float, m: torch.Tensor, w: torch.Tensor, bins: int = 8) -> torch.Tensor:
    """Return the share above a cut in equally filled bins of m."""
    edges = torch.quantile(m, torch.linspace(0, 1, bins + 1, dtype=m.dtype))[1:-1]
    bin_of = torch.bucketize(m, edges)
    whole, passed = (torch.zeros(bins, dtype=w.dtype).index_add_(0, bin_of, values) for values in (w, w * (f >= cut)))
    return passed / whole


def test_transported_background_has_the_same_efficiency_at_every_m_and_every_cut() -> None:
    f, m, w = background()
    after = fitted("transport", f, m, w)(f, m)
    for share in (0.3, 0.7, 0.9, 0.97):
        cut = float(weighted_quantiles(after.double(), w, torch.tensor([share], dtype=torch.float64)))
        allowed = 3 * np.sqrt(share * (1 - share) / (len(f) / 8))
        assert (efficiencies(f, float(torch.quantile(f, share)), m[:, 0], w) - (1 - share)).abs().max() > 2 * allowed
        assert (efficiencies(after, cut, m[:, 0], w) - (1 - share)).abs().max() < allowed


def test_percentile_is_flat_at_its_efficiency_alone() -> None:
    f, m, w = background()
    after = fitted("percentile", f, m, w, background_efficiency=0.1)(f, m)
    cut = float(weighted_quantiles(after.double(), w, torch.tensor([0.9], dtype=torch.float64)))
    assert (efficiencies(after, cut, m[:, 0], w) - 0.1).abs().max() < 3 * np.sqrt(0.09 / 1000)
    loose = float(weighted_quantiles(after.double(), w, torch.tensor([0.4], dtype=torch.float64)))
    assert (efficiencies(after, loose, m[:, 0], w) - 0.6).abs().max() > 6 * np.sqrt(0.24 / 1000)


def test_percentile_is_flat_in_each_of_two_variables() -> None:
    f, m, w = background()
    second = torch.from_numpy(np.random.default_rng(5).integers(0, 3, len(f)).astype(np.float64))
    f = torch.sigmoid(torch.logit(f.double()) + 0.7 * second).float()
    both = torch.stack([m[:, 0], second], 1)
    after = fitted("percentile", f, both, w, background_efficiency=0.1)(f, both)
    cut = float(weighted_quantiles(after.double(), w, torch.tensor([0.9], dtype=torch.float64)))
    assert (efficiencies(after, cut, m[:, 0], w) - 0.1).abs().max() < 3 * np.sqrt(0.09 / 1000)
    for value in range(3):
        here = second == value
        assert float((w * (after >= cut))[here].sum() / w[here].sum()) == pytest.approx(0.1, abs=0.015)


@transforms
def test_the_score_after_rises_strictly_with_the_score_before_at_every_m(name: str) -> None:
    transform = fitted(name, *background())
    grid = torch.sigmoid(torch.linspace(-14, 14, 4001, dtype=torch.float64))
    for value in (20.0, 50.0, 77.7, 130.0, 300.0, 1e6):
        after = transform(grid, torch.full((len(grid), 1), value, dtype=torch.float64))
        assert (torch.diff(after) > 0).all()
        assert 0 < after.min() < after.max() < 1


def test_no_mix_keeps_every_score_and_the_roc() -> None:
    f, m, w = background()
    after = fitted("transport", f, m, w, mix=0)(f, m)
    torch.testing.assert_close(after, f, rtol=0, atol=1e-6)
    is_signal = np.arange(len(f)) % 2 == 0
    before_auc, after_auc = (
        area_under_curve(*Ranking(each.double().numpy(), is_signal).efficiencies(np.ones(len(f))))
        for each in (f, after)
    )
    assert after_auc == pytest.approx(before_auc, abs=1e-12)


def test_a_partial_mix_lies_on_the_line_between_both_logits() -> None:
    f, m, w = background()
    whole, part = (fitted("transport", f, m, w, mix=mix)(f.double(), m) for mix in (1.0, 0.3))
    expected = 0.7 * torch.logit(f.double()) + 0.3 * torch.logit(whole)
    torch.testing.assert_close(torch.logit(part), expected)


@transforms
def test_a_restored_transform_gives_the_same_scores(name: str) -> None:
    f, m, w = background(2000)
    transform = fitted(name, f, m, w)
    method = METHODS[name].item
    assert method.transform is not None
    again = method.transform.restore(transform.state_dict())
    assert torch.equal(again(f, m), transform(f, m))


@transforms
def test_a_discrete_variable_gets_one_map_a_value(name: str) -> None:
    f, _, w = background()
    generation = torch.from_numpy(np.random.default_rng(5).integers(0, 3, len(f)).astype(np.float64))
    shifted = torch.sigmoid(torch.logit(f.double()) + generation)
    after = fitted(name, shifted, generation[:, None], w)(shifted, generation[:, None])
    cut = float(weighted_quantiles(after, w, torch.tensor([0.96], dtype=torch.float64)))
    for value in range(3):
        here = generation == value
        assert float((w * (after >= cut))[here].sum() / w[here].sum()) == pytest.approx(0.04, abs=0.004)


def test_quantiles_hold_the_share_of_each_knot() -> None:
    """Under every hat function the share of the events below q_k(m) is α_k: that makes the pinball loss least."""
    f, m, w = background(20_000)
    z, w, levels = torch.logit(f.double()), w.abs(), torch.linspace(0.1, 0.9, 9, dtype=torch.float64)
    knots = knots_of(m[:, 0], w, 8)
    found = conditional_quantiles(z, m[:, 0], w, levels, knots)
    inside = m[:, 0].clamp(knots[0], knots[-1]).numpy()
    hats = torch.stack([torch.from_numpy(np.interp(inside, knots.numpy(), row)) for row in np.eye(len(knots))])
    for k, level in enumerate(levels):
        q = torch.from_numpy(np.interp(inside, knots.numpy(), found.values[:, k].numpy()))
        share = (hats * w * (z <= q)).sum(1) / (hats * w).sum(1)
        torch.testing.assert_close(share, level.expand(len(knots)), rtol=0, atol=3e-3)


def test_events_that_cannot_be_fitted_are_refused() -> None:
    f, m, w = background(100)
    with pytest.raises(DataError, match="10 background events cannot fill 20 knots"):
        fitted("transport", f[:10], m[:10], w[:10])
    with pytest.raises(DataError, match="takes the value 7 only"):
        fitted("percentile", f, torch.full_like(m, 7.0), w)


@transforms
def test_events_that_cannot_fill_the_knots_are_refused_before_the_training(name: str) -> None:
    method, m = METHODS[name].item, torch.arange(60).double()
    train = Batch(torch.zeros(60, 1), m < 50, m[:, None], torch.ones(60))
    with pytest.raises(DataError, match="10 background events cannot fill 20 knots"):
        method.build(method.config(), train, torch.Generator())


def test_transport_refuses_several_protected_variables_in_words() -> None:
    method, n = METHODS["transport"].item, 60
    train = Batch(torch.zeros(n, 1), torch.arange(n) % 2 == 0, torch.zeros(n, 2).double(), torch.ones(n))
    with pytest.raises(DataError, match="transport takes one protected variable, got 2"):
        method.build(method.config(), train, torch.Generator())

"""The term that ties dimensions to protected variables."""

import pytest
import torch

from core.disentanglement.supervision import Ranks, supervision


def test_ranks_are_uniform_whatever_the_spectrum() -> None:
    m = torch.randn(4000, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64).exp()
    v = Ranks(m, torch.ones(4000))(m)
    assert v.shape == (4000, 1)
    expected = torch.linspace(0, 1, 4000)
    torch.testing.assert_close(v[:, 0].sort().values, expected, atol=1e-3, rtol=0)
    assert torch.equal(v[:, 0].argsort(), m[:, 0].argsort())


def test_a_spike_takes_the_middle_of_its_step() -> None:
    m = torch.tensor([[1.0], [2.0], [2.0], [2.0], [7.0]], dtype=torch.float64)
    torch.testing.assert_close(Ranks(m, torch.ones(5))(m)[:, 0], torch.tensor([0.1, 0.5, 0.5, 0.5, 0.9]))


def test_new_values_lie_between_their_neighbours_and_inside_the_range() -> None:
    ranks = Ranks(torch.tensor([[0.0], [10.0]], dtype=torch.float64), torch.ones(2))
    new = torch.tensor([[-5.0], [5.0], [50.0]], dtype=torch.float64)
    torch.testing.assert_close(ranks(new)[:, 0], torch.tensor([0.25, 0.5, 0.75]))


def test_weights_stretch_the_scale_and_negative_ones_do_not_fold_it() -> None:
    m = torch.tensor([[1.0], [2.0], [3.0]], dtype=torch.float64)
    v = Ranks(m, torch.tensor([1.0, -2.0, 1.0]))(m)[:, 0]
    torch.testing.assert_close(v, torch.tensor([0.125, 0.5, 0.875]))


def test_a_constant_variable_is_one_half() -> None:
    m = torch.full((3, 1), 5.0, dtype=torch.float64)
    torch.testing.assert_close(Ranks(m, torch.ones(3))(m)[:, 0], torch.full((3,), 0.5))


def test_supervision_is_least_and_zero_where_the_dimension_gives_the_variable() -> None:
    v = torch.tensor([[0.1], [0.5], [0.8]])
    r = torch.logit(v).requires_grad_()
    value = supervision(r, v, torch.ones(3))
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-6)
    assert r.grad is not None
    torch.testing.assert_close(r.grad, torch.zeros(3, 1), atol=1e-6, rtol=0)


def test_supervision_is_the_divergence_of_two_coins() -> None:
    """KL(v ‖ σ(r)) of Bernoulli distributions, weighted and summed over variables."""
    v, r, w = torch.tensor([[0.2, 1.0], [0.6, 0.0]]), torch.tensor([[1.0, 2.0], [-1.0, 0.5]]), torch.tensor([1.5, 0.5])
    coins = torch.distributions.kl_divergence(
        torch.distributions.Bernoulli(v), torch.distributions.Bernoulli(torch.sigmoid(r))
    )
    assert supervision(r, v, w).item() == pytest.approx((w * coins.sum(1)).mean().item(), rel=1e-5)

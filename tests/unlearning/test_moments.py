"""The fast MoDe penalty has the value and the gradient of its definition."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.errors import DataError
from core.unlearning.penalties._moments import equal_occupancy_edges, legendre_projection, moment_penalty


def definition(scores: Tensor, bin_of: Tensor, weights: Tensor, order: int, bins: int) -> float:
    """Σ_b ∫ds |F_b(s) - fit_b(s)|² on a fine grid of s, one bin and one polynomial fit at a time."""
    grid = np.linspace(0, 1, 40_001)
    centres = (2 * np.arange(bins) + 1) / bins - 1
    s, b, w = scores.numpy(), bin_of.numpy(), weights.numpy()
    distribution = np.empty((bins, len(grid)))
    for k in range(bins):
        chosen = np.argsort(s[b == k])
        cumulative = np.concatenate([[0], np.cumsum(w[b == k][chosen])])
        distribution[k] = cumulative[np.searchsorted(s[b == k][chosen], grid, side="right")] / cumulative[-1]
    coefficients = np.polynomial.legendre.legfit(centres, distribution, order)
    fit = np.polynomial.legendre.legval(centres, coefficients).T
    return float(((distribution - fit) ** 2).sum(0).mean())


def sample(n: int, bins: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(5)
    m = torch.rand(n, generator=generator, dtype=torch.float64)
    scores = torch.sigmoid(2 * m + torch.randn(n, generator=generator, dtype=torch.float64))
    weights = torch.rand(n, generator=generator, dtype=torch.float64) + 0.2
    return scores, torch.bucketize(m, equal_occupancy_edges(m, weights, bins)), weights


@pytest.mark.parametrize("order", [0, 1, 2])
def test_value_equals_the_definition(order: int) -> None:
    scores, bin_of, weights = sample(500, bins=6)
    value = moment_penalty(scores, bin_of, weights, legendre_projection(6, order)).item()
    assert value == pytest.approx(definition(scores, bin_of, weights, order, 6), rel=2e-3)


@pytest.mark.parametrize("order", [0, 2])
def test_gradient_equals_finite_differences(order: int) -> None:
    scores, bin_of, weights = sample(80, bins=4)
    projection = legendre_projection(4, order)
    scores.requires_grad_()
    moment_penalty(scores, bin_of, weights, projection).backward()
    assert scores.grad is not None
    step = 1e-7
    for i in (0, 11, 42, 79):
        shift = torch.zeros_like(scores)
        shift[i] = step
        up = moment_penalty(scores.detach() + shift, bin_of, weights, projection)
        down = moment_penalty(scores.detach() - shift, bin_of, weights, projection)
        assert scores.grad[i].item() == pytest.approx(((up - down) / (2 * step)).item(), rel=1e-4, abs=1e-9)


def test_zero_when_all_bins_hold_the_same_scores() -> None:
    scores = torch.rand(50, generator=torch.Generator().manual_seed(1), dtype=torch.float64).repeat(3)
    bin_of = torch.arange(3).repeat_interleave(50)
    assert moment_penalty(scores, bin_of, torch.ones(150), legendre_projection(3, 0)).item() == pytest.approx(
        0, abs=1e-12
    )


def test_a_bin_without_events_takes_no_part() -> None:
    scores, bin_of, weights = sample(300, bins=4)
    kept = bin_of != 2
    three = torch.where(bin_of == 3, 2, bin_of)
    value = moment_penalty(scores[kept], bin_of[kept], weights[kept], legendre_projection(4, 0)).item()
    truth = moment_penalty(scores[kept], three[kept], weights[kept], legendre_projection(3, 0)).item()
    assert value == pytest.approx(truth, rel=1e-10)


def test_integer_weights_count_events_repeatedly() -> None:
    scores, bin_of, _ = sample(200, bins=5)
    weights = torch.arange(200) % 3 + 1
    repeated = moment_penalty(
        scores.repeat_interleave(weights),
        bin_of.repeat_interleave(weights),
        torch.ones(int(weights.sum())),
        legendre_projection(5, 0),
    )
    assert moment_penalty(scores, bin_of, weights, legendre_projection(5, 0)).item() == pytest.approx(repeated.item())


def test_edges_hold_equal_weight() -> None:
    m = torch.arange(1000.0)
    weights = torch.ones(1000)
    weights[:500] = 3
    counts = torch.bincount(torch.bucketize(m, equal_occupancy_edges(m, weights, 4)), weights=weights)
    torch.testing.assert_close(counts, torch.full((4,), 500.0, dtype=counts.dtype), rtol=0.01, atol=3)


def test_too_few_events_or_values_are_refused() -> None:
    with pytest.raises(DataError, match="5 background events cannot fill 8 bins"):
        equal_occupancy_edges(torch.arange(5.0), torch.ones(5), 8)
    with pytest.raises(DataError, match="too few distinct values for 8"):
        equal_occupancy_edges(torch.arange(100) % 3, torch.ones(100), 8)

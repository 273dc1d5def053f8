"""The fast MoDe penalty has the value and the gradient of its definition, and its bins take any variable."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.errors import DataError
from core.learning.batch import Batch
from core.unlearning.method import METHODS
from core.unlearning.penalties._moments import LegendreFit, bins_of, equal_occupancy_edges, moment_penalty


def distributions(scores: Tensor, bin_of: Tensor, weights: Tensor, bins: int, grid: np.ndarray) -> np.ndarray:
    """F_b(s) on a grid of s, one bin at a time, shape (bins, len(grid))."""
    s, b, w = scores.numpy(), bin_of.numpy(), weights.numpy()
    found = np.empty((bins, len(grid)))
    for k in range(bins):
        chosen = np.argsort(s[b == k])
        cumulative = np.concatenate([[0], np.cumsum(w[b == k][chosen])])
        found[k] = cumulative[np.searchsorted(s[b == k][chosen], grid, side="right")] / cumulative[-1]
    return found


def definition(scores: Tensor, bin_of: Tensor, weights: Tensor, fit: LegendreFit, power: float = 2.0) -> float:
    """Σ_b ∫ds |F_b(s) - fit_b(s)|^p on a fine grid of s, with limits by a search over all coefficients allowed."""
    grid = np.linspace(0, 1, 40_001)
    centres = (2 * np.arange(fit.bins) + 1) / fit.bins - 1
    distribution = distributions(scores, bin_of, weights, fit.bins, grid)
    coefficients = np.polynomial.legendre.legfit(centres, distribution, fit.order)
    if fit.max_slope is not None:
        passing = distribution.mean(0)
        coefficients[0] = passing
        bound = fit.max_slope * np.minimum(passing, 1 - passing)
        coefficients[1] = np.sign(coefficients[1]) * np.minimum(np.abs(coefficients[1]), bound)
    if fit.monotonic:
        steepest = np.abs(coefficients[1]) / 3
        coefficients[2] = np.sign(coefficients[2]) * np.minimum(np.abs(coefficients[2]), steepest)
        parabola = np.polynomial.legendre.legval(centres, [0, 0, 1])
        coefficients[0] = distribution.mean(0) - coefficients[2] * parabola.mean()
    values = np.polynomial.legendre.legval(centres, coefficients).T
    return float((np.abs(distribution - values) ** power).sum(0).mean())


def sample(n: int, bins: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(5)
    m = torch.rand(n, generator=generator, dtype=torch.float64)
    scores = torch.sigmoid(2 * m + torch.randn(n, generator=generator, dtype=torch.float64))
    weights = torch.rand(n, generator=generator, dtype=torch.float64) + 0.2
    return scores, torch.bucketize(m, equal_occupancy_edges(m, weights, bins)), weights


FITS = (
    LegendreFit(6, 0),
    LegendreFit(6, 1),
    LegendreFit(6, 1, max_slope=0.3),
    LegendreFit(6, 2),
    LegendreFit(6, 2, monotonic=True),
)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_value_equals_the_definition(fit: LegendreFit, power: float) -> None:
    scores, bin_of, weights = sample(500, bins=6)
    value = moment_penalty(scores, bin_of, weights, fit, power).item()
    assert value == pytest.approx(definition(scores, bin_of, weights, fit, power), rel=2e-3)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_gradient_equals_finite_differences(fit: LegendreFit, power: float) -> None:
    scores, bin_of, weights = sample(80, bins=6)
    scores.requires_grad_()
    moment_penalty(scores, bin_of, weights, fit, power).backward()
    assert scores.grad is not None
    step = 1e-7
    for i in (0, 11, 42, 79):
        shift = torch.zeros_like(scores)
        shift[i] = step
        up = moment_penalty(scores.detach() + shift, bin_of, weights, fit, power)
        down = moment_penalty(scores.detach() - shift, bin_of, weights, fit, power)
        assert scores.grad[i].item() == pytest.approx(((up - down) / (2 * step)).item(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_the_fit_is_the_least_squares_polynomial_of_its_order(order: int) -> None:
    values = torch.randn(5, 9, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    centres = (2 * np.arange(9) + 1) / 9 - 1
    kept = np.array([0, 1, 2, 4, 5, 6, 8])
    found = LegendreFit(9, order).residuals(values, torch.from_numpy(np.isin(np.arange(9), kept)))
    for row, residual in zip(values.numpy(), found.numpy(), strict=True):
        expected = row[kept] - np.polyval(np.polyfit(centres[kept], row[kept], order), centres[kept])
        np.testing.assert_allclose(residual[kept], expected, atol=1e-12)
        assert not residual[[3, 7]].any()


def test_a_polynomial_up_to_the_order_is_free() -> None:
    m = (2 * torch.arange(8, dtype=torch.float64) + 1) / 8 - 1
    every = torch.ones(8, dtype=torch.bool)
    line, parabola = (0.4 + 0.2 * m)[None], (0.4 + 0.3 * m + 0.05 * m**2)[None]
    assert LegendreFit(8, 1).residuals(line, every).abs().max() < 1e-14
    assert LegendreFit(8, 1, max_slope=0.51).residuals(line, every).abs().max() < 1e-14
    assert LegendreFit(8, 2, monotonic=True).residuals(parabola, every).abs().max() < 1e-14
    assert LegendreFit(8, 1).residuals(parabola, every).abs().max() > 1e-3


def test_a_slope_beyond_its_bound_is_charged_for_the_excess() -> None:
    m = (2 * torch.arange(8, dtype=torch.float64) + 1) / 8 - 1
    for middle, smaller in ((0.4, 0.4), (0.9, 0.1)):
        residual = LegendreFit(8, 1, max_slope=0.5).residuals((middle + 0.3 * m)[None], torch.ones(8, dtype=torch.bool))
        torch.testing.assert_close(residual[0], (0.3 - 0.5 * smaller) * m)


def test_no_slope_at_all_is_mode0_and_a_turning_parabola_is_cut_back_to_one_that_turns_at_the_edge() -> None:
    values = torch.rand(4, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    every = torch.ones(8, dtype=torch.bool)
    flat = LegendreFit(8, 0).residuals(values, every)
    torch.testing.assert_close(LegendreFit(8, 1, max_slope=0.0).residuals(values, every), flat)
    m = (2 * torch.arange(8, dtype=torch.float64) + 1) / 8 - 1
    turning = (0.5 + 0.1 * m + 0.3 * m**2)[None]
    fitted = (turning - LegendreFit(8, 2, monotonic=True).residuals(turning, every))[0]
    assert (fitted.diff() > 0).all()
    curvature = fitted.diff().diff() / 0.25**2
    torch.testing.assert_close(curvature, torch.full((6,), 0.1, dtype=torch.float64))


def test_zero_when_all_bins_hold_the_same_scores() -> None:
    scores = torch.rand(50, generator=torch.Generator().manual_seed(1), dtype=torch.float64).repeat(3)
    bin_of = torch.arange(3).repeat_interleave(50)
    assert moment_penalty(scores, bin_of, torch.ones(150), LegendreFit(3, 0)).item() == pytest.approx(0, abs=1e-12)


def test_a_bin_without_events_takes_no_part() -> None:
    scores, bin_of, weights = sample(300, bins=4)
    kept = bin_of != 2
    three = torch.where(bin_of == 3, 2, bin_of)
    value = moment_penalty(scores[kept], bin_of[kept], weights[kept], LegendreFit(4, 0)).item()
    truth = moment_penalty(scores[kept], three[kept], weights[kept], LegendreFit(3, 0)).item()
    assert value == pytest.approx(truth, rel=1e-10)


def test_integer_weights_count_events_repeatedly() -> None:
    scores, bin_of, _ = sample(200, bins=5)
    weights = torch.arange(200) % 3 + 1
    repeated = moment_penalty(
        scores.repeat_interleave(weights),
        bin_of.repeat_interleave(weights),
        torch.ones(int(weights.sum())),
        LegendreFit(5, 0),
    )
    assert moment_penalty(scores, bin_of, weights, LegendreFit(5, 0)).item() == pytest.approx(repeated.item())


def test_edges_hold_equal_weight() -> None:
    m = torch.arange(1000.0)
    weights = torch.ones(1000)
    weights[:500] = 3
    counts = torch.bincount(torch.bucketize(m, equal_occupancy_edges(m, weights, 4)), weights=weights)
    torch.testing.assert_close(counts, torch.full((4,), 500.0, dtype=counts.dtype), rtol=0.01, atol=3)


def test_a_variable_of_few_values_gets_one_bin_a_value() -> None:
    years = torch.tensor([2018.0, 2016.0, 2017.0, 2016.0, 2018.0, 2016.0] * 20)
    edges = equal_occupancy_edges(years, torch.ones(120), 8)
    assert torch.bincount(torch.bucketize(years.double(), edges)).tolist() == [60, 20, 40]


def test_a_value_that_fills_several_bins_is_one_bin() -> None:
    m = torch.cat([torch.zeros(600), torch.linspace(1, 2, 400)])
    edges = equal_occupancy_edges(m, torch.ones(1000), 10)
    assert torch.bincount(torch.bucketize(m.double(), edges)).tolist() == [600, 100, 100, 100, 100]
    top = equal_occupancy_edges(-m, torch.ones(1000), 10)
    assert torch.bincount(torch.bucketize(-m.double(), top)).tolist() == [100, 100, 100, 100, 600]


def events(m: Tensor) -> Batch:
    n = len(m)
    return Batch(torch.zeros(n, 1), torch.zeros(n, dtype=torch.bool), m.double().reshape(n, -1), torch.ones(n))


def test_too_few_events_or_values_are_refused() -> None:
    with pytest.raises(DataError, match="5 background events cannot fill 8 bins"):
        equal_occupancy_edges(torch.arange(5.0), torch.ones(5), 8)
    with pytest.raises(DataError, match="takes the value 7 only"):
        equal_occupancy_edges(torch.full((100,), 7.0), torch.ones(100), 8)
    with pytest.raises(
        DataError, match="order 1 describes any dependence on a protected variable in 2 bins; at least 3"
    ):
        bins_of(events(torch.arange(100) % 2), 8, order=1)


@pytest.mark.parametrize("name", ["mode0", "mode1", "mode2", "flat0", "flat1", "flat2"])
def test_a_discrete_protected_variable_is_unlearned_like_any_other(name: str) -> None:
    generator = torch.Generator().manual_seed(4)
    m = torch.randint(0, 5, (4000,), generator=generator).double()
    y = torch.rand(4000, generator=generator) < 0.5
    batch = Batch(torch.zeros(4000, 1), y, m[:, None], torch.ones(4000))
    penalty = METHODS[name].item.build(METHODS[name].item.config(), batch, generator)
    clean = torch.rand(4000, generator=generator)
    assert penalty(0.5 * clean + 0.4 * (m == 2), batch) > 20 * penalty(clean, batch)

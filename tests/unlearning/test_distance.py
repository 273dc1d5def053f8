"""The fast distance correlation has the value and the gradient of its O(n²) definition."""

import dcor
import numpy as np
import pytest
import torch
from torch import Tensor

from core.errors import DataError
from core.information.distance_correlation import distance_correlation, signed_distance_sums
from core.unlearning.penalties._distance import _merge_levels, _signed_distance_sums, squared_distance_correlation


def quadratic_form(f: Tensor, m: Tensor, w: Tensor) -> Tensor:
    """The definition with doubly centred distance matrices."""
    w = w / w.sum()

    def centred(x: Tensor) -> Tensor:
        d = (x[:, None] - x[None, :]).abs()
        row = (d * w).sum(1)
        return d - row[:, None] - row[None, :] + (w * row).sum()

    a, b, pair = centred(f), centred(m), w[:, None] * w[None, :]
    return (pair * a * b).sum() / ((pair * a * a).sum() * (pair * b * b).sum()).sqrt()


def sample(n: int, *, decimals: int | None, negative: bool, seed: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    m = torch.randn(n, generator=generator, dtype=torch.float64)
    f = torch.sigmoid(m**2 + torch.randn(n, generator=generator, dtype=torch.float64))
    w = torch.rand(n, generator=generator, dtype=torch.float64) + 0.1
    if negative:
        w[::10] *= -1
    if decimals is not None:
        f, m = torch.round(f, decimals=decimals), torch.round(m, decimals=decimals)
    return f, m, w


@pytest.mark.parametrize("decimals", [None, 1])
@pytest.mark.parametrize("negative", [False, True])
def test_value_and_gradient_equal_the_quadratic_form(decimals: int | None, negative: bool) -> None:
    f, m, w = sample(400, decimals=decimals, negative=negative)
    fast, slow = f.clone().requires_grad_(), f.clone().requires_grad_()
    value, truth = squared_distance_correlation(fast, m, w), quadratic_form(slow, m, w)
    value.backward()
    truth.backward()
    assert value.item() == pytest.approx(truth.item(), rel=1e-10)
    torch.testing.assert_close(fast.grad, slow.grad, rtol=1e-9, atol=1e-13)


def test_gradient_equals_finite_differences() -> None:
    f, m, w = sample(60, decimals=None, negative=False)
    f.requires_grad_()
    squared_distance_correlation(f, m, w).backward()
    step = 1e-6
    for i in (0, 7, 33):
        up, down = f.detach().clone(), f.detach().clone()
        up[i] += step
        down[i] -= step
        slope = (squared_distance_correlation(up, m, w) - squared_distance_correlation(down, m, w)) / (2 * step)
        assert f.grad is not None
        assert f.grad[i].item() == pytest.approx(slope.item(), rel=1e-5)


@pytest.mark.parametrize("decimals", [None, 1])
@pytest.mark.parametrize("n", [1, 2, 3, 64, 129])
def test_merge_levels_for_accelerators_equal_the_compiled_sweep(n: int, decimals: int | None) -> None:
    f, m, w = sample(n, decimals=decimals, negative=True)
    levels = (_merge_levels(f, m, w) - _merge_levels(-f, m, w)) / 2
    torch.testing.assert_close(levels, _signed_distance_sums(f, m, w), rtol=1e-10, atol=1e-12)


def test_numpy_form_equals_dcor_and_the_tensor_form(rng: np.random.Generator) -> None:
    x = rng.normal(size=300)
    y = np.round(x**2 + rng.normal(size=300), 1)
    w = rng.uniform(0.2, 2, 300)
    assert distance_correlation(x, y) == pytest.approx(dcor.distance_correlation_sqr(x, y), rel=1e-10)
    tensors = (torch.from_numpy(values) for values in (x, y, w))
    assert distance_correlation(x, y, w) == pytest.approx(squared_distance_correlation(*tensors).item(), rel=1e-10)


def test_signed_sums_equal_the_double_loop(rng: np.random.Generator) -> None:
    x, y, w = np.round(rng.normal(size=(3, 200)), 1)
    truth = (w * np.sign(x[:, None] - x) * np.abs(y[:, None] - y)).sum(1)
    np.testing.assert_allclose(signed_distance_sums(x, y, w), truth, atol=1e-9)


def test_a_value_that_is_not_a_number_ends_the_sweep_and_is_refused(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(2, 50))
    x[7] = np.nan
    sums = signed_distance_sums(x, y, np.ones(50))
    assert sums.shape == (50,)
    with pytest.raises(DataError, match="1 of 50 events"):
        distance_correlation(x, y)


def test_integer_weights_count_events_repeatedly(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(2, 100))
    w = rng.integers(1, 4, 100)
    repeated = distance_correlation(np.repeat(x, w), np.repeat(y, w))
    assert distance_correlation(x, y, w) == pytest.approx(repeated, rel=1e-10)


def test_a_constant_score_has_no_correlation_and_no_gradient() -> None:
    f = torch.full((50,), 0.3, dtype=torch.float64, requires_grad=True)
    value = squared_distance_correlation(f, torch.arange(50.0), torch.ones(50))
    value.backward()
    assert value.item() == 0
    assert f.grad is not None
    assert not f.grad.any()


def test_bad_input_is_refused() -> None:
    with pytest.raises(DataError, match="at least two events, got 1"):
        distance_correlation(np.zeros(1), np.zeros(1))
    with pytest.raises(DataError, match="positive sum"):
        distance_correlation(np.arange(3.0), np.arange(3.0), -np.ones(3))
    with pytest.raises(DataError, match=r"shapes \(3,\) and \(2,\)"):
        distance_correlation(np.arange(3.0), np.arange(2.0))

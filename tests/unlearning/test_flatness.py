"""The flatness penalty has the value and the gradient of its definition, and sees neither shift, scale nor chance."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.events.table import EventTable
from core.learning.batch import Batch
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.penalties import _flatness
from core.unlearning.penalties._flatness import flatness_penalty, standardised, thresholds_at
from core.unlearning.penalties._moments import LegendreFit
from core.unlearning.train import fit

CUTS = torch.tensor([-1.0, -0.2, 0.5, 1.4], dtype=torch.float64)
Floats = NDArray[np.float64]


def sample(n: int, bins: int, seed: int = 7) -> tuple[Tensor, Tensor, Tensor]:
    """Scores that know their bin, weights some of which are negative, bins."""
    generator = torch.Generator().manual_seed(seed)
    bin_of = torch.randint(0, bins, (n,), generator=generator)
    z = torch.randn(n, generator=generator, dtype=torch.float64) + 0.4 * (bin_of == 1) + 0.1 * bin_of
    weights = torch.rand(n, generator=generator, dtype=torch.float64) + 0.3
    return z, torch.where(torch.arange(n) % 17 == 0, -weights, weights), bin_of


def definition(
    z: Floats, w: Floats, bin_of: NDArray[np.int64], bins: int, order: int, scales: Floats | None = None
) -> float:
    """The penalty bin by bin and cut by cut; Q from a least-squares fit of each unit vector."""
    centres = (2 * np.arange(bins) + 1) / bins - 1

    def residual(values: Floats) -> Floats:
        return values - np.polyval(np.polyfit(centres, values, order), centres)

    shares = [residual(np.eye(bins)[b])[b] for b in range(bins)]
    total = 0.0
    for k, cut in enumerate(CUTS.numpy()):
        efficiency, counting = np.zeros(bins), np.zeros(bins)
        for b in range(bins):
            soft = 1 / (1 + np.exp(-(z[bin_of == b] - cut) / 0.25))
            own = w[bin_of == b]
            efficiency[b] = (own * soft).sum() / own.sum()
            number = own.sum() ** 2 / (own**2).sum()
            variance = (own**2 * (soft - efficiency[b]) ** 2).sum() / own.sum() ** 2
            counting[b] = shares[b] * variance * number / (number - 1)
        scale = efficiency.mean() * (1 - efficiency.mean()) + 0.001 if scales is None else scales[k]
        total += ((residual(efficiency) ** 2 - counting) / scale).mean()
    return float(total / len(CUTS))


@pytest.mark.parametrize("order", [0, 1, 2])
def test_value_equals_the_definition(order: int) -> None:
    z, w, bin_of = sample(600, 6)
    value = flatness_penalty(z, CUTS, w, [bin_of], [LegendreFit(6, order)]).item()
    assert value == pytest.approx(definition(z.numpy(), w.numpy(), bin_of.numpy(), 6, order), rel=1e-10)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_gradient_equals_finite_differences_at_a_fixed_denominator(order: int) -> None:
    z, w, bin_of = sample(300, 5)
    z.requires_grad_()
    flatness_penalty(z, CUTS, w, [bin_of], [LegendreFit(5, order)]).backward()
    assert z.grad is not None
    at, weights, bins = z.detach().numpy(), w.numpy(), bin_of.numpy()
    soft = 1 / (1 + np.exp(-(at[:, None] - CUTS.numpy()) / 0.25)) * weights[:, None]
    means = np.mean([soft[bins == b].sum(0) / weights[bins == b].sum() for b in range(5)], 0)
    scales = means * (1 - means) + 0.001
    for i in (0, 34, 123, 299):
        shift = np.zeros(300)
        shift[i] = 1e-6
        up, down = (definition(at + sign * shift, weights, bins, 5, order, scales) for sign in (1, -1))
        assert z.grad[i].item() == pytest.approx((up - down) / 2e-6, rel=1e-5, abs=1e-10)


def test_chunks_and_several_variables_are_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    z, w, first = sample(500, 4)
    second = (z > 0.3).long() + torch.arange(500) % 2
    fits = [LegendreFit(4, 0), LegendreFit(3, 1)]
    apart = [flatness_penalty(z, CUTS, w, [b], [fit]).item() for b, fit in zip((first, second), fits, strict=True)]
    gradients = []
    for chunk in (10_000, 37):
        monkeypatch.setitem(_flatness.CHUNK, "cpu", chunk)
        at = z.clone().requires_grad_()
        value = flatness_penalty(at, CUTS, w, [first, second], fits)
        assert value.item() == pytest.approx(np.mean(apart), rel=1e-12)
        value.backward()
        gradients.append(at.grad)
    torch.testing.assert_close(*gradients)


def test_an_independent_score_has_expectation_zero_and_a_dependent_one_has_not() -> None:
    values = []
    for seed in range(200):
        generator = torch.Generator().manual_seed(seed)
        z = torch.randn(400, generator=generator, dtype=torch.float64)
        w = torch.rand(400, generator=generator, dtype=torch.float64) + 0.2
        bin_of = torch.randint(0, 8, (400,), generator=generator)
        values.append(flatness_penalty(z, CUTS, w, [bin_of], [LegendreFit(8, 0)]).item())
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error
    z, w, bin_of = sample(4000, 8)
    assert flatness_penalty(z, CUTS, w.abs(), [bin_of], [LegendreFit(8, 0)]).item() > 3 * np.std(values)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_an_order_forgives_a_polynomial_of_that_degree_and_no_higher(order: int) -> None:
    """Scores of two values, far above and below the cut, pass with an efficiency that is a polynomial of the bin."""
    centres = (2 * np.arange(8) + 1) / 8 - 1
    for degree in (0, 1, 2, 3):
        passing = np.rint(5000 * np.polyval([0.3, *[0] * (degree - 1), 0.4] if degree else [0.4], centres)).astype(int)
        z = torch.cat([torch.where(torch.arange(5000) < int(p), 50.0, -50.0) for p in passing]).double()
        bin_of = torch.arange(8).repeat_interleave(5000)
        value = flatness_penalty(z, CUTS[2:3], torch.ones(40_000).double(), [bin_of], [LegendreFit(8, order)]).item()
        counting = 1 / 5000
        assert (abs(value) < 2 * counting) == (degree <= order), (degree, value)


def events(n: int = 800, protected: int = 1) -> tuple[Tensor, Batch]:
    generator = torch.Generator().manual_seed(2)
    m = torch.randn(n, protected, generator=generator, dtype=torch.float64)
    y = torch.rand(n, generator=generator) < 0.4
    f = m[:, 0] + y + torch.randn(n, generator=generator, dtype=torch.float64)
    return f.requires_grad_(), Batch(torch.zeros(n, 1), y, m, torch.rand(n, generator=generator) + 0.5)


@pytest.mark.parametrize("name", ["flat0", "flat1", "flat2"])
def test_shift_and_scale_change_neither_the_value_nor_are_they_a_way_down(name: str) -> None:
    f, batch = events()
    penalty = METHODS[name].item.build(METHODS[name].item.config(), batch, torch.Generator())
    value = penalty(f, batch)
    assert penalty(3 * f - 2, batch).item() == pytest.approx(value.item(), rel=1e-9)
    (gradient,) = torch.autograd.grad(value, f)
    size = gradient.abs().sum().item()
    assert abs(gradient.sum().item()) < 1e-12 * size
    assert abs((gradient * f.detach()).sum().item()) < 1e-12 * size


def test_cuts_are_at_the_asked_signal_efficiencies() -> None:
    generator = torch.Generator().manual_seed(9)
    z = torch.randn(5000, generator=generator, dtype=torch.float64)
    w = torch.rand(5000, generator=generator, dtype=torch.float64)
    efficiencies = torch.tensor([0.95, 0.5, 0.05], dtype=torch.float64)
    cuts = thresholds_at(z, w, efficiencies)
    passing = torch.stack([w[z >= cut].sum() / w.sum() for cut in cuts])
    torch.testing.assert_close(passing, efficiencies, rtol=0, atol=1e-3)


def test_standardised_scores_have_mean_0_and_variance_1_on_signal() -> None:
    f, batch = events()
    z = standardised(f, batch.y, batch.w.double())
    assert z is not None
    w = batch.w[batch.y].double() / batch.w[batch.y].double().sum()
    assert (w * z[batch.y]).sum().item() == pytest.approx(0, abs=1e-12)
    assert (w * z[batch.y] ** 2).sum().item() == pytest.approx(1)


def test_a_batch_whose_signal_sets_no_cuts_has_no_penalty_but_a_gradient() -> None:
    f, batch = events()
    penalty = METHODS["flat0"].item.build(METHODS["flat0"].item.config(), batch, torch.Generator())
    none = Batch(batch.x, torch.zeros_like(batch.y), batch.m, batch.w)
    constant = torch.full_like(f, 0.5).requires_grad_()
    for scores, events_of in ((f, none), (constant, batch)):
        value = penalty(scores, events_of)
        assert value.item() == 0
        (gradient,) = torch.autograd.grad(value, scores)
        assert not gradient.any()


def test_bins_without_positive_weight_take_no_part() -> None:
    z, w, bin_of = sample(900, 6)
    for spoilt in (torch.where(bin_of == 3, -w.abs(), w.abs()), torch.where(bin_of == 3, 0.0, w.abs())):
        at = z.clone().requires_grad_()
        value = flatness_penalty(at, CUTS, spoilt, [bin_of], [LegendreFit(6, 0)])
        value.backward()
        kept = bin_of != 3
        five = torch.where(bin_of > 3, bin_of - 1, bin_of)[kept]
        truth = flatness_penalty(z[kept], CUTS, w[kept].abs(), [five], [LegendreFit(5, 0)])
        assert value.item() == pytest.approx(truth.item(), rel=1e-10)
        assert at.grad is not None
        assert not at.grad[~kept].any()


def test_a_training_forgets_the_mass_and_a_strong_lambda_does_not_collapse(
    toy_table: Callable[..., EventTable],
) -> None:
    events, cpu = toy_table(5000), torch.device("cpu")

    def train(method: str, **options: object) -> dict[str, float]:
        config = METHODS[method].item.config(epochs=20, batch_size=1024, hidden=(16,), **options)
        *_, last = fit(events, method, config, device=cpu, seed=0)
        return conclude(events, method, config, last.save(), device=cpu, seed=0).scalars

    baseline, unlearned, strong = train("baseline"), train("flat0"), train("flat0", lam=300.0)
    assert baseline["dcorr"] > 0.05
    for found in (unlearned, strong):
        assert found["dcorr"] < baseline["dcorr"] / 5
        assert 0.65 < found["auc"] < baseline["auc"]

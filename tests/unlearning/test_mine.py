"""MINE as a penalty: what it estimates, its gradient, and what it makes a classifier forget."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.snapshot import Conclusion
from core.neural_information.scores import Scores, draw_partners
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS, Critic
from core.unlearning.penalties._columns import Columns, NormalScores, ordered_scores
from core.unlearning.penalties._critic import Inputs
from core.unlearning.penalties._mine import SignedLogMean
from core.unlearning.train import fit

CPU = torch.device("cpu")
bounds = pytest.mark.parametrize("method", ["mine", "mine_f"])


def correlated(n: int, r: float, seed: int, protected: int = 1) -> tuple[Tensor, Batch]:
    """Return background scores whose logit and the mean of the protected variables are normal with correlation r."""
    generator = torch.Generator().manual_seed(seed)
    m = torch.randn(n, protected, generator=generator, dtype=torch.float64)
    noise = torch.randn(n, generator=generator, dtype=torch.float64)
    f = torch.sigmoid(r * m.sum(1) / math.sqrt(protected) + math.sqrt(1 - r**2) * noise)
    return f, Batch(torch.zeros(n, 1), torch.zeros(n, dtype=torch.bool), m, torch.ones(n))


def trained(method: str, f: Tensor, batch: Batch, rounds: int = 10, **options: object) -> Critic:
    entry = METHODS[method].item
    critic = entry.build(entry.config(**options), batch, torch.Generator().manual_seed(7))
    for _ in range(rounds):
        critic.refine(f, batch)
    return critic


def train(events: EventTable, method: str, seed: int = 0, **options: object) -> Conclusion:
    config = METHODS[method].item.config(**{"epochs": 6, "batch_size": 1024, "hidden": (32, 32), **options})
    *_, last = fit(events, method, config, device=CPU, seed=seed)
    return conclude(events, method, config, last.save(), device=CPU, seed=seed)


@bounds
@pytest.mark.parametrize(("r", "protected"), [(0.0, 1), (0.6, 1), (0.6, 2), (0.9, 1)])
def test_the_bound_approaches_the_information_of_normal_variables(method: str, r: float, protected: int) -> None:
    """I = -log(1 - r²)/2 = 0, 0.223, 0.830 nats, judged on other events; 10 % and 0.02 nats are allowed."""
    critic = trained(method, *correlated(4000, r, 1, protected))
    found = critic(*correlated(20_000, r, 2, protected))
    assert found.item() == pytest.approx(-math.log(1 - r**2) / 2, rel=0.1, abs=0.02)


@bounds
def test_the_bound_sees_what_no_correlation_shows(method: str) -> None:
    f, batch = correlated(4000, 0.0, 1)
    even = torch.sigmoid(batch.m[:, 0].abs() + 0.5 * torch.logit(f))
    critic = trained(method, even, batch)
    assert abs(np.corrcoef(even, batch.m[:, 0])[0, 1]) < 0.05
    assert critic(even, batch).item() > 0.2


@bounds
def test_scale_and_units_leave_the_bound_as_it_is(method: str) -> None:
    f, batch = correlated(1000, 0.6, 3)
    stretched = torch.sigmoid(0.1 * torch.logit(f) - 2)
    other = replace(batch, m=torch.exp(batch.m) * 1e3)
    first, second = trained(method, f, batch, 3)(f, batch), trained(method, stretched, other, 3)(stretched, other)
    assert second.item() == pytest.approx(first.item(), rel=1e-3)


@bounds
def test_gradient_equals_finite_differences_at_a_fixed_critic(method: str) -> None:
    f, batch = correlated(500, 0.7, 5)
    critic = trained(method, f, batch, 5)
    critic._average.double()
    normal = ordered_scores(f, batch.w)[:, None].requires_grad_()

    def value(scores: Tensor) -> Tensor:
        critic._log_mean = SignedLogMean()  # a first call divides by the batch's own mean: the exact gradient
        events = Inputs(scores, batch.m, torch.zeros(500, 0, dtype=torch.int64), batch.w.double())
        return critic.bound(critic._average, events, torch.Generator().manual_seed(1))

    value(normal).backward()
    assert normal.grad is not None
    for i in (0, 17, 401):
        shift = torch.zeros_like(normal)
        shift[i] = 1e-5
        with torch.no_grad():
            slope = (value(normal + shift) - value(normal - shift)) / 2e-5
        assert normal.grad[i].item() == pytest.approx(slope.item(), rel=1e-5)


def test_the_moving_average_removes_the_bias_of_the_gradient() -> None:
    """T = θ g with g normal and θ = 1: the gradient of log E_q[e^T] is 1; batches of 8 events alone give less."""
    generator = torch.Generator().manual_seed(4)
    theta = torch.ones((), dtype=torch.float64, requires_grad=True)
    moving, slopes = SignedLogMean(rate=0.01), []
    for _ in range(6000):
        g = torch.randn(8, 4, generator=generator, dtype=torch.float64)
        partner, weights = draw_partners(8, 4, generator), torch.ones(8, dtype=torch.float64)
        both = [each(Scores(theta.expand(8), theta * g, weights, partner)) for each in (moving, SignedLogMean())]
        slopes.append([torch.autograd.grad(value, theta)[0].item() for value in both])
    mean, error = np.mean(slopes[1000:], 0), np.std(slopes[1000:], 0) / math.sqrt(5000)
    assert abs(mean[0] - 1) < 3 * error[0] + 0.01
    assert mean[1] < 1 - 5 * error[1]
    assert mean[1] < 0.97


def test_normal_scores_follow_the_normal_distribution_and_share_ties() -> None:
    values = torch.tensor([3.0, 1.0, 2.0, 2.0])
    scores = NormalScores(values, torch.ones(4), 64)(values)
    expected = torch.special.ndtri(torch.tensor([7, 1, 4, 4], dtype=torch.float64) / 8)
    torch.testing.assert_close(scores, expected)
    many = torch.rand(5000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    mapped = NormalScores(many, torch.ones(5000), 64)(many)
    assert (mapped - torch.special.ndtri(many)).abs()[(many > 0.02) & (many < 0.98)].max() < 0.1


def test_normal_scores_have_the_slope_of_their_map() -> None:
    f, batch = correlated(800, 0.0, 1)
    fixed = NormalScores(f, batch.w, 64)
    x = f.clone().requires_grad_()
    fixed(x).sum().backward()
    slopes = (fixed(f + 1e-9) - fixed(f - 1e-9)) / 2e-9
    assert x.grad is not None
    assert (x.grad - slopes).abs().median() < 1e-4
    assert torch.corrcoef(torch.stack([x.grad, slopes]))[0, 1] > 0.9


@bounds
def test_integer_weights_count_events_repeatedly(method: str) -> None:
    """One critic on twice as many events of weight one or fewer of weight two: the same within what shuffling does."""
    f, batch = correlated(6000, 0.6, 5)
    counts = torch.randint(1, 4, (6000,), generator=torch.Generator().manual_seed(2))
    weighted = replace(batch, w=counts.float())
    repeated = Batch(*(values.repeat_interleave(counts, 0) for values in (batch.x, batch.y, batch.m, torch.ones(6000))))
    critic = trained(method, f, weighted, 40)
    once, often = critic(f, weighted).item(), critic(f.repeat_interleave(counts), repeated).item()
    assert once == pytest.approx(often, abs=0.015)
    assert abs(once - critic(f, replace(batch, w=1 / weighted.w)).item()) < 0.1


@bounds
def test_negative_weights_cancel_events(method: str) -> None:
    """Events of which one part in two is taken back by negative weights carry the information of the others."""
    f, batch = correlated(4000, 0.6, 1)
    wrong_f, wrong = correlated(1000, 0.95, 2)
    both = (torch.cat([f, wrong_f, wrong_f]), [batch, wrong, replace(wrong, w=-wrong.w)])
    events = Batch(*(torch.cat([getattr(each, name) for each in both[1]]) for name in ("x", "y", "m", "w")))
    critic = trained(method, both[0], events)
    assert critic(*correlated(20_000, 0.6, 3)).item() == pytest.approx(0.223, abs=0.04)


@bounds
def test_discrete_variables_are_seen_as_categories(method: str) -> None:
    """The score's mean is high for the middle one of three labels, whose order says nothing: I = 0.29 nats."""
    generator = torch.Generator().manual_seed(1)
    label = torch.randint(3, (6000,), generator=generator)
    f = torch.sigmoid(2.0 * (label == 1) + torch.randn(6000, generator=generator, dtype=torch.float64))
    batch = Batch(torch.zeros(6000, 1), torch.zeros(6000, dtype=torch.bool), label.double()[:, None], torch.ones(6000))
    assert Columns(batch.m, batch.w).categories == (3,)
    critic = trained(method, f[:4000], batch.take(torch.arange(4000)), 40)
    found = critic(f[4000:], batch.take(torch.arange(4000, 6000))).item()
    assert found == pytest.approx(two_groups_information(), abs=0.05)


def two_groups_information() -> float:
    """Return I of a normal variable that is shifted by 2 in a third of the events, by quadrature."""
    x = np.linspace(-8, 10, 20_001)
    low, high = (np.exp(-((x - mean) ** 2) / 2) / math.sqrt(2 * math.pi) for mean in (0, 2))
    mixed = (2 * low + high) / 3
    return float(((2 * low * np.log(low / mixed) + high * np.log(high / mixed)) / 3).sum() * (x[1] - x[0]))


@bounds
def test_a_training_forgets_what_the_baseline_knows(method: str, toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(12_000)
    longer = {"epochs": 25, "validation_fraction": 0.3}
    baseline = train(events, "baseline", **longer).scalars
    unlearned = train(events, method, **longer).scalars
    assert baseline["dcorr"] > 0.05
    assert unlearned["dcorr"] < baseline["dcorr"] / 5
    assert 0.65 < unlearned["auc"] < baseline["auc"]


@bounds
def test_a_training_repeats_exactly_for_one_seed(method: str, toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(1500)
    first, second, other = (train(events, method, seed=seed, epochs=2) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.score, second.score)
    assert not np.array_equal(first.score, other.score)


@bounds
def test_judging_leaves_the_critic_as_it_is(method: str) -> None:
    f, batch = correlated(1000, 0.6, 5)
    critic = trained(method, f, batch, 2)
    before = [parameter.clone() for parameter in critic._network.parameters()]
    with torch.no_grad():
        first, second = critic(f, batch), critic(f, batch)
    assert first == second
    assert all(torch.equal(a, b) for a, b in zip(before, critic._network.parameters(), strict=True))

"""The adversary: what it estimates, its mixture density, and what it makes a classifier forget."""

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
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.penalties import _mixture
from core.unlearning.penalties._columns import Columns
from core.unlearning.penalties._critic import Inputs, binned_information
from core.unlearning.penalties._mixture import Mixture
from core.unlearning.penalties.adversary import Adversary, AdversaryConfig
from core.unlearning.train import fit

CPU = torch.device("cpu")


def correlated(n: int, r: float, seed: int, protected: int = 1) -> tuple[Tensor, Batch]:
    """Return background scores whose logit and the mean of the protected variables are normal with correlation r."""
    generator = torch.Generator().manual_seed(seed)
    m = torch.randn(n, protected, generator=generator, dtype=torch.float64)
    noise = torch.randn(n, generator=generator, dtype=torch.float64)
    f = torch.sigmoid(r * m.sum(1) / math.sqrt(protected) + math.sqrt(1 - r**2) * noise)
    return f, Batch(torch.zeros(n, 1), torch.zeros(n, dtype=torch.bool), m, torch.ones(n))


def trained(f: Tensor, batch: Batch, rounds: int = 10, **options: object) -> Adversary:
    adversary = Adversary(AdversaryConfig(**options), batch, torch.Generator().manual_seed(7))
    for _ in range(rounds):
        adversary.refine(f, batch)
    return adversary


def train(events: EventTable, method: str, seed: int = 0, **options: object) -> Conclusion:
    config = METHODS[method].item.config(**{"epochs": 6, "batch_size": 1024, "hidden": (32, 32), **options})
    *_, last = fit(events, method, config, device=CPU, seed=seed)
    return conclude(events, method, config, last.save(), device=CPU, seed=seed)


@pytest.mark.parametrize(("r", "protected"), [(0.0, 1), (0.6, 1), (0.6, 2), (0.9, 1)])
def test_the_bound_approaches_the_information_of_normal_variables(r: float, protected: int) -> None:
    """I = -log(1 - r²)/2 = 0, 0.223, 0.830 nats, judged on other events; 10 % and 0.02 nats are allowed."""
    adversary = trained(*correlated(6000, r, 1, protected))
    found = adversary(*correlated(20_000, r, 2, protected))
    assert found.item() == pytest.approx(-math.log(1 - r**2) / 2, rel=0.1, abs=0.02)


@pytest.fixture
def rough_marginal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit the marginal density, which cancels where nothing was learnt, by one step."""
    monkeypatch.setattr(_mixture, "MARGINAL_STEPS", 1)


@pytest.mark.usefixtures("rough_marginal")
def test_validation_sees_what_an_adversary_that_learnt_nothing_yet_misses() -> None:
    f, batch = correlated(5000, 0.9, 1)
    adversary = trained(f, batch, 0)
    assert adversary(f, batch).item() == pytest.approx(0, abs=1e-6)
    with torch.no_grad():
        assert adversary(f, batch).item() == pytest.approx(0.83, abs=0.2)


@pytest.mark.usefixtures("rough_marginal")
@pytest.mark.parametrize(("r", "n"), [(0.0, 400), (0.0, 20_000), (0.6, 20_000)])
def test_the_binned_information_is_unbiased_at_independence(r: float, n: int) -> None:
    """Eight bins see 0.20 of 0.223 nats; at independence it is 0 within 4 standard errors (49 degrees of freedom)."""
    f, batch = correlated(n, r, 4)
    found = binned_information(trained(f, batch, 0)._inputs(f, batch))
    assert found.item() == pytest.approx(0.2 if r else 0, abs=0.02 if r else 4 * math.sqrt(98) / (2 * n))


def test_a_category_that_no_event_has_carries_no_information() -> None:
    codes = torch.tensor([[0], [2]]).repeat(100, 1)
    f = torch.randn(200, 1, generator=torch.Generator().manual_seed(1))
    events = Inputs(f, torch.zeros(200, 0), codes, torch.ones(200, dtype=torch.float64))
    assert abs(binned_information(events).item()) < 0.1
    told = Inputs(codes.float() - 1, events.z, codes, events.w)
    assert binned_information(told).item() == pytest.approx(math.log(2), abs=0.05)


def mixture_of(batch: Batch, components: int) -> tuple[Mixture, Tensor, Tensor]:
    columns = Columns(batch.m, batch.w)
    return Mixture(columns, components), *columns(batch.m)


def test_the_density_is_the_sum_over_components_and_integrates_to_one() -> None:
    _, batch = correlated(1000, 0.0, 1)
    mixture, _, _ = mixture_of(batch, 3)
    generator = torch.Generator().manual_seed(1)
    outputs = torch.randn(1, mixture.n_outputs, generator=generator, dtype=torch.float64)
    x = torch.linspace(-15, 15, 6001, dtype=torch.float64)
    density = mixture.log_density(outputs, x[:, None], torch.zeros(6001, 0, dtype=torch.int64)).exp()
    shares, means, widths = outputs[0].reshape(3, 3)
    sigma = 0.05 + torch.nn.functional.softplus(widths)
    parts = torch.distributions.Normal(means, sigma).log_prob(x[:, None]).exp() @ torch.softmax(shares, 0)
    broad = torch.distributions.Normal(0, 2).log_prob(x).exp()
    torch.testing.assert_close(density, 0.999 * parts + 0.001 * broad, rtol=1e-6, atol=1e-12)
    assert (density.sum() * 0.005).item() == pytest.approx(1, abs=1e-5)


def test_continuous_and_discrete_variables_share_the_components() -> None:
    """Summed over both labels, the joint density is that of the continuous variable alone."""
    generator = torch.Generator().manual_seed(1)
    m = torch.stack([torch.randn(500, generator=generator).double(), (torch.arange(500) % 2).double()], 1)
    batch = Batch(torch.zeros(500, 1), torch.zeros(500, dtype=torch.bool), m, torch.ones(500))
    both, z, codes = mixture_of(batch, 4)
    alone, _, none = mixture_of(replace(batch, m=m[:, :1]), 4)
    outputs = torch.randn(1, both.n_outputs, generator=generator)
    summed = sum(both.log_density(outputs, z, torch.full_like(codes, label)).exp() for label in (0, 1))
    torch.testing.assert_close(summed, alone.log_density(outputs[:, : alone.n_outputs], z, none).exp())


def test_the_marginal_reaches_the_entropy_of_its_variable() -> None:
    """E[-log p] of a standard normal variable is log(2πe)/2 = 1.419 nats; of a fair choice of three, log 3."""
    _, batch = correlated(8000, 0.0, 1)
    mixture, z, codes = mixture_of(batch, 20)
    outputs = mixture.fit(z, codes, batch.w, torch.Generator().manual_seed(2))
    assert -mixture.log_density(outputs, z, codes).mean().item() == pytest.approx(1.419, abs=0.01)
    thirds = replace(batch, m=(torch.arange(8000) % 3).double()[:, None])
    mixture, z, codes = mixture_of(thirds, 20)
    outputs = mixture.fit(z, codes, batch.w, torch.Generator().manual_seed(2))
    assert -mixture.log_density(outputs, z, codes).mean().item() == pytest.approx(math.log(3), abs=0.002)


def test_a_discrete_variable_has_a_categorical_posterior() -> None:
    """A label that the score tells without error is worth its entropy, log 2, less the 10⁻³ of the broad density."""
    label = torch.arange(2000) % 2
    batch = Batch(torch.zeros(2000, 1), torch.zeros(2000, dtype=torch.bool), label.double()[:, None], torch.ones(2000))
    noise = torch.rand(2000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    f = 0.1 + 0.5 * label + 0.3 * noise
    assert trained(f, batch)(f, batch).item() == pytest.approx(math.log(2), abs=0.02)


def test_gradient_equals_finite_differences_at_a_fixed_adversary() -> None:
    f, batch = correlated(300, 0.7, 5)
    adversary = trained(f, batch, 2)
    adversary._average.double()
    normal = torch.logit(f)[:, None].requires_grad_()

    def value(scores: Tensor) -> Tensor:
        events = Inputs(scores, batch.m, torch.zeros(300, 0, dtype=torch.int64), batch.w.double())
        return adversary.bound(adversary._average, events, torch.Generator())

    value(normal).backward()
    assert normal.grad is not None
    for i in (0, 17, 201):
        shift = torch.zeros_like(normal)
        shift[i] = 1e-5
        with torch.no_grad():
            slope = (value(normal + shift) - value(normal - shift)) / 2e-5
        assert normal.grad[i].item() == pytest.approx(slope.item(), rel=1e-5)


def test_integer_weights_count_events_repeatedly() -> None:
    f, batch = correlated(500, 0.6, 5)
    counts = torch.randint(1, 4, (500,), generator=torch.Generator().manual_seed(2))
    weighted = replace(batch, w=counts.float())
    repeated = Batch(*(values.repeat_interleave(counts, 0) for values in (batch.x, batch.y, batch.m, torch.ones(500))))
    adversary = trained(f, weighted, 1)
    once, often = (
        adversary.bound(adversary._average, adversary._inputs(*each), torch.Generator()).item()
        for each in ((f, weighted), (f.repeat_interleave(counts), repeated))
    )
    assert once == pytest.approx(often, abs=2e-3)


def test_negative_weights_leave_the_density_finite() -> None:
    f, batch = correlated(3000, 0.6, 5)
    signs = torch.where(torch.arange(3000) % 10 == 0, -1.0, 1.0)
    adversary = trained(f, replace(batch, w=signs), 60)
    assert adversary(*correlated(10_000, 0.6, 6)).item() == pytest.approx(0.223, abs=0.05)


def test_a_training_forgets_what_the_baseline_knows(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(12_000)
    longer = {"epochs": 25, "validation_fraction": 0.3}
    baseline = train(events, "baseline", **longer).scalars
    unlearned = train(events, "adversary", **longer).scalars
    assert baseline["dcorr"] > 0.05
    assert unlearned["dcorr"] < baseline["dcorr"] / 5
    assert 0.65 < unlearned["auc"] < baseline["auc"]


def test_a_training_repeats_exactly_for_one_seed(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(1500)
    first, second, other = (train(events, "adversary", seed=seed, epochs=2) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.score, second.score)
    assert not np.array_equal(first.score, other.score)

"""What is special to each model."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.disentanglement.decomposition import decompose, decompose_sensitive
from core.disentanglement.densities import divergence
from core.disentanglement.model import MODELS, Adversary, Objective, Step
from core.disentanglement.models._discriminator import Discriminator, DiscriminatorConfig
from core.disentanglement.models.annealed_vae import AnnealedVAEConfig, capacity_at

CPU = torch.device("cpu")


def latent(rho: float, n: int = 1000, seed: int = 2, k: int = 3, w: Tensor | None = None) -> Step:
    """Return a batch whose first two dimensions have correlation ρ and whose others are independent, all N(0, 1)."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(n, k, generator=generator)
    z[:, 1] = rho * z[:, 0] + math.sqrt(1 - rho**2) * z[:, 1]
    weights = torch.ones(n) if w is None else w / w.mean()
    mean, log_variance = 0.9 * z, torch.full_like(z, -1.0)
    kl = (weights[:, None] * divergence(mean, log_variance)).mean(0)
    return Step(z, mean, log_variance, weights, torch.tensor(7.0), kl, 1, 10 * n, 1.0)


def built(name: str, **fields: object) -> Objective:
    model = MODELS[name].item
    objective: Objective = model.build(model.config(latent=3, **fields), CPU, torch.Generator().manual_seed(1))
    return objective


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_beta_vae_charges_beta_for_the_whole_divergence(beta: float) -> None:
    step = latent(0.5)
    assert built("beta_vae", beta=beta)(step).item() == pytest.approx(7 + beta * step.kl.sum().item())


def test_annealed_vae_charges_the_distance_from_a_capacity_that_rises() -> None:
    step = latent(0.5)
    objective, kl = built("annealed_vae", beta=2.0, capacity=10.0, ramp=0.5), step.kl.sum().item()
    for progress, capacity in ((0.0, 0.0), (0.25, 5.0), (0.5, 10.0), (1.0, 10.0)):
        assert objective(replace(step, progress=progress)).item() == pytest.approx(7 + 2 * abs(kl - capacity), rel=1e-5)


def test_capacity_without_a_ramp_is_there_at_once() -> None:
    assert capacity_at(0.0, AnnealedVAEConfig(capacity=3, ramp=0)) == 3


def test_tcvae_with_beta_one_is_the_elbo_and_more_charges_the_total_correlation() -> None:
    step = latent(0.9)
    elbo = built("beta_tcvae", beta=1.0)(step)
    assert elbo.item() == pytest.approx(7 + step.kl.sum().item(), rel=1e-5)
    extra = built("beta_tcvae", beta=4.0)(step) - elbo
    assert extra.item() == pytest.approx(3 * decompose(step).total_correlation.item(), rel=1e-3)


@pytest.mark.parametrize(
    ("field", "part"),
    [("alpha", "index_code"), ("beta", "dependence"), ("gamma", "rest"), ("delta", "sensitive")],
)
def test_each_weight_of_the_sensitive_model_charges_its_own_term(field: str, part: str) -> None:
    step, weights = latent(0.9), {"alpha": 1.0, "beta": 1.0, "gamma": 1.0, "delta": 1.0}
    low = built("beta_tcvae_sensitive", **weights)(step)
    high = built("beta_tcvae_sensitive", **{**weights, field: 3.0})(step)
    expected = 2 * getattr(decompose_sensitive(step), part).item()
    assert (high - low).item() == pytest.approx(expected, rel=1e-3, abs=1e-4)


def trained(groups: list[list[int]], rho: float, *, signed: bool = False) -> float:
    """Return what a discriminator finds in fresh draws after 200 batches of two steps each, in nats."""
    config = DiscriminatorConfig(discriminator_hidden=(32, 32))
    discriminator = Discriminator(groups, config, CPU, torch.Generator().manual_seed(3))
    w = torch.where(torch.arange(1000) % 10 == 0, -1.0, 1.0) if signed else None
    for seed in range(200):
        discriminator.refine(latent(rho, seed=seed, w=w))
    return discriminator.divergence(latent(rho, n=20_000, seed=10_000)).item()


@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_discriminator_finds_the_total_correlation_of_a_gaussian(rho: float) -> None:
    """-½ ln det R = -½ ln(1 - ρ²), and zero for a factorised latent."""
    assert trained([[0], [1], [2]], rho) == pytest.approx(-0.5 * math.log(1 - rho**2), abs=0.08)


def test_discriminator_of_blocks_sees_only_what_the_blocks_share() -> None:
    """Dimensions 0 and 1 are correlated, but in one block."""
    assert trained([[0, 1], [2]], 0.8) == pytest.approx(0, abs=0.04)


def test_discriminator_with_negative_weights_finds_the_same() -> None:
    assert trained([[0], [1], [2]], 0.8, signed=True) == pytest.approx(-0.5 * math.log(1 - 0.64), abs=0.12)


@pytest.mark.parametrize("name", ["factor_vae", "ffvae"])
def test_adversaries_charge_more_for_a_dependent_latent_once_they_have_learned(name: str) -> None:
    objective = built(name, beta=10.0)
    assert isinstance(objective, Adversary)
    for seed in range(150):
        objective.refine(latent(0.9, seed=seed))
    dependent, free = latent(0.9, seed=999), latent(0.0, seed=999)
    excess = objective(dependent) - dependent.kl.sum() - (objective(free) - free.kl.sum())
    assert excess.item() > 10 * 0.5


def test_the_loss_does_not_train_the_discriminator() -> None:
    step = latent(0.9)
    z = step.z.requires_grad_()
    objective = built("factor_vae")
    objective(replace(step, z=z)).backward()
    assert z.grad is not None
    assert z.grad.any()
    assert isinstance(objective, Adversary)
    before = objective(step).item()
    assert objective(step).item() == before
    objective.refine(step)
    assert objective(step).item() != before

"""Factor-VAE: a discriminator measures the total correlation."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.disentanglement.model import MODELS, Adversary, Disentangler, Step
from core.disentanglement.models._discriminator import Discriminator, DiscriminatorConfig
from core.learning.restart import Changing


class FactorVAEConfig(DiscriminatorConfig):
    """Set up a Factor-VAE."""

    beta: float = Field(
        15.0, ge=0, le=1e4, title="γ", description="weight of the total correlation, on top of the divergence"
    )


class FactorVAE(Changing):
    """Minimise -E ln p(x|z) + E KL(q(z|x) ‖ p(z)) + γ KL(q(z) ‖ Π_j q(z_j)).

    Args:
        config: of the model.
        device: where the discriminator is trained.
        generator: source of random numbers.
    """

    changes = ("_discriminator",)

    def __init__(self, config: FactorVAEConfig, device: torch.device, generator: torch.Generator) -> None:
        self._strength = config.beta
        self._discriminator = Discriminator([[j] for j in range(config.latent)], config, device, generator)

    def __call__(self, step: Step, /) -> Tensor:
        """Return the loss of a batch in nats."""
        return step.reconstruction + step.kl.sum() + self._strength * self._discriminator.divergence(step)

    def refine(self, step: Step, /) -> None:
        """Train the discriminator on latents with their dimensions drawn from different events."""
        self._discriminator.refine(step)


def build(config: FactorVAEConfig, device: torch.device, generator: torch.Generator) -> Adversary:
    """Return the objective with a fresh discriminator."""
    return FactorVAE(config, device, generator)


MODELS.register(
    "factor_vae",
    Disentangler(FactorVAEConfig, build),
    title="Factor-VAE",
    summary="Charges the total correlation that a discriminator finds between the latent and one with its dimensions "
    "permuted.",
    formula="−E ln p(x|z) + E KL(q(z|x) ‖ p(z)) + γ KL(q(z) ‖ Π_j q(z_j)), the last by a discriminator",
    reference="Kim, Mnih 2018 (1802.05983)",
)

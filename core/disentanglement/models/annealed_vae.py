"""Annealed-VAE: the latent may carry C nats, and C grows."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.disentanglement.config import VAEConfig
from core.disentanglement.model import MODELS, Disentangler, Objective, Step


class AnnealedVAEConfig(VAEConfig):
    """Set up an Annealed-VAE."""

    beta: float = Field(4.0, ge=0, le=1e4, title="γ", description="weight of |KL - C|, the distance from the capacity")
    capacity: float = Field(
        9.0, ge=0, le=1e3, title="C", description="nats an event that the latent may carry at the end of the ramp"
    )
    ramp: float = Field(
        0.6, ge=0, le=1, title="ramp", description="share of the training over which the capacity rises from 0"
    )


def capacity_at(progress: float, config: AnnealedVAEConfig) -> float:
    """Return C in nats at a point of the training: it rises linearly over the ramp, and stays.

    Example:
        >>> capacity_at(0.25, AnnealedVAEConfig(capacity=10, ramp=0.5))
        5.0
    """
    return config.capacity * (min(progress / config.ramp, 1.0) if config.ramp > 0 else 1.0)


def build(config: AnnealedVAEConfig, _device: torch.device, _generator: torch.Generator) -> Objective:
    """Return -E ln p(x|z) + γ |E KL(q(z|x) ‖ p(z)) - C|."""

    def loss(step: Step) -> Tensor:
        return step.reconstruction + config.beta * (step.kl.sum() - capacity_at(step.progress, config)).abs()

    return loss


MODELS.register(
    "annealed_vae",
    Disentangler(AnnealedVAEConfig, build),
    title="Annealed-VAE",
    summary="Opens the latent nat by nat, so that dimension after dimension takes up what helps most at that capacity.",
    formula="−E ln p(x|z) + γ |E KL(q(z|x) ‖ p(z)) − C|, C rises from 0",
    reference="Burgess et al. 2018 (1804.03599)",
)

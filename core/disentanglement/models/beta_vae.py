"""β-VAE: the whole divergence from the prior counts β times."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.disentanglement.config import VAEConfig
from core.disentanglement.model import MODELS, Disentangler, Objective, Step


class BetaVAEConfig(VAEConfig):
    """Set up a β-VAE."""

    beta: float = Field(
        3.0, ge=0, le=1e4, title="β", description="weight of KL(q(z|x) ‖ p(z)) beside the reconstruction"
    )


def build(config: BetaVAEConfig, _device: torch.device, _generator: torch.Generator) -> Objective:
    """Return -E ln p(x|z) + β E KL(q(z|x) ‖ p(z))."""

    def loss(step: Step) -> Tensor:
        return step.reconstruction + config.beta * step.kl.sum()

    return loss


MODELS.register(
    "beta_vae",
    Disentangler(BetaVAEConfig, build),
    title="β-VAE",
    summary="Charges β for every nat by which a posterior differs from the prior: dimensions that earn less die.",
    formula="−E ln p(x|z) + β E KL(q(z|x) ‖ p(z))",
    reference="Higgins et al. 2017 (ICLR, Sy2fzU9gl); Burgess et al. 2018 (1804.03599)",
)

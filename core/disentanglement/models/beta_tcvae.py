"""β-TCVAE: the total correlation counts β times, estimated from the batch."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.disentanglement.config import VAEConfig
from core.disentanglement.decomposition import decompose
from core.disentanglement.model import MODELS, Disentangler, Objective, Step


class BetaTCVAEConfig(VAEConfig):
    """Set up a β-TCVAE."""

    beta: float = Field(8.0, ge=0, le=1e4, title="β", description="weight of the total correlation; 1 is the ELBO")


def build(config: BetaTCVAEConfig, _device: torch.device, _generator: torch.Generator) -> Objective:
    """Return -E ln p(x|z) + E KL(q(z|x) ‖ p(z)) + (β - 1) KL(q(z) ‖ Π_j q(z_j)), the divergence in closed form."""

    def loss(step: Step) -> Tensor:
        terms = decompose(step, config.estimator)
        return step.reconstruction + step.kl.sum() + (config.beta - 1) * terms.total_correlation

    return loss


MODELS.register(
    "beta_tcvae",
    Disentangler(BetaTCVAEConfig, build),
    title="β-TCVAE",
    summary="Charges β for the total correlation of the latent, with q(z) estimated from the events of a batch.",
    formula="−E ln p(x|z) + E KL(q(z|x) ‖ p(z)) + (β − 1) KL(q(z) ‖ Π_j q(z_j))",
    reference="Chen, Li, Grosse, Duvenaud 2018 (1802.04942)",
)

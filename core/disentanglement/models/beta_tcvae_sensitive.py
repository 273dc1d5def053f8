"""β-TCVAE-Sensitive: only the sensitive dimensions are made independent of the rest."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.disentanglement.config import VAEConfig
from core.disentanglement.decomposition import decompose_sensitive
from core.disentanglement.model import MODELS, Disentangler, Objective, Step


class SensitiveConfig(VAEConfig):
    """Set up a β-TCVAE-Sensitive."""

    alpha: float = Field(1.0, ge=0, le=1e4, title="α", description="weight of I(x; z), what the latent knows at all")
    beta: float = Field(
        20.0, ge=0, le=1e4, title="β", description="weight of the information that z' and the rest share"
    )
    gamma: float = Field(1.0, ge=0, le=1e4, title="γ", description="weight of the rest's divergence from the prior")
    delta: float = Field(1.0, ge=0, le=1e4, title="δ", description="weight of each z'_j's divergence from the prior")


def build(config: SensitiveConfig, _device: torch.device, _generator: torch.Generator) -> Objective:
    r"""Return -E ln p(x|z) + α I + β KL(q(z) ‖ q(z\z') Π_j q(z'_j)) + γ KL(q(z\z') ‖ p) + δ Σ_j KL(q(z'_j) ‖ p)."""

    def loss(step: Step) -> Tensor:
        terms = decompose_sensitive(step, config.estimator)
        return (
            step.reconstruction
            + config.alpha * terms.index_code
            + config.beta * terms.dependence
            + config.gamma * terms.rest
            + config.delta * terms.sensitive
        )

    return loss


MODELS.register(
    "beta_tcvae_sensitive",
    Disentangler(SensitiveConfig, build),
    title="β-TCVAE-Sensitive",
    summary="Charges only what the protected dimensions share with the rest, which may stay entangled in itself.",
    formula="−E ln p(x|z) + α I(x; z) + β KL(q(z) ‖ q(z∖z′) Π_j q(z′_j)) + γ KL(q(z∖z′) ‖ p) + δ Σ_j KL(q(z′_j) ‖ p)",
    reference="Urquijo, Tan, “Decorrelation via disentanglement”, INNF+ 2020",
)

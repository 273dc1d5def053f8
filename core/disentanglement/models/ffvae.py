"""FFVAE: a discriminator keeps the sensitive dimensions apart from the rest."""

from __future__ import annotations

from typing import Any

import torch
from pydantic import Field
from torch import Tensor

from core.disentanglement.model import MODELS, Adversary, Disentangler, Step
from core.disentanglement.models._discriminator import Discriminator, DiscriminatorConfig
from core.learning.state import State


class FFVAEConfig(DiscriminatorConfig):
    """Set up an FFVAE."""

    beta: float = Field(
        30.0, ge=0, le=1e4, title="γ", description="weight of the information that z' and the rest share"
    )


class FFVAE:
    r"""Minimise -E ln p(x|z) + E KL(q(z|x) ‖ p(z)) + γ KL(q(z) ‖ q(z\z') Π_j q(z'_j)).

    The discriminator is made at the first batch, which says how many dimensions are sensitive.

    Args:
        config: of the model.
        device: where the discriminator is trained.
        generator: source of random numbers.
    """

    def __init__(self, config: FFVAEConfig, device: torch.device, generator: torch.Generator) -> None:
        self._config, self._device, self._generator = config, device, generator
        self._made: Discriminator | None = None
        self._n_sensitive = 0

    def __call__(self, step: Step, /) -> Tensor:
        """Return the loss of a batch in nats."""
        dependence = self._discriminator(step.n_sensitive).divergence(step)
        return step.reconstruction + step.kl.sum() + self._config.beta * dependence

    def refine(self, step: Step, /) -> None:
        """Train the discriminator on latents whose sensitive dimensions come from other events."""
        self._discriminator(step.n_sensitive).refine(step)

    def state_dict(self) -> dict[str, Any]:
        """Return the discriminator, once it is made, and for how many sensitive dimensions."""
        return {} if self._made is None else {"of": self._n_sensitive, "discriminator": self._made.state_dict()}

    def load_state_dict(self, state: State, /) -> None:
        """Become what ``state_dict`` returned."""
        if state:
            self._discriminator(state["of"]).load_state_dict(state["discriminator"])

    def _discriminator(self, n_sensitive: int) -> Discriminator:
        if self._made is None:
            self._n_sensitive = n_sensitive
            apart = [[j] for j in range(n_sensitive)]
            rest = list(range(n_sensitive, self._config.latent))
            self._made = Discriminator([*apart, rest], self._config, self._device, self._generator)
        return self._made


def build(config: FFVAEConfig, device: torch.device, generator: torch.Generator) -> Adversary:
    """Return the objective with a fresh discriminator."""
    return FFVAE(config, device, generator)


MODELS.register(
    "ffvae",
    Disentangler(FFVAEConfig, build),
    title="FFVAE",
    summary="Charges what a discriminator finds that the protected dimensions share with the rest.",
    formula="−E ln p(x|z) + E KL(q(z|x) ‖ p(z)) + γ KL(q(z) ‖ q(z∖z′) Π_j q(z′_j)), the last by a discriminator",
    reference="Creager et al. 2019 (1906.02589)",
)

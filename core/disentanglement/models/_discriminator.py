"""A discriminator that tells the latent from one whose parts are independent, and so measures their dependence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from core.disentanglement.config import VAEConfig
from core.disentanglement.model import Step
from core.learning.restart import Changing

BETAS, LARGEST_NORM = (0.5, 0.9), 1.0


class DiscriminatorConfig(VAEConfig):
    """Set up a model with a discriminator."""

    discriminator_hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (128, 128),
        min_length=1,
        max_length=6,
        title="discriminator's layers",
        description="width of each hidden layer",
    )
    discriminator_rate: float = Field(
        2e-3, gt=0, le=1, title="discriminator's rate", description="learning rate of its Adam optimiser"
    )
    discriminator_steps: int = Field(
        2, ge=1, le=20, title="discriminator's steps", description="steps of the discriminator for each of the network"
    )


class Discriminator(Changing):
    """Estimate KL(q(z) ‖ Π_g q(z_g)) of groups of dimensions by the ratio of densities that a classifier learns.

    KL = E_q(z)[ln D/(1 - D)], where D tells draws of q(z) from draws whose groups come from different events. Those
    come from the events of a batch, group by group with probability ∝ |w|, and carry the product of their signs, so
    that events of negative weight subtract from each marginal density as they should.

    Args:
        groups: indices of the dimensions of each group.
        config: of the discriminator.
        device: where it is trained.
        generator: source of random numbers, on the CPU.

    References:
        Sugiyama, Suzuki, Kanamori 2012; Kim, Mnih 2018 (1802.05983).
    """

    changes = ("_network", "_optimiser")

    def __init__(
        self,
        groups: Sequence[Sequence[int]],
        config: DiscriminatorConfig,
        device: torch.device,
        generator: torch.Generator,
    ) -> None:
        self._groups = [list(group) for group in groups]
        self._generator, self._steps = generator, config.discriminator_steps
        widths = [sum(len(group) for group in self._groups), *config.discriminator_hidden, 1]
        layers: list[nn.Module] = []
        for a, b in pairwise(widths):
            layer = nn.Linear(a, b)
            with torch.no_grad():
                layer.weight.normal_(0, a**-0.5, generator=generator)
                layer.bias.zero_()
            layers += [layer, nn.LeakyReLU(0.1)]
        self._network = nn.Sequential(*layers[:-1]).to(device)
        self._parameters = list(self._network.parameters())
        self._optimiser = torch.optim.Adam(self._parameters, config.discriminator_rate, betas=BETAS, foreach=True)

    def divergence(self, step: Step) -> Tensor:
        """Return the estimate of the divergence, a scalar in nats whose gradient reaches the latent only."""
        for parameter in self._parameters:
            parameter.requires_grad_(False)
        return (step.w * self._logit(step.z)).mean()

    def refine(self, step: Step) -> None:
        """Train on the detached latent of a batch."""
        z, w = step.z.detach(), step.w.detach()
        for parameter in self._parameters:
            parameter.requires_grad_(True)
        for _ in range(self._steps):
            shuffled, signs = self._independent(z, w)
            joint = (w * nn.functional.softplus(-self._logit(z))).mean()
            product = (signs * nn.functional.softplus(self._logit(shuffled))).mean()
            self._optimiser.zero_grad()
            torch.autograd.backward(joint + product)
            nn.utils.clip_grad_norm_(self._parameters, LARGEST_NORM)
            self._optimiser.step()

    def _logit(self, z: Tensor) -> Tensor:
        logits: Tensor = self._network(z).squeeze(-1)
        return logits

    def _independent(self, z: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """Return a latent whose groups come from different events, and the weights of its rows, of mean one."""
        size, chances = len(z), w.abs().cpu()
        result, signs = torch.empty_like(z), torch.ones_like(w)
        for group in self._groups:
            chosen = torch.multinomial(chances, size, replacement=True, generator=self._generator).to(z.device)
            result[:, group] = z[chosen][:, group]
            signs = signs * torch.sign(w[chosen])
        total = signs.mean()
        return result, signs / total if total > 0 else torch.ones_like(w)

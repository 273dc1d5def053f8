"""Adversary: a network that infers the protected variables' density from the score of background events."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Critic, Method, on_background
from core.unlearning.penalties._columns import Columns
from core.unlearning.penalties._critic import CriticConfig, Inputs, NeuralCritic, Perceptron
from core.unlearning.penalties._mixture import Mixture


class AdversaryConfig(CriticConfig):
    """Set up a training against an adversary."""

    lam: float = Field(
        100.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of the information in nats that the adversary finds, beside the cross entropy; 0 is the "
        "baseline, some 30 keep more separation, some 100 flatten the spectrum as far as 10⁵ events can tell",
    )
    critic_hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (64,), min_length=1, max_length=6, title="critic's layers", description="width of each hidden layer"
    )
    components: int = Field(
        20, ge=1, le=200, title="components", description="of the mixture that describes the protected variables"
    )


class Adversary(NeuralCritic):
    """Bound I(f; m) on background by E[log r(m | f) - log r₀(m)] with the best density r of a network.

    r₀ is the same kind of mixture, fitted to the training background regardless of f before the training; r starts
    there. Against the best r, the classifier descends what the adversary ascends: gradient reversal, with a λ in nats.

    Args:
        config: of the adversary.
        train: training events.
        generator: source of random numbers, on the CPU.

    References:
        Louppe, Kagan, Cranmer 2017 (1611.01046); Shimmin et al. 2017 (1703.03507).
    """

    def __init__(self, config: AdversaryConfig, train: Batch, generator: torch.Generator) -> None:
        _, m, weights = on_background(train.w, train)
        columns = Columns(m, weights)
        self._mixture = Mixture(columns, config.components)
        self._marginal = self._mixture.fit(*columns(m), weights, generator)
        network = Perceptron((1, *config.critic_hidden, self._mixture.n_outputs), generator)
        super().__init__(config, columns, network.to(weights.device), generator)

    def bound(self, network: nn.Module, events: Inputs, generator: torch.Generator) -> Tensor:
        """Return E[log r(m | f) - log r₀(m)] in nats."""
        posterior = self._mixture.log_density(self._marginal + network(events.f), events.z, events.codes)
        prior = self._mixture.log_density(self._marginal, events.z, events.codes)
        return (events.w * (posterior - prior)).sum() / events.w.sum()


def build(config: AdversaryConfig, train: Batch, generator: torch.Generator) -> Critic:
    """Return the adversary with its marginal density fitted to the training background."""
    return Adversary(config, train, generator)


METHODS.register(
    "adversary",
    Method(AdversaryConfig, build),
    title="Adversary (gradient reversal)",
    summary="Penalises what a second network can tell of the protected variables from the score, as a mixture density.",
    formula="H + λ max_r E_b[ln r(m|f) − ln r₀(m)]",
    reference="Louppe, Kagan, Cranmer 2017 (1611.01046); Shimmin et al. 2017 (1703.03507)",
)

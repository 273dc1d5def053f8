"""One blueprint in training: both networks, the loss and its steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.event_variables.blueprint import Blueprint, Events
from core.event_variables.config import VariableConfig
from core.event_variables.decorrelation import Decorrelation, strength
from core.event_variables.networks import Auxiliary, MainNetwork, arrays_of, fill
from core.learning.epochs import Epochs
from core.learning.restart import Changing, with_state
from core.learning.snapshot import Checkpoint
from core.results import Estimate

SOFT, HARDENING = 0.2, 0.3
"""Share of the training in which a selector or categoriser is soft, and over which it then becomes a choice."""
MAIN, AUXILIARY = "main.", "auxiliary."


@dataclass(frozen=True)
class Networks:
    """Hold the main and the auxiliary network, and the blueprint that they serve.

    Args:
        blueprint: asks the questions.
        main: features → v.
        auxiliary: (v, parameters) → logit.
        thresholds: of a pre-selection; None without one.
    """

    blueprint: Blueprint
    main: MainNetwork
    auxiliary: Auxiliary
    thresholds: tuple[float, float] | None

    @classmethod
    def new(
        cls,
        blueprint: Blueprint,
        config: VariableConfig,
        train: Events,
        thresholds: tuple[float, float] | None,
        generator: torch.Generator,
    ) -> Networks:
        """Return untrained networks, which standardise their inputs by the training events."""
        device = train.x.device
        signal = train.y & (train.w > 0)
        theta = torch.stack(_moments(train.theta[signal, None], train.w[signal])).squeeze(1)
        beside = torch.stack(_moments(train.beside, train.w))
        if thresholds is not None:
            low, high = thresholds
            uniform = beside.new_tensor([[(low + high) / 2], [(high - low) / math.sqrt(12)]])
            beside = torch.cat([beside, uniform], 1)
        main = MainNetwork(*_moments(train.x, train.w), config, generator)
        auxiliary = Auxiliary(config, theta, beside, blueprint.n_parameters, generator)
        return cls(blueprint, main.to(device), auxiliary.to(device), thresholds)

    def preselected(self, events: Events, generator: torch.Generator) -> Events:
        """Draw a threshold and return the events that pass, with the threshold among what the auxiliary sees."""
        if self.thresholds is None:
            return events
        low, high = self.thresholds
        threshold = low + (high - low) * float(torch.rand((), generator=generator))
        kept = events.take(events.cut >= threshold)
        seen = kept.beside.new_full((len(kept), 1), threshold)
        return replace(kept, beside=torch.cat([kept.beside, seen], 1))

    def losses(
        self, raw: Tensor, events: Events, generator: torch.Generator, hardness: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Return of each event the weighted sum of the losses of its questions, and of their weights, shape (n,)."""
        asked = self.blueprint.ask(events, generator)
        index = asked.index
        found = self.auxiliary.losses(raw[index], events.beside[index], asked.theta, asked.target, hardness) * asked.w
        nothing = torch.zeros_like(events.w)
        return nothing.index_add(0, index, found), nothing.index_add(0, index, asked.w)

    @torch.no_grad()
    def objective(self, events: Events, seed: int) -> Estimate:
        """Estimate ln 2 less the cross entropy of the auxiliary network in nats, with the same questions every time."""
        generator = torch.Generator().manual_seed(seed)
        events = self.preselected(events, generator)
        if not len(events):
            return Estimate(float("nan"))
        losses, weights = (each.double() for each in self.losses(self.main(events.x), events, generator))
        mean = float(losses.sum() / weights.sum())
        error = float((losses - mean * weights).square().sum().sqrt() / weights.sum())
        return Estimate(math.log(2) - mean, error)

    def arrays(self) -> Checkpoint:
        """Return a copy of all parameters and buffers as arrays."""
        return {**arrays_of(self.main, MAIN), **arrays_of(self.auxiliary, AUXILIARY)}

    def fill(self, arrays: Checkpoint) -> None:
        """Put the arrays of a checkpoint into the networks."""
        fill(self.main, MAIN, arrays)
        fill(self.auxiliary, AUXILIARY, arrays)


class Learner(Changing):
    """Train both networks, epoch by epoch.

    Args:
        networks: to be trained.
        config: of the training.
        events: training events.
        generator: source of the batches and of the questions.

    Raises:
        DataError: the penalty is none, or cannot take these events.
    """

    changes = ("_main", "_auxiliary", "_epochs", "_penalties", "_generator")

    def __init__(self, networks: Networks, config: VariableConfig, events: Events, generator: torch.Generator) -> None:
        self.networks, self._main, self._auxiliary = networks, networks.main, networks.auxiliary
        self._config, self._events, self._generator = config, events, generator
        parameters = [*networks.main.parameters(), *networks.auxiliary.parameters()]
        self._epochs = Epochs(parameters, len(events), config, generator, is_even=True)
        self._decorrelation = Decorrelation.of(config, events, generator) if config.decorrelate else None
        self._penalties = [with_state(each) for each in self._decorrelation.penalties] if self._decorrelation else []

    @property
    def remarks(self) -> list[str]:
        """Return what a user must know of the training so far."""
        return self._epochs.remarks

    def run(self, epoch: int) -> tuple[float, float]:
        """Train one epoch and return the mean cross entropy in nats and the mean dependence."""
        entropy, dependence = self._epochs.run(epoch, self._step)
        return entropy, dependence

    def _step(self, chosen: Tensor, progress: float) -> Tensor:
        events = self.networks.preselected(self._events.take(chosen[0]), self._generator)
        if len(events) < 2:
            return torch.full((2,), math.log(2))
        raw = self.networks.main(events.x)
        hardness = min(max((progress - SOFT) / HARDENING, 0.0), 1.0)
        losses, weights = self.networks.losses(raw, events, self._generator, hardness)
        entropy = losses.sum() / weights.sum().clamp(min=torch.finfo(weights.dtype).tiny)
        loss, dependence = entropy, entropy.new_zeros(())
        if self._decorrelation is not None:
            dependence = self._decorrelation(raw, events)
            loss = entropy + strength(self._config, progress) * dependence
        self._epochs.descend([loss])
        return torch.stack([entropy.detach().double(), dependence.detach().double()])


def _moments(values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return weighted mean and standard deviation of each column, shape (d,), float32; 1 for a constant column."""
    wide, share = values.double(), (weights.double() / weights.double().sum()).unsqueeze(1)
    mean = (share * wide).sum(0)
    scale = (share * (wide - mean).square()).sum(0).sqrt()
    return mean.float(), torch.where(scale > 0, scale, 1.0).float()

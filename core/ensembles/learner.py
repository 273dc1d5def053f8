"""One construction in training: its network, its optimiser and the best network so far."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS, Inputs
from core.ensembles.losses import LOSSES
from core.ensembles.networks import SetClassifier
from core.ensembles.sets import TwoClasses, group
from core.errors import DataError
from core.learning.best import Best
from core.learning.pulse import sign_of_life
from core.learning.restart import Changing
from core.learning.snapshot import Checkpoint

FEWEST_BATCHES, SMALLEST_BATCH, LARGEST_GRADIENT = 40, 64, 1.0
EVENTS_AT_ONCE = 262_144


class Scorer:
    """Give the log-ratio T of sets by a network and the loss that it was trained with.

    Args:
        network: maps sets to outputs.
        config: names the loss.
    """

    def __init__(self, network: SetClassifier, config: EnsembleConfig) -> None:
        self.network = network
        self.loss = LOSSES[config.loss]

    def log_ratio(self, x: Tensor) -> Tensor:
        """Return T of sets, shape (n_sets,), of their events, shape (n_sets, N, d)."""
        return self.loss.log_ratio(self.network(x)).sum(1)

    @torch.no_grad()
    def score(self, x: Tensor) -> NDArray[np.float64]:
        """Return T of sets, shape (n_sets,), in parts that bound the memory."""
        parts = x.split(max(1, EVENTS_AT_ONCE // x.shape[1]))
        return np.concatenate([self.log_ratio(part).double().cpu().numpy() for part in parts])


class Learner(Scorer, Changing):
    """Train one construction; sets are drawn anew in every epoch.

    Args:
        name: of the construction.
        config: of the training.
        inputs: what its network takes.
        train: training events.
        generator: source of the initial weights and of the sets.
    """

    changes = ("network", "_optimiser", "_schedule", "_best")

    def __init__(
        self, name: str, config: EnsembleConfig, inputs: Inputs, train: TwoClasses, generator: torch.Generator
    ) -> None:
        self.name, self._train, self._generator, self._config = name, train, generator, config
        item = CONSTRUCTIONS[name].item
        self.size = config.set_size if item.learns_from_sets else 1
        super().__init__(item.build(config, inputs, generator).to(train.signal.x.device), config)
        n = max(len(train.signal), len(train.background))
        most = max(1, n // (self.size * SMALLEST_BATCH))
        self._steps = max(min(FEWEST_BATCHES, most), math.ceil(n / config.batch_size))
        self._optimiser = torch.optim.Adam(self.network.parameters(), lr=config.learning_rate, foreach=True)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, config.learning_rate, total_steps=config.epochs * self._steps
        )
        self._best = Best(self.arrays())

    def run(self, epoch: int) -> float:
        """Train one epoch and return the mean loss.

        Raises:
            DataError: the loss is not finite.
        """
        sets = [group(len(each), self.size, self._generator).tensor_split(self._steps) for each in self._train]
        total = 0.0
        for k, (of_signal, of_background) in enumerate(zip(*sets, strict=True)):
            sign_of_life(k, self._steps)
            if len(of_signal) and len(of_background):
                total += self._step(of_signal, of_background).item()
            self._schedule.step()
        if not math.isfinite(total):
            raise DataError(f"the loss of {self.name} is not finite in epoch {epoch}; lower the learning rate")
        return total / self._steps

    def validate(self, validation: TwoClasses) -> float:
        """Return the loss on validation sets, the same ones in every epoch, and keep the network if it is the best."""
        generator = torch.Generator().manual_seed(0)
        sides = [each.sets(group(len(each), self.size, generator)) for each in validation]
        scores = [torch.from_numpy(self.score(x)) for x, _ in sides]
        weights = [w.double().cpu() for _, w in sides]
        value = float(self.loss.value(scores[0], weights[0], scores[1], weights[1]))
        self._best.offer(self.arrays, value, auc=1.0)
        return value

    def best(self) -> Checkpoint:
        """Return the network with the smallest loss on validation sets."""
        return self._best.arrays()

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return a copy of all parameters and buffers as arrays."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.network.state_dict().items()}

    def _step(self, of_signal: Tensor, of_background: Tensor) -> Tensor:
        (x_a, w_a), (x_b, w_b) = (
            each.sets(index) for each, index in zip(self._train, (of_signal, of_background), strict=True)
        )
        both = self.log_ratio(torch.cat([x_a, x_b]))
        loss = self.loss.value(both[: len(x_a)], w_a, both[len(x_a) :], w_b)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self._optimiser.step()
        return loss.detach()


def restore(name: str, config: EnsembleConfig, inputs: Inputs, arrays: Mapping[str, NDArray[np.generic]]) -> Scorer:
    """Rebuild the network of a construction from what ``Learner.best`` returned."""
    network = CONSTRUCTIONS[name].item.build(config, inputs, torch.Generator().manual_seed(0))
    network.load_state_dict({key: torch.from_numpy(np.array(value, np.float32)) for key, value in arrays.items()})
    return Scorer(network.to(inputs.mean.device), config)

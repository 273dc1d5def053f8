"""The steps of a training, epoch by epoch: what all trainings share, whatever they minimise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from core.errors import DataError
from core.learning.pulse import sign_of_life
from core.learning.restart import Changing

FEWEST_BATCHES, SMALLEST_BATCH = 8, 256
NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")

Step = Callable[[Tensor, float], Tensor]
"""(indices of events (draws, k), progress in [0, 1)) → terms of the loss, averaged over the batch, shape (n_terms,)."""


class Pace(Protocol):
    """Be a config that says how long, in what batches and how fast to train."""

    @property
    def epochs(self) -> int:
        """Passes over the training events."""

    @property
    def batch_size(self) -> int:
        """Events per step."""

    @property
    def learning_rate(self) -> float:
        """Peak of the one-cycle schedule."""


class Epochs(Changing):
    """Go through the training events epoch by epoch, in shuffled batches.

    Adam, whose learning rate follows one cycle, takes the steps. A small sample is cut into at least eight batches.
    The batch is halved when the device runs out of memory, and ``remarks`` says so.

    Args:
        parameters: what a step changes.
        n_events: training events.
        config: epochs, batch size and learning rate.
        generator: source of the order of the events.
        clip: largest norm of the gradient of one step.
        draws: batches that a step takes side by side, each from a shuffling of its own.
        is_even: whether the batches of an epoch have equal sizes; otherwise the last one is what is left.
        advice: what a user may do about a loss that is not finite.

    References:
        Kingma, Ba 2014 (1412.6980) for Adam; Smith, Topin 2017 (1708.07120) for the schedule.

    Example:
        >>> from types import SimpleNamespace
        >>> pace = SimpleNamespace(epochs=50, batch_size=512, learning_rate=0.1)
        >>> x, slope = torch.arange(1000.0) / 1000, nn.Parameter(torch.zeros(()))
        >>> epochs = Epochs([slope], len(x), pace, torch.Generator().manual_seed(1))
        >>> def step(chosen, progress):
        ...     loss = (slope * x[chosen[0]] - 3 * x[chosen[0]]).square().mean()
        ...     epochs.descend([loss])
        ...     return loss.detach()[None]
        >>> losses = [epochs.run(epoch, step)[0] for epoch in range(1, 51)]
        >>> losses[-1] < 1e-4 * losses[0], round(slope.item(), 2)
        (True, 3.0)
    """

    changes = ("_size", "_optimiser", "_schedule", "remarks")

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        n_events: int,
        config: Pace,
        generator: torch.Generator,
        *,
        clip: float = 1.0,
        draws: int = 1,
        is_even: bool = False,
        advice: str = "lower the learning rate",
    ) -> None:
        self._parameters, self._n, self._config, self._generator = list(parameters), n_events, config, generator
        self._clip, self._draws, self._is_even, self._advice = clip, draws, is_even, advice
        self._size = min(config.batch_size, max(SMALLEST_BATCH, n_events // FEWEST_BATCHES))
        self._optimiser = torch.optim.Adam(self._parameters, lr=config.learning_rate, foreach=True)
        self._schedule = self._one_cycle(done=0)
        self._gradient_norm = torch.zeros(())
        self.remarks: list[str] = []

    def run(self, epoch: int, step: Step) -> list[float]:
        """Train one epoch.

        Args:
            epoch: which, from 1.
            step: computes the loss of the chosen events, calls ``descend`` and returns the terms to report.

        Returns:
            The mean of each term over the events, n_terms values.

        Raises:
            DataError: a term or its gradient is not finite, or the smallest batch is too large for the device.
            Stopped: whoever listens ended the training between two batches.
        """
        while True:
            try:
                return self._attempt(epoch, step)
            except RuntimeError as problem:
                if not is_out_of_memory(problem):
                    raise
                self._halve(epoch)

    def descend(self, losses: Iterable[Tensor]) -> None:
        """Take one step down the sum of losses; an iterator's loss is freed before the next one is computed."""
        self._optimiser.zero_grad(set_to_none=True)
        for loss in losses:
            loss.backward()
        self._gradient_norm = nn.utils.clip_grad_norm_(self._parameters, self._clip)
        self._optimiser.step()

    def _attempt(self, epoch: int, step: Step) -> list[float]:
        batches = self._batches()
        sums = []
        for k, chosen in enumerate(batches):
            sign_of_life(k, len(batches))
            terms = step(chosen, (epoch - 1 + k / len(batches)) / self._config.epochs).double()
            # At once: what a broken network gives may keep the next step's penalty busy for ever.
            if not bool((terms.sum() + self._gradient_norm).isfinite()):
                raise DataError(
                    f"the loss or its gradient is not finite in epoch {epoch}, step {k + 1} of {len(batches)}; "
                    f"{self._advice}"
                )
            sums.append(terms * chosen.shape[1])
            self._schedule.step()
        means: list[float] = (torch.stack(sums).sum(0) / self._n).tolist()
        return means

    def _batches(self) -> Sequence[Tensor]:
        """Return the indices of each batch, shape (draws, k) each."""
        orders = [torch.randperm(self._n, generator=self._generator) for _ in range(self._draws)]
        order = (torch.stack(orders) if self._draws > 1 else orders[0][None]).to(self._parameters[0].device)
        return order.tensor_split(self._n_batches, 1) if self._is_even else order.split(self._size, 1)

    @property
    def _n_batches(self) -> int:
        return max(1, self._n // self._size) if self._is_even else math.ceil(self._n / self._size)

    def _halve(self, epoch: int) -> None:
        """Take half the batch size from now on, and say so."""
        if self._size <= SMALLEST_BATCH:
            raise DataError(f"the device has no memory for batches of {self._size} events; use fewer or smaller layers")
        self._size = max(self._size // 2, SMALLEST_BATCH)
        self.remarks.append(
            f"the device ran out of memory in epoch {epoch}: from there on, batches have {self._size:,} events"
        )
        self._schedule = self._one_cycle(done=epoch - 1)

    def _one_cycle(self, done: int) -> torch.optim.lr_scheduler.OneCycleLR:
        """Return the schedule of the learning rate after a number of epochs."""
        return torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser,
            self._config.learning_rate,
            total_steps=self._config.epochs * self._n_batches,
            last_epoch=done * self._n_batches - 1,
        )


def is_out_of_memory(problem: RuntimeError) -> bool:
    """Return whether an allocation failed; on the CPU, torch says so by a plain RuntimeError.

    Example:
        >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes"))
        True
    """
    return isinstance(problem, torch.OutOfMemoryError) or any(words in str(problem) for words in NO_MEMORY)

"""The passes of an autoencoder over its training events."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.disentanglement.config import VAEConfig
from core.disentanglement.loss import WATCHED_BATCHES, Loss, named
from core.errors import DataError
from core.learning.batch import Batch

SMALLEST_BATCH = 32
LARGEST_NORM = 1.0


class Epochs:
    """Go through the training events epoch by epoch; the batch is halved when the device runs out of memory.

    Args:
        loss: what is minimised.
        train: training events with weights of mean one.
        v: their protected variables scaled to (0, 1), shape (n, n_sensitive).
        config: of the model.
        generator: source of the batches, on the CPU.
    """

    def __init__(self, loss: Loss, train: Batch, v: Tensor, config: VAEConfig, generator: torch.Generator) -> None:
        self._loss, self._train, self._v = loss, train, v
        self._config, self._generator = config, generator
        self._size = min(config.batch_size, len(train.w))
        self._parameters = list(loss.network.parameters())
        self._optimiser = torch.optim.Adam(self._parameters, lr=config.learning_rate, foreach=True)
        self._schedule = self._one_cycle(done=0)
        self.remarks: list[str] = []

    def run(self, epoch: int) -> dict[str, float]:
        """Train one epoch and return its scalars.

        Raises:
            DataError: the loss is not finite, or one batch is too large for the device.
        """
        while True:
            try:
                return self._attempt(epoch)
            except (torch.OutOfMemoryError, RuntimeError) as problem:
                if not _is_out_of_memory(problem):
                    raise
                self._halve(epoch)

    def _attempt(self, epoch: int) -> dict[str, float]:
        train, n = self._train, len(self._train.w)
        batches = torch.randperm(n, generator=self._generator).to(train.w.device).split(self._size)
        sums = torch.zeros(len(batches), 3, dtype=torch.float64, device=train.w.device)
        watched: list[Tensor] = []
        stride = max(len(batches) // WATCHED_BATCHES, 1)
        for k, chosen in enumerate(batches):
            progress = (epoch - 1 + k / len(batches)) / self._config.epochs
            loss, tied, step = self._loss(train.x[chosen], self._v[chosen], train.w[chosen], n, progress)
            self._descend(loss)
            self._loss.refine(step)
            sums[k] = torch.stack([loss.detach(), step.reconstruction.detach(), tied.detach()]) * len(chosen)
            if k % stride == 0 and (len(chosen) == self._size or not watched):
                watched.append(self._loss.watch(step))
        bad = (~torch.isfinite(sums)).any(1).nonzero()
        if len(bad):
            raise DataError(
                f"the loss is not finite in epoch {epoch}, step {int(bad[0, 0]) + 1} of {len(batches)}; "
                "lower the learning rate, or drop events with extreme features"
            )
        return named(sums.sum(0) / n, watched)

    def _descend(self, loss: Tensor) -> None:
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._parameters, LARGEST_NORM)
        self._optimiser.step()
        self._schedule.step()

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
        steps = math.ceil(len(self._train.w) / self._size)
        rate, total = self._config.learning_rate, self._config.epochs * steps
        return torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rate, total_steps=total, last_epoch=done * steps - 1
        )


def _is_out_of_memory(problem: RuntimeError) -> bool:
    """Return whether an allocation failed; on the CPU, torch says so by a plain RuntimeError."""
    return isinstance(problem, torch.OutOfMemoryError) or "not enough memory" in str(problem)

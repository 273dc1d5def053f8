"""The passes of an autoencoder over its training events."""

from __future__ import annotations

import torch
from torch import Tensor

from core.disentanglement.loss import WATCHED_BATCHES, Loss, named
from core.learning.batch import Batch
from core.learning.epochs import Epochs


class Steps:
    """Take the steps of a training, and watch the parts of the ELBO on some of them.

    Args:
        loss: what is minimised.
        train: training events with weights of mean one.
        v: their protected variables scaled to (0, 1), shape (n, n_sensitive).
        epochs: batches and optimiser.
    """

    def __init__(self, loss: Loss, train: Batch, v: Tensor, epochs: Epochs) -> None:
        self._loss, self._train, self._v, self._epochs = loss, train, v, epochs
        self._watched: list[Tensor] = []
        self._taken = 0

    def run(self, epoch: int) -> dict[str, float]:
        """Train one epoch and return its scalars.

        Raises:
            DataError: the loss is not finite, or one batch is too large for the device.
        """
        self._watched, self._taken = [], 0
        means = self._epochs.run(epoch, self._step)
        return named(torch.tensor(means), self._watched)

    def _step(self, indices: Tensor, progress: float) -> Tensor:
        train, chosen = self._train, indices[0]
        n = len(train.w)
        loss, tied, step = self._loss(train.x[chosen], self._v[chosen], train.w[chosen], n, progress)
        self._epochs.descend([loss])
        self._loss.refine(step)
        if self._taken % max(n // len(chosen) // WATCHED_BATCHES, 1) == 0 and len(self._watched) <= WATCHED_BATCHES:
            self._watched.append(self._loss.watch(step))
        self._taken += 1
        return torch.stack([loss.detach(), step.reconstruction.detach(), tied.detach()])

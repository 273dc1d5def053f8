"""What an autoencoder minimises on a batch, and how it is judged on validation events."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core.disentanglement.config import VAEConfig
from core.disentanglement.decomposition import decompose
from core.disentanglement.densities import divergence
from core.disentanglement.model import Adversary, Objective, Step
from core.disentanglement.network import Autoencoder
from core.disentanglement.supervision import supervision
from core.errors import DataError
from core.learning.batch import Batch

WATCHED_BATCHES = 8
"""Batches of which the parts of the ELBO are reported; a loss that needs them computes its own."""


class Loss:
    """Compute loss and scalars of batches.

    Args:
        network: the autoencoder.
        objective: what the model minimises.
        config: of the model.
        n_sensitive: dimensions that are tied to protected variables, the first ones.
        generator: source of the draws z ~ q(z|x), on the CPU.
    """

    def __init__(
        self,
        network: Autoencoder,
        objective: Objective,
        config: VAEConfig,
        n_sensitive: int,
        generator: torch.Generator,
    ) -> None:
        self.network, self.config = network, config
        self._objective, self._n_sensitive, self._generator = objective, n_sensitive, generator

    def __call__(self, x: Tensor, v: Tensor, w: Tensor, n: int, progress: float) -> tuple[Tensor, Tensor, Step]:
        """Return the loss, the supervised term and the step.

        Args:
            x: features in physical units, shape (B, n_features).
            v: protected variables scaled to (0, 1), shape (B, n_sensitive).
            w: weights of mean one over the whole sample, shape (B,).
            n: events of the whole sample.
            progress: of the training, in [0, 1].
        """
        mean, log_variance = self.network.encode(x)
        noise = torch.randn(mean.shape, generator=self._generator).to(mean.device)
        z = mean + torch.exp(0.5 * log_variance) * noise
        reconstruction = -(w * self.network.log_likelihood(x, z)).mean()
        kl = (w[:, None] * divergence(mean, log_variance)).mean(0)
        step = Step(z, mean, log_variance, w, reconstruction, kl, self._n_sensitive, n, progress)
        tied = supervision(mean[:, : self._n_sensitive], v, w)
        return self._objective(step) + self.config.supervision * tied, tied, step

    def refine(self, step: Step) -> None:
        """Train what the model trains beside the autoencoder."""
        if isinstance(self._objective, Adversary):
            self._objective.refine(step)

    @torch.no_grad()
    def watch(self, step: Step) -> Tensor:
        """Return index-code information, total correlation and dimension-wise divergence of a batch, shape (3,)."""
        detached = replace(step, z=step.z.detach(), mean=step.mean.detach(), log_variance=step.log_variance.detach())
        terms = decompose(detached, self.config.estimator)
        return torch.stack([terms.index_code, terms.total_correlation, terms.dimension_wise])

    @torch.no_grad()
    def judge(self, events: Batch, v: Tensor) -> dict[str, float]:
        """Return all scalars of validation events, with the loss as it is at the end of the training."""
        n = len(events.w)
        sums = torch.zeros(3, dtype=torch.float64, device=events.w.device)
        watched: list[Tensor] = []
        for part in torch.arange(n, device=events.w.device).split(self.config.batch_size):
            loss, tied, step = self(events.x[part], v[part], events.w[part], n, 1.0)
            sums += torch.stack([loss, step.reconstruction, tied]) * len(part)
            if not watched or (len(watched) < WATCHED_BATCHES and len(part) == self.config.batch_size):
                watched.append(self.watch(step))
        return named(sums / n, watched)


def named(means: Tensor, watched: list[Tensor]) -> dict[str, float]:
    """Return the scalars by name: means of loss, reconstruction and supervision, and the watched parts of the ELBO."""
    loss, reconstruction, tied = means.tolist()
    index_code, total_correlation, dimension_wise = torch.stack(watched).double().mean(0).tolist()
    return {
        "loss": loss,
        "reconstruction": reconstruction,
        "index_code": index_code,
        "total_correlation": total_correlation,
        "dimension_wise": dimension_wise,
        "supervision": tied,
    }


def with_signal_share(events: Batch, share: float) -> Batch:
    """Return the events with the signal's weights scaled to a share of all, of mean one; with 0, background alone.

    Args:
        events: with weights that sum to n/2 in each class.
        share: of the signal, in [0, 1).

    Raises:
        DataError: no background event.
    """
    chosen = events if share > 0 else events.take((~events.y).nonzero().squeeze(1))
    if not len(chosen.w):
        raise DataError("no background event; the autoencoder learns what is independent on background")
    w = torch.where(chosen.y, share, 1 - share) * chosen.w
    return Batch(chosen.x, chosen.y, chosen.m, w / w.mean())

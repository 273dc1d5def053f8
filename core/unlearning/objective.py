"""What a training minimises: cross entropy and λ times the dependence, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from core.evaluation.roc import Ranking, area_under_curve
from core.learning.batch import Batch
from core.learning.epochs import Epochs
from core.learning.networks import Classifier, in_parts
from core.unlearning.method import Config, Critic, Method, Penalty, TrainingConfig


@dataclass(frozen=True)
class Objective:
    """Hold the two terms of the loss.

    Args:
        networks: the classifiers that are trained, whose cross entropies are added.
        penalty: the dependence of their scores on the protected variables.
    """

    networks: Sequence[Classifier]
    penalty: Penalty

    def parameters(self) -> list[nn.Parameter]:
        """Return what a step of the classifiers changes."""
        return [parameter for network in self.networks for parameter in network.parameters()]

    def terms(self, batch: Batch, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the class-balanced cross entropy in nats, the dependence, and the scores (n,) or (n, 2)."""
        logits = [in_parts(network, batch.x) for network in self.networks]
        entropies = [
            nn.functional.binary_cross_entropy_with_logits(each, batch.y.float(), weight=weights) for each in logits
        ]
        scores = torch.sigmoid(logits[0] if len(logits) == 1 else torch.stack(logits, 1))
        entropy = torch.stack(entropies).sum()
        if (~batch.y).sum() < 2:
            return entropy, entropy.new_zeros(()), scores
        return entropy, self.penalty(scores, batch), scores

    def step(self, batch: Batch, weights: Tensor, lam: float, epochs: Epochs) -> Tensor:
        """Train the critic, if there is one, and the classifiers; return (cross entropy, dependence), shape (2,)."""
        if isinstance(self.penalty, Critic) and (~batch.y).sum() >= 2:
            with torch.no_grad():
                scores = [torch.sigmoid(network(batch.x)) for network in self.networks]
            self.penalty.refine(scores[0] if len(scores) == 1 else torch.stack(scores, 1), batch)
        entropy, dependence, _ = self.terms(batch, weights)
        epochs.descend([entropy + lam * dependence])
        return torch.stack([entropy.detach().double(), dependence.detach().double()])

    @torch.no_grad()
    def validate(self, batch: Batch, weights: Tensor, lam: float) -> dict[str, float]:
        """Return both terms, their sum at full λ, and the AUC of the first score on validation events."""
        entropy, dependence, scores = self.terms(batch, weights)
        first = scores if scores.ndim == 1 else scores[:, 0]
        ranking = Ranking(first.cpu().numpy(), batch.y.cpu().numpy())
        auc = area_under_curve(*ranking.efficiencies(batch.w.double().cpu().numpy()))
        return {
            "validation_classification": float(entropy),
            "validation_dependence": float(dependence),
            "validation_total": float(entropy + lam * dependence),
            "validation_auc": auc,
        }


def new_networks(train: Batch, config: TrainingConfig, count: int, generator: torch.Generator) -> list[Classifier]:
    """Return untrained classifiers that standardise their inputs by the training events."""
    networks = [Classifier(*standardisation(train), config.hidden, generator) for _ in range(count)]
    return [network.to(train.x.device) for network in networks]


def standardisation(train: Batch) -> tuple[Tensor, Tensor]:
    """Return the |w|-weighted mean and standard deviation of each feature, shape (n_features,); 1 for a constant."""
    weights = train.w.abs() / train.w.abs().sum()
    mean = (weights[:, None] * train.x).sum(0)
    squares = (train.x - mean).square_().mul_(weights[:, None])  # in place: a copy of all features is not small
    scale = squares.sum(0).sqrt()
    return mean.cpu(), torch.where(scale > 0, scale, 1.0).cpu()


def reweighed(method: Method[Config], config: Config, train: Batch, batches: tuple[Batch, ...]) -> list[Tensor]:
    """Return the weights with which the events of each batch train, shape (n,) each, every class summing to n/2."""
    if method.reweigh is None:
        return [batch.w for batch in batches]
    weigh = method.reweigh(config, train)
    return [_balanced(replace(batch, w=weigh(batch))) for batch in batches]


def _balanced(batch: Batch) -> Tensor:
    sums = torch.where(batch.y, batch.w[batch.y].sum(), batch.w[~batch.y].sum())
    return batch.w * len(batch.w) / 2 / sums


def lambda_share(progress: float, config: TrainingConfig) -> float:
    """Return the share of λ in force: 0 in the warm-up, then rising linearly to 1 over the ramp.

    Args:
        progress: from 0 at the start of the training to 1 at its end.
        config: warm-up and ramp.
    """
    if config.ramp == 0:
        return float(progress >= config.warmup)
    return min(max((progress - config.warmup) / config.ramp, 0.0), 1.0)

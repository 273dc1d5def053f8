"""MINE: the Donsker-Varadhan bound with the moving-average gradient."""

from __future__ import annotations

import torch
from torch import Tensor

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.scores import Scores, log_mean_exp


def objective(scores: Scores, log_mean: LogMean) -> Tensor:
    """Return -(E_p[T] - log E_q[e^T])."""
    return log_mean(scores) - scores.over_joint(scores.joint)


def estimate(scores: Scores) -> tuple[Tensor, Tensor]:
    """Return the terms of E_p[T] - log E_q[e^T] ≤ I(X;Y) and what each event contributes to its error."""
    log_mean = log_mean_exp(scores)
    contributions = scores.joint - scores.event_means(torch.exp(scores.shuffled - log_mean))
    return scores.joint - log_mean, contributions


NEURAL_ESTIMATORS.register(
    "mine",
    NeuralEstimator(objective, estimate, "Donsker-Varadhan bound (MINE)"),
    title="MINE (Donsker-Varadhan)",
    summary="A lower bound; its error grows like exp(I), so it suits up to a few nats.",
    reference="Belghazi et al. 2018, arXiv:1801.04062",
)

"""MINE-f: the f-divergence bound, whose batch gradient is unbiased as it is."""

from __future__ import annotations

import torch
from torch import Tensor

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.scores import Scores


def objective(scores: Scores, _log_mean: LogMean) -> Tensor:
    """Return -(E_p[T] - E_q[e^(T-1)]); it holds no logarithm of a mean, so there is no bias to correct."""
    return scores.over_shuffled(torch.exp(scores.shuffled - 1)) - scores.over_joint(scores.joint)


def estimate(scores: Scores) -> tuple[Tensor, Tensor]:
    """Return the terms of E_p[T] - E_q[e^(T-1)] ≤ I(X;Y) and what each event contributes to its error."""
    ratio = torch.exp(scores.shuffled - 1)
    return scores.joint - scores.over_shuffled(ratio), scores.joint - scores.event_means(ratio)


NEURAL_ESTIMATORS.register(
    "mine_f",
    NeuralEstimator(
        objective,
        estimate,
        "f-divergence bound (MINE-f)",
        "Falls short as Donsker-Varadhan does; a norm of e^T that is not learnt well lowers it further.",
    ),
    title="MINE (f-divergence)",
    summary="A lower bound, never above that of Donsker-Varadhan for one critic, with an unbiased gradient.",
    formula="I ≥ max_T {E_p[T] − E_q[e^(T − 1)]}",
    reference="Belghazi et al. 2018, arXiv:1801.04062; Nguyen, Wainwright, Jordan 2010, arXiv:0809.0853",
)

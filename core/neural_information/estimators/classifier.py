"""Classifier of joint against shuffled pairs by maximum likelihood: log f is the density ratio."""

from __future__ import annotations

import torch
from torch import Tensor

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.scores import Scores


def objective(scores: Scores, _log_mean: LogMean) -> Tensor:
    """Return the loss -E_p[log f] + E_q[f - 1] of f = e^T, smallest for f = p(x,y)/(p(x)p(y))."""
    return scores.over_shuffled(torch.expm1(scores.shuffled)) - scores.over_joint(scores.joint)


def estimate(scores: Scores) -> tuple[Tensor, Tensor]:
    """Return the terms of E_p[log f], and again as what each event contributes to its error."""
    return scores.joint, scores.joint


NEURAL_ESTIMATORS.register(
    "classifier",
    NeuralEstimator(objective, estimate, "mean log density ratio of a classifier (maximum-likelihood loss)"),
    title="Classifier (maximum likelihood)",
    summary="Joint against shuffled pairs with the maximum-likelihood loss; not a bound, of small variance.",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

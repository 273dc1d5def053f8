"""Classifier of joint against shuffled pairs by cross entropy: log f/(1 - f) is the density ratio."""

from __future__ import annotations

from torch import Tensor, nn

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.scores import Scores


def objective(scores: Scores, _log_mean: LogMean) -> Tensor:
    """Return the cross entropy -E_p[log f] - E_q[log(1 - f)] of f = σ(T), smallest for T = log p(x,y)/(p(x)p(y))."""
    softplus = nn.functional.softplus
    return scores.over_joint(softplus(-scores.joint)) + scores.over_shuffled(softplus(scores.shuffled))


def estimate(scores: Scores) -> tuple[Tensor, Tensor]:
    """Return the terms of E_p[log f/(1 - f)], and again as what each event contributes to its error."""
    return scores.joint, scores.joint


NEURAL_ESTIMATORS.register(
    "classifier_bce",
    NeuralEstimator(objective, estimate, "mean log density ratio of a classifier (cross entropy)"),
    title="Classifier (cross entropy)",
    summary="Joint against shuffled pairs with the cross entropy; not a bound, of small variance.",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

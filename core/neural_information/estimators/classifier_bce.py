"""Classifier of joint against shuffled pairs by cross entropy: log f/(1 - f) is the density ratio."""

from __future__ import annotations

from torch import Tensor, nn

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.estimators._bounds import donsker_varadhan
from core.neural_information.scores import Scores


def objective(scores: Scores, _log_mean: LogMean) -> Tensor:
    """Return the cross entropy -E_p[log f] - E_q[log(1 - f)] of f = σ(T), smallest for T = log p(x,y)/(p(x)p(y))."""
    softplus = nn.functional.softplus
    return scores.over_joint(softplus(-scores.joint)) + scores.over_shuffled(softplus(scores.shuffled))


NEURAL_ESTIMATORS.register(
    "classifier_bce",
    NeuralEstimator(
        objective,
        donsker_varadhan,
        "normalised mean log density ratio of a classifier (cross entropy)",
        "Falls short with few events in many dimensions, and never exceeds about log(number of events).",
    ),
    title="Classifier (cross entropy)",
    summary="Joint against shuffled events with the cross entropy, its norm mended on held-out events.",
    formula="I = E_p[T] − ln E_q[e^T], T = logit f from the least −E_p[ln f] − E_q[ln(1 − f)]",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

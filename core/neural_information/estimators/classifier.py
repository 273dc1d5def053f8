"""Classifier of joint against shuffled pairs by maximum likelihood: log f is the density ratio."""

from __future__ import annotations

import torch
from torch import Tensor

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.estimators._bounds import donsker_varadhan
from core.neural_information.scores import Scores


def objective(scores: Scores, _log_mean: LogMean) -> Tensor:
    """Return the loss -E_p[log f] + E_q[f - 1] of f = e^T, smallest for f = p(x,y)/(p(x)p(y))."""
    return scores.over_shuffled(torch.expm1(scores.shuffled)) - scores.over_joint(scores.joint)


NEURAL_ESTIMATORS.register(
    "classifier",
    NeuralEstimator(
        objective,
        donsker_varadhan,
        "normalised mean log density ratio of a classifier (maximum-likelihood loss)",
        "Falls short with few events in many dimensions, and never exceeds about log(number of events).",
    ),
    title="Classifier (maximum likelihood)",
    summary="Joint against shuffled events with the maximum-likelihood loss, its norm mended on held-out events.",
    formula="I = E_p[ln r] − ln E_q[r], r from the least −E_p[ln r] + E_q[r − 1]",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

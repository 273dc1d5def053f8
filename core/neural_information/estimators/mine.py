"""MINE: the Donsker-Varadhan bound with the moving-average gradient."""

from __future__ import annotations

from torch import Tensor

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.estimators._bounds import donsker_varadhan
from core.neural_information.scores import Scores


def objective(scores: Scores, log_mean: LogMean) -> Tensor:
    """Return -(E_p[T] - log E_q[e^T])."""
    return log_mean(scores) - scores.over_joint(scores.joint)


NEURAL_ESTIMATORS.register(
    "mine",
    NeuralEstimator(
        objective,
        donsker_varadhan,
        "Donsker-Varadhan bound (MINE)",
        "Falls short with few events in many dimensions, and never exceeds about log(number of events).",
    ),
    title="MINE (Donsker-Varadhan)",
    summary="A lower bound from a critic trained with the moving-average gradient.",
    formula="I ≥ max_T {E_p[T] − ln E_q[e^T]}",
    reference="Belghazi et al. 2018, arXiv:1801.04062",
)

"""What a neural estimator of mutual information is: an objective to train a critic and an estimate to judge it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from core.neural_information.scores import Scores
from core.registry import Registry

LogMean = Callable[[Scores], Tensor]
"""log E_q[e^T] of scores: exact, or with the corrected gradient of a training."""


@dataclass(frozen=True)
class NeuralEstimator:
    """Describe one neural estimator.

    Args:
        objective: (scores, log-mean) → what training minimises and validation compares, a scalar in nats.
        estimate: scores → one term an event, shape (n,), and what each event contributes to the estimate's error
            to first order, shape (n,); the estimate is the weighted mean of the terms.
        partners: shuffled partners of each event in training.
        judging_partners: shuffled partners of each held-out event for the estimate.
        words: what the estimate is, such as "Donsker-Varadhan bound (MINE)".
        limits: one sentence, where it goes wrong. None of them takes negative weights or missing values; all take
            weights, point masses and several dimensions.
    """

    objective: Callable[[Scores, LogMean], Tensor]
    estimate: Callable[[Scores], tuple[Tensor, Tensor]]
    words: str
    limits: str
    partners: int = 4
    judging_partners: int = 32


NEURAL_ESTIMATORS: Registry[NeuralEstimator] = Registry("neural estimator", "core.neural_information.estimators")
"""All neural estimators of mutual information by name."""

"""SMILE: a classifier's density ratio, clipped in the mean over shuffled pairs."""

from __future__ import annotations

from torch import Tensor, nn

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.estimators._bounds import donsker_varadhan
from core.neural_information.scores import Scores

CLIP = 5.0


def objective(scores: Scores, _log_mean: LogMean) -> Tensor:
    """Return E_p[log(1 + e^-T)] + E_q[log(1 + e^T)], the Jensen-Shannon objective."""
    softplus = nn.functional.softplus
    return scores.over_joint(softplus(-scores.joint)) + scores.over_shuffled(softplus(scores.shuffled))


def estimate(scores: Scores) -> tuple[Tensor, Tensor]:
    """Return the terms of E_p[T] - log E_q[clip(e^T, e^-τ, e^τ)] with τ = 5, and what each event contributes."""
    return donsker_varadhan(scores, CLIP)


NEURAL_ESTIMATORS.register(
    "smile",
    NeuralEstimator(
        objective,
        estimate,
        f"clipped Donsker-Varadhan estimate (SMILE, τ = {CLIP:g})",
        "No longer a bound: where density ratios exceed e^5 = 148, clipping makes it overshoot.",
    ),
    title="SMILE",
    summary="Donsker-Varadhan with clipped density ratios of a classifier.",
    formula="I ≈ E_p[T] − ln E_q[clip(e^T, e^−τ, e^τ)], τ = 5, T as of classifier_bce",
    reference="Song, Ermon 2020, arXiv:1910.06222",
)

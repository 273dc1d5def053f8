"""InfoNCE: tell an event's own partner from shuffled ones."""

from __future__ import annotations

import torch
from torch import Tensor

from core.neural_information.estimator import NEURAL_ESTIMATORS, LogMean, NeuralEstimator
from core.neural_information.scores import Scores


def _terms(scores: Scores) -> tuple[Tensor, Tensor]:
    """Return T_ii - log mean_j e^(T_ij) of each event, and the candidates' shares in that mean, shape (n, k)."""
    weights = torch.cat([scores.weights[:, None], scores.weights[scores.partner]], 1)
    candidates = torch.cat([scores.joint[:, None], scores.shuffled], 1) + weights.log()
    log_sum = torch.logsumexp(candidates, 1)
    return scores.joint + weights.sum(1).log() - log_sum, torch.exp(candidates[:, 1:] - log_sum[:, None])


def objective(scores: Scores, _log_mean: LogMean) -> Tensor:
    """Return -E_p[T(x,y) - log mean_j e^(T(x,y_j))] over the own partner and k shuffled ones."""
    return -scores.over_joint(_terms(scores)[0])


def estimate(scores: Scores) -> tuple[Tensor, Tensor]:
    """Return the terms of E_p[T(x,y) - log mean_j e^(T(x,y_j))] ≤ min(I(X;Y), log(k + 1)) and the contributions."""
    terms, shares = _terms(scores)
    used = torch.zeros_like(terms).index_add_(0, scores.partner.flatten(), (scores.weights[:, None] * shares).flatten())
    return terms, terms - used / scores.weights


NEURAL_ESTIMATORS.register(
    "infonce",
    NeuralEstimator(
        objective,
        estimate,
        "InfoNCE bound",
        "Cannot exceed log 128 = 4.85 nats and falls short by some percent well before; the slowest of them.",
        partners=15,
        judging_partners=127,
    ),
    title="InfoNCE",
    summary="A lower bound of small variance: pick an event's own partner among shuffled ones.",
    formula="I ≥ max_T E_p[T(x, y) − ln mean_j e^T(x, y_j)], y_j the own partner and k shuffled ones",
    reference="van den Oord, Li, Vinyals 2018, arXiv:1807.03748; Poole et al. 2019, arXiv:1905.06922",
)

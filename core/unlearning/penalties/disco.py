"""DisCo: the squared distance correlation of score and protected variable on background."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.unlearning.method import METHODS, Method, Penalty, TrainingConfig
from core.unlearning.penalties._distance import squared_distance_correlation


class DiscoConfig(TrainingConfig):
    """Set up a DisCo training."""

    lam: float = Field(
        2000.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of dCorr² beside the cross entropy; 0 is the baseline, some 100 flatten the bulk of the "
        "spectrum, some 2000 the tail that a tight cut selects",
    )


def penalty(scores: Tensor, protected: Tensor, weights: Tensor) -> Tensor:
    """Compute the mean over the protected variables of dCorr²(f, m_k).

    Args:
        scores: f of background events, shape (n,).
        protected: shape (n, n_protected).
        weights: shape (n,).

    Returns:
        A scalar in [0, 1].

    References:
        Kasieczka, Shih 2020 (2001.05310).
    """
    terms = [squared_distance_correlation(scores, m, weights) for m in protected.unbind(1)]
    return torch.stack(terms).mean()


def build(_config: DiscoConfig, _protected: Tensor, _weights: Tensor) -> Penalty:
    """Return the DisCo penalty; it needs no preparation."""
    return penalty


METHODS.register(
    "disco",
    Method(DiscoConfig, build),
    title="DisCo (distance correlation)",
    summary="Penalises the distance correlation of score and protected variable on background; no tuning but λ.",
    reference="Kasieczka, Shih 2020 (2001.05310)",
)

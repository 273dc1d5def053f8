"""DisCo: the squared distance correlation of score and protected variable on background."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty, PenaltyConfig, on_background
from core.unlearning.penalties._distance import squared_distance_correlation


class DiscoConfig(PenaltyConfig):
    """Set up a DisCo training."""

    lam: float = Field(
        2000.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of dCorr² beside the cross entropy; 0 is the baseline, some 100 flatten the bulk of the "
        "spectrum, some 2000 the tail that a tight cut selects",
    )
    events: Literal["background", "all"] = Field(
        "background", title="events", description="whose score must not depend on m: the background's, or all events'"
    )


class Disco:
    """Compute the mean over the protected variables of dCorr²(f, m_k).

    Args:
        config: on which events.

    References:
        Kasieczka, Shih 2020 (2001.05310).
    """

    def __init__(self, config: DiscoConfig) -> None:
        self._everywhere = config.events == "all"

    def __call__(self, scores: Tensor, batch: Batch) -> Tensor:
        """Return dCorr², a scalar in [0, 1]."""
        f, m, w = (scores, batch.m, batch.w) if self._everywhere else on_background(scores, batch)
        return torch.stack([squared_distance_correlation(f, one, w) for one in m.unbind(1)]).mean()


def build(config: DiscoConfig, _train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the DisCo penalty; it needs no preparation."""
    return Disco(config)


METHODS.register(
    "disco",
    Method(DiscoConfig, build),
    title="DisCo (distance correlation)",
    summary="Penalises the distance correlation of score and protected variable on background; no tuning but λ.",
    formula="H + λ dCov²(f, m) / √(dCov²(f, f) dCov²(m, m))",
    reference="Kasieczka, Shih 2020 (2001.05310)",
)

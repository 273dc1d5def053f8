"""Transport: the score is mapped so that the background's distribution of it is the same at every mass."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty, PostHoc, TrainingConfig, no_penalty
from core.unlearning.penalties._quantiles import (
    Levelling,
    conditional_quantiles,
    knots_of,
    logit,
    suitable_levels,
)
from core.unlearning.penalties._refusal import require_knots, require_one_protected


class TransportConfig(TrainingConfig):
    """Set up a plain classifier and the transform of its score."""

    mix: float = Field(
        1.0,
        ge=0,
        le=1,
        title="mix",
        description="how far the score is moved: 0 leaves it, 1 makes the background's distribution of it the same at "
        "every m, and between them lies the whole trade-off",
    )
    levels: int = Field(
        41,
        ge=3,
        le=1001,
        title="quantiles",
        description="number of quantiles that are levelled, closest together towards both ends",
    )
    knots: int = Field(
        20,
        ge=2,
        le=1000,
        title="knots",
        description="points in m, equally filled, between which quantiles are linear; a variable of fewer values has "
        "one a value",
    )
    tail: float = Field(
        1e-3,
        gt=0,
        lt=0.5,
        title="tail",
        description="share of the background beyond the outermost quantile, as far as the number of events allows; "
        "from there on the score is shifted alone",
    )


def build(config: TransportConfig, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return no penalty, the transform acts after the training; but refuse now what it cannot take then.

    Raises:
        DataError: several protected variables, fewer background events than knots, or a constant variable.
    """
    require_one_protected(train, "transport")
    require_knots(train, config.knots)
    return no_penalty


def fit(config: TransportConfig, scores: Tensor, protected: Tensor, weights: Tensor) -> Levelling:
    """Fit the transform T = F_b⁻¹ ∘ F_b(· | m) of the background, in the logit of the score.

    Args:
        config: number of quantiles and of knots, and the mix.
        scores: of the training background, shape (n,).
        protected: shape (n, 1).
        weights: shape (n,), of any sign.

    References:
        Klein, Golling 2022 (2211.02486) by conditional flows; Algren, Raine, Golling 2023 (2307.05187) by transport.
    """
    m = protected[:, 0]
    knots = knots_of(m, weights, config.knots)
    levels = suitable_levels(config.levels, config.tail, weights, len(knots))
    return Levelling(conditional_quantiles(logit(scores), m, weights, levels, knots), config.mix)


METHODS.register(
    "transport",
    Method(TransportConfig, build, transform=PostHoc(fit, Levelling.restore)),
    title="Transport (conditional quantiles)",
    summary="Maps the trained score so that background has the same distribution of it at every m; one training, "
    "and the mix is its strength. Takes one protected variable, and its value for each event that is scored.",
    formula="logit f′ = (1 − mix) z + mix · F_b⁻¹(F_b(z | m)), z = logit f",
    reference="Klein, Golling 2022 (2211.02486); Algren, Raine, Golling 2023 (2307.05187)",
)

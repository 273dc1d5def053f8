"""Double DisCo: two classifiers whose scores are independent on background, so that they can count it."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty, TrainingConfig
from core.unlearning.penalties._columns import NormalScores
from core.unlearning.penalties._distance import squared_distance_correlation

KNOTS = 256
FEWEST_EVENTS_A_KNOT = 4
SMALLEST_SHARE = 1e-6


class DoubleDiscoConfig(TrainingConfig):
    """Set up a training of two classifiers that are independent of one another on background."""

    lam: float = Field(
        300.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of dCorr² of both scores beside their cross entropies; 0 leaves two classifiers alike, "
        "some 300 make the count close within 10 %, from some 3000 on the second classifier learns little",
    )
    scale: Literal["tail", "score"] = Field(
        "tail",
        title="scale",
        description="of the scores in dCorr²: tail is -ln(1 - F), F the background's distribution, and counts the "
        "signal-like end, where region A lies; score takes them as they are",
    )


class DoubleDisco:
    """Compute dCorr²(f, g) on background, with its gradient in both scores.

    Args:
        config: on which scale; independence on one is independence on the other.

    References:
        Kasieczka, Nachman, Schwartz, Shih 2020 (2007.14400), who take the scores as they are.
    """

    def __init__(self, config: DoubleDiscoConfig) -> None:
        self._tail = config.scale == "tail"

    def __call__(self, scores: Tensor, batch: Batch) -> Tensor:
        """Return dCorr², a scalar in [0, 1]; 0 for independent scores.

        Args:
            scores: f and g of all events, shape (n, 2).
            batch: the events.
        """
        background = ~batch.y
        w = batch.w[background]
        f, g = (tail_scores(each, w) if self._tail else each for each in scores[background].unbind(1))
        towards_f = squared_distance_correlation(f, g, w)
        towards_g = squared_distance_correlation(g, f, w)
        return towards_f + towards_g - towards_g.detach()


def tail_scores(f: Tensor, weights: Tensor) -> Tensor:
    """Return -ln(1 - F(f)), F the distribution of the events at hand, held fixed in the derivative.

    Args:
        f: scores in [0, 1], shape (n,).
        weights: shape (n,); their absolute values count.

    Returns:
        Shape (n,), float64: exponentially distributed, so that the signal-like end is spread out.
    """
    logits = torch.logit(f.double(), eps=1e-7)
    normal = NormalScores(logits, weights, min(KNOTS, max(2, len(f) // FEWEST_EVENTS_A_KNOT)))(logits)
    return -torch.log1p(-torch.special.ndtr(normal).clamp(max=1 - SMALLEST_SHARE))


def build(config: DoubleDiscoConfig, _train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the penalty; it needs no preparation."""
    return DoubleDisco(config)


METHODS.register(
    "double_disco",
    Method(DoubleDiscoConfig, build, n_classifiers=2),
    title="Double DisCo (ABCD)",
    summary="Trains two classifiers that are independent on background, so that three regions count the fourth; the "
    "protected variable is left alone.",
    formula="H(f) + H(g) + λ dCorr²(t(f), t(g)), t(f) = −ln(1 − F_b(f))",
    reference="Kasieczka, Nachman, Schwartz, Shih 2020 (2007.14400)",
)

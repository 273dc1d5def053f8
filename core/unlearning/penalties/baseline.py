"""The classifier that unlearns nothing: the reference of every plot."""

from __future__ import annotations

from torch import Tensor

from core.unlearning.method import METHODS, Method, Penalty, TrainingConfig


class BaselineConfig(TrainingConfig):
    """Set up a plain classifier."""


def build(_config: BaselineConfig, _protected: Tensor, _weights: Tensor) -> Penalty:
    """Return the penalty that is zero."""
    return lambda scores, _m, _w: scores.new_zeros(())


METHODS.register(
    "baseline",
    Method(BaselineConfig, build),
    title="Baseline (no unlearning)",
    summary="A plain classifier: the best separation, and the most sculpting.",
    reference="-",
)

"""The classifier that unlearns nothing: the reference of every plot."""

from __future__ import annotations

from core.unlearning.method import METHODS, Method, TrainingConfig


class BaselineConfig(TrainingConfig):
    """Set up a plain classifier."""


METHODS.register(
    "baseline",
    Method(BaselineConfig),
    title="Baseline (no unlearning)",
    summary="A plain classifier: the best separation, and the most sculpting.",
    formula="H = −Σᵢ wᵢ [yᵢ ln fᵢ + (1 − yᵢ) ln(1 − fᵢ)], both classes with the same sum of weights",
    reference="-",
)

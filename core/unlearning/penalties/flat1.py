"""Flat[1]: the background efficiency may change with the protected variable, but only linearly, at every cut."""

from __future__ import annotations

import torch

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty
from core.unlearning.penalties._flatness import FlatConfig, flat_term


class Flat1Config(FlatConfig):
    """Set up a Flat[1] training."""


def build(config: Flat1Config, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the Flat[1] penalty with its bins taken from the training background.

    Args:
        config: number of bins and of cuts.
        train: training events.

    Returns:
        The mean over protected variables, bins b of m and cuts k of [(e_bk - c_0k - c_1k m̃_b)² - V_bk],
        divided by ē_k (1 - ē_k) + 0.001; ``flatness_penalty`` explains the terms.

    Raises:
        DataError: too few events or distinct values for the bins.
    """
    return flat_term(config, train, order=1)


METHODS.register(
    "flat1",
    Method(Flat1Config, build),
    title="Flat efficiency, but for a line",
    summary="Lets the background efficiency change linearly with the rank of m, at every cut.",
    formula="H + λ ⟨[(ε_bk − c₀ₖ − c₁ₖ m̃_b)² − V_bk] / (ε̄_k (1 − ε̄_k) + 0.001)⟩ over bins b of m and cuts k",
    reference="Infoscope's own; relatives: MoDe (2010.09745), flatness boosting (1410.4140)",
)

"""Flat[0]: the background efficiency is the same in every bin of the protected variable, at every cut."""

from __future__ import annotations

import torch

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty
from core.unlearning.penalties._flatness import FlatConfig, flat_term


class Flat0Config(FlatConfig):
    """Set up a Flat[0] training."""


def build(config: Flat0Config, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the Flat[0] penalty with its bins taken from the training background.

    Args:
        config: number of bins and of cuts.
        train: training events.

    Returns:
        The mean over protected variables, bins b of m and cuts k of [(e_bk - mean_b e_bk)² - V_bk],
        divided by ē_k (1 - ē_k) + 0.001; ``flatness_penalty`` explains the terms.

    Raises:
        DataError: too few events or distinct values for the bins.
    """
    return flat_term(config, train, order=0)


METHODS.register(
    "flat0",
    Method(Flat0Config, build),
    title="Flat efficiency",
    summary="Makes the background efficiency flat in the protected variable at every cut, the tight ones too: our own.",
    formula="H + λ ⟨[(ε_bk − ε̄_k)² − V_bk] / (ε̄_k (1 − ε̄_k) + 0.001)⟩ over bins b of m and cuts k",
    reference="Infoscope's own; relatives: MoDe (2010.09745), flatness boosting (1410.4140)",
)

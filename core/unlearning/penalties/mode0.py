"""MoDe[0]: the score's distribution is the same in every bin of the protected variable."""

from __future__ import annotations

import torch

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty
from core.unlearning.penalties._moments import MomentConfig, bins_of, moment_term


class Mode0Config(MomentConfig):
    """Set up a MoDe[0] training; a strong λ wants a slower learning rate than others."""


def build(config: Mode0Config, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the MoDe[0] penalty with its bins taken from the training background.

    Args:
        config: number of bins and power.
        train: training events.

    Returns:
        The mean over the protected variables of Σ_b ∫ds |F_b(s) - mean_b F_b(s)|^p.

    Raises:
        DataError: too few events or distinct values for the bins.

    References:
        Kitouni, Nachman, Weisser, Williams 2020 (2010.09745).
    """
    return moment_term(config, bins_of(train, config.mass_bins, order=0))


METHODS.register(
    "mode0",
    Method(Mode0Config, build),
    title="MoDe[0] (moment decomposition)",
    summary="Makes the score's distribution the same in every bin of the protected variable; fast and stable.",
    formula="H + λ Σ_b ∫ds |F_b(s) − F̄(s)|ᵖ, F̄ the mean over bins b of m",
    reference="Kitouni, Nachman, Weisser, Williams 2020 (2010.09745)",
)

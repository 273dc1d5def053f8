"""MoDe[1]: the score's distribution may change with the protected variable, but only linearly."""

from __future__ import annotations

import torch
from pydantic import Field

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty
from core.unlearning.penalties._moments import MomentConfig, bins_of, moment_term


class Mode1Config(MomentConfig):
    """Set up a MoDe[1] training."""

    max_slope: float = Field(
        1.0,
        ge=0,
        le=100,
        title="largest slope κ",
        description="of the linear change that is free of charge, in units of the smaller of the passing and the "
        "failing fraction: up to 1, neither is negative at any m; 0 is MoDe[0]; 100 leaves any slope free",
    )


def build(config: Mode1Config, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the MoDe[1] penalty with its bins taken from the training background.

    The fit is c_0 + c_1 m̃ with m̃ in [-1, 1] the rank of m. Its slope is limited: c_1 is replaced by
    sgn(c_1) min(|c_1|, κ min(c_0, 1 - c_0)), so that what exceeds κ is penalised. The authors' code takes
    κ c_0 tanh(c_1/(κ c_0)), which bounds the failing fraction alone and charges slopes below κ as well.

    Args:
        config: number of bins, power and largest slope.
        train: training events.

    Returns:
        The mean over the protected variables of Σ_b ∫ds |F_b(s) - c_0(s) - c_1(s) m̃_b|^p.

    Raises:
        DataError: too few events or distinct values for the bins.

    References:
        Kitouni, Nachman, Weisser, Williams 2020 (2010.09745).
    """
    return moment_term(config, bins_of(train, config.mass_bins, order=1, max_slope=config.max_slope))


METHODS.register(
    "mode1",
    Method(Mode1Config, build),
    title="MoDe[1] (linear dependence is free)",
    summary="Lets the background efficiency change with the protected variable linearly, which sculpts no peak.",
    formula="H + λ Σ_b ∫ds |F_b(s) − c₀(s) − c₁(s) m̃_b|ᵖ, |c₁| ≤ κ min(c₀, 1 − c₀)",
    reference="Kitouni, Nachman, Weisser, Williams 2020 (2010.09745)",
)

"""MoDe[2]: the score's distribution may change with the protected variable like a parabola, but not faster."""

from __future__ import annotations

import torch
from pydantic import Field

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty
from core.unlearning.penalties._moments import MomentConfig, bins_of, moment_term


class Mode2Config(MomentConfig):
    """Set up a MoDe[2] training."""

    monotonic: bool = Field(
        True,
        title="monotonic",
        description="penalise a parabola that turns inside the range of m, which would sculpt a peak or a dip",
    )


def build(config: Mode2Config, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the MoDe[2] penalty with its bins taken from the training background.

    The fit is c_0 + c_1 m̃ + c_2 φ_2(m̃) with m̃ in [-1, 1] the rank of m. Its slope c_1 + 3 c_2 m̃ keeps its sign if
    |c_2| ≤ |c_1|/3; monotonic, c_2 is replaced by sgn(c_2) min(|c_2|, |c_1|/3), where the authors' code takes
    (c_1/3) tanh(3 c_2/c_1).

    Args:
        config: number of bins, power and whether the parabola may turn.
        train: training events.

    Returns:
        The mean over the protected variables of Σ_b ∫ds |F_b(s) - c_0(s) - c_1(s) m̃_b - c_2(s) φ_2(m̃_b)|^p.

    Raises:
        DataError: too few events or distinct values for the bins.

    References:
        Kitouni, Nachman, Weisser, Williams 2020 (2010.09745).
    """
    return moment_term(config, bins_of(train, config.mass_bins, order=2, monotonic=config.monotonic))


METHODS.register(
    "mode2",
    Method(Mode2Config, build),
    title="MoDe[2] (smooth dependence is free)",
    summary="Lets the background efficiency change with the protected variable like a parabola, without a turn inside.",
    formula="H + λ Σ_b ∫ds |F_b(s) − c₀(s) − c₁(s) m̃_b − c₂(s) φ₂(m̃_b)|ᵖ; monotonic: |c₂| ≤ |c₁|/3",
    reference="Kitouni, Nachman, Weisser, Williams 2020 (2010.09745)",
)

"""The set: a network that adds up what it makes of each event, and so cannot see their order."""

from __future__ import annotations

import torch

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS, Construction, Inputs
from core.ensembles.networks import DeepSets


def build(config: EnsembleConfig, inputs: Inputs, generator: torch.Generator) -> DeepSets:
    """Return f_N = F(Σ_i Φ(x_i)), a particle-flow network whose particles are events."""
    return DeepSets(inputs.mean, inputs.scale, config.latent, config.hidden, generator)


CONSTRUCTIONS.register(
    "set",
    Construction(build, "f_N set"),
    title="Set (Deep Sets)",
    summary="Adds up a few learnt numbers of each event and judges the sum: the order of events cannot matter.",
    formula="ln L(x₁, …, x_N) = F(Σᵢ Φ(xᵢ) / √N)",
    reference="Zaheer et al. 2017, arXiv:1703.06114; Komiske, Metodiev, Thaler 2019, arXiv:1810.05165",
)

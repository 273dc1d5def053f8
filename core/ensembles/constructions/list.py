"""The list: one network on the features of all events of a set, in the order they come."""

from __future__ import annotations

import torch

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS, Construction, Inputs
from core.ensembles.networks import Listed


def build(config: EnsembleConfig, inputs: Inputs, generator: torch.Generator) -> Listed:
    """Return f_N(x_1, …, x_N) of N·d inputs, which has to learn that the order means nothing."""
    return Listed(inputs.mean, inputs.scale, config.set_size, config.hidden, generator)


CONSTRUCTIONS.register(
    "list",
    Construction(build, "f_N list"),
    title="List",
    summary="Takes the features of all events of a set side by side: N times as many inputs, N times fewer examples.",
    formula="ln L(x₁, …, x_N) = F(x₁, …, x_N)",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

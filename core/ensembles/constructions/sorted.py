"""The sorted list: one network on the features of all events of a set, ordered by one of them."""

from __future__ import annotations

import torch

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS, Construction, Inputs
from core.ensembles.networks import Listed


def build(config: EnsembleConfig, inputs: Inputs, generator: torch.Generator) -> Listed:
    """Return f_N(x_(1), …, x_(N)) of N·d inputs, the events in falling order of one feature."""
    return Listed(inputs.mean, inputs.scale, config.set_size, config.hidden, generator, inputs.key)


CONSTRUCTIONS.register(
    "sorted",
    Construction(build, "f_N sorted"),
    title="Sorted list",
    summary="Sorts the events of a set by one feature before it takes them side by side: the order is settled by hand.",
    formula="ln L(x₁, …, x_N) = F(x₍₁₎, …, x₍N₎), x₍₁₎ the event with the largest value of one feature",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

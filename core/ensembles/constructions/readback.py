"""The read-back: a set network with one latent number and a fixed sum, which a single event can be asked of."""

from __future__ import annotations

import torch

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS, Construction, Inputs
from core.ensembles.networks import EachEvent


def build(config: EnsembleConfig, inputs: Inputs, generator: torch.Generator) -> EachEvent:
    """Return the network of f_N = Π_i f_N→1(x_i), trained on whole sets and read back event by event."""
    return EachEvent(inputs.mean, inputs.scale, config.hidden, generator)


CONSTRUCTIONS.register(
    "readback",
    Construction(build, "f_N→1", reads_events=True),
    title="Set, read back",
    summary="Learns from sets through one number of each event and their plain sum; that number judges a single event.",
    formula="ln L(x₁, …, x_N) = Σᵢ ln L₁(xᵢ), L₁ learnt from sets",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

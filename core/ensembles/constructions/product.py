"""The product: a classifier of single events, multiplied over the events of a set."""

from __future__ import annotations

import torch

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS, Construction, Inputs
from core.ensembles.networks import EachEvent


def build(config: EnsembleConfig, inputs: Inputs, generator: torch.Generator) -> EachEvent:
    """Return the network of f_1; f_1→N = Π_i f_1(x_i)/(1 - f_1(x_i)), the sum of the log-ratios of the events."""
    return EachEvent(inputs.mean, inputs.scale, config.hidden, generator)


CONSTRUCTIONS.register(
    "product",
    Construction(build, "f_1→N", learns_from_sets=False, reads_events=True),
    title="Product of single events",
    summary="Trains on single events and multiplies their likelihood ratios: events are independent, so nothing is "
    "lost.",
    formula="ln L(x₁, …, x_N) = Σᵢ ln L₁(xᵢ), L₁ learnt from single events",
    reference="Nachman, Thaler 2021, arXiv:2101.07263",
)

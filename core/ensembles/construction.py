"""What a construction is: a network of sets of events, and what it is trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.ensembles.config import EnsembleConfig
from core.ensembles.networks import SetClassifier
from core.registry import Registry


@dataclass(frozen=True)
class Inputs:
    """Say what a network of sets takes.

    Args:
        mean: mean of each feature, shape (d,).
        scale: standard deviation of each feature, shape (d,).
        key: index of the feature that sorts a list.
    """

    mean: Tensor
    scale: Tensor
    key: int


@dataclass(frozen=True)
class Construction:
    """Describe one way to a classifier of sets.

    Args:
        build: (config, inputs, source of random numbers) → network.
        symbol: how it is written, N standing for the size.
        learns_from_sets: whether its training takes sets of N events; otherwise single events.
        reads_events: whether it says something of a single event too.
    """

    build: Callable[[EnsembleConfig, Inputs, torch.Generator], SetClassifier]
    symbol: str
    learns_from_sets: bool = True
    reads_events: bool = False


CONSTRUCTIONS: Registry[Construction] = Registry("construction", "core.ensembles.constructions")
"""All constructions by name."""

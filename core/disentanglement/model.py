"""What a model of disentanglement is: a config, and what its autoencoder minimises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor

from core.disentanglement.config import VAEConfig
from core.registry import Registry


@dataclass(frozen=True)
class Step:
    """Hold one batch as a loss sees it; everything in nats an event, the mean of w times an event's value.

    Args:
        z: draws from q(z|x), shape (n, K).
        mean: means of q(z|x), shape (n, K).
        log_variance: logarithms of its variances, shape (n, K).
        w: weights, of mean one over the whole sample and of either sign, shape (n,).
        reconstruction: -E log p(x|z), a scalar.
        kl: E KL(q(z_j|x) ‖ p(z_j)) of each dimension, shape (K,).
        n_sensitive: dimensions z' that are tied to protected variables: the first ones.
        n_train: events of the whole sample, which q(z) is the mean of.
        progress: from 0 at the start of the training to 1 at its end.
    """

    z: Tensor
    mean: Tensor
    log_variance: Tensor
    w: Tensor
    reconstruction: Tensor
    kl: Tensor
    n_sensitive: int
    n_train: int
    progress: float


class Objective(Protocol):
    """Minimise what a model minimises, without the supervised term, which all models share."""

    def __call__(self, step: Step, /) -> Tensor:
        """Return the loss of a batch, a scalar in nats."""


@runtime_checkable
class Adversary(Objective, Protocol):
    """Be an objective that has a network of its own to train."""

    def refine(self, step: Step, /) -> None:
        """Train that network on the detached latent of a batch, after the autoencoder's step."""


Config = TypeVar("Config", bound=VAEConfig)


@dataclass(frozen=True)
class Disentangler(Generic[Config]):
    """Describe one model.

    Args:
        config: the config class whose fields its form and its command-line options show.
        build: (config, device, source of random numbers) → what it minimises.
    """

    config: type[Config]
    build: Callable[[Config, torch.device, torch.Generator], Objective]


MODELS: Registry[Disentangler[Any]] = Registry("model", "core.disentanglement.models")
"""All models of disentanglement by name."""

"""What a method of calibration is: a network with a loss and an estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.calibration.config import CalibrationConfig
from core.registry import Registry


@dataclass(frozen=True)
class Events:
    """Hold events on a device.

    Args:
        x: features in physical units, shape (n, n_features), float32.
        z: truth in physical units, shape (n, n_truths), float32.
        w: weights of mean 1, shape (n,), float32.
    """

    x: Tensor
    z: Tensor
    w: Tensor

    def __len__(self) -> int:
        return len(self.x)

    def take(self, index: Tensor) -> Events:
        """Return the events at ``index``, shape (k,)."""
        return Events(self.x[index], self.z[index], self.w[index])


class Calibration(nn.Module):
    """Be a network that learns ẑ(x); the standardisation of features and truth is part of it.

    Args:
        events: training events, whose weighted means and standard deviations standardise x and z.
    """

    x_mean: Tensor
    x_scale: Tensor
    z_mean: Tensor
    z_scale: Tensor

    def __init__(self, events: Events) -> None:
        super().__init__()
        for name, values in (("x", events.x), ("z", events.z)):
            mean, scale = moments(values, events.w)
            self.register_buffer(f"{name}_mean", mean)
            self.register_buffer(f"{name}_scale", scale)

    def standardised(self, events: Events) -> tuple[Tensor, Tensor]:
        """Return x and z of mean 0 and standard deviation 1 in training."""
        return (events.x - self.x_mean) / self.x_scale, (events.z - self.z_mean) / self.z_scale

    def prepare(self, events: Events, progress: float) -> None:
        """Do what is due before an epoch, such as a change from one loss to the next.

        Args:
            events: training events.
            progress: share of the training that is done, in [0, 1).
        """

    def loss(self, events: Events, progress: float, generator: torch.Generator) -> Tensor:
        """Return what to minimise, a scalar, on a batch."""
        raise NotImplementedError

    def estimate(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return ẑ, shape (n, n_truths), and its covariance, shape (n, n_truths, n_truths), NaN where there is none.

        Args:
            x: features in physical units, shape (n, n_features).
        """
        raise NotImplementedError

    def log_ratio(self, x: Tensor, z: Tensor) -> Tensor:
        """Return T(x, z), which is ln p(x|z)/p(x) but for a constant, shape (n,); for a method that has one."""
        raise NotImplementedError

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return a copy of all parameters and buffers as arrays."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.state_dict().items()}


@dataclass(frozen=True)
class Method:
    """Describe one method of calibration.

    Args:
        build: (config, training events, source of random numbers) → network before its training.
        has_density: whether it knows T(x, z), and so a covariance and I(x; z).
        is_prior_independent: whether its answer does not depend on the training spectrum.
    """

    build: Callable[[CalibrationConfig, Events, torch.Generator], Calibration]
    has_density: bool
    is_prior_independent: bool


METHODS: Registry[Method] = Registry("calibration method", "core.calibration.methods")
"""All methods of calibration by name."""


def moments(values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return weighted mean and standard deviation of each column, shape (d,), float32; 1 for a constant column."""
    wide, share = values.double(), (weights.double() / weights.double().sum()).unsqueeze(1)
    mean = (share * wide).sum(0)
    scale = (share * (wide - mean).square()).sum(0).sqrt()
    return mean.float(), torch.where(scale > 0, scale, 1.0).float()

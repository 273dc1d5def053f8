"""Events as tensors on the device that trains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.events.table import EventTable


@dataclass(frozen=True)
class Batch:
    """Hold events on a device.

    Args:
        x: features in physical units, shape (n, n_features), float32.
        y: label, shape (n,), boolean.
        m: protected variables, shape (n, n_protected), float64.
        w: weights, each class scaled to a sum of n/2, shape (n,), float32.
    """

    x: Tensor
    y: Tensor
    m: Tensor
    w: Tensor

    @classmethod
    def of(cls, events: EventTable, chosen: NDArray[np.bool_], device: torch.device) -> Batch:
        """Move the chosen events to a device.

        Raises:
            DataError: the weights of a class do not have a positive sum.
        """
        part = events.take(chosen)
        arrays = (
            part.matrix(part.roles.features, np.float32),
            part.is_signal,
            part.matrix(part.roles.protected, np.float64),
            part.balanced_weights.astype(np.float32),
        )
        return cls(*(torch.from_numpy(np.ascontiguousarray(values)).to(device) for values in arrays))

    def take(self, index: Tensor) -> Batch:
        """Return the events at ``index``, shape (k,)."""
        return Batch(self.x[index], self.y[index], self.m[index], self.w[index])

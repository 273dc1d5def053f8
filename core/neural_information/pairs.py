"""Two variables of many events as checked, standardised tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor, nn

from core.errors import DataError
from core.neural_information.scores import Scores, draw_partners

MINIMUM_EVENTS = 200
ROWS_AT_ONCE = 262_144

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Hold n events of two variables on a device.

    Args:
        x: normal scores, shape (n, d_x), float32.
        y: normal scores, shape (n, d_y), float32.
        w: weights, positive, shape (n,), float64.
    """

    x: Tensor
    y: Tensor
    w: Tensor

    @classmethod
    def of(cls, x: NDArray[Any], y: NDArray[Any], weights: NDArray[Any] | None, device: torch.device) -> Pairs:
        """Check two variables, bring each column to normal scores and move them to a device; weight 0 drops an event.

        Raises:
            DataError: shapes that do not match, too few events, missing, infinite or constant values, or weights that
                are negative or not finite.
        """
        x, y = _columns(x, "x"), _columns(y, "y")
        if len(x) != len(y):
            raise DataError(f"x has {len(x)} events and y has {len(y)}; allowed: as many in both")
        w = _weights(weights, len(x))
        x, y, w = x[w > 0], y[w > 0], w[w > 0]
        if len(w) < MINIMUM_EVENTS:
            raise DataError(f"{len(w)} events of positive weight; at least {MINIMUM_EVENTS} are needed to train")
        for name, values in (("x", x), ("y", y)):
            if (np.ptp(values, axis=0) == 0).any():
                raise DataError(f"{name} is constant; allowed: values that vary, in every column")
        scored = [np.stack([normal_scores(column, w) for column in values.T], 1) for values in (x, y)]
        tensors = [torch.from_numpy(values.astype(np.float32)).to(device) for values in scored]
        return cls(*tensors, torch.from_numpy(w / w.mean()).to(device))

    def take(self, index: Tensor) -> Pairs:
        """Return the events at ``index``, shape (k,)."""
        return Pairs(self.x[index], self.y[index], self.w[index])

    def scores(self, critic: nn.Module, partners: int, generator: torch.Generator) -> Scores:
        """Score the joint pairs and shuffled ones, in parts that bound the memory; gradients pass.

        Args:
            critic: maps (…, d_x + d_y) to T, shape (…).
            partners: shuffled partners of each event.
            generator: source of the shuffling, on the CPU.
        """
        partner = draw_partners(len(self.w), partners, generator).to(self.w.device)
        size = max(1, ROWS_AT_ONCE // partner.shape[1])
        shuffled = [
            critic(torch.cat([x[:, None].expand(-1, j.shape[1], -1), self.y[j]], -1))
            for x, j in zip(self.x.split(size), partner.split(size), strict=True)
        ]
        joint: Tensor = critic(torch.cat([self.x, self.y], -1))
        return Scores(joint.double(), torch.cat(shuffled).double(), self.w, partner)


def normal_scores(values: Floats, weights: Floats) -> Floats:
    """Map values to Φ⁻¹ of their weighted mid-rank, scaled to unit standard deviation.

    A monotone map of one variable leaves the mutual information as it is, and tames tails, scales and sentinels. Equal
    values keep an equal score.

    Args:
        values: not all equal, shape (n,).
        weights: positive, shape (n,).

    Returns:
        Scores of weighted mean 0 and standard deviation 1, shape (n,).

    Example:
        >>> normal_scores(np.array([1.0, 1e9, -4.0]), np.ones(3)).round(2)
        array([ 0.  ,  1.22, -1.22])
    """
    _, code = np.unique(values, return_inverse=True)
    mass = np.bincount(code, weights)
    scores: Floats = ndtri((np.cumsum(mass) - mass / 2) / mass.sum())[code]
    scores -= np.average(scores, weights=weights)
    return scores / np.sqrt(np.average(scores**2, weights=weights))


def _columns(values: NDArray[Any], name: str) -> Floats:
    """Return the values as finite float64 columns, shape (n, d)."""
    values = np.asarray(values)
    if values.ndim not in (1, 2) or values.dtype.kind not in "biuf" or 0 in values.shape[1:]:
        raise DataError(f"{name} has type {values.dtype} and shape {values.shape}; allowed: numbers, (n,) or (n, d)")
    columns = values.astype(np.float64).reshape(len(values), -1)
    bad = int((~np.isfinite(columns)).any(axis=1).sum())
    if bad:
        raise DataError(f"{name} is missing or infinite in {bad} of {len(values)} events; drop those events")
    return columns


def _weights(weights: NDArray[Any] | None, n_events: int) -> Floats:
    """Return finite weights ≥ 0; with negative ones the objective has no smallest value for a network to find."""
    if weights is None:
        return np.ones(n_events)
    w = np.asarray(weights, np.float64)
    if w.shape != (n_events,):
        raise DataError(f"weights of shape {w.shape}; allowed: one for each of the {n_events} events")
    if not np.isfinite(w).all():
        raise DataError(f"{int((~np.isfinite(w)).sum())} of {n_events} weights are NaN or infinite; allowed: finite")
    if (w < 0).any():
        raise DataError(
            f"{int((w < 0).sum())} of {n_events} weights are negative; allowed for a neural estimator: 0 or more, "
            "since its objective has no optimum otherwise; a binned estimator takes any sign"
        )
    return w

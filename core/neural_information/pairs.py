"""Two variables of many events as checked, standardised tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError
from core.information.estimators._sample import make_sample
from core.information.estimators._scores import tied_scores
from core.neural_information.scores import Scores, draw_partners

MINIMUM_EVENTS = 200
ROWS_AT_ONCE = 262_144


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
        sample = make_sample(x, y, weights)
        if sample.n_missing:
            raise DataError(
                f"{sample.n_missing} of {sample.n_events} events have a missing or infinite value; drop them"
            )
        w = np.ones(sample.n_events) if sample.weights is None else sample.weights
        if (w < 0).any():
            raise DataError(
                f"{int((w < 0).sum())} of {len(w)} weights are negative; allowed for a neural estimator: 0 or more, "
                "since its objective has no optimum otherwise; a binned estimator takes any sign"
            )
        x, y, w = sample.x[w > 0], sample.y[w > 0], w[w > 0]
        if sample.n_effective < MINIMUM_EVENTS:
            raise DataError(f"N_eff is {sample.n_effective:.4g} events; at least {MINIMUM_EVENTS} are needed to train")
        scores_x, scores_y = (
            torch.from_numpy(np.stack([_standardised(column, w, name) for column in values.T], 1)).to(device)
            for name, values in (("x", x), ("y", y))
        )
        return cls(scores_x, scores_y, torch.from_numpy(w / w.mean()).to(device))

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


def _standardised(values: NDArray[Any], weights: NDArray[np.float64], name: str) -> NDArray[np.float32]:
    """Return the normal scores of values, scaled to mean 0 and standard deviation 1, shape (n,).

    A monotone map of one variable leaves the mutual information as it is, and tames tails, scales and sentinels.
    """
    if (values == values[0]).all():
        raise DataError(f"{name} is constant at {float(values[0]):g}; allowed: values that vary, in every column")
    scores = tied_scores(values, weights)
    scores -= np.average(scores, weights=weights)
    return np.asarray(scores / np.sqrt(np.average(scores**2, weights=weights)), np.float32)

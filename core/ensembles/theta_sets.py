"""Sets of events that share a parameter θ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.ensembles.config import RegressionConfig
from core.errors import DataError
from core.events.table import EventTable
from core.learning.split import HELD_OUT, TRAINING, VALIDATION

FEWEST_SETS = 10


@dataclass(frozen=True)
class ThetaSets:
    """Hold sets of N events, all events of a set from p(x|θ) of the same θ.

    Args:
        x: features in physical units, shape (n_sets, N, d), float32.
        theta: shape (n_sets,), float64.
        truth: mean over the set of the exact estimator, shape (n_sets,), float64; empty where it is not known.
        rows: row of the table that each event came from, shape (n_sets, N).
    """

    x: Tensor
    theta: Tensor
    truth: Tensor
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.theta)

    @property
    def size(self) -> int:
        """Return N."""
        return self.x.shape[1]

    @classmethod
    def of(cls, events: EventTable, config: RegressionConfig, device: torch.device) -> ThetaSets:
        """Cut events into sets of N that share one θ.

        Raises:
            DataError: no feature, θ that has one value only, values that are not finite, weights, or a number of events
                of one θ that is no multiple of N.
        """
        _check(events, config)
        theta = np.asarray(events[config.parameter], np.float64)
        order = np.argsort(theta, kind="stable")
        values, counts = np.unique(theta, return_counts=True)
        uneven = np.flatnonzero(counts % config.set_size)
        if len(uneven):
            raise DataError(
                f"{counts[uneven[0]]:,} events have {config.parameter} = {values[uneven[0]]:.4g}, they make no sets of "
                f"{config.set_size}; all events of a set must share one value, and every set must have the same size"
            )
        rows = order.reshape(-1, config.set_size)
        features = np.ascontiguousarray(events.matrix(events.roles.features, np.float32)[rows])
        truth = np.asarray(events[config.truth], np.float64)[rows].mean(1) if config.truth else np.empty(0)
        x, means, exact = (torch.from_numpy(each).to(device) for each in (features, theta[rows[:, 0]], truth))
        return cls(x, means, exact, rows)

    def take(self, index: NDArray[np.int64]) -> ThetaSets:
        """Return the sets at ``index``, shape (k,)."""
        chosen = torch.from_numpy(index).to(self.theta.device)
        truth = self.truth[chosen] if len(self.truth) else self.truth
        return ThetaSets(self.x[chosen], self.theta[chosen], truth, self.rows[index])


def split_sets(n_sets: int, config: RegressionConfig, seed: int) -> NDArray[np.int8]:
    """Assign every set to training (0), validation (1) or held-out (2), shape (n_sets,).

    Raises:
        DataError: too few sets for all three parts.
    """
    n_train, n_validation = round(n_sets * config.train_fraction), round(n_sets * config.validation_fraction)
    if min(n_train, n_validation, n_sets - n_train - n_validation) < FEWEST_SETS:
        raise DataError(
            f"{n_sets:,} sets of {config.set_size} events are too few: training, validation and held-out part need at "
            f"least {FEWEST_SETS} each; use smaller sets or more events"
        )
    part = np.full(n_sets, HELD_OUT, np.int8)
    order = np.random.default_rng(seed).permutation(n_sets)
    part[order[:n_train]] = TRAINING
    part[order[n_train : n_train + n_validation]] = VALIDATION
    return part


def _check(events: EventTable, config: RegressionConfig) -> None:
    names = tuple(name for name in events.roles.features if name != config.parameter)
    if len(names) < len(events.roles.features):
        raise DataError(f"{config.parameter!r} is what is estimated; it cannot be a feature")
    if not names:
        raise DataError("no feature; choose at least one column to estimate from")
    if config.set_size > events.n_events:
        raise DataError(f"sets of {config.set_size:,} events of a sample of {events.n_events:,}; use smaller sets")
    for name in (*names, config.parameter, *((config.truth,) if config.truth else ())):
        bad = int((~np.isfinite(np.asarray(events[name], np.float64))).sum())
        if bad:
            raise DataError(f"{bad:,} values of {name!r} are missing or infinite; drop those events")
    theta = np.asarray(events[config.parameter], np.float64)
    if np.ptp(theta) == 0:
        raise DataError(f"{config.parameter} is {theta[0]:.4g} for all events; at least two values are needed")
    if events.is_weighted and np.ptp(events.weights) > 0:
        raise DataError("the events have weights, with which sets cannot be drawn; choose a sample without weights")

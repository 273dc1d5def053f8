"""Sets of events, drawn within a class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.ensembles.config import EnsembleConfig
from core.ensembles.construction import CONSTRUCTIONS, Inputs
from core.errors import DataError
from core.events.labels import require_labelled
from core.events.table import EventTable
from core.learning.split import HELD_OUT, TRAINING, VALIDATION, split_events

FEWEST_SETS = 10


@dataclass(frozen=True)
class ClassEvents:
    """Hold events of one class on a device.

    Args:
        x: features in physical units, shape (n, d), float32.
        w: weights of mean one, shape (n,), float32.
        truth: exact log-ratios, shape (n,), float64; empty where they are not known.
    """

    x: Tensor
    w: Tensor
    truth: Tensor

    def __len__(self) -> int:
        return len(self.w)

    def sets(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (n_sets, N, d) and weights (n_sets,) of the sets at ``index``, shape (n_sets, N).

        The weight of a set is the product of its events' weights, since p(x_1, …, x_N) = Π p(x_i).
        """
        return self.x[index], self.w[index].prod(1)


@dataclass(frozen=True)
class TwoClasses:
    """Hold the events of one part of a split: signal and background."""

    signal: ClassEvents
    background: ClassEvents

    def __iter__(self) -> Iterator[ClassEvents]:
        return iter((self.signal, self.background))


def group(n_events: int, size: int, generator: torch.Generator) -> Tensor:
    """Draw sets of ``size`` events without replacement; fewer than ``size`` events are left over.

    Returns:
        Indices, shape (n_events // size, size).

    Example:
        >>> group(7, 3, torch.Generator().manual_seed(1)).shape
        torch.Size([2, 3])
    """
    n_sets = n_events // size
    return torch.randperm(n_events, generator=generator)[: n_sets * size].reshape(n_sets, size)


def split_of(events: EventTable, config: EnsembleConfig, seed: int) -> NDArray[np.int8]:
    """Return the split that a training with this config and seed makes, shape (n_events,).

    Raises:
        DataError: events that cannot be trained on, a column that is not there, or a part without enough sets of N.
    """
    require_labelled(events)
    _check_columns(events, config)
    rng = np.random.default_rng(seed)
    part = split_events(events.is_signal, config.train_fraction, config.validation_fraction, rng)
    for word, kind in (("training", TRAINING), ("validation", VALIDATION), ("held-out", HELD_OUT)):
        for name, chosen in (("signal", events.is_signal), ("background", ~events.is_signal)):
            n = int((chosen & (part == kind)).sum())
            if n < FEWEST_SETS * config.set_size:
                raise DataError(
                    f"sets of {config.set_size} events: {n:,} {word} events of {name} make {n // config.set_size}; "
                    f"at least {FEWEST_SETS} are needed: use smaller sets or more events"
                )
    return part


def two_classes(
    events: EventTable, chosen: NDArray[np.bool_], config: EnsembleConfig, device: torch.device
) -> TwoClasses:
    """Move the chosen events of both classes to a device.

    Raises:
        DataError: the weights of a class do not have a positive sum.
    """
    part = events.take(chosen)
    x, w = part.matrix(part.roles.features, np.float32), part.balanced_weights
    truth = np.asarray(part[config.truth], np.float64) if config.truth else np.empty(0)
    found = []
    for members in (part.is_signal, ~part.is_signal):
        mean_one = (w[members] / w[members].mean()).astype(np.float32)
        arrays = (x[members], mean_one, truth[members] if config.truth else truth)
        found.append(ClassEvents(*(torch.from_numpy(np.ascontiguousarray(each)).to(device) for each in arrays)))
    return TwoClasses(*found)


def inputs_of(train: TwoClasses, events: EventTable, config: EnsembleConfig) -> Inputs:
    """Return how the features of the training events are standardised, and which one sorts them."""
    x = torch.cat([each.x for each in train]).double()
    names = events.roles.features
    key = names.index(config.sort_by) if config.sort_by else 0
    return Inputs(x.mean(0).float(), x.std(0).clamp(min=1e-12).float(), key)


def chosen_constructions(config: EnsembleConfig) -> tuple[str, ...]:
    """Return the names of the constructions, the product first.

    Raises:
        DataError: one of them is not registered.

    Example:
        >>> chosen_constructions(EnsembleConfig(constructions=("set", "list")))
        ('product', 'set', 'list')
    """
    return tuple(CONSTRUCTIONS[name].name for name in dict.fromkeys(("product", *config.constructions)))


def _check_columns(events: EventTable, config: EnsembleConfig) -> None:
    names = events.roles.features
    if not names:
        raise DataError("no feature; choose at least one column to learn from")
    if config.sort_by and config.sort_by not in names:
        raise DataError(
            f"events are to be sorted by {config.sort_by!r}, which is no feature; allowed: {', '.join(names)}"
        )
    if n := int((~np.isfinite(events.weights)).sum()):
        raise DataError(f"{n:,} of {events.n_events:,} weights are NaN or infinite; allowed: finite weights")
    used = (*names, *((config.truth,) if config.truth else ()))
    for name in used:
        bad = int((~np.isfinite(np.asarray(events[name], np.float64))).sum())
        if bad:
            raise DataError(f"{bad:,} values of {name!r} are missing or infinite; drop those events")
    constant = [name for name in names if np.ptp(np.asarray(events[name], np.float64)) == 0]
    if constant:
        raise DataError(f"{', '.join(constant)} has one value only; a feature must vary")

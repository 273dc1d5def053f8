"""The split of events into training, validation and held-out ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

TRAINING, VALIDATION, HELD_OUT = 0, 1, 2


def split_events(
    is_signal: NDArray[np.bool_], train_fraction: float, validation_fraction: float, rng: np.random.Generator
) -> NDArray[np.int8]:
    """Assign every event to training (0), validation (1) or held-out (2), each class in the same proportions.

    Args:
        is_signal: shape (n,).
        train_fraction: share of each class to train on.
        validation_fraction: share of each class that chooses the best epoch.
        rng: source of the assignment.

    Returns:
        Assignment, shape (n,).

    Raises:
        DataError: a class has too few events to be in all three parts.

    Example:
        >>> parts = split_events(np.arange(20) % 2 == 0, 0.5, 0.2, np.random.default_rng(1))
        >>> np.bincount(parts)
        array([10,  4,  6])
    """
    part = np.full(len(is_signal), HELD_OUT, dtype=np.int8)
    for name, chosen in (("signal", is_signal), ("background", ~is_signal)):
        members = rng.permutation(np.flatnonzero(chosen))
        n_train, n_validation = round(len(members) * train_fraction), round(len(members) * validation_fraction)
        if min(n_train, n_validation, len(members) - n_train - n_validation) < 1:
            raise DataError(
                f"{len(members)} {name} events are too few to split into training, validation and held-out events; "
                "more events of each class are needed"
            )
        part[members[:n_train]] = TRAINING
        part[members[n_train : n_train + n_validation]] = VALIDATION
    return part

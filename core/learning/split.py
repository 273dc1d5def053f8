"""The split of events into training, validation and held-out ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

TRAINING, VALIDATION, HELD_OUT, LEFT_OUT = 0, 1, 2, 3


def split_events(
    is_signal: NDArray[np.bool_],
    train_fraction: float,
    validation_fraction: float,
    rng: np.random.Generator,
    most: int | None = None,
) -> NDArray[np.int8]:
    """Assign every event to training (0), validation (1) or held-out (2), each class in the same proportions.

    With ``most``, all three parts of each class are thinned alike, at random: of events that are left out (3), nothing
    is learnt and by them nothing is judged.

    Args:
        is_signal: shape (n,).
        train_fraction: share of each class to train on.
        validation_fraction: share of each class that chooses the best epoch.
        rng: source of the assignment.
        most: training events that are wanted; None, or as many as there are, leaves no event out.

    Returns:
        Assignment, shape (n,).

    Raises:
        DataError: a class has too few events to be in all three parts.

    Example:
        >>> parts = split_events(np.arange(20) % 2 == 0, 0.5, 0.2, np.random.default_rng(1))
        >>> np.bincount(parts)
        array([10,  4,  6])
    """
    n_training = sum(round(int(chosen.sum()) * train_fraction) for chosen in (is_signal, ~is_signal))
    share = 1.0 if most is None else min(most / max(n_training, 1), 1.0)
    part = np.full(len(is_signal), HELD_OUT if share == 1 else LEFT_OUT, dtype=np.int8)
    for name, chosen in (("signal", is_signal), ("background", ~is_signal)):
        members = rng.permutation(np.flatnonzero(chosen))
        n_train, n_validation = round(len(members) * train_fraction), round(len(members) * validation_fraction)
        sizes = (n_train, n_validation, len(members) - n_train - n_validation)
        kept = [round(share * size) for size in sizes]
        if min(kept) < 1:
            wanted = "more events of each class are needed" if min(sizes) < 1 else f"train on more than {most} events"
            raise DataError(
                f"{len(members)} {name} events are too few to split into training, validation and held-out events; "
                f"{wanted}"
            )
        first_ones = (0, n_train, n_train + n_validation)
        for kind, first, size in zip((TRAINING, VALIDATION, HELD_OUT), first_ones, kept, strict=True):
            part[members[first : first + size]] = kind
    return part

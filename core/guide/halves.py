"""Two halves of the events: on one something is fitted, on the other it is judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventTable

MOST_EVENTS = 120_000
"""Events that a demonstration takes at most, so that it appears at once."""
FEWEST_EVENTS = 50
"""Events of a class that each half needs."""


def two_halves(
    table: EventTable, names: Sequence[str], rng: np.random.Generator, *, labelled: bool = True
) -> tuple[EventTable, EventTable]:
    """Split events at random into a half to fit on and a half to judge on.

    Events without a finite value of the named columns are left out; of many events, ``MOST_EVENTS`` are drawn.

    Args:
        table: the events.
        names: columns whose values are needed.
        rng: draws the halves.
        labelled: whether each half needs signal and background.

    Raises:
        DataError: too few events in a half.

    Example:
        >>> table = EventTable("toy", {"x": np.arange(300.0)})
        >>> [half.n_events for half in two_halves(table, ["x"], np.random.default_rng(0), labelled=False)]
        [150, 150]
    """
    usable = np.isfinite(table.weights)
    for name in names:
        usable &= np.isfinite(np.asarray(table[name], np.float64))
    kept = rng.permutation(np.flatnonzero(usable))[:MOST_EVENTS]
    halves = (_taken(table, kept[: len(kept) // 2]), _taken(table, kept[len(kept) // 2 :]))
    for half in halves:
        counts = [int(half.is_signal.sum()), int((~half.is_signal).sum())] if labelled else [half.n_events]
        if min(counts) < FEWEST_EVENTS:
            raise DataError(
                f"{min(counts)} events{' of a class' if labelled else ''} in half of {table.name}; allowed: at least "
                f"{FEWEST_EVENTS}"
            )
    return halves


def _taken(table: EventTable, kept: NDArray[np.intp]) -> EventTable:
    return table.take(np.sort(kept))

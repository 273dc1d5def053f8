"""From an event table to the columns and weights that are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventClass, EventTable


@dataclass(frozen=True)
class Selection:
    """Hold the columns of the events of one class.

    Args:
        columns: name → values, shape (n,).
        weights: event weights, shape (n,); None when all are equal, for then they say nothing.
        n_events: n.
    """

    columns: dict[str, NDArray[Any]]
    weights: NDArray[np.float64] | None
    n_events: int


def default_names(table: EventTable, event_class: EventClass = "all") -> tuple[str, ...]:
    """Return the variables worth comparing: features, protected ones and, among all events, the label."""
    label = (table.roles.label,) if table.roles.label and event_class == "all" else ()
    return tuple(dict.fromkeys((*table.roles.features, *table.roles.protected, *label)))


def select(table: EventTable, names: Sequence[str], event_class: EventClass = "all") -> Selection:
    """Take the named columns of the events of one class; the label as 0 and 1.

    Args:
        table: the events.
        names: columns, each once.
        event_class: "all", "signal" or "background".

    Returns:
        The columns and weights.

    Raises:
        DataError: a column that is not there or named twice, an unknown class, or a class without events.
    """
    if len(set(names)) < len(names):
        raise DataError(f"variables {', '.join(names)}; allowed: each variable once")
    if event_class not in ("all", "signal", "background"):
        raise DataError(f"unknown event class {event_class!r}; allowed: all, signal, background")
    keep: slice | NDArray[np.bool_] = slice(None)
    if event_class != "all":
        keep = table.is_signal if event_class == "signal" else ~table.is_signal
    label = table.roles.label
    columns = {name: (table.is_signal if name == label else np.asarray(table[name]))[keep] for name in names}
    n_events = table.n_events if isinstance(keep, slice) else int(np.count_nonzero(keep))
    if n_events == 0:
        raise DataError(f"{table.name} has no {event_class} events; allowed: at least one")
    weights = table.weights[keep] if table.is_weighted else None
    if weights is not None and weights[0] > 0 and np.all(weights == weights[0]):
        weights = None
    return Selection(columns, weights, n_events)

"""Dropping the events that lack a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventTable, Roles


def drop_invalid(table: EventTable) -> tuple[EventTable, int]:
    """Drop the events with a missing or infinite value in a column that has a role (any column, if none has).

    Returns:
        The other events, and how many were dropped.

    Raises:
        DataError: no event would be left; the column to blame is named.

    Example:
        >>> table, n_dropped = drop_invalid(EventTable("toy", {"x": np.array([1.0, np.inf, 2.0])}))
        >>> table.n_events, n_dropped
        (2, 1)
    """
    checked = checked_columns(table.roles, tuple(table.columns))
    valid = is_valid(table.columns, checked)
    n_dropped = int(table.n_events - np.count_nonzero(valid))
    if n_dropped == 0:
        return table, 0
    if n_dropped == table.n_events:
        worst = min(checked, key=lambda name: np.count_nonzero(np.isfinite(table[name])))
        n_good = np.count_nonzero(np.isfinite(table[worst]))
        raise DataError(
            f"each of the {table.n_events:,} events has a missing or infinite value; ignore column {worst!r}, "
            f"which has a value in {n_good:,} only"
        )
    return table.take(valid), n_dropped


def checked_columns(roles: Roles, names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns in which an event must have a value: those with a role, or all where none has one."""
    return roles.used() or tuple(names)


def is_valid(columns: Mapping[str, NDArray[Any]], checked: Sequence[str]) -> NDArray[np.bool_]:
    """Return which events have a finite value in each of some columns, shape (n,)."""
    valid = np.ones(len(next(iter(columns.values()))), dtype=np.bool_)
    for name in checked:
        valid &= np.isfinite(columns[name])
    return valid

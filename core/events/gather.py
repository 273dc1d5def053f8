"""From batches to whole columns, without holding anything twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError


def gather(batches: Iterable[Mapping[str, NDArray[Any]]], most: int) -> dict[str, NDArray[Any]]:
    """Lay batches end to end.

    Space for ``most`` events is reserved, but memory is only taken as it fills.

    Args:
        batches: name → values; the same names in each batch, all values of a batch of one length.
        most: the largest number of events that may come.

    Returns:
        Name → values of all batches; empty when there was no batch.

    Raises:
        DataError: more events come than ``most``.

    Example:
        >>> gather([{"x": np.array([1.0, 2.0])}, {"x": np.array([3.0])}], most=5)
        {'x': array([1., 2., 3.])}
    """
    columns: dict[str, NDArray[Any]] = {}
    n = 0
    for batch in batches:
        stop = n + len(next(iter(batch.values())))
        if stop > most:
            raise DataError(f"the file holds more than the {most:,} events that its metadata promises")
        for name, values in batch.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = np.empty(most, values.dtype)
            elif not np.can_cast(values.dtype, column.dtype):
                column = columns[name] = column.astype(np.result_type(column, values))
            column[n:stop] = values
        n = stop
    # A copy of what a selection left frees the rest; without one there is nothing to free.
    return {name: columns[name] if n == most else columns[name][:n].copy() for name in list(columns)}

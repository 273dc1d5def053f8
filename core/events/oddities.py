"""Odd values and copied events, found in plain arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SENTINELS = np.sort(
    [
        sign * value
        for sign in (-1, 1)
        for value in (1, 9, 99, 999, 999.9, 9999, 99999, 999999, 1e5, 1e6, 1e9, 1e10, 1e20)
    ]
    + [sign * value for sign in (-1, 1) for value in (1e30, 1e38, float(np.finfo(np.float32).max), 2.0**31 - 1)]
    + [-(2.0**31)]
)


def sentinels(ordered: NDArray[Any]) -> dict[float, int]:
    """Find values that seem to stand for "no value".

    They are numbers typical for that, such as -999, which occur more than once, lie at least one width of the
    bulk (1 % to 99 %) outside it, and are more frequent than all other values within 10 % of them.

    Args:
        ordered: finite values in rising order, shape (n,).

    Returns:
        Value → how often it occurs.

    Example:
        >>> sentinels(np.array([-999.0, -999.0, 0.1, 0.2, 0.7, 0.9]))
        {-999.0: 2}
    """
    candidates = _SENTINELS.astype(ordered.dtype) if ordered.dtype.kind == "f" else _SENTINELS
    first, last = np.searchsorted(ordered, candidates, "left"), np.searchsorted(ordered, candidates, "right")
    repeated = last - first > 1
    if not repeated.any():
        return {}
    keep = np.ones(len(ordered), dtype=np.bool_)
    for start, stop in zip(first[repeated], last[repeated], strict=True):
        keep[start:stop] = False
    rest = ordered[keep].astype(np.float64)
    if len(rest) < 2 or rest[0] == rest[-1]:
        return {}
    low, high = np.quantile(rest, (0.01, 0.99))
    found = {}
    for value, n in zip(candidates[repeated].tolist(), (last - first)[repeated].tolist(), strict=True):
        around = np.searchsorted(rest, (value - 0.1 * abs(value), value + 0.1 * abs(value)))
        is_outside = value < low - (high - low) or value > high + (high - low)
        if is_outside and n > around[1] - around[0]:
            found[float(value)] = int(n)
    return found


def count_duplicates(columns: Iterable[NDArray[np.generic]]) -> int:
    """Count the events that are exact copies of an earlier one, by a 64-bit hash of each event.

    Two different events share a hash with probability 2^-64.

    Args:
        columns: at least one column, each of shape (n,).

    Returns:
        n minus the number of different events.

    Example:
        >>> count_duplicates([np.array([1.0, 2.0, 1.0]), np.array([0.0, 0.0, -0.0])])
        1
    """
    digest = np.zeros(1, dtype=np.uint64)
    for values in columns:
        # Adding zero makes -0 the same as 0.
        bits = (np.asarray(values, dtype=np.float64) + 0.0).view(np.uint64)
        mixed = (digest ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        digest = mixed ^ (mixed >> np.uint64(29))
    digest.sort()
    return int(np.count_nonzero(digest[1:] == digest[:-1]))

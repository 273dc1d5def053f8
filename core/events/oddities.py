"""Odd values and copied events, found in plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
MOST_DISTINCT = 1 << 18
"""Distinct values are counted up to here."""
_SPIKE, _MANY = 0.01, 50


class ValueTally:
    """Count what the values of one column are, batch by batch; a batch leaves a few values and counts behind.

    Args:
        every: of how many values one is kept for the quantiles of the bulk.
    """

    def __init__(self, every: int = 1) -> None:
        self.n_events = self.n_missing = self.n_infinite = 0
        self.minimum = self.maximum = float("nan")
        self._every, self._n_finite, self._ends = every, 0, [0, 0]
        self._typical = _SENTINELS
        self._counts, self._near = np.zeros((2, len(_SENTINELS)), np.int64)
        self._sample: list[NDArray[Any]] = []
        self._distinct: NDArray[Any] | None = np.empty(0)

    @property
    def n_unique(self) -> int:
        """Return the number of distinct finite values, counted up to MOST_DISTINCT."""
        return MOST_DISTINCT if self._distinct is None else len(self._distinct)

    def add(self, values: NDArray[Any]) -> None:
        """Add values of a batch, shape (n,)."""
        finite = values[np.isfinite(values)]
        n_missing = int(np.count_nonzero(np.isnan(values)))
        self.n_events += len(values)
        self.n_missing += n_missing
        self.n_infinite += len(values) - len(finite) - n_missing
        if not len(finite):
            return
        self._sample.append(finite[-self._n_finite % self._every :: self._every].copy())
        self._n_finite += len(finite)
        ordered = np.sort(finite)
        self._add_ends(ordered)
        self._add_typical(ordered)
        if self._distinct is not None:
            changes = np.concatenate([[True], ordered[1:] != ordered[:-1]])
            found = np.union1d(self._distinct, ordered[changes])
            self._distinct = found if len(found) < MOST_DISTINCT else None

    def sentinels(self) -> dict[float, int]:
        """Return the values that seem to stand for "no value", and how often they occur; see `sentinels`."""
        if not self._sample:
            return {}
        repeated = self._counts > 1
        sample = np.concatenate(self._sample).astype(np.float64)
        rest = sample[~np.isin(sample, self._typical[repeated])]
        found = {}
        for value, n, n_near in zip(*(each[repeated].tolist() for each in self._each), strict=True):
            if n > n_near and _is_outside(value, rest):
                found[float(value)] = int(n)
        ends = {self.minimum: self._ends[0], self.maximum: self._ends[1]}
        spikes = {value: n for value, n in ends.items() if n > max(_SPIKE * self._n_finite, 1) and value not in found}
        rest = rest[~np.isin(rest, list(spikes))]
        if spikes and len(np.unique(rest)) > _MANY:
            found |= {value: n for value, n in spikes.items() if _is_outside(value, rest)}
        return found

    @property
    def _each(self) -> tuple[NDArray[Any], ...]:
        return self._typical, self._counts, self._near

    def _add_ends(self, ordered: NDArray[Any]) -> None:
        """Keep the smallest and the largest value, and how often they occur."""
        low, high = float(ordered[0]), float(ordered[-1])
        if not low >= self.minimum:
            self.minimum, self._ends[0] = low, 0
        if not high <= self.maximum:
            self.maximum, self._ends[1] = high, 0
        self._ends[0] += int(np.searchsorted(ordered, self.minimum, "right"))
        self._ends[1] += len(ordered) - int(np.searchsorted(ordered, self.maximum, "left"))

    def _add_typical(self, ordered: NDArray[Any]) -> None:
        """Count the values that typically stand for "no value", and all others near each of them."""
        self._typical = _SENTINELS.astype(ordered.dtype) if ordered.dtype.kind == "f" else _SENTINELS
        first, last = np.searchsorted(ordered, self._typical, "left"), np.searchsorted(ordered, self._typical, "right")
        counts = last - first
        with np.errstate(over="ignore"):
            reach = np.where(np.abs(self._typical) > 1, np.maximum(0.1 * np.abs(self._typical), 1), 0.1)
            low, high = self._typical - reach, self._typical + reach
        around = np.searchsorted(ordered, high, "right") - np.searchsorted(ordered, low)
        is_inside = (low[:, None] <= self._typical) & (self._typical <= high[:, None])
        self._counts += counts
        self._near += around - is_inside @ counts


def sentinels(ordered: NDArray[Any]) -> dict[float, int]:
    """Find values that seem to stand for "no value".

    They are numbers typical for that, such as -999, which occur more than once, lie at least one width of the
    bulk (1 % to 99 %) outside it, and are more frequent than all other values within 10 % (and 1) of them. Where a
    column has many different values, so is the smallest or the largest one if more than 1 % of the events have it and
    it lies as far outside.

    Args:
        ordered: finite values, shape (n,).

    Returns:
        Value → how often it occurs.

    Example:
        >>> sentinels(np.array([-999.0, -999.0, 0.1, 0.2, 0.7, 0.9]))
        {-999.0: 2}
    """
    tally = ValueTally()
    tally.add(ordered)
    return tally.sentinels()


def _is_outside(value: float, rest: NDArray[np.float64]) -> bool:
    """Return whether a value lies at least one width of the bulk of the others outside it."""
    if len(rest) < 2 or rest.min() == rest.max():
        return False
    low, high = np.quantile(rest, (0.01, 0.99))
    return bool(value < low - (high - low) or value > high + (high - low))


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
    return count_copies([digest_of(columns)])


def digest_of(columns: Iterable[NDArray[np.generic]]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each event, shape (n,)."""
    digest = np.zeros(1, dtype=np.uint64)
    for values in columns:
        # Adding zero makes -0 the same as 0.
        bits = (np.asarray(values, dtype=np.float64) + 0.0).view(np.uint64)
        mixed = (digest ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        digest = mixed ^ (mixed >> np.uint64(29))
    return digest


def count_copies(digests: Sequence[NDArray[np.uint64]]) -> int:
    """Return how many events have the hash of an earlier one, of batches of events."""
    digest = np.concatenate(digests)
    digest.sort()
    return int(np.count_nonzero(digest[1:] == digest[:-1]))

"""How the variables of events that never lie in memory together become codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventClass
from core.information._parallel import map_threads
from core.information.boundaries import Floats
from core.information.correlation import centre
from core.information.quantise import SAMPLE_SIZE, Bins, Codes, Rule, as_floats, bins_of_sample, in_order


@dataclass(frozen=True, eq=False)
class Coding:
    """Say how k variables become codes. Counts of batches, files and machines add up when they share one coding.

    Args:
        names: the variables.
        titles: their symbols as in print.
        boundaries: how the values of each variable become codes.
        centres: a value near the middle of each variable, around which its moments are summed.
        event_class: "all", "signal" or "background".
        bins: B.
        rule: how the boundaries were chosen.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    boundaries: tuple[Bins, ...]
    centres: tuple[float, ...]
    event_class: EventClass
    bins: int
    rule: Rule

    def encode(self, columns: Mapping[str, NDArray[Any]]) -> Codes:
        """Return the codes of some events."""
        found = map_threads(lambda i: self.boundaries[i].encode(columns[self.names[i]]), range(len(self.names)))
        return self.with_codes(np.stack(found))

    def with_codes(self, codes: NDArray[np.uint8]) -> Codes:
        """Return codes that this coding made, shape (k, n), together with their boundaries."""
        highest = codes.max(axis=1, initial=0)
        n_bins = [max(each.n_codes, int(code) + 1) for each, code in zip(self.boundaries, highest, strict=True)]
        return Codes(self.names, codes, self.boundaries, np.array(n_bins, np.intp))

    def require_same(self, other: Coding) -> None:
        """Refuse another coding whose codes mean something else.

        Raises:
            DataError: other variables, another class of events, or other boundaries.
        """
        if (self.names, self.event_class) != (other.names, other.event_class):
            raise DataError(
                f"counts of {', '.join(other.names)} ({other.event_class}) cannot be added to counts of "
                f"{', '.join(self.names)} ({self.event_class})"
            )
        for name, mine, theirs in zip(self.names, self.boundaries, other.boundaries, strict=True):
            if not np.array_equal(mine.boundaries, theirs.boundaries):
                raise DataError(f"counts of {name!r} in other bins cannot be added; count all parts with one coding")
        if self.centres != other.centres:
            raise DataError("moments around other centres cannot be added; count all parts with one coding")


class Reservoir:
    """Keep an even random sample of events that come in batches: each event has the same chance, in any order.

    Every event draws a number, and the SAMPLE_SIZE events of the smallest numbers stay.

    Args:
        names: the variables.
        generator: where the numbers come from.
        size: how many events to keep.
    """

    def __init__(self, names: tuple[str, ...], generator: np.random.Generator, size: int = SAMPLE_SIZE) -> None:
        self.names = names
        self.generator = generator
        self.size = size
        self._threshold = 1.0
        self._n_kept = 0
        self._keys: list[NDArray[np.float64]] = []
        self._weights: list[NDArray[np.float64]] = []
        self._values: list[list[Floats]] = [[] for _ in names]
        self._extremes: list[list[tuple[float, float]]] = [[] for _ in names]

    def add(self, columns: Mapping[str, NDArray[Any]], weights: NDArray[np.float64] | None) -> None:
        """Offer the events of a batch."""
        keys = self.generator.random(len(columns[self.names[0]]))
        chosen = np.flatnonzero(keys < self._threshold)
        self._keys.append(keys[chosen])
        self._n_kept += len(chosen)
        if weights is not None:
            self._weights.append(weights[chosen])
        for i, name in enumerate(self.names):
            values = as_floats(columns[name], name)
            self._values[i].append(values[chosen])
            self._extremes[i].append(_extremes(values))
        if self._n_kept > 2 * self.size:
            self._shrink()

    def coding(self, titles: tuple[str, ...], event_class: EventClass, bins: int, rule: Rule) -> Coding:
        """Choose boundaries from the events that stayed."""
        self._shrink()
        weights = self._weights[0] if self._weights else None

        def choose(i: int) -> tuple[Bins, float]:
            values = self._values[i][0]
            low, high = np.array(self._extremes[i]).T
            extremes = np.fmin.reduce(low), np.fmax.reduce(high)
            found = bins_of_sample(*in_order(values, weights), lambda: extremes, bins=bins, rule=rule)
            return found, centre(values)

        boundaries, centres = zip(*map_threads(choose, range(len(self.names))), strict=True)
        return Coding(self.names, titles, boundaries, centres, event_class, bins, rule)

    def _shrink(self) -> None:
        """Let the events of the largest numbers go, and lay the others end to end."""
        keys = np.concatenate(self._keys)
        chosen: slice | NDArray[np.intp] = slice(None)
        if len(keys) > self.size:
            chosen = np.argpartition(keys, self.size - 1)[: self.size]
            self._threshold = float(keys[chosen].max())
        self._keys = [keys[chosen]]
        self._n_kept = len(self._keys[0])
        self._weights = [np.concatenate(self._weights)[chosen]] if self._weights else []
        self._values = [[np.concatenate(parts)[chosen]] for parts in self._values]


def _extremes(values: Floats) -> tuple[float, float]:
    """Return the lowest and the highest value; NaN when there is none."""
    if not len(values):
        return np.nan, np.nan
    low, high = values.min(), values.max()
    return (np.fmin.reduce(values), np.fmax.reduce(values)) if np.isnan(low) else (low, high)

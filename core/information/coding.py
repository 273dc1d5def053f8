"""How the variables of events that never lie in memory together become codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

_NO_KEYS = np.empty(0, np.uint64)


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


@dataclass(frozen=True)
class Sample:
    """Hold an even random sample of some events; samples of different events merge to that of all of them.

    Every row of a data set has a number drawn for it, whatever becomes of the others. The events of the SAMPLE_SIZE
    smallest numbers are the sample, so that it depends on neither the order in which events come, nor how files are
    divided, nor how many machines read them.

    Args:
        keys: the numbers of the events kept, uint64, shape (n,), rising.
        rows: their places in the data set, shape (n,); they order equal numbers.
        values: of each variable, shape (n,) each.
        weights: shape (n,); None weighs every event 1.
        extremes: lowest and highest value of each variable among all events, not only those kept; NaN without any.
        n_events: events that the sample was drawn from.
    """

    keys: NDArray[np.uint64]
    rows: NDArray[np.intp]
    values: tuple[Floats, ...]
    weights: NDArray[np.float64] | None
    extremes: tuple[tuple[float, float], ...]
    n_events: int

    def coding(
        self, names: tuple[str, ...], titles: tuple[str, ...], event_class: EventClass, bins: int, rule: Rule
    ) -> Coding:
        """Choose boundaries from the events that were kept."""

        def choose(i: int) -> tuple[Bins, float]:
            values, extremes = self.values[i], self.extremes[i]
            found = bins_of_sample(*in_order(values, self.weights), lambda: extremes, bins=bins, rule=rule)
            return found, centre(values)

        boundaries, centres = zip(*map_threads(choose, range(len(names))), strict=True)
        return Coding(names, titles, boundaries, centres, event_class, bins, rule)


def merged(samples: Sequence[Sample], size: int | None = None) -> Sample:
    """Return the sample of the events that several samples were drawn from.

    Args:
        samples: one or more, of different events.
        size: how many events to keep; None keeps SAMPLE_SIZE.
    """
    keys = np.concatenate([each.keys for each in samples])
    rows = np.concatenate([each.rows for each in samples])
    chosen = np.lexsort((rows, keys))[: SAMPLE_SIZE if size is None else size]
    weights = [each.weights for each in samples if each.weights is not None]
    low, high = np.moveaxis(np.array([each.extremes for each in samples]), -1, 0)
    return Sample(
        keys[chosen],
        rows[chosen],
        tuple(np.concatenate(parts)[chosen] for parts in zip(*(each.values for each in samples), strict=True)),
        np.concatenate(weights)[chosen] if weights else None,
        tuple(zip(np.fmin.reduce(low), np.fmax.reduce(high), strict=True)),
        sum(each.n_events for each in samples),
    )


def row_keys(seed: int, start: int, stop: int) -> NDArray[np.uint64]:
    """Return the random number of each row of a data set from ``start`` to ``stop``, whatever was drawn before.

    The generator counts: it jumps to any place of its sequence at once.

    References:
        Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".

    Example:
        >>> bool((row_keys(0, 0, 10)[6:] == row_keys(0, 6, 10)).all())
        True
    """
    generator = np.random.Philox(seed)
    generator.advance(start // 4)  # each step gives four numbers
    return np.asarray(generator.random_raw(stop - start + start % 4)[start % 4 :], np.uint64)


class Reservoir:
    """Keep the sample of events that come in batches.

    Args:
        names: the variables.
        seed: of the random numbers of the rows.
        size: how many events to keep; None keeps SAMPLE_SIZE.
        below: only events with a number below this are kept: all that can be in the sample of a larger data set.
    """

    def __init__(self, names: tuple[str, ...], seed: int, size: int | None = None, below: int = 2**64 - 1) -> None:
        self.names = names
        self.size = SAMPLE_SIZE if size is None else size
        self._seed = seed
        self._below = np.uint64(below)
        self._kept: list[Sample] = []

    def add(
        self, rows: NDArray[np.intp], columns: Mapping[str, NDArray[Any]], weights: NDArray[np.float64] | None
    ) -> None:
        """Offer the events of a batch, given the numbers of their rows in the data set, which rise."""
        keys = row_keys(self._seed, int(rows[0]), int(rows[-1]) + 1)[rows - rows[0]] if len(rows) else _NO_KEYS
        chosen = np.flatnonzero(keys <= self._below)
        values = [as_floats(columns[name], name) for name in self.names]
        self._kept.append(
            Sample(
                keys[chosen],
                rows[chosen],
                tuple(each[chosen] for each in values),
                None if weights is None else weights[chosen],
                tuple(_extremes(each) for each in values),
                len(rows),
            )
        )
        if sum(len(each.keys) for each in self._kept) > 2 * self.size:
            self._kept = [merged(self._kept, self.size)]
            self._below = min(self._below, self._kept[0].keys[-1])

    def sample(self) -> Sample:
        """Return the sample of the events that came; of none before the first batch."""
        if not self._kept:
            self.add(np.empty(0, np.intp), {name: np.empty(0, np.float32) for name in self.names}, None)
        return merged(self._kept, self.size)


def _extremes(values: Floats) -> tuple[float, float]:
    """Return the lowest and the highest value; NaN when there is none."""
    if not len(values):
        return np.nan, np.nan
    low, high = values.min(), values.max()
    return (np.fmin.reduce(values), np.fmax.reduce(values)) if np.isnan(low) else (low, high)

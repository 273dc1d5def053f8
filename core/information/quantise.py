"""From values to codes: each variable becomes one byte an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.errors import DataError
from core.information._parallel import map_threads
from core.information.boundaries import Floats, between, distinct, equal_frequency, equal_width

Rule = Literal["equal_frequency", "equal_width"]
Bytes = NDArray[np.uint8]

MIN_BINS, MAX_BINS = 2, 255
SAMPLE_SIZE = 100_000
_GOLDEN_RATIO = (5**0.5 - 1) / 2
_BLOCK = 2048


@dataclass(frozen=True)
class Bins:
    """Divide the values of one variable into codes: code = number of boundaries at or below the value.

    NaN has the code after the last one. Infinite values are ordinary: they fall at the ends.

    Args:
        boundaries: inner boundaries, shape (n_codes - 1,), strictly increasing, of the values' own type.
        values: the value of each code, shape (n_codes,), of a discrete variable (a jet multiplicity, a label);
            None otherwise.

    Example:
        >>> Bins(np.array([0.0, 1.0])).encode(np.array([-5.0, 0.0, 7.0, np.nan]))
        array([0, 1, 2, 3], dtype=uint8)
    """

    boundaries: Floats
    values: Floats | None = None

    @property
    def n_codes(self) -> int:
        """Return the number of codes, the one of NaN left out."""
        return len(self.boundaries) + 1

    def encode(self, values: NDArray[np.generic]) -> Bytes:
        """Return the code of each value, shape (n,)."""
        codes = np.empty(len(values), np.uint8)
        _encode(np.ascontiguousarray(values, self.boundaries.dtype), self.boundaries, codes)
        return codes


@dataclass(frozen=True)
class Codes:
    """Hold k variables of n events as codes.

    Args:
        names: the k variables.
        codes: shape (k, n), one contiguous row a variable.
        bins: how the values of each variable became codes.
        n_bins: codes in use for each variable, shape (k,); one more than ``bins`` has where a NaN was seen.
    """

    names: tuple[str, ...]
    codes: Bytes
    bins: tuple[Bins, ...]
    n_bins: NDArray[np.intp]

    @property
    def edges(self) -> tuple[Floats, ...]:
        """Return the inner boundaries of each variable, shape (n_codes - 1,) each."""
        return tuple(each.boundaries for each in self.bins)

    @property
    def n_events(self) -> int:
        """Return the number of events."""
        return int(self.codes.shape[1])


def quantise(
    columns: Mapping[str, NDArray[np.generic]],
    *,
    bins: int = 32,
    rule: Rule = "equal_frequency",
    weights: NDArray[np.float64] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Codes:
    """Turn columns into codes of one byte, B codes a variable at most, and one more for NaN.

    Args:
        columns: name → values, shape (n,), numeric; NaN and infinities are allowed.
        bins: B, the largest number of codes of a variable.
        rule: where the boundaries lie, see ``find_bins``.
        weights: event weights, shape (n,); boundaries are quantiles of abs(weights).
        report: called with how many columns are done, and how many there are; what it raises ends the work.

    Returns:
        The codes with the boundaries that made them.

    Raises:
        DataError: no columns, no events, unequal lengths, values that are not numbers, B outside 2…255, or weights
            that are not one finite number an event.

    Example:
        >>> quantise({"n_jets": np.array([2, 3, 2, 7])}).codes
        array([[0, 1, 0, 2]], dtype=uint8)
    """
    lengths = {name: len(values) for name, values in columns.items()}
    if not lengths:
        raise DataError("no variables; allowed: at least one column of numbers")
    if min(lengths.values()) == 0:
        raise DataError(f"columns of {lengths} events; allowed: at least one column with at least one event")
    if len(set(lengths.values())) > 1:
        raise DataError(f"columns of unequal length {lengths}; all must have one length")
    n_events = next(iter(lengths.values()))
    weights = None if weights is None else checked_weights(weights, n_events)
    codes = np.empty((len(columns), n_events), np.uint8)

    def fill(item: tuple[int, str]) -> Bins:
        row, name = item
        values = as_floats(columns[name], name)
        found = find_bins(values, bins=bins, rule=rule, weights=weights)
        codes[row] = found.encode(values)
        return found

    found = map_threads(fill, list(enumerate(columns)), report)
    n_bins = np.array([max(each.n_codes, int(row.max()) + 1) for each, row in zip(found, codes, strict=True)], np.intp)
    return Codes(tuple(columns), codes, tuple(found), n_bins)


def find_bins(
    values: NDArray[np.generic],
    *,
    bins: int = 32,
    rule: Rule = "equal_frequency",
    weights: NDArray[np.float64] | None = None,
) -> Bins:
    """Choose the boundaries of one variable.

    A variable of at most B distinct values gets one code a value. Otherwise values that many events share (pT = 0, a
    sentinel such as -999) get codes of their own, a quarter of B at most; of the rest, ``equal_frequency`` gives each
    code the same sum of abs(weights), and ``equal_width`` divides the finite range evenly. Quantiles come from at most
    10⁵ events, spread over the table by a golden-ratio sequence, which no periodic order of the events can fool.

    Args:
        values: shape (n,), numeric.
        bins: B, the largest number of codes.
        rule: "equal_frequency" or "equal_width".
        weights: event weights, shape (n,), of any sign; None weighs every event 1.

    Returns:
        At most B - 1 boundaries.

    Raises:
        DataError: B is outside 2…255 or the rule is unknown.

    Example:
        >>> find_bins(np.arange(100.0), bins=4).boundaries
        array([25., 50., 75.])
    """
    values = as_floats(values, "values")
    sample, sample_weights = _sample(values, weights)

    def extremes() -> tuple[float, float]:
        return np.fmin.reduce(values), np.fmax.reduce(values)

    return bins_of_sample(sample, sample_weights, extremes, bins=bins, rule=rule)


def bins_of_sample(
    ordered: Floats,
    weights: NDArray[np.float64] | None,
    extremes: Callable[[], tuple[float, float]],
    *,
    bins: int = 32,
    rule: Rule = "equal_frequency",
) -> Bins:
    """Choose the boundaries of one variable from a sample of its values, as ``find_bins`` does.

    Args:
        ordered: values that do not decrease, without NaN, float32 or float64.
        weights: abs(weights) in the same order; None weighs every event 1.
        extremes: gives the lowest and highest value of all events, which the sample may have missed; NaN when there
            is none. It is called only where they matter.
        bins: B, the largest number of codes.
        rule: "equal_frequency" or "equal_width".

    Returns:
        At most B - 1 boundaries.

    Raises:
        DataError: B is outside 2…255 or the rule is unknown.

    Example:
        >>> bins_of_sample(np.array([1.0, 2.0]), None, lambda: (1.0, 7.0)).values
        array([1., 2., 7.])
    """
    check_binning(bins, rule)
    whole, found = ordered, distinct(ordered)
    if len(found) <= bins or rule == "equal_width":
        low, high = np.asarray(extremes(), ordered.dtype)
        whole = ordered if np.isnan(low) else np.concatenate([[low], ordered, [high]])
        found = distinct(whole)
    if len(found) <= bins:
        return Bins(between(found), found)
    if rule == "equal_width":
        return Bins(equal_width(whole, bins))
    return Bins(equal_frequency(ordered, weights, bins))


def check_binning(bins: int, rule: Rule) -> None:
    """Refuse a number of bins outside 2…255 and an unknown rule with a DataError."""
    if not MIN_BINS <= bins <= MAX_BINS:
        raise DataError(f"{bins} bins; allowed: {MIN_BINS} to {MAX_BINS}")
    if rule not in get_args(Rule):
        raise DataError(f"unknown binning rule {rule!r}; allowed: {', '.join(get_args(Rule))}")


def checked_weights(weights: NDArray[Any], n_events: int) -> NDArray[np.float64]:
    """Return event weights as float64, shape (n_events,).

    Raises:
        DataError: there is not one finite weight an event.
    """
    weights = np.ascontiguousarray(weights, np.float64)
    if weights.shape != (n_events,):
        raise DataError(f"weights of shape {weights.shape}; allowed: one for each of the {n_events} events")
    unusable = int(np.count_nonzero(~np.isfinite(weights)))
    if unusable:
        raise DataError(f"{unusable} of {n_events} weights are NaN or infinite; allowed: finite weights")
    return weights


def as_floats(values: NDArray[np.generic], name: str) -> Floats:
    """Return the values in the smallest of float32 and float64 that holds their type exactly (int64 up to 2⁵³)."""
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise DataError(f"{name} has type {values.dtype} and shape {values.shape}; allowed: one number an event")
    narrow = values.dtype.itemsize < 4 or values.dtype == np.float32
    return np.ascontiguousarray(values, np.float32 if narrow else np.float64)


def _sample(values: Floats, weights: NDArray[np.float64] | None) -> tuple[Floats, NDArray[np.float64] | None]:
    """Return at most SAMPLE_SIZE values in increasing order, without NaN, with the size of their weights."""
    chosen = slice(None) if len(values) <= SAMPLE_SIZE else _spread(len(values))
    return in_order(values[chosen], None if weights is None else weights[chosen])


def in_order(values: Floats, weights: NDArray[np.float64] | None) -> tuple[Floats, NDArray[np.float64] | None]:
    """Return values in increasing order, without NaN, and the size of their weights: what ``bins_of_sample`` takes."""
    known = ~np.isnan(values)
    if weights is None:
        return np.sort(values[known]), None
    order = np.argsort(values[known])
    return values[known][order], np.abs(weights[known][order])


@lru_cache(maxsize=4)
def _spread(n_events: int) -> NDArray[np.intp]:
    """Return SAMPLE_SIZE events in order, spread evenly and without a period."""
    return np.sort(np.asarray(np.arange(SAMPLE_SIZE) * _GOLDEN_RATIO % 1.0 * n_events, np.intp))


@njit(nogil=True, cache=True)
def _encode(values: Floats, boundaries: Floats, codes: Bytes) -> None:
    """Compare every value with every boundary: branch-free, eight values at once, in blocks that stay in cache."""
    missing = np.uint8(boundaries.size + 1)
    for start in range(0, values.size, _BLOCK):
        x = values[start : start + _BLOCK]
        code = codes[start : start + _BLOCK]
        for i in range(x.size):
            code[i] = np.uint8(0)
        for b in range(boundaries.size):
            boundary = boundaries[b]
            for i in range(x.size):
                if x[i] >= boundary:
                    code[i] = np.uint8(b + 1)
        for i in range(x.size):
            if x[i] != x[i]:
                code[i] = missing

"""From codes to counts: the joint table of every pair of variables.

Adding one event to one cell of a table of *three* variables serves three pairs at once, so the pairs are covered by
triples. A table of B³ cells fits the first-level cache only if a cell is one byte: it carries into the tables of the
three pairs whenever it wraps. Weighted tables need Σw and Σw² and are eight times as wide each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.errors import DataError
from core.information._parallel import map_threads
from core.information.quantise import Bytes, Codes, checked_weights

Sums = NDArray[Any]  # int64 counts, or float64 sums of weights
Triple = tuple[int, int, int]

_NONE = -1  # stands for the third variable where a triple serves one pair only
_MAX_CELLS = 2**18  # a larger table of three leaves the second-level cache: pair by pair is then faster
_BLOCK = 2048
_BYTE = 256
_MOST_JOINT_CELLS = 2**24
_JOINT_BLOCK = 2**22


@dataclass(frozen=True)
class PairCounts:
    """Hold the joint tables of all pairs of k variables; tables of different events add up.

    Args:
        names: the k variables.
        pairs: indices i < j of each pair, shape (n_pairs, 2), in the order of ``numpy.triu_indices(k, 1)``.
        sum_w: Σw in each cell, shape (n_pairs, B, B), first axis of a table for i; counts when unweighted.
        sum_w2: Σw² in each cell, the same shape; the very counts when unweighted.
        n_events: number of events counted.
    """

    names: tuple[str, ...]
    pairs: NDArray[np.intp]
    sum_w: Sums
    sum_w2: Sums
    n_events: int

    def __add__(self, other: PairCounts) -> PairCounts:
        """Return the tables of both sets of events; both must have been coded by the same bins."""
        if self.names != other.names:
            raise DataError(f"counts of {', '.join(other.names)} cannot be added to counts of {', '.join(self.names)}")
        size = max(self.sum_w.shape[-1], other.sum_w.shape[-1])
        sum_w = _padded(self.sum_w, size) + _padded(other.sum_w, size)
        unweighted = self.sum_w2 is self.sum_w and other.sum_w2 is other.sum_w
        sum_w2 = sum_w if unweighted else _padded(self.sum_w2, size) + _padded(other.sum_w2, size)
        return PairCounts(self.names, self.pairs, sum_w, sum_w2, self.n_events + other.n_events)

    @property
    def n_effective(self) -> float:
        """Return N_eff = (Σw)²/Σw²; 0 when all weights are."""
        squares = float(self.sum_w2[0].sum())
        return float(self.sum_w[0].sum()) ** 2 / squares if squares > 0 else 0.0

    def with_selves(self) -> PairCounts:
        """Append the table of each variable with itself, so that pairs end with (0, 0) … (k - 1, k - 1)."""
        k = len(self.names)
        pairs = np.concatenate([self.pairs, np.repeat(np.arange(k), 2).reshape(k, 2)])
        sum_w = _with_selves(self.sum_w, k)
        sum_w2 = sum_w if self.sum_w2 is self.sum_w else _with_selves(self.sum_w2, k)
        return PairCounts(self.names, pairs, sum_w, sum_w2, self.n_events)


def count_pairs(
    codes: Codes, weights: NDArray[np.float64] | None = None, report: Callable[[int, int], None] | None = None
) -> PairCounts:
    """Count the events in every cell of the joint table of every pair.

    Args:
        codes: k ≥ 2 variables of n events.
        weights: event weights, shape (n,), of any sign; None counts events.
        report: called with how much of the counting is done, and how much there is; what it raises ends it.

    Returns:
        The tables of all k(k-1)/2 pairs.

    Raises:
        DataError: fewer than two variables, or weights that are not one finite number an event.

    Example:
        >>> from core.information.quantise import quantise
        >>> codes = quantise({"x": np.array([0, 0, 1]), "y": np.array([1, 0, 1])})
        >>> count_pairs(codes).sum_w[0]
        array([[1, 1],
               [0, 1]])
    """
    k = len(codes.names)
    if k < 2:
        raise DataError(f"{k} variable ({', '.join(codes.names)}); allowed: two or more")
    pairs = np.stack(np.triu_indices(k, 1), axis=1)
    size = int(codes.n_bins.max())
    if weights is None:
        sum_w = np.zeros((len(pairs), size, size), np.int64)
        sums: tuple[Sums, ...] = (sum_w,)
    else:
        weights = checked_weights(weights, codes.n_events)
        sums = (np.zeros((len(pairs), size, size)), np.zeros((len(pairs), size, size)))
    nobody = np.zeros(codes.n_events, np.uint8)

    def count(triple: Triple) -> tuple[NDArray[Any], ...]:
        x, y, z = (nobody if i == _NONE else codes.codes[i] for i in triple)
        n_x, n_y, n_z = (1 if i == _NONE else int(codes.n_bins[i]) for i in triple)
        return _count(x, y, z, n_x, n_y, n_z) if weights is None else _weigh(x, y, z, weights, n_x, n_y, n_z)

    triples = cover_by_triples(k, int(codes.n_bins.max()))
    position = {(int(i), int(j)): n for n, (i, j) in enumerate(pairs)}
    for (i, j, h), tables in zip(triples, map_threads(count, triples, report), strict=True):
        for pair, table in zip(((i, j), (i, h), (j, h)), tables, strict=True):
            if pair in position:
                rows, columns = table.shape[:2]
                for total, part in zip(sums, np.moveaxis(table, -1, 0), strict=True):
                    total[position[pair], :rows, :columns] = part
    return PairCounts(codes.names, pairs, sums[0], sums[-1], codes.n_events)


def count_jointly(codes: Codes, names: Sequence[str], weights: NDArray[np.float64] | None = None) -> Sums:
    """Count the events in every cell of the joint table of several variables.

    Args:
        codes: the codes of n events.
        names: the variables along the axes of the table, each once.
        weights: event weights, shape (n,), of any sign; None counts events.

    Returns:
        Counts, or Σw, of shape (n_1, n_2, …), one axis a variable.

    Raises:
        DataError: a variable that has no codes or is named twice, a table of more than 2²⁴ cells, or weights that are
            not one finite number an event.

    Example:
        >>> from core.information.quantise import quantise
        >>> count_jointly(quantise({"x": np.array([0, 0, 1]), "y": np.array([1, 0, 1])}), ["y", "x"])
        array([[1, 0],
               [1, 1]])
    """
    if len(set(names)) < len(names) or not names or not set(names) <= set(codes.names):
        raise DataError(f"variables {', '.join(names)}; allowed: some of {', '.join(codes.names)}, each once")
    rows = [codes.names.index(name) for name in names]
    shape = [int(codes.n_bins[row]) for row in rows]
    if prod(shape) > _MOST_JOINT_CELLS:
        raise DataError(
            f"{' × '.join(map(str, shape))} = {prod(shape):,} cells; allowed: {_MOST_JOINT_CELLS:,}; use fewer bins"
        )
    weights = None if weights is None else checked_weights(weights, codes.n_events)
    total = np.zeros(prod(shape), np.int64 if weights is None else np.float64)
    for start in range(0, codes.n_events, _JOINT_BLOCK):
        events = slice(start, start + _JOINT_BLOCK)
        cells = np.zeros(len(codes.codes[0, events]), np.intp)
        for row, size in zip(rows, shape, strict=True):
            cells = cells * size + codes.codes[row, events]
        total += np.bincount(cells, None if weights is None else weights[events], len(total)).astype(total.dtype)
    return total.reshape(shape)


def cover_by_triples(k: int, bins: int = 32) -> list[Triple]:
    """Cover all pairs of k variables by few triples i < j < l.

    The triples with i + j + l ≡ 0 (mod k) meet almost every pair exactly once; each pair that is left takes the third
    variable that covers most of the others. 69 triples cover the 190 pairs of 20 variables (67 is the least possible).

    Args:
        k: number of variables.
        bins: B; where B³ cells are too many, every triple is a pair and its third member is -1.

    Returns:
        The triples.

    Example:
        >>> cover_by_triples(3)
        [(0, 1, 2)]
    """
    pairs = [(i, j) for i in range(k) for j in range(i + 1, k)]
    if k == 2 or bins**3 > _MAX_CELLS:
        return [(i, j, _NONE) for i, j in pairs]
    left = ~np.eye(k, dtype=np.bool_)
    triples: list[Triple] = []

    def take(*members: int) -> None:
        left[np.ix_(members, members)] = False
        first, second, third = sorted(members)
        triples.append((first, second, third))

    for i, j in pairs:
        third = -(i + j) % k
        if third > j:
            take(i, j, third)
    for least in (3, 2, 1):
        for i, j in pairs:
            if left[i, j]:
                gain = 1 + left[i].astype(np.intp) + left[j]
                gain[[i, j]] = 0
                if gain.max() >= least:
                    take(i, j, int(gain.argmax()))
    return triples


def _with_selves(tables: Sums, k: int) -> Sums:
    """Append k diagonal tables; the first k - 1 tables are those of (0, 1) … (0, k - 1)."""
    margins = np.concatenate([tables[:1].sum(axis=2), tables[: k - 1].sum(axis=1)])
    return np.concatenate([tables, margins[:, None, :] * np.eye(tables.shape[-1], dtype=tables.dtype)])


def _padded(tables: Sums, size: int) -> Sums:
    padded = np.zeros_like(tables, shape=(len(tables), size, size))
    padded[:, : tables.shape[-1], : tables.shape[-1]] = tables
    return padded


@njit(nogil=True, cache=True)
def _combine(x: Bytes, y: Bytes, n_y: int, rows: NDArray[np.uint16]) -> None:
    """Write the row of the table of three, x n_y + y, of one block of events."""
    factor = np.uint16(n_y)
    for i in range(x.size):
        rows[i] = np.uint16(x[i]) * factor + np.uint16(y[i])


@njit(nogil=True, cache=True)
def _count(x: Bytes, y: Bytes, z: Bytes, n_x: int, n_y: int, n_z: int) -> tuple[NDArray[np.int64], ...]:
    """Count (x, y), (x, z) and (y, z) together; each table has a last axis of length 1."""
    xy = np.zeros((n_x, n_y, 1), np.int64)
    xz = np.zeros((n_x, n_z, 1), np.int64)
    yz = np.zeros((n_y, n_z, 1), np.int64)
    cells = np.zeros(n_x * n_y * n_z, np.uint8)
    rows = np.empty(_BLOCK, np.uint16)
    depth = np.uint64(n_z)  # unsigned: a signed index would be tested for being negative
    for start in range(0, x.size, _BLOCK):
        a = x[start : start + _BLOCK]
        b = y[start : start + _BLOCK]
        c = z[start : start + _BLOCK]
        _combine(a, b, n_y, rows)
        for i in range(a.size):
            cell = np.uint64(rows[i]) * depth + np.uint64(c[i])
            cells[cell] += np.uint8(1)
            if cells[cell] == 0:
                xy[a[i], b[i], 0] += _BYTE
                xz[a[i], c[i], 0] += _BYTE
                yz[b[i], c[i], 0] += _BYTE
    _fold(cells.reshape(n_x, n_y, n_z, 1), xy, xz, yz)
    return xy, xz, yz


@njit(nogil=True, cache=True)
def _weigh(
    x: Bytes, y: Bytes, z: Bytes, weights: NDArray[np.float64], n_x: int, n_y: int, n_z: int
) -> tuple[NDArray[np.float64], ...]:
    """Sum w and w² over (x, y), (x, z) and (y, z) together; the last axis of each table is (Σw, Σw²)."""
    xy = np.zeros((n_x, n_y, 2))
    xz = np.zeros((n_x, n_z, 2))
    yz = np.zeros((n_y, n_z, 2))
    cells = np.zeros((n_x * n_y * n_z, 2))
    rows = np.empty(_BLOCK, np.uint16)
    depth = np.uint64(n_z)
    for start in range(0, x.size, _BLOCK):
        c = z[start : start + _BLOCK]
        w = weights[start : start + _BLOCK]
        _combine(x[start : start + _BLOCK], y[start : start + _BLOCK], n_y, rows)
        for i in range(c.size):
            cell = np.uint64(rows[i]) * depth + np.uint64(c[i])
            cells[cell, 0] += w[i]
            cells[cell, 1] += w[i] * w[i]
    _fold(cells.reshape(n_x, n_y, n_z, 2), xy, xz, yz)
    return xy, xz, yz


@njit(nogil=True, cache=True)
def _fold(cells: NDArray[Any], xy: NDArray[Any], xz: NDArray[Any], yz: NDArray[Any]) -> None:
    """Add a table of three variables to the tables of its three pairs."""
    n_x, n_y, n_z, n_sums = cells.shape
    for i in range(n_x):
        for j in range(n_y):
            for s in range(n_sums):
                total = xy[i, j, s]
                for h in range(n_z):
                    value = cells[i, j, h, s]
                    total += value
                    xz[i, h, s] += value
                    yz[j, h, s] += value
                xy[i, j, s] = total

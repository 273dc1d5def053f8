"""Divide the plane of two variables where their joint density is not the product of the marginal ones."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import chdtri

Floats = NDArray[np.float64]

_LEVELS = 3
_LEAST_EXPECTED = 1.0  # events a cell: fewer say nothing
_FINE_SIGNIFICANCE = 0.001  # of 4 × 4 and 8 × 8 cells
_MOST_SIGNIFICANCE = 0.2


def independent_blocks(
    sum_w: NDArray[np.generic], sum_w2: NDArray[np.generic], starts_x: NDArray[np.intp], starts_y: NDArray[np.intp]
) -> Floats:
    """Divide a joint table into blocks inside which the two variables are independent.

    A block is halved along both axes, at equal shares of the marginal distributions, as long as the events in its
    2 × 2, 4 × 4 or 8 × 8 parts deviate from the product of the marginals by more than χ² allows. The significance of
    2 × 2 falls with the number of events, 0.05 (10⁵/N_eff)^0.15: chance divisions of many blocks add as much as
    missed ones of few events lose.

    Args:
        sum_w: Σw in each cell, shape (n_x, n_y).
        sum_w2: Σw² in each cell, the same shape.
        starts_x: rows at which the table is divided before any test; the first is 0.
        starts_y: columns at which it is.

    Returns:
        Σw, Σw², Σw of its rows and Σw of its columns of each block, shape (n_blocks, 4).

    References:
        G. A. Darbellay and I. Vajda, Estimation of the information by an adaptive partitioning of the observation
        space, IEEE Trans. Inf. Theory 45, 1999.
    """
    return _divide(
        _summed(np.asarray(sum_w, np.float64)),
        _summed(np.asarray(sum_w2, np.float64)),
        np.append(starts_x, sum_w.shape[0]),
        np.append(starts_y, sum_w.shape[1]),
        _thresholds(sum_w, sum_w2),
    )


def _thresholds(sum_w: NDArray[np.generic], sum_w2: NDArray[np.generic]) -> Floats:
    """Return the value of χ² above which 1, 2, … parts of a block deviate, for 2 × 2, 4 × 4 and 8 × 8 parts."""
    squares = float(sum_w2.sum())
    n_effective = max(float(sum_w.sum()) ** 2 / squares, 1.0) if squares > 0 else 1.0
    halves = min(0.05 * (1e5 / n_effective) ** 0.15, _MOST_SIGNIFICANCE)
    freedom = np.arange(1, 4**_LEVELS)
    return np.array([[np.inf, *chdtri(freedom, s)] for s in (halves, _FINE_SIGNIFICANCE, _FINE_SIGNIFICANCE)])


def _summed(cells: Floats) -> Floats:
    """Return the summed-area table: the sum over all cells above and left of each corner."""
    table = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1))
    np.cumsum(np.cumsum(cells, axis=0), axis=1, out=table[1:, 1:])
    return table


@njit(nogil=True, cache=True)
def _area(table: Floats, top: int, bottom: int, left: int, right: int) -> float:
    return float(table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left])


@njit(nogil=True, cache=True)
def _middle(filled: Floats, low: int, high: int) -> int:
    """Return the boundary that halves the share of low … high best, ``low`` if there is none between."""
    if high - low < 2:
        return low
    half = 0.5 * (filled[low] + filled[high])
    first, last = low + 1, high - 1
    while first < last:
        middle = (first + last) // 2
        if filled[middle] < half:
            first = middle + 1
        else:
            last = middle
    if first - 1 > low and half - filled[first - 1] < filled[first] - half:
        first -= 1
    return first


@njit(nogil=True, cache=True)
def _cuts(filled: Floats, low: int, high: int, level: int, cuts: NDArray[np.intp]) -> int:
    """Write the boundaries of 2^level equal shares, fewer where there are fewer codes; return their number."""
    cuts[0], cuts[1] = low, high
    n = 2
    for _ in range(level):
        for i in range(n - 1, 0, -1):
            cuts[2 * i] = cuts[i]
        for i in range(n - 1):
            cuts[2 * i + 1] = _middle(filled, cuts[2 * i], cuts[2 * i + 2])
        n = 2 * n - 1
        kept = 1
        for i in range(1, n):
            if cuts[i] > cuts[kept - 1]:
                cuts[kept] = cuts[i]
                kept += 1
        n = kept
    return n


@njit(nogil=True, cache=True)
def _deviates(
    w: Floats,
    v: Floats,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    n_rows: int,
    n_columns: int,
    threshold: Floats,
) -> bool:
    """Test whether the parts of a block deviate from the product of the marginals."""
    top, bottom, left, right = rows[0], rows[n_rows - 1], columns[0], columns[n_columns - 1]
    wide, high = v.shape[1] - 1, v.shape[0] - 1
    total, squares = _area(w, top, bottom, left, right), _area(v, top, bottom, left, right)
    mass_x, mass_y = w[bottom, wide] - w[top, wide], w[high, right] - w[high, left]
    parts = (n_rows - 1) * (n_columns - 1)
    if squares <= 0 or total <= 0 or mass_x <= 0 or mass_y <= 0:
        return False
    if total * total / squares < _LEAST_EXPECTED * parts:
        return False
    statistic = 0.0
    for i in range(n_rows - 1):
        share_x = (w[rows[i + 1], wide] - w[rows[i], wide]) / mass_x
        for j in range(n_columns - 1):
            share = share_x * (w[high, columns[j + 1]] - w[high, columns[j]]) / mass_y
            if share <= 0:
                return False
            seen = _area(w, rows[i], rows[i + 1], columns[j], columns[j + 1])
            statistic += (seen - total * share) ** 2 / share
    return bool(statistic > threshold[parts - 1] * squares)


@njit(nogil=True, cache=True)
def _divide(w: Floats, v: Floats, starts_x: NDArray[np.intp], starts_y: NDArray[np.intp], thresholds: Floats) -> Floats:
    """Return the blocks of a table given by its summed areas."""
    wide, high = w.shape[1] - 1, w.shape[0] - 1
    filled_x, filled_y = v[:, wide].copy(), v[high, :].copy()
    blocks = np.empty((w.shape[0] * w.shape[1], 4))
    stack = np.empty((w.shape[0] * w.shape[1] + 4, 4), np.intp)
    rows, columns = np.empty(2**_LEVELS * 2 + 2, np.intp), np.empty(2**_LEVELS * 2 + 2, np.intp)
    n_blocks = n_waiting = 0
    for i in range(starts_x.size - 1):
        for j in range(starts_y.size - 1):
            stack[n_waiting] = (starts_x[i], starts_x[i + 1], starts_y[j], starts_y[j + 1])
            n_waiting += 1
    while n_waiting:
        n_waiting -= 1
        top, bottom, left, right = stack[n_waiting]
        split = False
        for level in range(1, _LEVELS + 1):
            n_rows = _cuts(filled_x, top, bottom, level, rows)
            n_columns = _cuts(filled_y, left, right, level, columns)
            if _deviates(w, v, rows, columns, n_rows, n_columns, thresholds[level - 1]):
                split = True
                break
        if split:
            n_rows = _cuts(filled_x, top, bottom, 1, rows)
            n_columns = _cuts(filled_y, left, right, 1, columns)
            for i in range(n_rows - 1):
                for j in range(n_columns - 1):
                    stack[n_waiting] = (rows[i], rows[i + 1], columns[j], columns[j + 1])
                    n_waiting += 1
        else:
            blocks[n_blocks, 0] = _area(w, top, bottom, left, right)
            blocks[n_blocks, 1] = _area(v, top, bottom, left, right)
            blocks[n_blocks, 2] = w[bottom, wide] - w[top, wide]
            blocks[n_blocks, 3] = w[high, right] - w[high, left]
            n_blocks += 1
    return blocks[:n_blocks].copy()

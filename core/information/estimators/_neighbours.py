"""Nearest neighbours in the plane by a uniform grid, and in more dimensions by a tree."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.information._parallel import map_threads

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_CELLS = 2048  # along an axis
_CROWDED = 32.0  # events that share an event's cell on average: the grid is then refined
_CHUNK = 16_384


def neighbours_in_plane(x: Floats, y: Floats, k: int, *, boxes: bool) -> tuple[Integers, Integers]:
    """Count for every event the events that are as near in x, and in y, as its k-th neighbour in the plane.

    Distances are max(|Δx|, |Δy|). With ``boxes`` the k neighbours span a box, and events count up to its width in x and
    up to its height in y, edges included; without, events count that are nearer than the k-th neighbour.

    Args:
        x: values, shape (n,), about normal: heavy tails would crowd the grid.
        y: values, shape (n,).
        k: number of neighbours, less than n.
        boxes: whether the widths of the box are used.

    Returns:
        Numbers of other events n_x and n_y, shape (n,) each.
    """
    low, span = np.array([x.min(), y.min()]), max(float(np.ptp(x)), float(np.ptp(y)))
    size = int(np.clip(np.sqrt(len(x)), 1, _MOST_CELLS))
    while True:
        cells = _cells(x, y, low, span, size)
        occupation = np.bincount(cells, minlength=size * size)
        if size == _MOST_CELLS or float(occupation @ occupation) <= _CROWDED * len(x):
            break
        size = min(2 * size, _MOST_CELLS)
    starts = np.concatenate([[0], np.cumsum(occupation)])
    order = np.argsort(cells, kind="stable")
    plane = np.column_stack([x, y])[order]
    sorted_x, sorted_y = np.sort(x), np.sort(y)
    n_x, n_y = np.empty(len(x), np.int64), np.empty(len(x), np.int64)

    def count(start: int) -> None:
        stop = min(start + _CHUNK, len(x))
        found = _search(plane, starts, low, span, size, k, start, stop)
        across, up = (found[:, 0], found[:, 1]) if boxes else (found[:, 2], found[:, 2])
        chunk = order[start:stop]
        n_x[chunk] = _within(sorted_x, plane[start:stop, 0], across, boxes)
        n_y[chunk] = _within(sorted_y, plane[start:stop, 1], up, boxes)

    map_threads(count, range(0, len(x), _CHUNK))
    return n_x, n_y


def neighbours_in_space(x: Floats, y: Floats, k: int, *, boxes: bool) -> tuple[Integers, Integers]:
    """Count neighbours as ``neighbours_in_plane`` does, for variables of several dimensions.

    Args:
        x: values, shape (n, d_x).
        y: values, shape (n, d_y).
        k: number of neighbours, less than n.
        boxes: whether n_x and n_y have each their own radius.

    Returns:
        Numbers of other events n_x and n_y, shape (n,) each.
    """
    both = np.hstack([x, y])
    distance, index = cKDTree(both).query(both, k + 1, p=np.inf)
    if boxes:
        neighbours = index[:, 1:]
        radii = [np.abs(v[neighbours] - v[:, None]).max(axis=(1, 2)) for v in (x, y)]
    else:
        radii = [distance[:, k], distance[:, k]]
    return counts_within(x, radii[0], closed=boxes), counts_within(y, radii[1], closed=boxes)


def counts_within(values: Floats, radii: Floats, *, closed: bool) -> Integers:
    """Count the other events within a radius of each, the edge included when ``closed``.

    Args:
        values: shape (n, d).
        radii: shape (n,), largest difference in any component.
        closed: whether events at exactly the radius count.

    Returns:
        Numbers, shape (n,).
    """
    if values.shape[1] == 1:
        column = np.ascontiguousarray(values[:, 0])
        return np.asarray(_within(np.sort(column), column, np.ascontiguousarray(radii), closed))
    reach = radii if closed else np.nextafter(radii, 0)
    found = cKDTree(values).query_ball_point(values, reach, p=np.inf, return_length=True)
    return np.asarray(found, np.int64) - 1


def _cells(x: Floats, y: Floats, low: Floats, span: float, size: int) -> Integers:
    """Return the cell of each event, row by row."""
    scale = size / span if span > 0 else 0.0
    column, row = (((v - least) * scale).astype(np.int64).clip(0, size - 1) for v, least in ((x, low[0]), (y, low[1])))
    return np.asarray(row * size + column)


@njit(nogil=True, cache=True)
def _search(
    plane: Floats, starts: Integers, low: Floats, span: float, size: int, k: int, first: int, last: int
) -> Floats:
    """Return the width and height that the k nearest neighbours span, and the distance of the k-th, of some events."""
    side = span / size
    found = np.zeros((last - first, 3))
    near, dx, dy = np.empty(k), np.empty(k), np.empty(k)
    for i in range(first, last):
        px, py = plane[i, 0], plane[i, 1]
        column = min(max(int((px - low[0]) / side), 0), size - 1)
        row = min(max(int((py - low[1]) / side), 0), size - 1)
        near[:] = np.inf
        for ring in range(size):
            if ring > 0:
                gap = min(
                    px - low[0] - (column - ring + 1) * side,
                    low[0] + (column + ring) * side - px,
                    py - low[1] - (row - ring + 1) * side,
                    low[1] + (row + ring) * side - py,
                )
                if near[k - 1] < gap:
                    break
            for r in range(max(row - ring, 0), min(row + ring, size - 1) + 1):
                step = 1 if r in (row - ring, row + ring) else max(2 * ring, 1)
                for c in range(column - ring, column + ring + 1, step):
                    if c < 0 or c >= size:
                        continue
                    for j in range(starts[r * size + c], starts[r * size + c + 1]):
                        across, up = abs(plane[j, 0] - px), abs(plane[j, 1] - py)
                        distance = max(across, up)
                        if j == i or distance >= near[k - 1]:
                            continue
                        place = k - 1
                        while place > 0 and near[place - 1] > distance:
                            near[place], dx[place], dy[place] = near[place - 1], dx[place - 1], dy[place - 1]
                            place -= 1
                        near[place], dx[place], dy[place] = distance, across, up
        found[i - first] = (dx.max(), dy.max(), near[k - 1])
    return found


@njit(nogil=True, cache=True)
def _within(ordered: Floats, values: Floats, radii: Floats, closed: bool) -> Integers:
    """Count the other events whose distance is below the radius, or equal to it when ``closed``."""
    counts = np.empty(values.size, np.int64)
    for i in range(values.size):
        value, radius = values[i], radii[i]
        first, last = 0, np.searchsorted(ordered, value)
        high = last
        while first < high:  # the first event that is near enough
            middle = (first + high) // 2
            difference = value - ordered[middle]
            if difference < radius or (closed and difference == radius):
                high = middle
            else:
                first = middle + 1
        high = ordered.size
        while last < high:  # the first event above that is not
            middle = (last + high) // 2
            difference = ordered[middle] - value
            if difference < radius or (closed and difference == radius):
                last = middle + 1
            else:
                high = middle
        counts[i] = last - first - 1
    return counts

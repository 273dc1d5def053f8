"""The plane of two variables: its axes, the part of it that is drawn, and words about its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.events.table import Column, EventClass
from core.figures.words import axis_title, events, symbol
from core.information.pointwise import Axis, PairMap

Floats = NDArray[np.float64]
Range = tuple[float, float]

MOST_TICKS = 12
CROPPED = 0.25
FAR = 3.0
NARROWEST, POINT = 1 / 300, 1 / 120
"""Least widths of a cell and of a point mass, over that of the axis."""


@dataclass(frozen=True)
class Window:
    """Hold what the axes of all classes have in common that stand side by side.

    Args:
        x: the drawn range.
        y: the drawn range.
        x_values: the values of a discrete variable in any class; empty for a continuous one.
        y_values: the same along y.
    """

    x: Range
    y: Range
    x_values: tuple[float, ...] = ()
    y_values: tuple[float, ...] = ()


def window(pairs: Sequence[PairMap]) -> Window:
    """Return the ranges that hold what is to be seen of every class, and the values of discrete variables."""
    across, up = [pair.x for pair in pairs], [pair.y for pair in pairs]
    return Window(*(union([_axis_span(axis) for axis in axes]) for axes in (across, up)), *map(_values, (across, up)))


def union(ranges: Sequence[Range]) -> Range:
    """Return the range from the lowest to the highest end."""
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def span(edges: Floats) -> Range:
    """Return the range of the inner cells and a quarter of it on either side, at most all.

    A second cell that is far wider than all further ones together bridges the gap to a sentinel such as -999, which
    then stays outside.
    """
    first, last = 1, len(edges) - 2
    if last <= first:
        return float(edges[0]), float(edges[-1])
    above, below = (edges[-2] - edges[2]) or (edges[-1] - edges[2]), (edges[-3] - edges[1]) or (edges[-3] - edges[0])
    if edges[2] - edges[1] > FAR * above:
        first += 1
    elif edges[-2] - edges[-3] > FAR * below:
        last -= 1
    reach = CROPPED * (edges[last] - edges[first]) or (edges[-1] - edges[first])
    return float(max(edges[0], edges[first] - reach)), float(min(edges[-1], edges[last] + reach))


def drawn_edges(axis: Axis, drawn: Range) -> Floats:
    """Return the edges of the cells, each cell at least wide enough to be seen, wider where all have one value."""
    low, high = drawn
    single = np.array([" to " not in label for label in axis.labels[: len(axis.edges) - 1]])
    least = max(high - low, abs(high) * 1e-6, 1e-300) * np.where(single & (not axis.discrete), POINT, NARROWEST)
    steps = np.concatenate([[0.0], np.cumsum(least)])
    return np.asarray(np.maximum.accumulate(axis.edges - steps) + steps)


def cell_widths(axis: Axis, drawn: Range) -> Floats:
    """Return the widths of the cells as they are drawn; beside a sentinel, that part of a single value's cell."""
    edges = drawn_edges(axis, drawn)
    seen = np.diff(np.clip(edges, *drawn))
    return np.where(axis.discrete & (seen > 0), seen, np.diff(edges))


def axis_layout(column: Column, drawn: Range, values: Sequence[float] = ()) -> dict[str, Any]:
    """Return title, range and ticks of an axis: one at each of a few values of a discrete variable."""
    layout = {"title": {"text": axis_title(column)}, "showgrid": False, "nticks": 6, "range": list(drawn)}
    shown = [value for value in values if drawn[0] < value < drawn[1]]
    if not shown or len(shown) > MOST_TICKS:
        return layout
    return layout | {"tickvals": shown, "ticktext": [f"{value:.6g}" for value in shown]}


def inside(pair: PairMap, cells: Floats) -> Floats:
    """Return the cells between the edges, without those of missing values."""
    return cells[: len(pair.x.edges) - 1, : len(pair.y.edges) - 1]


def cell_words(axis: Axis, i: int) -> str:
    """Say what a cell holds, such as "m<sub>J</sub> 80.1 to 82.4 GeV"."""
    unit = f" {axis.column.unit}" if axis.column.unit else ""
    return f"{symbol(axis.column)} {axis.labels[i]}{unit}"


def class_words(event_class: EventClass, n_events: int, n_effective: float | None = None) -> str:
    """Name the class and its number of events."""
    name = "" if event_class == "all" else f"{event_class}: "
    return name + events(n_events, n_effective)


def pair_words(pair: PairMap) -> str:
    """Name the class of a pair and its number of events."""
    return class_words(pair.event_class, pair.n_events, pair.n_effective)


def left_out_words(n_left_out: int, n_events: int) -> str:
    """Say which share of the events has no value, and so no place."""
    return f"not drawn: {100 * n_left_out / n_events:.2g} % without a value" if n_left_out else ""


def hidden_words(pair: PairMap, seen: Window) -> str:
    """Say which share of the events the axes do not show: missing values and sentinels."""
    p = np.nan_to_num(inside(pair, pair.density))
    across, up = (_is_seen(axis, drawn) for axis, drawn in ((pair.x, seen.x), (pair.y, seen.y)))
    far = p.sum() - p[np.ix_(across, up)].sum()
    missing = 1 - p.sum()
    has_missing = pair.x.has_missing or pair.y.has_missing
    parts = [
        f"{100 * missing:.2g} % without a value" if has_missing else "",
        f"{100 * far:.2g} % far outside" if far > 1e-9 else "",
    ]
    said = ", ".join(filter(None, parts))
    return f"not drawn: {said}" if said else ""


def _axis_span(axis: Axis) -> Range:
    """Return the drawn range of one class; all values of a discrete variable but sentinels."""
    low, high = span(axis.edges)
    if not axis.discrete:
        return low, high
    edges = axis.edges  # where a sentinel is cut off, the cell next to it is as wide as the one after
    return (
        float(2 * edges[2] - edges[3] if low > edges[1] else edges[0]),
        float(2 * edges[-3] - edges[-4] if high < edges[-2] else edges[-1]),
    )


def _values(axes: Sequence[Axis]) -> tuple[float, ...]:
    """Return the values of a variable that is discrete in every class, in order."""
    if not all(axis.discrete for axis in axes):
        return ()
    return tuple(sorted({float(label) for axis in axes for label in axis.labels[: len(axis.edges) - 1]}))


def _is_seen(axis: Axis, drawn: Range) -> NDArray[np.bool_]:
    """Return which cells lie in the drawn range, at least in part, shape (n,)."""
    edges = drawn_edges(axis, drawn)
    return np.asarray((edges[1:] > drawn[0]) & (edges[:-1] < drawn[1]))

"""Histograms of one column, signal beside background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import Column, EventClass, EventTable, effective_number
from core.results import Array, Number

BINS = 50
CENTRAL_SHARE = 0.998


@dataclass(frozen=True)
class Shape:
    """Hold the distribution of one class.

    Args:
        density: Σw of each bin over its width and the Σw of all bins, in the inverse unit, shape (bins,); NaN when the
            weights do not have a positive sum.
        error: its standard error √Σw² over the same, shape (bins,).
        n_events: events with a finite value, those outside the bins included.
        n_effective: their N_eff.
    """

    density: Array
    error: Array
    n_events: int
    n_effective: Number


@dataclass(frozen=True)
class ClassHistogram:
    """Hold the distribution of one column in each class, over the same bins.

    Args:
        column: words about the column.
        edges: bin edges in the column's unit, shape (bins + 1,).
        is_discrete: whether the values are whole numbers and each has a bin of its own.
        shapes: class → distribution: signal and background, or all when the events have no label.
        separation: ½ Σ (s - b)²/(s + b) of the shares s, b of signal and background in each bin: 0 for equal shapes,
            1 for shapes without overlap; NaN without both classes.
        n_missing: events whose value is not finite.
        n_outside: events beyond the first or the last edge.
    """

    column: Column
    edges: Array
    is_discrete: bool
    shapes: Mapping[EventClass, Shape]
    separation: Number
    n_missing: int
    n_outside: int


def class_histogram(table: EventTable, name: str, bins: int = BINS) -> ClassHistogram:
    """Histogram one column of signal and of background, each normalised to unit area.

    The bins are equal and span the central 99.8 % of all events together. Whole numbers get one bin each, or bins of
    equally many whole numbers when they take more than ``bins`` values. The weight column counts each event once.

    Args:
        table: events; without a label there is one distribution, that of all.
        name: the column.
        bins: number of bins of a continuous column.

    Returns:
        The distributions and their separation.

    Raises:
        DataError: no such column, no numbers in it, or none that is finite; a weight that is not finite, or weights of
            a class that do not have a positive sum.

    Example:
        >>> table = EventTable("toy", {"n_jets": np.array([0, 1, 1, 3])})
        >>> histogram = class_histogram(table, "n_jets")
        >>> histogram.edges, histogram.shapes["all"].density
        (array([-0.5,  0.5,  1.5,  2.5,  3.5]), array([0.25, 0.5 , 0.  , 0.25]))
    """
    values = _numbers(table, name)
    finite = np.isfinite(values)
    if not finite.any():
        raise DataError(f"column {name!r} has no finite value among {len(values)} events; at least one is needed")
    edges, is_discrete = _edges(values[finite], bins)
    weights = np.ones(len(values)) if name == table.roles.weight else _finite_weights(table)
    shapes = {key: _shape(values[chosen & finite], weights[chosen & finite], edges) for key, chosen in _classes(table)}
    if any(np.isnan(shape.density).any() for shape in shapes.values()):
        _require_positive(table, weights)
    return ClassHistogram(
        column=table.describe(name),
        edges=edges,
        is_discrete=is_discrete,
        shapes=shapes,
        separation=separation(shapes["signal"], shapes["background"], edges) if "signal" in shapes else float("nan"),
        n_missing=int((~finite).sum()),
        n_outside=int(((values[finite] < edges[0]) | (values[finite] > edges[-1])).sum()),
    )


def separation(signal: Shape, background: Shape, edges: NDArray[np.float64]) -> float:
    """Compute ½ Σ (s - b)²/(s + b) over bins, s and b being the shares of signal and background in each.

    Bins whose weights sum to less than zero count as empty.

    Returns:
        0 for equal shapes up to 1 for shapes that do not overlap; NaN when a class has no density.

    References:
        Hoecker et al. 2007 (physics/0703039), TMVA's ⟨S²⟩.
    """
    s, b = (np.maximum(shape.density, 0) * np.diff(edges) for shape in (signal, background))
    total = s + b
    if not total.sum() > 0:
        return float("nan")
    return 0.5 * float(np.sum(np.divide((s - b) ** 2, total, out=np.zeros_like(total), where=total > 0)))


def _numbers(table: EventTable, name: str) -> NDArray[np.float64]:
    values = table[name]
    if values.dtype.kind not in "biuf":
        raise DataError(f"column {name!r} holds {values.dtype} values; numbers are needed")
    return np.asarray(values, dtype=np.float64)


def _finite_weights(table: EventTable) -> NDArray[np.float64]:
    """Return the event weights; their sum, one quick pass, tells whether some are NaN or infinite."""
    weights = table.weights
    with np.errstate(invalid="ignore", over="ignore"):
        is_finite = bool(np.isfinite(weights.sum()))
    unusable = 0 if is_finite else int(np.count_nonzero(~np.isfinite(weights)))
    if unusable:
        raise DataError(f"{unusable} of {len(weights)} weights are NaN or infinite; allowed: finite weights")
    return weights


def _require_positive(table: EventTable, weights: NDArray[np.float64]) -> None:
    """Refuse a class whose weights have no positive sum: its histogram would be empty or upside down."""
    for name, members in _classes(table):
        total, n_events = float(weights[members].sum()), int(members.sum())
        if n_events and not total > 0:
            raise DataError(f"the weights of {n_events} {name} events sum to {total:.4g}; a positive sum is needed")


def _classes(table: EventTable) -> list[tuple[EventClass, NDArray[np.bool_]]]:
    if table.roles.label is None:
        return [("all", np.ones(table.n_events, dtype=bool))]
    return [("signal", table.is_signal), ("background", ~table.is_signal)]


def _edges(values: NDArray[np.float64], bins: int) -> tuple[NDArray[np.float64], bool]:
    """Return bin edges over the central share of finite values, and whether the values are whole numbers."""
    low, high = np.quantile(values, [(1 - CENTRAL_SHARE) / 2, (1 + CENTRAL_SHARE) / 2])
    if not high > low:
        low, high = values.min(), values.max()
    countable = float(np.abs(values).max()) < 2**53  # beyond, whole numbers lie further apart than the bins
    if countable and bool(np.all(values == np.rint(values))) and high - low < 2**31:
        width = max(1, int(np.ceil((high - low + 1) / bins)))
        n_bins = int(np.ceil((np.ceil(high) - np.floor(low) + 1) / width))
        return np.floor(low) - 0.5 + width * np.arange(n_bins + 1), width == 1
    if not high > low:
        half = max(0.5, abs(low) * 1e-3)
        return np.array([low - half, low + half]), False
    return np.linspace(low, high, bins + 1), False


def _shape(values: NDArray[np.float64], weights: NDArray[np.float64], edges: NDArray[np.float64]) -> Shape:
    """Histogram the values of one class in equal bins, both ends included."""
    bins, inside = len(edges) - 1, (values >= edges[0]) & (values <= edges[-1])
    place = ((values[inside] - edges[0]) * (bins / (edges[-1] - edges[0]))).astype(np.int64)
    place, w = np.minimum(place, bins - 1), weights[inside]
    sums, squares = (np.bincount(place, w**power, minlength=bins) for power in (1, 2))
    area = sums.sum() * np.diff(edges)
    scale = np.divide(1.0, area, out=np.full(bins, np.nan), where=area > 0)
    return Shape(sums * scale, np.sqrt(squares) * scale, len(values), effective_number(weights))

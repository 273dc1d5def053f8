"""How far signal is from background in each variable: entropies and divergences of their two histograms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventTable, effective_number
from core.information.differential import differential_entropy
from core.information.divergences import bregman_divergence, cross_entropy
from core.information.estimators._sample import kind_of
from core.information.measures import (
    density,
    entropy,
    jensen_shannon,
    kullback_leibler,
    mutual_information_error,
    negative_cells,
)
from core.information.pointwise import cell_edges
from core.information.quantise import Bins, checked_weights, quantise
from core.information.selection import select

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Divergence:
    """Hold what tells the two classes apart in one variable, in nats; s is signal, b background.

    Args:
        name: the variable.
        title: its symbol as in print.
        bins: cells of the histograms, the one of missing values included.
        entropy: H(s) and H(b), with the Miller-Madow correction.
        differential: h(s) and h(b) in the variable's unit; NaN unless it is continuous without a missing value.
        cross_entropy: H(s;b) and H(b;s); infinite where a cell has one class only.
        kullback_leibler: KL(s‖b) and KL(b‖s); infinite where a cell has one class only.
        jensen_shannon: JSD(s, b), from 0 to log 2: I(X;label) at even odds, uncorrected.
        jensen_shannon_error: its standard error.
        null_level: what JSD is for equal classes, (B - 1)/8 (1/N_s + 1/N_b) with N_eff of each class.
        squared_distance: the Bregman divergence of F = Σp², Σ(s - b)², without unit.
        negative_cells: the larger of both shares of weight in cells whose weights sum to less than nothing.
    """

    name: str
    title: str
    bins: int
    entropy: tuple[float, float]
    differential: tuple[float, float]
    cross_entropy: tuple[float, float]
    kullback_leibler: tuple[float, float]
    jensen_shannon: float
    jensen_shannon_error: float
    null_level: float
    squared_distance: float
    negative_cells: float


def class_divergences(table: EventTable, names: Sequence[str], *, bins: int = 32) -> tuple[Divergence, ...]:
    """Compute entropies and divergences of signal and background, the variables that differ most first.

    Args:
        table: the events, with a label.
        names: the variables; the label among them is left out.
        bins: B, the largest number of cells of a variable, 2 to 255: of equal content with both classes at even odds.

    Returns:
        One result a variable.

    Raises:
        DataError: no label, no variable, or columns, weights or bins that cannot be used.

    Example:
        >>> from core.events.table import Roles
        >>> label = np.arange(1000) % 2
        >>> table = EventTable("toy", {"copy": label, "same": label * 0, "y": label}, Roles(label="y"))
        >>> [(each.name, round(each.jensen_shannon, 3)) for each in class_divergences(table, ["same", "copy"])]
        [('copy', 0.693), ('same', 0.0)]
    """
    names = tuple(name for name in names if name != table.roles.label)
    if not names:
        raise DataError("no variable to compare; allowed: at least one")
    checked_weights(table.weights, table.n_events)
    even = table.balanced()
    chosen = select(even, names)
    codes = quantise(chosen.columns, bins=bins, weights=chosen.weights)
    classes = [
        (members, table.weights[members] if table.is_weighted else np.ones(int(members.sum())))
        for members in (table.is_signal, ~table.is_signal)
    ]
    found = []
    for name, row, cuts, size in zip(names, codes.codes, codes.bins, codes.n_bins, strict=True):
        sums = np.array([np.bincount(row[members], w, size) for members, w in classes])
        squares = np.array([np.bincount(row[members], w * w, size) for members, w in classes])
        n_effective = [effective_number(w) for _, w in classes]
        title = table.describe(name).title or name
        found.append(_compare(name, title, sums, squares, n_effective, _edges(chosen.columns[name], cuts, int(size))))
    return tuple(sorted(found, key=lambda each: -each.jensen_shannon))


def _compare(
    name: str, title: str, sums: Floats, squares: Floats, n_effective: Sequence[float], edges: Floats | None
) -> Divergence:
    """Compare two histograms, the rows of ``sums``, with Σw² in ``squares``."""
    signal, background = sums
    scale = sums.sum(axis=1)
    even = (sums / scale[:, None]).T[None], (squares / scale[:, None] ** 2).T[None]
    both = (signal, background), (background, signal)
    differential = (float("nan"), float("nan"))
    if edges is not None:
        differential = _two(differential_entropy(each, edges, n) for each, n in zip(sums, n_effective, strict=True))
    return Divergence(
        name=name,
        title=title,
        bins=sums.shape[1],
        entropy=_two(entropy(density(each, (-1,)), n) for each, n in zip(sums, n_effective, strict=True)),
        differential=differential,
        cross_entropy=_two(cross_entropy(*pair) for pair in both),
        kullback_leibler=_two(kullback_leibler(*pair) for pair in both),
        jensen_shannon=float(jensen_shannon(signal, background)),
        jensen_shannon_error=float(mutual_information_error(*even)[0]),
        null_level=(np.count_nonzero(squares.any(axis=0)) - 1) / 8 * sum(1 / n for n in n_effective),
        squared_distance=float(bregman_divergence(signal, background, _squares, _twice)),
        negative_cells=float(max(negative_cells(each[:, None]) for each in sums)),
    )


def _edges(values: NDArray[np.generic], cuts: Bins, size: int) -> Floats | None:
    """Return the boundaries of the cells of a continuous variable without missing values; None for any other."""
    if cuts.values is not None or size > cuts.n_codes or kind_of(values) != "continuous":
        return None
    edges = np.asarray(cell_edges(values, cuts), np.float64)
    return edges if np.isfinite(edges).all() and (np.diff(edges) > 0).all() else None


def _two(values: Iterable[Floats]) -> tuple[float, float]:
    first, second = (float(each) for each in values)
    return first, second


def _squares(p: Floats) -> Floats:
    return np.asarray((p**2).sum(axis=-1))


def _twice(p: Floats) -> Floats:
    return 2 * p

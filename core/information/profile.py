"""How one variable moves with another: its mean, median and spread in bins, and a sample of events to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.oddities import sentinels
from core.events.table import Column, EventClass, EventTable, effective_number
from core.information.pointwise import cell_edges
from core.information.quantise import find_bins
from core.information.selection import select

Floats = NDArray[np.float64]

BAND = (0.16, 0.84)
"""Quantiles that enclose 68 % of the events of a bin."""
SAMPLE_SIZE = 2000


@dataclass(frozen=True)
class Profile:
    """Hold the conditional distribution of y in n bins of x. Arrays have shape (n,), NaN where nothing can be said.

    Args:
        x: the variable that is binned.
        y: the variable that is averaged.
        event_class: the events counted.
        n_events: number of events.
        n_effective: N_eff = (Σw)²/Σw² of those with a value of both.
        n_left_out: events without a value of both: it is not finite, or a sentinel such as -999.
        edges: shape (n + 1,), the boundaries of the bins, as those of the cells of a pair.
        discrete: whether each bin holds a single value.
        place: mean of x in each bin, under abs(w): always inside the bin.
        mean: Σwy/Σw.
        error: its standard error, √(Σw(y - mean)²/Σw) / √N_eff, N_eff that of the bin.
        median: the smallest y up to which half of the weight lies.
        low: the same for 16 % of the weight.
        high: the same for 84 %.
    """

    x: Column
    y: Column
    event_class: EventClass
    n_events: int
    n_effective: float
    n_left_out: int
    edges: Floats
    discrete: bool
    place: Floats
    mean: Floats
    error: Floats
    median: Floats
    low: Floats
    high: Floats

    def table(self) -> dict[str, Any]:
        """Return the columns of a table, one row a bin; names end with the unit."""
        x, y = self.x, self.y
        return {
            _headed(f"{x.name}_low", x): self.edges[:-1],
            _headed(f"{x.name}_high", x): self.edges[1:],
            _headed(f"{x.name}_mean", x): self.place,
            _headed(f"{y.name}_mean", y): self.mean,
            _headed(f"{y.name}_mean_error", y): self.error,
            _headed(f"{y.name}_median", y): self.median,
            _headed(f"{y.name}_low", y): self.low,
            _headed(f"{y.name}_high", y): self.high,
            "event_class": self.event_class,
            "n_events": self.n_events,
        }


@dataclass(frozen=True)
class PairSample:
    """Hold a few events of a class, drawn as often as they weigh.

    Args:
        columns: the two variables.
        x: values of the first variable, shape (n,).
        y: values of the second variable, shape (n,).
        is_negative: whether the event's weight is below zero, shape (n,).
        is_weighted: whether events were drawn by weight.
        event_class: the events drawn from.
        n_events: how many there are.
        n_left_out: events without a value of both: it is not finite, or a sentinel such as -999.
    """

    columns: tuple[Column, Column]
    x: Floats
    y: Floats
    is_negative: NDArray[np.bool_]
    is_weighted: bool
    event_class: EventClass
    n_events: int
    n_left_out: int

    def table(self) -> dict[str, Any]:
        """Return the columns of a table, one row an event; names end with the unit."""
        x, y = self.columns
        return {
            _headed(x.name, x): self.x,
            _headed(y.name, y): self.y,
            "has_negative_weight": self.is_negative,
            "event_class": self.event_class,
        }


def profile(table: EventTable, x: str, y: str, *, bins: int = 20, event_class: EventClass = "all") -> Profile:
    """Average y in bins of x that hold equally many events, or in one bin a value of a discrete x.

    Negative weights count as they are: a bin whose weights do not sum to a positive number, or that has a negative
    variance, is empty.

    Args:
        table: the events.
        x: the variable to bin.
        y: the variable to average.
        bins: the largest number of bins, 2 to 255.
        event_class: "all", "signal" or "background".

    Returns:
        The profile.

    Raises:
        DataError: columns, class or bins that cannot be used, or no event with a finite value of both.

    Example:
        >>> table = EventTable("toy", {"x": np.array([0, 0, 1, 1]), "y": np.array([1.0, 3.0, 5.0, 5.0])})
        >>> found = profile(table, "x", "y")
        >>> found.mean.tolist(), found.error.round(3).tolist()
        ([2.0, 5.0], [0.707, 0.0])
    """
    first, second, weights, n_events = _known(table, x, y, event_class)
    cuts = find_bins(first, bins=bins, weights=weights)
    code = np.asarray(cuts.encode(first), np.intp)
    order = np.argsort(code, kind="stable")
    splits = np.searchsorted(code[order], np.arange(1, cuts.n_codes))
    rows = [_row(first[k], second[k], weights[k]) for k in np.split(order, splits)]
    place, mean, error, low, median, high = np.array(rows, np.float64).T
    return Profile(
        x=table.describe(x),
        y=table.describe(y),
        event_class=event_class,
        n_events=n_events,
        n_effective=effective_number(weights),
        n_left_out=n_events - len(first),
        edges=cell_edges(first, cuts),
        discrete=cuts.values is not None,
        place=place,
        mean=mean,
        error=error,
        median=median,
        low=low,
        high=high,
    )


def sample_pair(
    table: EventTable,
    x: str,
    y: str,
    *,
    event_class: EventClass = "all",
    size: int = SAMPLE_SIZE,
    rng: np.random.Generator | int,
) -> PairSample:
    """Draw events of a class with probabilities in proportion to abs(w), each at most once.

    Events in random order are laid end to end, each as long as abs(w), and those under ``size`` marks at equal
    distances are drawn (systematic sampling). An event longer than that distance is certain to be drawn.

    Args:
        table: the events.
        x: the first variable.
        y: the second variable.
        event_class: "all", "signal" or "background".
        size: the largest number of events to draw, 1 or more.
        rng: the source of randomness.

    Returns:
        The sample.

    Raises:
        DataError: columns, class or size that cannot be used, no event with a finite value of both, or only weights
            of zero.

    References:
        W. G. Madow, On the theory of systematic sampling II, Ann. Math. Stat. 20, 1949.

    Example:
        >>> table = EventTable("toy", {"x": np.arange(100), "y": np.zeros(100)})
        >>> len(sample_pair(table, "x", "y", size=10, rng=np.random.default_rng(0)).x)
        10
    """
    if size < 1:
        raise DataError(f"a sample of {size} events; allowed: 1 or more")
    first, second, weights, n_events = _known(table, x, y, event_class)
    generator = np.random.default_rng(rng)
    order = generator.permutation(len(first))
    length = np.cumsum(np.abs(weights[order]))
    if not length[-1] > 0:
        raise DataError(f"the weights of all {len(first)} {event_class} events are 0; allowed: at least one other")
    is_weighted = bool(np.any(weights != weights[0]))
    if len(first) > size or is_weighted:
        marks = (np.arange(size) + generator.uniform()) * length[-1] / size
        order = order[np.unique(np.searchsorted(length, marks, side="right").clip(max=len(length) - 1))]
    return PairSample(
        columns=(table.describe(x), table.describe(y)),
        x=first[order],
        y=second[order],
        is_negative=weights[order] < 0,
        is_weighted=is_weighted,
        event_class=event_class,
        n_events=n_events,
        n_left_out=n_events - len(first),
    )


def _known(table: EventTable, x: str, y: str, event_class: EventClass) -> tuple[Floats, Floats, Floats, int]:
    """Return x, y and weights of the events of a class that have a value of both, and the number of all."""
    chosen = select(table, (x, y), event_class)
    first, second = (np.asarray(values, np.float64) for values in chosen.columns.values())
    known = _has_value(first) & _has_value(second)
    if not known.any():
        raise DataError(
            f"none of {chosen.n_events} {event_class} events has a finite value of both {x} and {y}; "
            "allowed: at least one"
        )
    weights = np.ones(chosen.n_events) if chosen.weights is None else chosen.weights
    return first[known], second[known], weights[known], chosen.n_events


def _has_value(values: Floats) -> NDArray[np.bool_]:
    """Return which values are finite and do not stand for "no value", as -999 often does."""
    finite = np.isfinite(values)
    found = sentinels(np.sort(values[finite]))
    return finite & ~np.isin(values, list(found)) if found else finite


def _headed(name: str, column: Column) -> str:
    """Return the head of a table's column, with the unit of the variable."""
    return f"{name} [{column.unit}]" if column.unit else name


def _row(x: Floats, y: Floats, w: Floats) -> tuple[Any, ...]:
    """Return place, mean, error, low, median and high of one bin; NaN when negative weights outweigh the others."""
    total = w.sum()
    if not total > 0:
        return (np.nan,) * 6
    mean = (w * y).sum() / total
    variance = (w * (y - mean) ** 2).sum() / total
    if variance < 0:
        return (np.nan,) * 6
    error = np.sqrt(variance / effective_number(w))
    return np.average(x, weights=np.abs(w)), mean, error, *_quantiles(y, w, (BAND[0], 0.5, BAND[1]))


def _quantiles(y: Floats, w: Floats, shares: tuple[float, ...]) -> Floats:
    """Return the smallest y up to which each share of the weight lies."""
    order = np.argsort(y)
    reached = np.maximum.accumulate(np.cumsum(w[order]))  # negative weights let the sum fall in between
    wanted = np.array(shares) * w.sum()
    found = np.searchsorted(reached, wanted * (1 - 1e-12)).clip(max=len(y) - 1)
    return np.asarray(y[order][found], np.float64)

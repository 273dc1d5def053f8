"""Bins of protected variables in figures: spans of a continuous one, the named values of a discrete one."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.events.table import Column
from core.figures.words import shorten, symbol
from core.numbers import MINUS, format_number

BAR_SHARE = 0.8


def value_names(column: Column, values: NDArray[np.float64]) -> list[str]:
    """Write the values of a discrete variable: the texts that codes stand for, else numbers in full.

    Example:
        >>> value_names(Column("year"), np.array([2016.0, 2017.0])), value_names(Column("shift"), np.array([-0.5, 0.5]))
        (['2016', '2017'], ['−0.5', '0.5'])
        >>> value_names(Column("generator", labels=("herwig", "pythia")), np.array([1.0]))
        ['pythia']
    """
    if column.labels:
        return [escape(shorten(column.labels[int(value)]), quote=False) for value in values]
    return [(f"{value:.0f}" if value == round(value) else f"{value:.6g}").replace("-", MINUS) for value in values]


def value_ticks(column: Column, values: NDArray[np.float64]) -> dict[str, Any]:
    """Return the part of an axis that names each value of a discrete variable; nothing for a continuous one.

    Example:
        >>> value_ticks(Column("year"), np.array([2016.0, 2017.0]))
        {'tickmode': 'array', 'tickvals': [2016.0, 2017.0], 'ticktext': ['2016', '2017']}
    """
    if not len(values):
        return {}
    return {"tickmode": "array", "tickvals": values.tolist(), "ticktext": value_names(column, values)}


def bin_words(column: Column, edges: NDArray[np.float64], values: NDArray[np.float64]) -> list[str]:
    """Say what each bin holds, for those who point at it.

    Args:
        column: the variable.
        edges: shape (bins + 1,).
        values: what each bin holds of a discrete variable, shape (bins,); empty for a continuous one.

    Example:
        >>> bin_words(Column("m", unit="GeV"), np.array([50.0, 60.0]), np.empty(0))
        ['m from 50.0 to 60.0 GeV']
        >>> bin_words(Column("year"), np.array([2015.5, 2016.5]), np.array([2016.0]))
        ['year 2016']
    """
    if len(values):
        unit = f" {escape(column.unit, quote=False)}" if column.unit else ""
        return [f"{symbol(column)} {name}{unit}" for name in value_names(column, values)]
    return [
        f"{symbol(column)} from {format_number(low)} to {format_number(high, unit=column.unit)}"
        for low, high in pairwise(edges)
    ]


def bars(
    values: NDArray[np.float64], heights: NDArray[np.float64], between: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return edges and heights of bars that stand apart at the values of a discrete variable.

    Args:
        values: at least two, ascending, shape (k,).
        heights: shape (k,).
        between: the height of the gaps.

    Returns:
        Edges, shape (2k,), and heights with those of the gaps, shape (2k - 1,).

    Example:
        >>> bars(np.array([0.0, 1.0]), np.array([3.0, 4.0]))
        (array([-0.4,  0.4,  0.6,  1.4]), array([3., 0., 4.]))
    """
    half = BAR_SHARE / 2 * np.diff(values).min()
    drawn = np.full(2 * len(values) - 1, between)
    drawn[::2] = heights
    return np.stack([values - half, values + half], 1).ravel(), drawn

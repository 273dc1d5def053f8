"""One variable, signal beside background."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.events.histograms import ClassHistogram, Shape
from core.events.table import EventClass
from core.figures.palette import PALETTES, Mode, Palette, faint
from core.figures.steps import centres, outline
from core.figures.style import compose
from core.figures.values import value_names, value_ticks
from core.figures.words import axis_title, events, key, plain, symbol
from core.numbers import format_number

HEIGHT = 250


def histogram_figure(histogram: ClassHistogram, mode: Mode = "light") -> go.Figure:
    """Draw the distribution of one variable in each class, normalised to unit area.

    Args:
        histogram: the distributions.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    traces: list[dict[str, Any]] = []
    for name, shape in histogram.shapes.items():
        traces += _shape_traces(histogram, name, shape, palette)
    column = histogram.column
    unit = f" [1/{column.unit}]" if column.unit else ""
    height = "share of events" if histogram.is_discrete else f"density{unit}"
    here = f"{symbol(column)} = %{{x:.4g}} {column.unit}"
    separates = not math.isnan(histogram.separation)
    title = f"{symbol(column)} · separation {format_number(histogram.separation)}" if separates else symbol(column)
    discrete_ticks: dict[str, Any] = {"dtick": 1} if histogram.is_discrete and len(histogram.edges) <= 12 else {}
    if column.labels:
        discrete_ticks = value_ticks(column, np.arange(len(column.labels), dtype=float))
    return compose(
        traces,
        {
            "xaxis": {
                "title": {"text": axis_title(column)},
                "nticks": 6,
                "unifiedhovertitle": {"text": here},
                **discrete_ticks,
            },
            "yaxis": {"title": {"text": height}, "rangemode": "tozero", "nticks": 4},
            "hovermode": "x unified",
        },
        title=title,
        notes=_notes(histogram, palette),
        alt=_alt(histogram),
        mode=mode,
        height=HEIGHT,
        file=f"{column.name}-histogram",
    )


def _colour(name: EventClass, palette: Palette) -> str:
    return {"signal": palette.signal, "background": palette.background}.get(name, palette.muted)


def _shape_traces(histogram: ClassHistogram, name: EventClass, shape: Shape, palette: Palette) -> list[dict[str, Any]]:
    """Return the outline of a class, and invisible points that answer the mouse."""
    colour, unit = _colour(name, palette), f"/{histogram.column.unit}" if histogram.column.unit else ""
    pattern = (
        {"fillpattern": {"shape": "/", "size": 6, "solidity": 0.15, "fgcolor": colour}} if name == "signal" else {}
    )
    drawn = {
        **outline(histogram.edges, shape.density),
        "line": {"color": colour, "width": 1.6},
        "fill": "tozeroy",
        "fillcolor": faint(colour, 0.2),
        "name": name,
        "showlegend": False,
        **pattern,
    }
    heard = {
        "type": "scatter",
        "mode": "markers",
        "x": centres(histogram.edges),
        "y": shape.density,
        "marker": {"color": colour, "opacity": 0},
        "text": _heard(histogram, shape, unit),
        "hovertemplate": "%{text}",
        "name": name,
        "showlegend": False,
    }
    return [drawn, heard]


def _heard(histogram: ClassHistogram, shape: Shape, unit: str) -> list[str]:
    heights = [format_number(*pair) + unit for pair in zip(shape.density, shape.error, strict=True)]
    if not histogram.column.labels:
        return heights
    names = value_names(histogram.column, np.rint(centres(histogram.edges)))
    return [f"{name}: {height}" for name, height in zip(names, heights, strict=True)]


def _notes(histogram: ClassHistogram, palette: Palette) -> list[str]:
    """Return the key of the colours with the number of events, and what is left out."""
    mark = {"signal": "▨", "background": "■", "all": "■"}
    notes = [
        key(_colour(name, palette), f"{name}: {events(shape.n_events, shape.n_effective)}", mark[name])
        for name, shape in histogram.shapes.items()
    ]
    if histogram.n_missing:
        notes.append(f"{events(histogram.n_missing)} without a value")
    return notes


def _alt(histogram: ClassHistogram) -> str:
    peaks = []
    for name, shape in histogram.shapes.items():
        place = int(np.nan_to_num(shape.density).argmax())
        low, high = histogram.edges[place], histogram.edges[place + 1]
        upper = format_number(high, unit=histogram.column.unit)
        peaks.append(f"{name} is densest between {format_number(low)} and {upper}")
    words = plain(symbol(histogram.column))
    if math.isnan(histogram.separation):
        return f"Histogram of {words}: {', '.join(peaks)}."
    return f"Histograms of {words}: {', '.join(peaks)}; separation {format_number(histogram.separation)}."

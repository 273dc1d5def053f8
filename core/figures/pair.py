"""One pair of variables: where its events lie, where it shares information, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.pair_axes import (
    Window,
    axis_layout,
    cell_widths,
    cell_words,
    drawn_edges,
    hidden_words,
    inside,
    pair_words,
    window,
)
from core.figures.pair_circles import Circles, circles
from core.figures.palette import PALETTES, Mode, Palette
from core.figures.style import compose
from core.figures.words import key, plain, symbol
from core.information.pointwise import POINTWISE, PairMap
from core.information.units import NATS, Unit, factor, shown_unit
from core.numbers import MINUS, format_number, power_of_ten

Floats = NDArray[np.float64]

MAP_HEIGHT = 300
CIRCLES_HEIGHT = 300
DECADES = 3.0
ALIKE = 0.02
"""Share of the drawn plane whose densest cells have one colour, so that a spike does not pale all else."""
SHARE_AND_DENSITY = "share of events %{customdata[0]:.3g} %<br>density %{customdata[1]:.3g}"
ROOM = 0.5
"""Width of a crescent over its radius from which on its value fits inside."""


def density_figure(pair: PairMap, mode: Mode = "light", beside: Sequence[PairMap] = ()) -> go.Figure:
    """Draw the joint density of a pair of variables, in their units, on a logarithmic colour scale.

    Args:
        pair: the maps of the pair.
        mode: light or dark.
        beside: maps of other classes drawn beside this one; axes and colours then suit all of them.
    """
    seen = window([pair, *beside])
    density, decades = _decades(pair, seen)
    tops = [_top(each, seen) for each in (pair, *beside)]
    top, is_cut = max(tops), max(tops) < float(np.nanmax(decades))
    ticks = np.arange(np.ceil(top - DECADES), np.floor(top) + 1)
    numbers = np.stack([100 * inside(pair, pair.density).T, density.T], axis=-1)
    hover = {
        "hovertemplate": f"%{{text}}<br>{SHARE_AND_DENSITY}<extra></extra>",
        "customdata": numbers.astype(np.float32),
    }
    colours = {
        "colorscale": PALETTES[mode].sequential,
        "zmin": top - DECADES,
        "zmax": top,
        "colorbar": {"tickvals": ticks, "ticktext": [power_of_ten(int(tick)) for tick in ticks]},
    }
    x, y = symbol(pair.x.column), symbol(pair.y.column)
    cut = f"; densest {100 * ALIKE:g} % of plane alike" if is_cut else ""
    correlations = f"r = {format_number(pair.pearson)}, r<sub>I</sub> = {format_number(pair.r_i)}"
    return _map(
        pair,
        seen,
        decades,
        hover,
        colours,
        title=f"Joint density of {x} and {y}",
        notes=[pair_words(pair), f"density{_inverse(pair)}, log colours{cut}", hidden_words(pair, seen)],
        alt=f"Joint density of {plain(x)} and {plain(y)}: {plain(correlations)}.",
        file="density",
        mode=mode,
    )


def pointwise_figure(
    pair: PairMap,
    mode: Mode = "light",
    *,
    measure: str = "npmi",
    beside: Sequence[PairMap] = (),
    unit: Unit = "nats",
) -> go.Figure:
    """Draw where two variables meet more or less often than by chance; empty cells stay empty.

    Args:
        pair: the maps of the pair.
        mode: light or dark.
        measure: a name in ``POINTWISE``.
        beside: maps of other classes drawn beside this one; axes and colours then suit all of them.
        unit: of amounts of information.
    """
    seen, words, scale = window([pair, *beside]), POINTWISE[measure], factor(unit)
    drawn = scale if words.unit == NATS else 1.0
    z = drawn * inside(pair, pair.pointwise(measure))
    every = drawn * np.concatenate([inside(each, each.pointwise(measure)).ravel() for each in (pair, *beside)])
    low, high = float(np.nanmin(every, initial=0.0)), float(np.nanmax(every, initial=-np.inf))
    if words.is_signed:
        high = max(0.1, high, -low)
        low = -high
    high = max(high, low + 0.1)
    said = [
        [
            f"NPMI {a:.3f}<br>PMI {scale * b:.3f} {unit}<br>PMI² {scale * c:.3f} {unit}".replace("-", MINUS)
            for a, b, c in zip(*rows, strict=True)
        ]
        for rows in zip(*(inside(pair, pair.pointwise(name)).T for name in ("npmi", "pmi", "pmi2")), strict=True)
    ]
    hover = {"hovertemplate": "%{text}<br>%{customdata}<extra></extra>", "customdata": said}
    palette = PALETTES[mode]
    colourscale = palette.diverging if words.is_signed else palette.sequential
    x, y = symbol(pair.x.column), symbol(pair.y.column)
    shared = format_number(scale * pair.mi, scale * pair.mi_error, unit)
    colours = "green: more often than by chance, purple: less" if words.is_signed else "the stronger, the more often"
    drawn_in = f" in {shown_unit(words.unit, unit)}" if words.unit else ""
    return _map(
        pair,
        seen,
        z,
        hover,
        {"colorscale": colourscale, "zmin": low, "zmax": high, "colorbar": {"nticks": 6}},
        title=f"Where {x} and {y} share {shared}",
        notes=[pair_words(pair), f"{words.title}{drawn_in}, {colours}", hidden_words(pair, seen)],
        alt=f"{words.title} of {plain(x)} and {plain(y)}, cell by cell; they share {shared}.",
        file=measure,
        mode=mode,
    )


def entropy_figure(
    pair: PairMap, mode: Mode = "light", beside: Sequence[PairMap] = (), *, unit: Unit = "nats"
) -> go.Figure:
    """Draw the joint entropy of a pair as areas: what only X tells, what both share, what only Y tells.

    The circles have the areas H(X) and H(Y), their overlap I(X;Y), so that H(X,Y) = H(X|Y) + I(X;Y) + H(Y|X) is all.

    Args:
        pair: the maps of the pair.
        mode: light or dark.
        beside: maps of other classes drawn beside this one; areas then have one scale.
        unit: of the entropies that are written.
    """
    palette, scale = PALETTES[mode], factor(unit)
    x, y = symbol(pair.x.column), symbol(pair.y.column)
    values = (
        (f"H({x} | {y})", pair.x_given_y, pair.x_given_y_error),
        (f"I({x}; {y})", pair.mi, pair.mi_error),
        (f"H({y} | {x})", pair.y_given_x, pair.y_given_x_error),
    )
    words = [f"{name} = {format_number(scale * value, scale * error, unit)}" for name, value, error in values]
    drawn = [circles(each.entropy_x, each.entropy_y, each.mi) for each in (pair, *beside)]
    colours = (palette.diverging[1][1], palette.sequential[4][1], palette.sequential[2][1])
    reach = 1.04 * max(max(each.first, each.second) for each in drawn)
    half = 0.52 * max(each.right - each.left for each in drawn)
    middle = (drawn[0].left + drawn[0].right) / 2
    axis = {"visible": False, "fixedrange": True}
    total = f"H({x}, {y}) = {format_number(scale * pair.joint_entropy, unit=unit)}"
    return compose(
        _area_traces(drawn[0], words, colours, palette),
        {
            "showlegend": False,
            "xaxis": axis | {"range": [middle - half, middle + half], "constrain": "domain"},
            "yaxis": axis | {"range": [-reach, reach], "scaleanchor": "x", "constrain": "domain"},
            "annotations": _crescent_values(pair, drawn[0], colours, scale),
        },
        title=f"What {x} and {y} tell, as areas",
        notes=[
            *(key(colour, text, mark) for colour, text, mark in zip(colours, words, "▨■▧", strict=True)),
            f"{total} with B = {pair.bins}",
            pair_words(pair),
        ],
        alt=f"{plain(total)}: {', '.join(plain(text) for text in words)}.",
        mode=mode,
        height=CIRCLES_HEIGHT,
        file=f"{pair.x.column.name}-{pair.y.column.name}-entropy-{pair.event_class}",
    )


def _area_traces(drawn: Circles, words: list[str], colours: tuple[str, ...], palette: Palette) -> list[dict[str, Any]]:
    """Return both discs with their overlap on top: colour, hatching and place tell them apart."""
    parts = zip(drawn.outlines(), words, colours, ("/", "", "\\"), strict=True)
    first, shared, second = (
        {
            "type": "scatter",
            "mode": "lines",
            "x": outline[:, 0],
            "y": outline[:, 1],
            "fill": "toself",
            "fillcolor": colour,
            "fillpattern": {
                "shape": hatch, "size": 8, "solidity": 0.12, "fgcolor": palette.ink, "bgcolor": colour
            },
            "line": {"color": palette.ink, "width": 1.2},
            "name": text,
            "text": text,
            "hoverinfo": "text",
            "hoveron": "fills",
        }
        for outline, text, colour, hatch in parts
    )  # fmt: skip
    return [first, second, shared]


def _crescent_values(pair: PairMap, drawn: Circles, colours: tuple[str, ...], scale: float) -> list[dict[str, Any]]:
    """Write what is not shared into the parts that have room for it."""
    ends = (
        (drawn.left, min(drawn.distance - drawn.second, drawn.first), pair.x_given_y, colours[0]),
        (max(drawn.first, drawn.distance - drawn.second), drawn.right, pair.y_given_x, colours[2]),
    )
    widest = max(drawn.first, drawn.second)
    return [
        {"x": (low + high) / 2, "y": 0, "text": format_number(scale * value), "font": {"size": 13}, "bgcolor": colour}
        for low, high, value, colour in ends
        if high - low > ROOM * widest
    ]


def _inverse(pair: PairMap) -> str:
    """Return the unit of a density in the plane, such as " in 1/GeV²"."""
    first, second = pair.x.column.unit, pair.y.column.unit
    if first and second:
        return f" in 1/{first}²" if first == second else f" in 1/({first}·{second})"
    return f" in 1/{first or second}" if first or second else ""


def _decades(pair: PairMap, seen: Window) -> tuple[Floats, Floats]:
    """Return the density of each cell, as it is drawn, and its decimal logarithm."""
    widths, heights = (cell_widths(axis, drawn) for axis, drawn in ((pair.x, seen.x), (pair.y, seen.y)))
    density = inside(pair, pair.density) / np.outer(widths, heights)
    return density, np.log10(density)


def _top(pair: PairMap, seen: Window) -> float:
    """Return the logarithm of the density that only a small part of the drawn plane exceeds."""
    decades = _decades(pair, seen)[1].ravel()
    widths, heights = (
        np.diff(np.clip(drawn_edges(axis, drawn), *drawn)) for axis, drawn in ((pair.x, seen.x), (pair.y, seen.y))
    )
    area = np.outer(widths, heights).ravel() / ((seen.x[1] - seen.x[0]) * (seen.y[1] - seen.y[0]))
    area = np.where(np.isnan(decades), 0.0, area)
    order = np.argsort(-decades)
    covered = np.cumsum(area[order])
    if not covered[-1] > ALIKE:
        return float(np.nanmax(decades))
    return float(decades[order][np.searchsorted(covered, ALIKE, side="right")])


def _map(
    pair: PairMap,
    seen: Window,
    z: Floats,
    hover: dict[str, Any],
    colours: dict[str, Any],
    *,
    title: str,
    notes: list[str],
    alt: str,
    file: str,
    mode: Mode,
) -> go.Figure:
    """Draw one map over the cells of a pair; ``z`` runs along x first."""
    across, up = ([cell_words(axis, i) for i in range(n)] for axis, n in zip((pair.x, pair.y), z.shape, strict=True))
    trace = {
        "type": "heatmap",
        "x": drawn_edges(pair.x, seen.x),
        "y": drawn_edges(pair.y, seen.y),
        "z": z.T,
        "text": [[f"{a}<br>{b}" for a in across] for b in up],
        "hoverongaps": False,
        **hover,
        **colours,
        "colorbar": {"thickness": 12, "outlinewidth": 0, "len": 1} | colours["colorbar"],
    }
    return compose(
        [trace],
        {
            "xaxis": axis_layout(pair.x.column, seen.x, seen.x_values),
            "yaxis": axis_layout(pair.y.column, seen.y, seen.y_values),
        },
        title=title,
        notes=notes,
        alt=alt,
        mode=mode,
        height=MAP_HEIGHT,
        file=f"{pair.x.column.name}-{pair.y.column.name}-{file}-{pair.event_class}",
    )

"""One pair of variables: where its events lie, where it shares information, and how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.palette import PALETTES, Mode
from core.figures.style import compose
from core.figures.words import axis_title, events, key, plain, symbol
from core.information.pointwise import Axis, PairMap
from core.numbers import MINUS, format_number, power_of_ten

Floats = NDArray[np.float64]

BAR_HEIGHT = 230
DECADES = 3.0
MOST_TICKS = 12
CROPPED = 0.25
NARROWEST = 1 / 300


def density_figure(pair: PairMap, mode: Mode = "light") -> go.Figure:
    """Draw the joint density of a pair of variables, in their units, on a logarithmic colour scale.

    Args:
        pair: the maps of the pair.
        mode: light or dark.
    """
    share = _inside(pair, pair.density)
    density = share / np.outer(np.diff(_drawn_edges(pair.x)), np.diff(_drawn_edges(pair.y)))
    decades = np.log10(density)
    top = float(np.nanmax(decades))
    ticks = np.arange(np.ceil(top - DECADES), np.floor(top) + 1)
    values = [
        [f"share of events {100 * p:.3g} %<br>density {d:.3g}" for p, d in zip(*rows, strict=True)]
        for rows in zip(share, density, strict=True)
    ]
    colours = {
        "colorscale": PALETTES[mode].sequential,
        "zmin": top - DECADES,
        "zmax": top,
        "colorbar": {"tickvals": ticks, "ticktext": [power_of_ten(int(tick)) for tick in ticks]},
    }
    x, y = symbol(pair.x.column), symbol(pair.y.column)
    units = "·".join(axis.column.unit for axis in (pair.x, pair.y) if axis.column.unit)
    unit = f" in 1/({units})" if "·" in units else f" in 1/{units}" if units else ""
    correlations = f"r = {format_number(pair.pearson)}, r<sub>I</sub> = {format_number(pair.r_i)}"
    return _map(
        pair,
        decades,
        values,
        colours,
        title=f"Joint density of {x} and {y}",
        notes=[_class_words(pair), correlations, f"colours: density{unit}, logarithmic", _missing_words(pair)],
        alt=f"Joint density of {plain(x)} and {plain(y)}: {plain(correlations)}.",
        file="density",
        mode=mode,
    )


def npmi_figure(pair: PairMap, mode: Mode = "light") -> go.Figure:
    """Draw where two variables meet more or less often than by chance, from -1 to 1; empty cells stay empty.

    Args:
        pair: the maps of the pair.
        mode: light or dark.
    """
    npmi = _inside(pair, pair.npmi)
    largest = max(0.1, float(np.nanmax(np.abs(npmi), initial=0.0)))
    values = [
        [f"NPMI {a:.3f}<br>PMI {b:.3f} nats".replace("-", MINUS) for a, b in zip(*rows, strict=True)]
        for rows in zip(npmi, _inside(pair, pair.pmi), strict=True)
    ]
    x, y = symbol(pair.x.column), symbol(pair.y.column)
    shared = f"I({x}; {y}) = {format_number(pair.mi, pair.mi_error, 'nats')}"
    return _map(
        pair,
        npmi,
        values,
        {"colorscale": PALETTES[mode].diverging, "zmin": -largest, "zmax": largest, "colorbar": {"nticks": 7}},
        title=f"Where {x} and {y} share information (NPMI)",
        notes=[_class_words(pair), shared, "green: together more often than by chance, purple: less"],
        alt=f"Normalised pointwise mutual information of {plain(x)} and {plain(y)}: {plain(shared)}.",
        file="npmi",
        mode=mode,
    )


def entropy_figure(pair: PairMap, mode: Mode = "light") -> go.Figure:
    """Draw the joint entropy of a pair as a bar: what only X tells, what both share, what only Y tells.

    H(X,Y) = H(X|Y) + I(X;Y) + H(Y|X).

    Args:
        pair: the maps of the pair.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    x, y = symbol(pair.x.column), symbol(pair.y.column)
    parts = (
        (f"H({x} | {y})", pair.x_given_y, None, palette.diverging[1][1], "/"),
        (f"I({x}; {y})", pair.mi, pair.mi_error, palette.sequential[4][1], ""),
        (f"H({y} | {x})", pair.y_given_x, None, palette.sequential[2][1], "\\"),
    )
    words = [f"{name} = {format_number(value, error, 'nats')}" for name, value, error, _, _ in parts]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "x": [max(value, 0.0)],
            "y": [""],
            "marker": {
                "color": colour,
                "line": {"color": palette.paper, "width": 1},
                "pattern": {"shape": pattern, "size": 7, "solidity": 0.12, "fgcolor": palette.ink, "bgcolor": colour},
            },
            "hovertemplate": f"{text}<extra></extra>",
        }
        for text, (_, value, _, colour, pattern) in zip(words, parts, strict=True)
    ]
    total = f"H({x}, {y}) = {format_number(pair.joint_entropy, unit='nats')}"
    return compose(
        traces,
        {
            "barmode": "stack",
            "showlegend": False,
            "xaxis": {"title": {"text": "entropy [nats]"}, "rangemode": "tozero", "nticks": 8},
            "yaxis": {"visible": False, "fixedrange": True},
        },
        title=f"What {x} and {y} tell together",
        notes=[
            *(key(part[3], text) for part, text in zip(parts, words, strict=True)),
            f"{total} with B = {pair.bins}",
            _class_words(pair),
        ],
        alt=f"{plain(total)}: {', '.join(plain(text) for text in words)}.",
        mode=mode,
        height=BAR_HEIGHT,
        file=f"{pair.x.column.name}-{pair.y.column.name}-entropy",
    )


def _map(
    pair: PairMap,
    z: Floats,
    values: list[list[str]],
    colours: dict[str, Any],
    *,
    title: str,
    notes: list[str],
    alt: str,
    file: str,
    mode: Mode,
) -> go.Figure:
    """Draw one map over the cells of a pair; ``z`` and ``values`` run along x first."""
    across, up = ([_cell_words(axis, i) for i in range(n)] for axis, n in zip((pair.x, pair.y), z.shape, strict=True))
    bar = {"thickness": 12, "outlinewidth": 0, "len": 1}
    trace = {
        "type": "heatmap",
        "x": _drawn_edges(pair.x),
        "y": _drawn_edges(pair.y),
        "z": z.T,
        "text": [[f"{a}<br>{b}<br>{values[i][j]}" for i, a in enumerate(across)] for j, b in enumerate(up)],
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        **colours,
        "colorbar": bar | colours["colorbar"],
    }
    return compose(
        [trace],
        {"xaxis": _axis(pair.x), "yaxis": _axis(pair.y)},
        title=title,
        notes=notes,
        alt=alt,
        mode=mode,
        file=f"{pair.x.column.name}-{pair.y.column.name}-{file}-{pair.event_class}",
    )


def _inside(pair: PairMap, cells: Floats) -> Floats:
    """Return the cells between the edges, without those of missing values."""
    return cells[: len(pair.x.edges) - 1, : len(pair.y.edges) - 1]


def _cell_words(axis: Axis, i: int) -> str:
    unit = f" {axis.column.unit}" if axis.column.unit else ""
    return f"{symbol(axis.column)} {axis.labels[i]}{unit}"


def _axis(axis: Axis) -> dict[str, Any]:
    """Return title, ticks and range; the long tails of the outermost cells are cropped."""
    edges = _drawn_edges(axis)
    layout: dict[str, Any] = {"title": {"text": axis_title(axis.column)}, "showgrid": False, "nticks": 7}
    if axis.discrete and len(edges) <= MOST_TICKS + 1:
        return layout | {"tickvals": (edges[1:] + edges[:-1]) / 2, "ticktext": list(axis.labels[: len(edges) - 1])}
    return layout | {"range": list(_span(edges))}


def _span(edges: Floats) -> tuple[float, float]:
    """Return the drawn range: that of the inner cells and a quarter of it on either side, at most all."""
    if len(edges) < 4:
        return float(edges[0]), float(edges[-1])
    reach = CROPPED * (edges[-2] - edges[1])
    return float(max(edges[0], edges[1] - reach)), float(min(edges[-1], edges[-2] + reach))


def _drawn_edges(axis: Axis) -> Floats:
    """Return the edges of the cells, each cell at least wide enough to be seen: many events may have one value."""
    low, high = _span(axis.edges)
    narrowest = NARROWEST * max(high - low, abs(high) * 1e-6, 1e-300)
    steps = np.arange(len(axis.edges)) * narrowest
    return np.asarray(np.maximum.accumulate(axis.edges - steps) + steps)


def _class_words(pair: PairMap) -> str:
    name = "signal and background" if pair.event_class == "all" else pair.event_class
    return f"{name}: {events(pair.n_events, pair.n_effective)}"


def _missing_words(pair: PairMap) -> str:
    share = 1 - float(np.nansum(_inside(pair, pair.density)))
    has_missing = pair.x.has_missing or pair.y.has_missing
    return f"{100 * share:.2g} % without a value are not drawn" if has_missing else ""

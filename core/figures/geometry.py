"""How far apart variables are: a map and a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.events.table import Column
from core.figures.palette import PALETTES, Mode, Palette
from core.figures.style import SMALL_SIZE, compose
from core.figures.words import events, plain, symbol
from core.information.geometry import Geometry
from core.information.relevance import Relevance
from core.numbers import format_number, format_percent

Floats = NDArray[np.float64]

MAP_HEIGHT, LARGEST_MARKER, SMALLEST_MARKER = 560, 26.0, 9.0
MAP_SIDE = 290.0  # pixels that the longer side of the map takes, about: only places of labels depend on it
CHARACTER_WIDTH, LINE_HEIGHT = 7.0, 16.0
POSITIONS = {
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top center": (0, 1),
    "bottom center": (0, -1),
    "top right": (1, 1),
    "bottom right": (1, -1),
    "top left": (-1, 1),
    "bottom left": (-1, -1),
}
"""Where a label may stand beside its point, best first: plotly's name, and the direction."""


def map_figure(found: Geometry, relevance: Relevance | None = None, mode: Mode = "light") -> go.Figure:
    """Draw variables as points: distance by D, area by H, colour by what they tell about the label.

    Args:
        found: points and entropies.
        relevance: what the variables tell about a target; None draws all in one colour.
        mode: light or dark.
    """
    palette, labels = PALETTES[mode], _labels(found)
    share = found.entropy / max(float(found.entropy.max()), 1e-9)
    sizes = np.maximum(LARGEST_MARKER * np.sqrt(np.maximum(share, 0.0)), SMALLEST_MARKER)
    told = dict(zip(relevance.names, relevance.mi.tolist(), strict=True)) if relevance is not None else {}
    points = {
        "type": "scatter",
        "mode": "markers+text",
        "x": found.points[:, 0],
        "y": found.points[:, 1],
        "text": labels,
        "textposition": label_positions(found.points, [len(plain(label)) for label in labels], sizes),
        "textfont": {"size": SMALL_SIZE, "color": palette.ink},
        "customdata": _hovers(found, labels, told, relevance),
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
        "marker": {"size": sizes, "opacity": 0.9, "line": {"color": palette.ink, "width": 1}}
        | _colours(found, told, relevance, palette),
    }
    middle, half = _frame(found.points)
    axis: dict[str, Any] = {
        "title": {"text": "one square: D = 0.2", "font": {"color": palette.muted, "size": SMALL_SIZE}}
    }
    axis |= {"showgrid": True, "dtick": 0.2, "showticklabels": False, "ticks": "", "showline": False}
    return compose(
        [points],
        {
            "xaxis": axis | {"range": [middle[0] - half[0], middle[0] + half[0]]},
            "yaxis": axis | {"scaleanchor": "x", "range": [middle[1] - half[1], middle[1] + half[1]]},
            "hovermode": "closest",
            "showlegend": False,
        },
        title="Variables as points: close ones share information",
        notes=[
            "area: entropy H",
            f"stress {format_percent(found.stress)}",
            _class_words(found),
            found.estimator,
        ],
        alt=_map_alt(found),
        mode=mode,
        height=MAP_HEIGHT,
        file=f"map-{found.event_class}",
    )


def dendrogram_figure(found: Geometry, mode: Mode = "light") -> go.Figure:
    """Draw the tree of the variables: branches meet at the mean distance D of their variables.

    Args:
        found: the tree.
        mode: light or dark.
    """
    palette, labels, k = PALETTES[mode], _labels(found), len(found.names)
    traces: list[dict[str, Any]] = []
    lowest = max(0.0, 1.3 * found.merges[0].distance - 0.3)
    for merge in found.merges:
        (a, b), (start, end), level = merge.places, merge.heights, merge.distance
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [max(start, lowest), level, level, max(end, lowest)],
                "y": [a, a, b, b],
                "line": {"color": palette.runs[0], "width": 1.6},
                "hovertemplate": f"meet at D = {format_number(level)}<extra></extra>",
            }
        )
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "distance D = 1 − I / H(X,Y)"}, "range": [lowest, 1.01], "nticks": 6},
            "yaxis": {
                "tickvals": list(range(k)),
                "ticktext": [labels[i] for i in found.order],
                "tickfont": {"size": max(8, min(12, 400 // k)), "color": palette.ink},
                "range": [k - 0.4, -0.6],
                "showgrid": False,
                "showline": False,
                "ticks": "",
            },
            "hovermode": "closest",
            "showlegend": False,
        },
        title="Families of variables",
        notes=["average linkage on D", _class_words(found)],
        alt=_tree_alt(found),
        mode=mode,
        height=max(300, min(140 + 24 * k, 900)),
        file=f"dendrogram-{found.event_class}",
    )


def label_positions(points: Floats, lengths: Sequence[int], sizes: Floats) -> list[str]:
    """Choose for each label the place beside its point where it covers least of other labels and points.

    Args:
        points: shape (k, 2).
        lengths: characters of each label.
        sizes: diameters of the points in pixels, shape (k,).

    Returns:
        Names of plotly's text positions.
    """
    span = max(float(np.ptp(points, axis=0).max()), 1e-9)
    pixels = points / span * MAP_SIDE
    taken = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(pixels.tolist(), (sizes / 2).tolist(), strict=True)]
    chosen = [""] * len(points)
    for i in np.argsort(-np.asarray(sizes), kind="stable").tolist():
        width, radius = CHARACTER_WIDTH * lengths[i], float(sizes[i]) / 2
        boxes = {name: _box(pixels[i], direction, width, radius) for name, direction in POSITIONS.items()}
        others = taken[:i] + taken[i + 1 :]
        chosen[i] = min(boxes, key=lambda name: sum(_overlap(boxes[name], other) for other in others))
        taken.append(boxes[chosen[i]])
    return chosen


def _box(centre: Floats, direction: tuple[int, int], width: float, radius: float) -> tuple[float, float, float, float]:
    """Return left, lower, right and upper edge of a label beside a point."""
    x = float(centre[0]) + direction[0] * (radius + width / 2)
    y = float(centre[1]) + direction[1] * (radius + LINE_HEIGHT / 2)
    return x - width / 2, y - LINE_HEIGHT / 2, x + width / 2, y + LINE_HEIGHT / 2


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Return the area that two boxes share."""
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)


def _frame(points: Floats) -> tuple[Floats, Floats]:
    """Return middle and half width of the map, with room for the labels."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, np.maximum((high - low) / 2, 0.15) * np.array([1.3, 1.12])


def _colours(found: Geometry, told: dict[str, float], relevance: Relevance | None, palette: Palette) -> dict[str, Any]:
    if relevance is None:
        return {"color": palette.runs[0]}
    bar = {
        "title": {"text": "I(X; label) [nats]", "side": "top", "font": {"size": SMALL_SIZE}},
        "orientation": "h",
        "y": -0.05,
        "yanchor": "top",
        "thickness": 10,
        "outlinewidth": 0,
        "nticks": 6,
    }
    values = [max(told.get(name, 0.0), 0.0) for name in found.names]
    limits = {"cmin": 0.0, "cmax": max(*values, 1e-3)}
    return {"color": values, "colorscale": palette.sequential, "colorbar": bar, **limits}


def _hovers(found: Geometry, labels: Sequence[str], told: dict[str, float], relevance: Relevance | None) -> list[str]:
    apart = found.distance + np.where(np.eye(len(labels), dtype=bool), np.inf, 0.0)
    texts = []
    for i, name in enumerate(found.names):
        near = int(apart[i].argmin())
        lines = [
            f"<b>{labels[i]}</b>: H = {format_number(float(found.entropy[i]), unit='nats')}",
            f"closest: {labels[near]}, D = {format_number(float(apart[i, near]))}",
        ]
        if relevance is not None and name in told:
            lines.append(f"tells about the label {format_number(told[name], unit='nats')}")
        texts.append("<br>".join(lines))
    return texts


def _labels(found: Geometry) -> list[str]:
    return [symbol(Column(name, title)) for name, title in zip(found.names, found.titles, strict=True)]


def _class_words(found: Geometry) -> str:
    name = "signal and background" if found.event_class == "all" else found.event_class
    return f"{name}: {events(found.n_events, found.n_effective)}"


def _closest(found: Geometry) -> str:
    apart = found.distance + np.where(np.eye(len(found.names), dtype=bool), np.inf, 0.0)
    i, j = np.unravel_index(int(apart.argmin()), apart.shape)
    labels = _labels(found)
    return f"{plain(labels[i])} and {plain(labels[j])} are closest, D = {format_number(float(apart[i, j]))}"


def _map_alt(found: Geometry) -> str:
    return f"Map of {len(found.names)} variables by the distance D: {_closest(found)}."


def _tree_alt(found: Geometry) -> str:
    return f"Tree of {len(found.names)} variables by the distance D: {_closest(found)}."

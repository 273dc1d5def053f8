"""Which features move when one latent dimension does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.disentanglement.results import Latents, Traversal
from core.events.table import Column
from core.figures.latents import latent_label
from core.figures.palette import DASHES, PALETTES, Mode, cycle
from core.figures.style import compose
from core.figures.words import described, events, plain, symbol
from core.numbers import format_number, format_percent

MOST_NAMED = 6
"""Features with a colour and a name; the others are faint."""


@dataclass(frozen=True)
class Moved:
    """Say where one feature stands at a value of a latent dimension.

    Args:
        feature: its name.
        value: decoded, in the feature's unit.
        shift: change since z_j = 0, in units of the feature's spread.
        reach: largest minus smallest shift over all values.
    """

    feature: str
    value: float
    shift: float
    reach: float


def shifts(traversal: Traversal, j: int) -> NDArray[np.float64]:
    """Return the change of each feature since z_j = 0 in units of its spread, shape (S, F)."""
    decoded = traversal.decoded[j]
    middle = np.array([np.interp(0.0, traversal.values, column) for column in decoded.T])
    spread = np.where(traversal.spread > 0, traversal.spread, np.inf)
    return np.asarray((decoded - middle) / spread, np.float64)


def moved_at(traversal: Traversal, j: int, value: float) -> list[Moved]:
    """Return where each feature stands at a value of z_j, the one with the largest reach first.

    Args:
        traversal: what the decoder made.
        j: index of the dimension.
        value: of z_j, in standard deviations of the prior; interpolated.
    """
    moved = shifts(traversal, j)
    reach = np.ptp(moved, axis=0)
    return [
        Moved(
            traversal.features[f],
            float(np.interp(value, traversal.values, traversal.decoded[j, :, f])),
            float(np.interp(value, traversal.values, moved[:, f])),
            float(reach[f]),
        )
        for f in np.argsort(-reach, kind="stable")
    ]


def traversal_figure(
    traversal: Traversal,
    latents: Latents,
    j: int,
    columns: Mapping[str, Column],
    value: float | None = None,
    mode: Mode = "light",
) -> go.Figure:
    """Draw what the decoder makes of z_j, features in units of their spread; the most moved ones have a name.

    Args:
        traversal: what the decoder made.
        latents: of the same dimensions.
        j: index of the dimension.
        columns: words about the features.
        value: of z_j to mark; None marks none.
        mode: light or dark.
    """
    palette, moved = PALETTES[mode], shifts(traversal, j)
    order = [traversal.features.index(each.feature) for each in moved_at(traversal, j, 0.0)]
    traces = [
        _curve(traversal, moved, f, rank, j, described(columns, traversal.features[f]), mode)
        for rank, f in enumerate(order)
    ]
    name = f"z<sub>{j + 1}</sub>"
    line = {"type": "line", "x0": value, "x1": value, "yref": "paper", "y0": 0, "y1": 1}
    marked = [] if value is None else [line | {"line": {"color": palette.ink, "width": 1.2, "dash": "4px,3px"}}]
    largest = max(0.5, 1.08 * float(np.abs(moved).max(initial=0.0)))
    return compose(
        traces[::-1],
        {
            "xaxis": {"title": {"text": f"{name} [standard deviations of its prior]"}},
            "yaxis": {"title": {"text": "feature − feature at 0 [its spread]"}, "range": [-largest, largest]},
            "shapes": marked,
            "legend": {"traceorder": "reversed"},
            "showlegend": True,
        },
        title=f"What moves with {plain_label(latents, j)}",
        notes=[
            f"{min(MOST_NAMED, len(order))} most moved of {len(order)} features",
            "other dimensions at their mean",
            f"spread: of {events(latents.n_events, latents.n_effective)}",
        ],
        alt=_alt(traversal, j, columns),
        mode=mode,
        file=f"traversal-z{j + 1}",
    )


def plain_label(latents: Latents, j: int) -> str:
    """Write a latent dimension without bold type."""
    return latent_label(latents, j).replace("<b>", "").replace("</b>", "").replace(" z′", " (z′)").replace(" –", "")


def _curve(
    traversal: Traversal, moved: NDArray[np.float64], f: int, rank: int, j: int, column: Column, mode: Mode
) -> dict[str, Any]:
    """Return one feature: in colour and in the legend when it is among the most moved, else faint."""
    palette, named = PALETTES[mode], rank < MOST_NAMED
    colour = cycle(palette.runs, rank) if named else palette.grid
    hover = [
        f"{symbol(column)} = {format_number(float(x), unit=column.unit)}<br>"
        f"{format_number(float(shift))} of its spread<br>at z<sub>{j + 1}</sub> = {format_number(float(value))}"
        for x, shift, value in zip(traversal.decoded[j, :, f], moved[:, f], traversal.values, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": traversal.values,
        "y": moved[:, f],
        "line": {"color": colour, "width": 2 if named else 1, "dash": cycle(DASHES, rank) if named else "solid"},
        "name": symbol(column),
        "showlegend": named,
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _alt(traversal: Traversal, j: int, columns: Mapping[str, Column]) -> str:
    found = moved_at(traversal, j, 0.0)[:3]
    words = [
        f"{plain(symbol(described(columns, m.feature)))} by {format_percent(m.reach)} of its spread" for m in found
    ]
    ends = f"{format_number(float(traversal.values[0]))} to {format_number(float(traversal.values[-1]))}"
    return f"Features decoded as z{j + 1} goes from {ends}; most moved: {', '.join(words) or 'none'}."

"""Two scores that count their background: the plane with its four regions, and the closure of many cuts."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.evaluation.abcd import REGIONS, Closure, ClosureMap, ScorePlane
from core.figures.palette import PALETTES, Mode, Palette
from core.figures.style import compose
from core.figures.words import events, key
from core.numbers import format_number, format_percent, power_of_ten

HEIGHT = 440
DECADES = 3.0
SIGNAL_SHARES = (0.5, 0.8)
SPAN = 0.5
"""How far from 1 the colours of the closure map reach."""
F_TITLE, G_TITLE = "first score f", "second score g"


def plane_figure(plane: ScorePlane, closure: Closure, mode: Mode = "light") -> go.Figure:
    """Draw where background lies in the plane of both scores, the cuts, and contours of the signal.

    Args:
        plane: histograms of both classes.
        closure: the cuts and what they give.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in (plane.edges_f, plane.edges_g))
    traces: list[dict[str, Any]] = [
        _density(plane, palette),
        *(_contour(x, y, plane, level, palette) for level in SIGNAL_SHARES),
    ]
    cut_f, cut_g = closure.cuts
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": F_TITLE}, "range": [plane.edges_f[0], plane.edges_f[-1]]},
            "yaxis": {"title": {"text": G_TITLE}, "range": [plane.edges_g[0], plane.edges_g[-1]]},
            "shapes": [
                {"type": "line", "x0": cut_f, "x1": cut_f, "yref": "paper", "y0": 0, "y1": 1, "line": _cut(palette)},
                {"type": "line", "y0": cut_g, "y1": cut_g, "xref": "paper", "x0": 0, "x1": 1, "line": _cut(palette)},
            ],
            "annotations": _letters(closure, palette),
            "showlegend": False,
        },
        title="Background in the plane of both scores",
        notes=[
            f"{events(plane.n_background)} of background",
            "share of them in a cell, log colours",
            key(palette.signal, f"half and {format_percent(SIGNAL_SHARES[1])} of the signal (dashed)", "—"),
        ],
        alt=_plane_words(closure),
        mode=mode,
        height=HEIGHT,
        file="abcd-plane",
    )


def closure_figure(found: ClosureMap, here: tuple[float, float] | None = None, mode: Mode = "light") -> go.Figure:
    """Draw predicted over true background in region A for many pairs of cuts; paper means closure.

    Args:
        found: the map.
        here: signal efficiencies of the present cuts on f and g.
        mode: light or dark.
    """
    palette, percent = PALETTES[mode], 100 * found.efficiencies
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": percent,
            "y": percent,
            "z": found.ratio,
            "text": _hovers(found),
            "hovertemplate": "%{text}<extra></extra>",
            "hoverongaps": False,
            "colorscale": palette.diverging,
            "zmin": 1 - SPAN,
            "zmax": 1 + SPAN,
            "colorbar": {"thickness": 12, "outlinewidth": 0, "nticks": 6},
        }
    ]
    if here is not None:
        marker = {"size": 15, "symbol": "circle-open", "color": palette.ink, "line": {"width": 2.5}}
        traces.append(
            {"type": "scatter", "mode": "markers", "x": [100 * here[0]], "y": [100 * here[1]], "marker": marker,
             "hoverinfo": "skip"}
        )  # fmt: skip
    filled = np.isfinite(found.ratio)
    good = int((np.abs(found.ratio[filled] - 1) <= 0.1).sum())
    words_good = f"{good} of {int(filled.sum())} pairs of cuts close within 10 %"
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "signal efficiency of the cut on f [%]"}, "showgrid": False},
            "yaxis": {"title": {"text": "signal efficiency of the cut on g [%]"}, "showgrid": False},
            "showlegend": False,
        },
        title="Predicted over true background in region A",
        notes=[
            words_good,
            f"{events(found.n_background)} of background",
            "green: too much predicted, purple: too little",
        ],
        alt=f"Closure for many pairs of cuts: {words_good}; dCorr² of both scores "
        f"{format_number(found.correlation)} on background.",
        mode=mode,
        height=HEIGHT,
        file="abcd-closure",
    )


def _hovers(found: ClosureMap) -> list[list[str]]:
    """Say what each pair of cuts gives; rows are cuts on g."""
    percent = 100 * found.efficiencies
    return [
        [
            f"cut on f keeps {a:.0f} % of the signal, on g {b:.0f} %<br>"
            f"predicted / true {format_number(found.ratio[j, i], found.error[j, i])}<br>"
            f"region A keeps {format_percent(found.signal_efficiency[j, i])} of the signal<br>"
            f"contamination r = {format_number(found.contamination[j, i])}"
            for i, a in enumerate(percent)
        ]
        for j, b in enumerate(percent)
    ]


def _density(plane: ScorePlane, palette: Palette) -> dict[str, Any]:
    """Return the share of the background in each cell on logarithmic colours."""
    share = np.where(plane.background > 0, plane.background, np.nan) / plane.background.sum()
    decades = np.log10(share)
    top = float(np.nanmax(decades))
    ticks = np.arange(np.ceil(top - DECADES), np.floor(top) + 1)
    return {
        "type": "heatmap",
        "x": plane.edges_f,
        "y": plane.edges_g,
        "z": decades,
        "customdata": 100 * share,
        "colorscale": palette.sequential,
        "zmin": top - DECADES,
        "zmax": top,
        "colorbar": {
            "thickness": 12,
            "outlinewidth": 0,
            "tickvals": ticks,
            "ticktext": [power_of_ten(int(tick)) for tick in ticks],
        },
        "hovertemplate": "f %{x:.3f}, g %{y:.3f}<br>%{customdata:.3g} % of the background<extra></extra>",
        "hoverongaps": False,
    }


def _contour(x: Any, y: Any, plane: ScorePlane, level: float, palette: Palette) -> dict[str, Any]:
    return {
        "type": "contour",
        "x": x,
        "y": y,
        "z": plane.signal_share,
        "contours": {"type": "constraint", "operation": "=", "value": level},
        "line": {"color": palette.signal, "width": 2, "dash": "solid" if level == SIGNAL_SHARES[0] else "dash"},
        "showscale": False,
        "hoverinfo": "skip",
        "name": f"{format_percent(level)} of the signal",
    }


def _cut(palette: Palette) -> dict[str, Any]:
    return {"color": palette.ink, "width": 1.5}


def _letters(closure: Closure, palette: Palette) -> list[dict[str, Any]]:
    """Put the letter of each region into its outer corner."""
    right, top = 0.98, 0.98
    places = ((right, top), (right, 0.02), (0.02, top), (0.02, 0.02))
    return [
        {
            "text": f"<b>{letter}</b>",
            "x": x,
            "y": y,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "right" if x > 0.5 else "left",
            "yanchor": "top" if y > 0.5 else "bottom",
            "bgcolor": palette.paper,
            "borderpad": 3,
            "font": {"size": 15},
            "hovertext": f"Σw of background {format_number(region.background.value, region.background.error)}",
        }
        for letter, region, (x, y) in zip(REGIONS, closure.regions, places, strict=True)
    ]


def _plane_words(closure: Closure) -> str:
    counts = ", ".join(
        f"{letter} {format_number(region.background.value)}"
        for letter, region in zip(REGIONS, closure.regions, strict=True)
    )
    ratio = format_number(closure.ratio.value, closure.ratio.error)
    return f"Background in the plane of two scores; in the regions {counts}; predicted over true in A {ratio}."

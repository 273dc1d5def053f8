"""A parameter θ from sets of events: estimates against the truth, how the ways differ, and a curve of information."""

from __future__ import annotations

from math import ceil, isnan
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.ensembles.results import InformationCurve, Regressed, RegressionView
from core.figures.palette import PALETTES, SYMBOLS, Mode, Palette, cycle
from core.figures.style import SMALL_SIZE, compose
from core.numbers import format_count, format_number

HEIGHT = 520
DRAWN = 60
"""Sets whose estimates are drawn at most, of each way."""
SHORT = {
    "likelihood": "max. likelihood",
    "one_step": "one step",
    "per_set": "per-set MSE",
    "posterior": "posterior mean",
    "exact": "exact",
}
"""Way → what a key shows."""


def short_way(name: str) -> str:
    """Return the short title of a way."""
    return SHORT.get(name, name)


def theta_figure(view: RegressionView, mode: Mode = "light") -> go.Figure:
    """Draw θ̂ of some sets against θ, and beneath it the mean of θ̂ - θ in bins of θ with its standard error.

    Args:
        view: the estimates of all ways.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    looks = {way.name: _look(i, way, palette) for i, way in enumerate(view.ways)}
    traces = [
        trace
        for i, way in sorted(enumerate(view.ways), key=lambda each: each[1].name != "exact")  # beneath the others
        for trace in (_points(view, way, looks[way.name]), _closure(view, way, i, looks[way.name]))
    ]
    low, high = float(view.bins[0]), float(view.bins[-1])
    line = {"color": palette.muted, "width": 1}
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "θ"}, "range": [low, high], "anchor": "y2"},
            "yaxis": {"title": {"text": "estimate θ̂"}, "domain": [0.46, 1], "nticks": 6},
            "yaxis2": {"title": {"text": "mean of θ̂ − θ"}, "domain": [0, 0.38], "nticks": 5},
            "shapes": [
                {"type": "line", "x0": low, "x1": high, "y0": low, "y1": high, "line": line},
                {"type": "line", "x0": low, "x1": high, "y0": 0, "y1": 0, "yref": "y2", "line": line},
            ],
            "showlegend": True,
        },
        title=f"θ̂ of {len(view.ways)} ways against θ",
        notes=[
            sets_of(view),
            f"{len(view.drawn[:: _step(view)])} of them above",
            f"below: {len(view.bins) - 1} bins, standard errors",
        ],
        alt=_alt(view),
        mode=mode,
        height=HEIGHT,
        file="many-events-theta",
    )


def differences_figure(view: RegressionView, mode: Mode = "light") -> go.Figure:
    """Draw the root mean square difference of θ̂ of each pair of ways; paper means that they agree.

    Args:
        view: the estimates of all ways.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    names = [short_way(way.name) for way in view.ways]
    n = len(names)
    shown = np.where(np.tri(n, k=-1, dtype=bool), view.differences, np.nan)
    top = max(float(np.nanmax(shown)) if n > 1 else 0.0, float(max(way.resolution.value for way in view.ways)))
    text = [[format_number(shown[j, i]) if j > i else "" for i in range(n)] for j in range(n)]
    cells = {
        "type": "heatmap",
        "x": names[:-1],
        "y": names[1:],
        "z": shown[1:, :-1],
        "text": [row[:-1] for row in text[1:]],
        "texttemplate": "%{text}",
        "textfont": {"size": SMALL_SIZE},
        "colorscale": palette.sequential,
        "zmin": 0,
        "zmax": top,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": "%{y} against %{x}: %{text}<extra></extra>",
    }
    axis: dict[str, Any] = {"type": "category", "showgrid": False, "showline": False, "ticks": ""}
    best = min(view.ways, key=lambda way: way.resolution.value).resolution
    return compose(
        [cells],
        {
            "xaxis": {**axis, "title": {"text": "one way"}},
            "yaxis": {**axis, "autorange": "reversed", "title": {"text": "another way"}},
        },
        title="Root mean square of the difference of two ways",
        notes=["θ̂ − θ̂′", sets_of(view), f"full colour: the resolution, {format_number(best.value, best.error)}"],
        alt=f"Differences of the ways on {sets_of(view)}: {_largest(view)}; "
        f"the best resolution is {format_number(best.value, best.error)}.",
        mode=mode,
        file="many-events-differences",
    )


def theta_sentence(view: RegressionView) -> str:
    """Say how well each way finds θ, and how far they differ.

    Args:
        view: the estimates of all ways.

    Returns:
        Such as "From sets of 100 events 4 ways find θ with a resolution of 0.0989 ± 0.0009 (posterior mean) to
        0.1000 ± 0.0009 (one step); posterior mean and one step differ most, by 0.0200 (root mean square)."
    """
    ways = [way for way in view.ways if way.name != "exact"]
    ordered = sorted(ways, key=lambda way: way.resolution.value)
    best, worst = ordered[0], ordered[-1]
    said = [
        f"From sets of {format_count(view.size)} events {len(ways)} ways find θ with a resolution of "
        f"{_resolution(best)} to {_resolution(worst)}; {_largest(view)}."
    ]
    said += [
        f"The exact maximum likelihood has {format_number(way.resolution.value, way.resolution.error)}."
        for way in view.ways
        if way.name == "exact"
    ]
    return " ".join(said)


def information_figure(curve: InformationCurve, n: int, mode: Mode = "light") -> go.Figure:
    """Draw I(label; x) of two Gaussians at ±ε against ε: by a classifier, and exactly.

    Args:
        curve: estimates and exact values.
        n: events at each ε.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    away = float(np.max(np.abs(curve.estimate - curve.exact)))
    said = f"largest difference {format_number(away, unit='nats')}"
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": curve.epsilon,
            "y": curve.exact,
            "line": {"color": palette.muted, "width": 2, "dash": "6px,3px", "shape": "spline"},
            "name": "exact",
            "hovertemplate": "exact: %{y:.4f} nats<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": curve.epsilon,
            "y": curve.estimate,
            "error_y": {"array": curve.error, "color": palette.runs[0], "thickness": 1.5, "width": 3},
            "marker": {"color": palette.runs[0], "size": 7},
            "name": "classifier",
            "hovertemplate": "ε = %{x:.3f}: %{y:.4f} nats<extra></extra>",
        },
    ]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "ε [standard deviations]"}},
            "yaxis": {"title": {"text": "I(label; x) [nats]"}, "rangemode": "tozero"},
            "showlegend": True,
        },
        title="What one event of two Gaussians at ±ε tells of its class",
        notes=[f"{format_count(n)} events at each ε", said],
        alt=f"Mutual information of label and x against ε at {len(curve.epsilon)} points; {said} from the exact curve.",
        mode=mode,
        file="label-information",
    )


def sets_of(view: RegressionView) -> str:
    """Write how many sets judge."""
    return f"{format_count(view.n_sets)} sets of {format_count(view.size)} events"


def _look(i: int, way: Regressed, palette: Palette) -> dict[str, str]:
    colour = palette.ink if way.name == "exact" else cycle(palette.runs, i)
    return {"color": colour, "symbol": f"{cycle(SYMBOLS, i)}-open"}


def _step(view: RegressionView) -> int:
    """Return which of the kept sets are drawn, every how many-th: they may stand in the order of θ."""
    return max(1, ceil(len(view.drawn) / DRAWN))


def _points(view: RegressionView, way: Regressed, look: dict[str, str]) -> dict[str, Any]:
    step = _step(view)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": view.drawn[::step],
        "y": way.estimates[::step],
        "marker": {**look, "size": 6, "line": {"width": 1.2}},
        "name": short_way(way.name),
        "legendgroup": way.name,
        "hovertemplate": f"{way.title}<br>θ = %{{x:.3f}}, θ̂ = %{{y:.3f}}<extra></extra>",
    }


def _closure(view: RegressionView, way: Regressed, i: int, look: dict[str, str]) -> dict[str, Any]:
    """Return the closure, each way a little beside the middle of its bins."""
    middle, width = (view.bins[1:] + view.bins[:-1]) / 2, view.bins[1] - view.bins[0]
    beside = (i - (len(view.ways) - 1) / 2) * 0.7 * width / len(view.ways)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": middle + beside,
        "y": way.closure,
        "yaxis": "y2",
        "error_y": {"array": way.closure_error, "color": look["color"], "thickness": 1.2, "width": 0},
        "marker": {"color": look["color"], "size": 4},
        "name": short_way(way.name),
        "legendgroup": way.name,
        "showlegend": False,
        "customdata": [format_number(a, b) for a, b in zip(way.closure, way.closure_error, strict=True)],
        "hovertemplate": f"{way.title}<br>mean of θ̂ − θ: %{{customdata}}<extra></extra>",
    }


def _resolution(way: Regressed) -> str:
    return f"{format_number(way.resolution.value, way.resolution.error)} ({short_way(way.name)})"


def _largest(view: RegressionView) -> str:
    """Name the pair of learnt ways that differ most."""
    learnt = [k for k, way in enumerate(view.ways) if way.name != "exact"]
    pairs = [(float(view.differences[a, b]), a, b) for a in learnt for b in learnt if a < b]
    if not pairs:
        return "there is one way only"
    most, a, b = max(pairs)
    names = f"{short_way(view.ways[a].name)} and {short_way(view.ways[b].name)}"
    return f"{names} differ most, by {format_number(most)} (root mean square)"


def _alt(view: RegressionView) -> str:
    said = [
        f"{short_way(way.name)}: resolution {format_number(way.resolution.value, way.resolution.error)}"
        + ("" if isnan(way.bias.value) else f", bias {format_number(way.bias.value, way.bias.error)}")
        for way in view.ways
    ]
    return f"Estimates of θ against θ from {sets_of(view)}; {'; '.join(said)}."

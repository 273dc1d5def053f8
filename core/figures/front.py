"""The front of separation against sculpting: sliders as lines, trained runs as points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from core.figures.palette import PALETTES, SYMBOLS, Mode, Palette, cycle
from core.figures.style import LOG_TICKS, compose
from core.figures.words import shorten
from core.numbers import format_number
from core.results import Estimate


@dataclass(frozen=True)
class FrontCurve:
    """Name what one method reaches at several λ.

    Args:
        name: what to call it.
        lam: λ of each point, NaN where the method has none, shape (n,).
        auc: AUC of each point.
        inverse_jsd: 1/JSD in nats of each point.
        inverse_limit: 1/JSD that statistics alone give at each point's cut.
        ids: what a click on a point returns; empty for a curve that is not clicked.
        joined: whether the points are one network's, joined by a line.
    """

    name: str
    lam: Sequence[float]
    auc: Sequence[Estimate]
    inverse_jsd: Sequence[Estimate]
    inverse_limit: Sequence[float]
    ids: Sequence[str] = ()
    joined: bool = False


def front_figure(
    curves: Sequence[FrontCurve], here: tuple[float, float] | None = None, mode: Mode = "light", subject: str = ""
) -> go.Figure:
    """Draw AUC against 1/JSD: up is less sculpting, right is better separation; the best front is up and right.

    Args:
        curves: methods or sliders.
        here: (AUC, 1/JSD) of the present position of a slider.
        mode: light or dark.
        subject: what was judged, such as the number of events.
    """
    palette = PALETTES[mode]
    traces = [_curve(curve, i, palette) for i, curve in enumerate(curves)]
    limits = [(a.value, limit) for c in curves for a, limit in zip(c.auc, c.inverse_limit, strict=True)]
    limits = sorted(pair for pair in limits if all(math.isfinite(value) for value in pair))
    if limits:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines" if len(limits) > 1 else "markers",
                "x": [auc for auc, _ in limits],
                "y": [limit for _, limit in limits],
                "line": {"color": palette.muted, "width": 1, "dash": "dot"},
                "marker": {"symbol": "line-ew", "size": 14, "line": {"width": 1.5, "color": palette.muted}},
                "name": "statistical limit",
                "hovertemplate": "what statistics allow: 1/JSD %{y:.3g}<extra></extra>",
            }
        )
    if here is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [here[0]],
                "y": [here[1]],
                "marker": {"size": 15, "symbol": "circle-open", "color": palette.ink, "line": {"width": 2.5}},
                "name": "you are here",
                "hoverinfo": "skip",
            }
        )
    n_points = sum(len(curve.auc) for curve in curves)
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "AUC"}, "nticks": 7},
            "yaxis": {"title": {"text": "1/JSD (nats)"}, "type": "log", **LOG_TICKS},
            "clickmode": "event+select",
            "showlegend": True,
        },
        title="Separation against sculpting",
        notes=[f"{n_points} point{'' if n_points == 1 else 's'}", subject, "up: flatter spectrum; right: better AUC"],
        alt=_alt(curves, here),
        mode=mode,
        file="separation-against-sculpting",
    )


def _curve(curve: FrontCurve, i: int, palette: Palette) -> dict[str, Any]:
    colour = cycle(palette.runs, i)
    bars = {"thickness": 1, "width": 0, "color": colour}
    up, down = zip(*(_bars(each) for each in curve.inverse_jsd), strict=True) if curve.inverse_jsd else ((), ())
    return {
        "type": "scatter",
        "mode": "lines+markers" if curve.joined else "markers",
        "x": [each.value for each in curve.auc],
        "y": [each.value for each in curve.inverse_jsd],
        "error_x": {"array": [_or_zero(each.error) for each in curve.auc], **bars},
        "error_y": {"array": up, "arrayminus": down, **bars},
        "line": {"color": colour, "width": 1.5},
        "marker": {"symbol": cycle(SYMBOLS, i), "size": 6 if curve.joined else 10, "color": colour},
        "name": escape(shorten(curve.name, 32), quote=False),
        "customdata": list(curve.ids) or None,
        "text": [_hover(curve, k) for k in range(len(curve.auc))],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _bars(estimate: Estimate) -> tuple[float, float]:
    """Return the bars above and below 1/JSD: JSD's relative error, so that no bar reaches zero."""
    relative = _or_zero(estimate.error / estimate.value) if estimate.value > 0 else 0.0
    return estimate.value * math.expm1(relative), -estimate.value * math.expm1(-relative)


def _hover(curve: FrontCurve, k: int) -> str:
    lam = f", λ = {format_number(curve.lam[k])}" if math.isfinite(curve.lam[k]) else ""
    auc, flat = curve.auc[k], curve.inverse_jsd[k]
    return (
        f"{escape(shorten(curve.name, 32), quote=False)}{lam}<br>AUC {format_number(auc.value, auc.error)}<br>"
        f"1/JSD {format_number(flat.value, flat.error)} (limit {format_number(curve.inverse_limit[k])})"
    )


def _alt(curves: Sequence[FrontCurve], here: tuple[float, float] | None) -> str:
    words = [
        f"{curve.name} from AUC {format_number(max(a.value for a in curve.auc))} at "
        f"1/JSD {format_number(min(j.value for j in curve.inverse_jsd))} to "
        f"{format_number(min(a.value for a in curve.auc))} at {format_number(max(j.value for j in curve.inverse_jsd))}"
        for curve in curves
        if curve.auc
    ]
    place = f" The slider is at AUC {format_number(here[0])} and 1/JSD {format_number(here[1])}." if here else ""
    return f"AUC against 1/JSD: {'; '.join(words) or 'no point yet'}.{place}"


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0

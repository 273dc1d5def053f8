"""The front of separation against sculpting: sliders as lines, trained runs as points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go

from core.events.table import Column
from core.figures.palette import PALETTES, SYMBOLS, Mode, Palette, cycle, faint
from core.figures.style import LOG_TICKS, compose, whole_decades
from core.figures.words import shorten, symbol
from core.numbers import format_number
from core.results import Estimate

Across = Literal["auc", "rejection"]
"""What runs across: AUC, or background rejection at 50 % signal efficiency."""
AXIS_TITLES: dict[Across, str] = {"auc": "AUC", "rejection": "background rejection at 50 % signal efficiency"}
SHORT_TITLES: dict[Across, str] = {"auc": "AUC", "rejection": "rejection"}


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
        rejection: background rejection at 50 % signal efficiency of each point; empty where only the AUC is drawn.
        is_baseline: whether it is what the others are compared with; grey.
        parameter: what to call ``lam``, where a scan varied something else.
        sample: what its points were judged on, where that is not the subject of the figure.
    """

    name: str
    lam: Sequence[float]
    auc: Sequence[Estimate]
    inverse_jsd: Sequence[Estimate]
    inverse_limit: Sequence[float]
    ids: Sequence[str] = ()
    joined: bool = False
    rejection: Sequence[Estimate] = ()
    is_baseline: bool = False
    parameter: str = "λ"
    sample: str = ""

    def across(self, kind: Across) -> Sequence[Estimate]:
        """Return what runs across."""
        return self.auc if kind == "auc" else self.rejection


def front_figure(
    curves: Sequence[FrontCurve],
    here: tuple[float, float] | None = None,
    mode: Mode = "light",
    subject: str = "",
    across: Across = "auc",
) -> go.Figure:
    """Draw separation against 1/JSD: up is less sculpting, right is better separation; the best front is up and right.

    Args:
        curves: methods or sliders.
        here: (AUC or rejection, 1/JSD) of the present position of a slider.
        mode: light or dark.
        subject: what was judged, such as the number of events.
        across: what runs across.
    """
    palette = PALETTES[mode]
    places = {id(curve): i for i, curve in enumerate(curve for curve in curves if not curve.is_baseline)}
    traces = [_curve(curve, places.get(id(curve)), palette, across) for curve in curves]
    others = sorted({curve.sample for curve in curves if curve.sample})
    for sample in ("", *others):
        if limits := _limits_of([curve for curve in curves if curve.sample == sample], across):
            traces.append(_limits(limits, palette, sample))
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
    n_points = sum(len(curve.auc) for curve in curves if not curve.sample)
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": AXIS_TITLES[across]}, "nticks": 7},
            "yaxis": {"title": {"text": "1/JSD [1/nats]"}, "type": "log", **LOG_TICKS, **whole_decades(_drawn(curves))},
            "clickmode": "event+select",
            "showlegend": True,
        },
        title="Separation against sculpting",
        notes=[
            f"{n_points} point{'' if n_points == 1 else 's'}",
            subject,
            *(f"{escape(shorten(curve.name, 32), quote=False)}: {curve.sample}" for curve in curves if curve.sample),
            f"up: flatter spectrum; right: better {SHORT_TITLES[across]}",
        ],
        alt=_alt(curves, here, across),
        mode=mode,
        file="separation-against-sculpting",
    )


def _limits_of(curves: Sequence[FrontCurve], across: Across) -> list[tuple[float, float]]:
    """Return where the limits of one sample lie, from left to right."""
    pairs = [(x.value, limit) for c in curves for x, limit in zip(c.across(across), c.inverse_limit, strict=True)]
    return sorted(pair for pair in pairs if all(math.isfinite(value) for value in pair))


def _limits(limits: Sequence[tuple[float, float]], palette: Palette, sample: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(limits) > 1 else "markers",
        "x": [x for x, _ in limits],
        "y": [limit for _, limit in limits],
        "line": {"color": palette.muted, "width": 1, "dash": "dot"},
        "marker": {"symbol": "line-ew", "size": 14, "line": {"width": 1.5, "color": palette.muted}},
        "name": f"statistical limit, {sample}" if sample else "statistical limit",
        "text": [format_number(limit) for _, limit in limits],
        "hovertemplate": "what statistics allow: 1/JSD %{text}<extra></extra>",
    }


def _curve(curve: FrontCurve, i: int | None, palette: Palette, across: Across) -> dict[str, Any]:
    """Return the points of a curve; trained runs are joined faintly, in the order of λ."""
    colour = palette.muted if i is None else cycle(palette.runs, i)
    bars = {"thickness": 1, "width": 0, "color": colour}
    up, down = zip(*(_bars(each) for each in curve.inverse_jsd), strict=True) if curve.inverse_jsd else ((), ())
    x = curve.across(across)
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) > 1 else "markers",
        "x": [each.value for each in x],
        "y": [each.value for each in curve.inverse_jsd],
        "error_x": {"array": [_or_zero(each.error) for each in x], **bars},
        "error_y": {"array": up, "arrayminus": down, **bars},
        "line": {"color": colour if curve.joined else faint(colour, 0.4), "width": 1.5},
        "marker": {
            "symbol": "x-thin-open" if i is None else cycle(SYMBOLS, i),
            "size": 6 if curve.joined else 10,
            "color": colour,
        },
        "name": escape(shorten(curve.name, 32), quote=False),
        "customdata": list(curve.ids) or None,
        "text": [_hover(curve, k) for k in range(len(curve.auc))],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _drawn(curves: Sequence[FrontCurve]) -> list[float]:
    return [value for curve in curves for value in (*(each.value for each in curve.inverse_jsd), *curve.inverse_limit)]


def _bars(estimate: Estimate) -> tuple[float, float]:
    """Return the bars above and below 1/JSD: JSD's relative error, so that no bar reaches zero."""
    relative = _or_zero(estimate.error / estimate.value) if estimate.value > 0 else 0.0
    return estimate.value * math.expm1(relative), -estimate.value * math.expm1(-relative)


def _hover(curve: FrontCurve, k: int) -> str:
    name = symbol(Column("", curve.parameter))
    lam = f", {name} = {format_number(curve.lam[k])}" if math.isfinite(curve.lam[k]) else ""
    auc, flat = curve.auc[k], curve.inverse_jsd[k]
    kept = "".join(f"rejection {format_number(r.value, r.error)}<br>" for r in curve.rejection[k : k + 1])
    return (
        f"{escape(shorten(curve.name, 32), quote=False)}{lam}<br>AUC {format_number(auc.value, auc.error)}<br>{kept}"
        f"1/JSD {format_number(flat.value, flat.error)} (limit {format_number(curve.inverse_limit[k])})"
    )


def _alt(curves: Sequence[FrontCurve], here: tuple[float, float] | None, across: Across) -> str:
    what, words = SHORT_TITLES[across], []
    for curve in curves:
        x, y = [each.value for each in curve.across(across)], [each.value for each in curve.inverse_jsd]
        if x:
            words.append(
                f"{curve.name} from {what} {format_number(max(x))} at 1/JSD {format_number(min(y))} to "
                f"{format_number(min(x))} at {format_number(max(y))}"
            )
    place = f" The slider is at {what} {format_number(here[0])} and 1/JSD {format_number(here[1])}." if here else ""
    return f"{AXIS_TITLES[across]} against 1/JSD: {'; '.join(words) or 'no point yet'}.{place}"


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0

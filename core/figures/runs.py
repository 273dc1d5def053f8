"""Runs compared: rejection against sculpting."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from core.figures.palette import PALETTES, SYMBOLS, Mode, Palette, cycle
from core.figures.style import LOG_TICKS, compose, whole_decades
from core.figures.words import shorten
from core.numbers import format_number

LIMIT_OF = "held-out background, parted at random into as many events as pass and fail a run's own cut"
"""What the statistical limit of a run is computed on: runs with other cuts have other limits."""


@dataclass(frozen=True)
class RunPoint:
    """Name one run and its figures of merit.

    Args:
        run: id of the run, which a click returns.
        name: what to call it.
        group: what is compared, such as its method; one colour and symbol each.
        headline: figures of merit by name, as ``Evaluation.headline`` gives them.
    """

    run: str
    name: str
    group: str
    headline: Mapping[str, float]

    def number(self, key: str) -> float:
        """Return a figure of merit, NaN when there is none."""
        return float(self.headline.get(key, float("nan")))

    @property
    def is_drawable(self) -> bool:
        """Return whether rejection and sculpting are finite and positive."""
        return math.isfinite(self.number("r50")) and self.number("jsd_nats") > 0


def runs_figure(points: Sequence[RunPoint], mode: Mode = "light") -> go.Figure:
    """Draw background rejection at 50 % signal efficiency against 1/JSD: up is less sculpting, right is more rejection.

    Short bars mark what statistics allow of each run's sample. The customdata of a point is its run's id.

    Args:
        points: one for each run; those without a finite rejection and JSD are left out and counted.
        mode: light or dark.
    """
    palette, drawable = PALETTES[mode], [point for point in points if point.is_drawable]
    groups = list(dict.fromkeys(point.group for point in drawable))
    traces = [
        _group([point for point in drawable if point.group == group], i, palette) for i, group in enumerate(groups)
    ]
    limited = [point for point in drawable if point.number("jsd_limit_nats") > 0]
    if limited:
        traces.append(_limits(limited, palette))
    left_out = len(points) - len(drawable)
    sculpting = [point.number(name) for point in drawable for name in ("jsd_nats", "jsd_limit_nats")]
    spanned = [1 / jsd for jsd in sculpting if jsd > 0]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "background rejection at 50 % signal efficiency"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": "1/JSD [1/nats]"}, "type": "log", **LOG_TICKS, **whole_decades(spanned)},
            "clickmode": "event+select",
            "showlegend": True,
        },
        title="Rejection against sculpting",
        notes=[
            _plural(len(drawable)),
            f"{_plural(left_out)} not finite, left out" if left_out else "",
            f"limit: {LIMIT_OF}" if limited else "",
        ],
        alt=_alt(drawable),
        mode=mode,
        file="rejection-against-sculpting",
    )


def _group(points: Sequence[RunPoint], i: int, palette: Palette) -> dict[str, Any]:
    inverse = [1 / point.number("jsd_nats") for point in points]
    relative = [_or_zero(point.number("jsd_nats_error")) / point.number("jsd_nats") for point in points]
    colour = cycle(palette.runs, i)
    bars = {"thickness": 1, "width": 0, "color": colour}
    pairs = list(zip(inverse, relative, strict=True))
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [point.number("r50") for point in points],
        "y": inverse,
        "error_x": {"array": [_or_zero(point.number("r50_error")) for point in points], **bars},
        "error_y": {
            "array": [value * math.expm1(spread) for value, spread in pairs],
            "arrayminus": [-value * math.expm1(-spread) for value, spread in pairs],
            **bars,
        },
        "marker": {"symbol": cycle(SYMBOLS, i), "size": 10, "color": colour},
        "name": escape(shorten(points[0].group, 32), quote=False),
        "customdata": [point.run for point in points],
        "text": [_hover(point) for point in points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _limits(points: Sequence[RunPoint], palette: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [point.number("r50") for point in points],
        "y": [1 / point.number("jsd_limit_nats") for point in points],
        "marker": {"symbol": "line-ew", "size": 14, "line": {"width": 1.5, "color": palette.muted}},
        "name": "statistical limit",
        "hoverinfo": "skip",
    }


def _hover(point: RunPoint) -> str:
    jsd, limit = point.number("jsd_nats"), point.number("jsd_limit_nats")
    sculpting = format_number(1 / jsd, point.number("jsd_nats_error") / jsd**2)
    allowed = f" (limit {format_number(1 / limit)})" if limit > 0 else ""
    return (
        f"{escape(shorten(point.name, 32), quote=False)}<br>"
        f"rejection {format_number(point.number('r50'), point.number('r50_error'))}<br>"
        f"1/JSD {sculpting}{allowed}<br>"
        f"AUC {format_number(point.number('auc'), point.number('auc_error'))}"
    )


def _alt(points: Sequence[RunPoint]) -> str:
    words = [
        f"{point.name} rejection {format_number(point.number('r50'))} "
        f"and 1/JSD {format_number(1 / point.number('jsd_nats'))}"
        for point in points
    ]
    return f"Background rejection against 1/JSD of {_plural(len(points))}: {'; '.join(words) or 'none yet'}."


def _plural(n: int) -> str:
    return f"{n} run{'' if n == 1 else 's'}"


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0

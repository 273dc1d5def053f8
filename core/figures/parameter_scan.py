"""What a figure of merit becomes as one parameter is varied, one line a model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go

from core.events.table import Column
from core.figures.palette import PALETTES, SYMBOLS, Mode, Palette, cycle
from core.figures.style import LOG_TICKS, compose, whole_decades
from core.figures.words import shorten, symbol
from core.numbers import format_number
from core.results import Estimate

Merit = Literal["auc", "inverse_jsd", "mig"]
"""What runs up."""
MERITS: dict[Merit, str] = {"auc": "AUC", "inverse_jsd": "1/JSD [1/nats]", "mig": "MIG"}
LEAST_LOG_SPAN = 5.0
"""Ratio of largest and smallest value from which the parameter's axis is logarithmic."""


@dataclass(frozen=True)
class ParameterCurve:
    """Name what one model reaches at several values of a parameter.

    Args:
        name: what to call it.
        values: of the parameter, ascending; a single NaN for a model without it, drawn across.
        auc: of each value.
        inverse_jsd: 1/JSD in nats of each value.
        inverse_limit: 1/JSD that statistics alone give at each value's cut.
        mig: mutual information gap of each value, NaN where there is none.
        ids: what a click on a point returns.
    """

    name: str
    values: Sequence[float]
    auc: Sequence[Estimate]
    inverse_jsd: Sequence[Estimate]
    inverse_limit: Sequence[float]
    mig: Sequence[Estimate]
    ids: Sequence[str] = ()

    def of(self, merit: Merit) -> Sequence[Estimate]:
        """Return one figure of merit of each value."""
        return {"auc": self.auc, "inverse_jsd": self.inverse_jsd, "mig": self.mig}[merit]


def parameter_figure(
    curves: Sequence[ParameterCurve],
    merit: Merit,
    parameter: str,
    *,
    n_runs: int,
    subject: str = "",
    cut: str = "",
    mode: Mode = "light",
) -> go.Figure:
    """Draw a figure of merit against a parameter: up is better. Points have the error of their seeds.

    Args:
        curves: one a model.
        merit: AUC, 1/JSD on a log axis with the statistical limit, or MIG.
        parameter: what to call the parameter, such as "β".
        n_runs: runs behind all points.
        subject: what the bars are.
        cut: where the JSD is taken, such as "99.5 % background rejection".
        mode: light or dark.
    """
    palette, title = PALETTES[mode], MERITS[merit]
    values = sorted({value for curve in curves for value in curve.values if math.isfinite(value)})
    traces = [
        _across(curve, merit, values, palette)
        if any(math.isnan(value) for value in curve.values)
        else _curve(curve, i, merit, parameter, palette)
        for i, curve in enumerate(curves)
    ]
    if merit == "inverse_jsd":
        traces += _limits(curves, values, palette)
    up = {"type": "log", **LOG_TICKS, **whole_decades(_drawn(curves))} if merit == "inverse_jsd" else {"nticks": 6}
    name = symbol(Column("", parameter))
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": name}, **_values_axis(values)},
            "yaxis": {"title": {"text": title}, **up},
            "clickmode": "event+select",
            "showlegend": True,
        },
        title=f"{title.removesuffix(' [1/nats]')} against {name}",
        notes=[
            f"{n_runs} run{'' if n_runs == 1 else 's'}",
            subject,
            f"at {cut}" if cut and merit == "inverse_jsd" else "",
        ],
        alt=_alt(curves, merit, parameter),
        mode=mode,
        height=360,
        file=f"{merit.replace('_', '-')}-against-{parameter}",
    )


def _values_axis(values: Sequence[float]) -> dict[str, Any]:
    """Return ticks at the values of the parameter; logarithmic where they span a wide range above zero."""
    if not values:
        return {}
    ticks = {"tickvals": list(values), "ticktext": [_short(value) for value in values]}
    if len(values) > 1 and values[0] > 0 and values[-1] >= LEAST_LOG_SPAN * values[0]:
        return {"type": "log", **ticks}
    return {"nticks": 8} if len(values) > 8 or (len(values) > 2 and values[0] == 0) else ticks


def _short(value: float) -> str:
    """Write a value of the parameter as it was typed, to three figures; a power of ten as in print.

    Example:
        >>> _short(0.5), _short(4000.0), _short(2e6)
        ('0.5', '4000', '2.00 × 10⁶')
    """
    text = f"{value:.3g}"
    return format_number(value) if "e" in text else text


def _curve(curve: ParameterCurve, i: int, merit: Merit, parameter: str, palette: Palette) -> dict[str, Any]:
    """Return the points of one model with their errors."""
    colour, found = cycle(palette.runs, i), curve.of(merit)
    up, down = zip(*(_bars(each, merit) for each in found), strict=True) if found else ((), ())
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(curve.values),
        "y": [each.value for each in found],
        "error_y": {"array": up, "arrayminus": down, "thickness": 1, "width": 0, "color": colour},
        "line": {"color": colour, "width": 1.6},
        "marker": {"symbol": cycle(SYMBOLS, i), "size": 9, "color": colour},
        "name": escape(shorten(curve.name, 32), quote=False),
        "customdata": list(curve.ids) or None,
        "text": [_hover(curve, k, merit, parameter) for k in range(len(found))],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _across(curve: ParameterCurve, merit: Merit, values: Sequence[float], palette: Palette) -> dict[str, Any]:
    """Return what a model without the parameter reaches, as a line across."""
    found = curve.of(merit)[0]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(values),
        "y": [found.value] * len(values),
        "line": {"color": palette.muted, "width": 1.6, "dash": "4px,2px"},
        "name": escape(shorten(curve.name, 32), quote=False),
        "hovertemplate": f"{escape(curve.name, quote=False)}: {_text(found)}<extra></extra>",
    }


def _limits(curves: Sequence[ParameterCurve], values: Sequence[float], palette: Palette) -> list[dict[str, Any]]:
    """Return the mean statistical limit at each value: points beyond it cannot be told from perfect ones."""
    pairs = [
        (value, [c.inverse_limit[list(c.values).index(value)] for c in curves if value in list(c.values)])
        for value in values
    ]
    drawn = [(value, [each for each in limits if math.isfinite(each)]) for value, limits in pairs]
    drawn = [(value, limits) for value, limits in drawn if limits]
    if not drawn:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines" if len(drawn) > 1 else "markers",
            "x": [value for value, _ in drawn],
            "y": [sum(limits) / len(limits) for _, limits in drawn],
            "line": {"color": palette.muted, "width": 1, "dash": "dot"},
            "marker": {"symbol": "line-ew", "size": 14, "line": {"width": 1.5, "color": palette.muted}},
            "name": "statistical limit",
            "text": [format_number(sum(limits) / len(limits)) for _, limits in drawn],
            "hovertemplate": "what statistics allow: 1/JSD %{text}<extra></extra>",
        }
    ]


def _drawn(curves: Sequence[ParameterCurve]) -> list[float]:
    return [value for curve in curves for value in (*(each.value for each in curve.inverse_jsd), *curve.inverse_limit)]


def _bars(estimate: Estimate, merit: Merit) -> tuple[float, float]:
    """Return the bars above and below; on the log axis those of a relative error, so that none reaches zero."""
    error = estimate.error if math.isfinite(estimate.error) else 0.0
    if merit != "inverse_jsd" or not estimate.value > 0:
        return error, error
    relative = error / estimate.value
    return estimate.value * math.expm1(relative), -estimate.value * math.expm1(-relative)


def _hover(curve: ParameterCurve, k: int, merit: Merit, parameter: str) -> str:
    limit = f" (limit {format_number(curve.inverse_limit[k])})" if merit == "inverse_jsd" else ""
    place = f"{symbol(Column('', parameter))} = {_short(curve.values[k])}"
    return (
        f"{escape(shorten(curve.name, 32), quote=False)}, {place}<br>{MERITS[merit]} {_text(curve.of(merit)[k])}{limit}"
    )


def _text(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)


def _alt(curves: Sequence[ParameterCurve], merit: Merit, parameter: str) -> str:
    words = []
    for curve in curves:
        finite = [
            (each.value, value)
            for each, value in zip(curve.of(merit), curve.values, strict=True)
            if math.isfinite(each.value)
        ]
        if finite:
            best, value = max(finite)
            at = f" at {_short(value)}" if math.isfinite(value) else ""
            words.append(f"{curve.name} reaches {format_number(best)}{at}")
    return f"{MERITS[merit]} against {parameter}: {'; '.join(words) or 'no point yet'}."

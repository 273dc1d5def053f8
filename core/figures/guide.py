"""The guide's own figures: what remains of features once the mass is known, and what sets of events gain."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.events.table import Column
from core.figures.palette import DASHES, PALETTES, Mode, Palette, cycle
from core.figures.style import LOG_TICKS, SMALL_SIZE, compose
from core.figures.words import events, key, plain, symbol
from core.guide.remaining import Remaining
from core.guide.sets import SetCurve, SetsGain
from core.numbers import format_count, format_number

_LEAST_PASSING = 1e-4
"""Background efficiency down to which rejection is drawn."""


def remaining_figure(found: Remaining, mode: Mode = "light") -> go.Figure:
    """Draw I(X; label) of each feature as an open bar, and what is left of it once m is known as a full one.

    Args:
        found: what features tell.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    m = symbol(Column(found.protected, found.protected_title))
    labels = [symbol(Column(name, title)) for name, title in zip(found.names, found.titles, strict=True)]
    alone, known = "alone, I(X; label)", f"once {m} is known, I(X; label | {m})"
    traces = [
        _bars(labels, found.alone, found.alone_error, alone, palette.muted, palette, filled=False),
        _bars(labels, found.given, found.given_error, known, palette.runs[0], palette, filled=True),
    ]
    return compose(
        traces,
        {
            "xaxis": {
                "title": {"text": "information about the label [nats]"},
                "rangemode": "tozero",
                "nticks": 6,
            },
            "yaxis": {
                "autorange": "reversed",
                "showgrid": False,
                "ticks": "",
                "tickfont": {"size": SMALL_SIZE, "color": palette.ink},
            },
            "barmode": "group",
            "bargap": 0.25,
            "bargroupgap": 0.05,
            "showlegend": False,
        },
        title=f"What features tell once {m} is known",
        notes=[
            key(palette.muted, alone, "□"),
            key(palette.runs[0], known),
            f"bars ± standard error, B = {found.bins}",
            events(found.n_events, found.n_effective, even_odds=True),
        ],
        alt=_alt_remaining(found),
        mode=mode,
        file="remaining-information",
    )


def sets_gain_figure(found: SetsGain, column: Column, mode: Mode = "light") -> go.Figure:
    """Draw the background rejection of sets of N events against the signal efficiency, on a log axis.

    Args:
        found: curves of several N.
        column: the variable whose likelihood ratio is summed.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    x = np.linspace(0.01, 1, 100)
    random = {
        "type": "scatter", "mode": "lines", "x": x, "y": 1 / x, "hoverinfo": "skip", "showlegend": False,
        "line": {"color": palette.muted, "width": 1, "dash": "1px,3px"},
    }  # fmt: skip
    return compose(
        [random, *(_curve(curve, i, palette) for i, curve in enumerate(found.curves))],
        {
            "xaxis": {
                "title": {"text": "signal efficiency ε<sub>s</sub>"},
                "range": [0, 1],
                "tickformat": ".0%",
                "dtick": 0.2,
            },
            "yaxis": {
                "title": {"text": "background rejection 1/ε<sub>b</sub>"},
                "type": "log",
                "range": [0, -np.log10(_LEAST_PASSING)],
                **LOG_TICKS,
            },
            "showlegend": True,
        },
        title=f"Sets of N events, told apart by {symbol(column)} alone",
        notes=[f"judged on {events(found.n_held_out)} held out", "finely dotted: a random choice"],
        alt=_alt_sets(found, column),
        mode=mode,
        file="sets-gain",
    )


def _bars(
    labels: list[str], values: Any, errors: Any, name: str, colour: str, palette: Palette, *, filled: bool
) -> dict[str, Any]:
    """Return horizontal bars with their errors."""
    hovers = [
        f"{label}, {name}: {format_number(value, error, 'nats')}"
        for label, value, error in zip(labels, values, errors, strict=True)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": np.maximum(values, 0),
        "error_x": {"array": errors, "color": palette.ink, "thickness": 1, "width": 2},
        "marker": {"color": colour if filled else palette.paper, "line": {"color": colour, "width": 1.5}},
        "name": name,
        "hovertext": hovers,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _curve(curve: SetCurve, i: int, palette: Palette) -> dict[str, Any]:
    """Return the ROC curve of one size, as far as background passes."""
    passed = np.where(curve.roc.background_efficiency > _LEAST_PASSING, curve.roc.background_efficiency, np.nan)
    name = f"N = {format_count(curve.size)}: AUC {format_number(curve.auc.value, curve.auc.error)}"
    return {
        "type": "scatter",
        "mode": "lines",
        "x": curve.roc.signal_efficiency,
        "y": 1 / passed,
        "line": {"color": cycle(palette.runs, i), "width": 2, "dash": cycle(DASHES, i)},
        "name": name,
        "hovertemplate": f"{name}<br>ε<sub>s</sub> = %{{x:.1%}}<br>1/ε<sub>b</sub> = %{{y:.3g}}<extra></extra>",
    }


def _alt_remaining(found: Remaining) -> str:
    rows = zip(found.titles, found.alone, found.alone_error, found.given, found.given_error, strict=True)
    told = ", ".join(
        f"{title} {format_number(a, a_error)} alone and {format_number(g, g_error)} given {found.protected_title}"
        for title, a, a_error, g, g_error in rows
    )
    return plain(f"Information of features about the label in nats: {told}.")


def _alt_sets(found: SetsGain, column: Column) -> str:
    areas = ", ".join(f"{c.size}: {format_number(c.auc.value, c.auc.error)}" for c in found.curves)
    return plain(f"Background rejection by sums of log likelihood ratios of {symbol(column)}; AUC for N = {areas}.")

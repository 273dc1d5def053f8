"""Background efficiency against a protected variable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.evaluation.evaluate import Evaluation
from core.evaluation.sculpting import Efficiency
from core.events.table import Column
from core.figures.palette import PALETTES, SYMBOLS, Mode, cycle
from core.figures.spectrum import of_variable
from core.figures.steps import centres
from core.figures.style import LOG_TICKS, compose
from core.figures.values import bin_words, value_ticks
from core.figures.words import axis_title, events, plain, symbol
from core.numbers import format_number, format_percent


def efficiency_figure(evaluation: Evaluation, column: Column, mode: Mode = "light") -> go.Figure:
    """Draw the background efficiency in bins of a protected variable at several signal efficiencies, on a log axis.

    Faint lines show the efficiency of all bins together: a score that does not know the variable follows them. A
    discrete variable has one point a value.

    Args:
        evaluation: of the run.
        column: the protected variable.
        mode: light or dark.

    Raises:
        DataError: the evaluation has no such protected variable.
    """
    palette, efficiency = PALETTES[mode], of_variable(evaluation, column.name).efficiency
    colours = palette.working_points
    traces = [_curve(efficiency, i, cycle(colours, i), column) for i in range(len(efficiency.inclusive))]
    shapes, labels = [], []
    for i, (point, inclusive) in enumerate(zip(efficiency.signal_efficiencies, efficiency.inclusive, strict=True)):
        if not inclusive > 0:
            continue
        line = {"color": cycle(colours, i), "width": 1, "dash": "dot"}
        ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": inclusive, "y1": inclusive}
        shapes.append({"type": "line", **ends, "line": line, "opacity": 0.6, "layer": "below"})
        labels.append(
            {
                "text": format_percent(point),
                "xref": "paper",
                "x": 1,
                "xanchor": "left",
                "xshift": 6,
                "y": math.log10(inclusive),
                "font": {"color": palette.ink, "size": 12},
            }
        )
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}, **value_ticks(column, efficiency.values)},
            "yaxis": {"title": {"text": "background efficiency"}, "type": "log", **LOG_TICKS, **_range(efficiency)},
            "shapes": shapes,
            "annotations": labels,
            "showlegend": False,
            "margin": {"r": 48},
        },
        title=f"Background efficiency against {symbol(column)}",
        notes=[
            f"signal efficiency {format_percent(float(efficiency.signal_efficiencies.min()))} to "
            f"{format_percent(float(efficiency.signal_efficiencies.max()))}, written at the right",
            "dotted: all bins together",
            f"background: {events(evaluation.n_background)}",
        ],
        alt=_alt(efficiency, column),
        mode=mode,
        file=f"{column.name}-efficiency",
    )


def _curve(efficiency: Efficiency, i: int, colour: str, column: Column) -> dict[str, Any]:
    share, error = efficiency.background[i], efficiency.error[i]
    drawn = np.where(share > 0, share, np.nan)
    point = format_percent(float(efficiency.signal_efficiencies[i]))
    edges, values = efficiency.edges, efficiency.values
    hover = [
        f"{where}<br>background efficiency {format_number(value, spread)}<br>at signal efficiency {point}"
        for where, value, spread in zip(bin_words(column, edges, values), share, error, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "markers" if len(values) else "lines+markers",  # between two generators there is nothing
        "x": values if len(values) else centres(edges),
        "y": drawn,
        "error_y": {"array": error, "arrayminus": np.minimum(error, 0.9 * drawn), "thickness": 1, "width": 0},
        "line": {"color": colour, "width": 1.4},
        "marker": {"symbol": cycle(SYMBOLS, i), "size": 6, "color": colour},
        "name": point,
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _range(efficiency: Efficiency) -> dict[str, Any]:
    """Return a range of the log axis: from 1 down to what is positive, a decade at least, in halves of a decade.

    So it stays while a training goes on.
    """
    drawn = np.append(efficiency.background, efficiency.inclusive)
    positive = drawn[drawn > 0]
    if not len(positive):
        return {}
    return {"range": [min(-1.0, math.floor(2 * math.log10(positive.min())) / 2), 0.06]}


def _alt(efficiency: Efficiency, column: Column) -> str:
    words = []
    for point, row in zip(efficiency.signal_efficiencies, efficiency.background, strict=True):
        finite = row[np.isfinite(row)]
        if len(finite):
            spans = f"{format_number(float(finite.min()))} and {format_number(float(finite.max()))}"
            words.append(f"between {spans} at {format_percent(point)}")
    listed = ", ".join(words) or "undefined"
    return f"Background efficiency in bins of {plain(symbol(column))} lies {listed} signal efficiency."

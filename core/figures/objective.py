"""What a learnt event variable gains, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, nan
from typing import Any

import plotly.graph_objects as go

from core.figures.palette import PALETTES, Mode
from core.figures.style import compose
from core.numbers import format_number

Scalars = Mapping[str, float]
CURVES = {"objective": ("training", "solid"), "validation_objective": ("validation", "5px,2px")}
"""Scalar of a snapshot → what to call it, and its dash."""


def objective_figure(
    epochs: Sequence[int], scalars: Sequence[Scalars], n_epochs: int, *, mode: Mode = "light"
) -> go.Figure:
    """Draw ln 2 less the cross entropy of the auxiliary network against the epoch: what v lets it tell apart.

    Args:
        epochs: completed epochs, ascending.
        scalars: what the snapshot of each epoch reports.
        n_epochs: epochs of the whole training, so that the axis stays as the curves grow.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    traces = [
        _curve(epochs, scalars, name, words, {"color": palette.runs[0], "width": 1.8, "dash": dash}, "y")
        for name, (words, dash) in CURVES.items()
    ]
    penalised = any("dependence" in row for row in scalars)
    layout: dict[str, Any] = {
        "xaxis": {"title": {"text": "epoch"}, "range": [0, max(n_epochs, 1) + 0.5]},
        "yaxis": {"title": {"text": "objective [nats]"}, "rangemode": "tozero", "nticks": 6},
        "hovermode": "x unified",
        "showlegend": True,
    }
    if penalised:
        line = {"color": palette.signal, "width": 1.8}
        traces.append(_curve(epochs, scalars, "dependence", "dependence", line, "y2"))
        layout["xaxis"]["anchor"] = "y2"
        layout["yaxis"]["domain"] = [0.42, 1]
        layout["yaxis2"] = {"title": {"text": "dependence"}, "domain": [0, 0.34], "rangemode": "tozero", "nticks": 4}
    last = scalars[-1].get("validation_objective", nan) if scalars else nan
    said = f"epoch {epochs[-1]} of {n_epochs}" if epochs else "waiting for the first epoch"
    reached = f"{format_number(last, unit='nats')} on validation events" if epochs else ""
    return compose(
        traces,
        layout,
        title="What v lets the auxiliary network tell apart",
        notes=[said, reached, f"at most ln 2 = {format_number(log(2))} nats"],
        alt=f"Objective against epoch, {said}: {reached}.",
        mode=mode,
        file="event-variable-objective",
    )


def _curve(
    epochs: Sequence[int], scalars: Sequence[Scalars], name: str, words: str, line: dict[str, Any], axis: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(epochs) == 1 else "lines",
        "x": list(epochs),
        "y": [row.get(name, nan) for row in scalars],
        "yaxis": axis,
        "line": line,
        "name": words,
        "hovertemplate": f"{words}: %{{y:.4g}}<extra></extra>",
    }

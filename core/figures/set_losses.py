"""The losses of networks of single events and of sets against the epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan
from typing import Any

import plotly.graph_objects as go

from core.figures.palette import PALETTES, Mode, Palette, cycle
from core.figures.style import compose
from core.figures.words import key
from core.numbers import format_number

Scalars = Mapping[str, float]

HEIGHT = 520
SINGLE = ("product", "ratio")
"""Networks whose loss is one of single events: their panel is the upper one."""
NAMES = {
    "product": "f₁",
    "list": "list",
    "sorted": "sorted",
    "set": "set",
    "readback": "read back",
    "ratio": "likelihood ratio",
    "per_set": "per-set mean squared error",
}
"""Network → what a key shows."""


def set_losses_figure(
    epochs: Sequence[int], scalars: Sequence[Scalars], n_epochs: int, *, mode: Mode = "light"
) -> go.Figure:
    """Draw the loss of each network against the epoch: that of single events above, those of sets below.

    Args:
        epochs: completed epochs, ascending.
        scalars: what the snapshot of each epoch reports.
        n_epochs: epochs of the whole training, so that the axis stays as the curves grow.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    names = [name.removeprefix("loss_") for name in (scalars[-1] if scalars else {}) if name.startswith("loss_")]
    colours = {name: network_colour(names, name, palette) for name in names}
    traces = [
        trace
        for name in names
        for trace in (
            _loss(epochs, [row.get(f"loss_{name}", nan) for row in scalars], name, colours[name], "solid"),
            _loss(epochs, [row.get(f"validation_loss_{name}", nan) for row in scalars], name, colours[name], "5px,2px"),
        )
    ]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "epoch"}, "range": [0, max(n_epochs, 1) + 0.5], "anchor": "y2"},
            "yaxis": {"title": {"text": "single events"}, "domain": [0.56, 1], "nticks": 4},
            "yaxis2": {"title": {"text": "sets"}, "domain": [0, 0.46], "nticks": 5},
            "hovermode": "x unified",
            "showlegend": False,
        },
        title="Loss of each network against epoch",
        notes=[
            f"epoch {epochs[-1]} of {n_epochs}" if epochs else "waiting for the first epoch",
            "solid: training, dashed: validation",
            " · ".join(key(colours[name], NAMES.get(name, name), "—") for name in names),
        ],
        alt=_losses_alt(epochs, scalars, names, n_epochs),
        mode=mode,
        height=HEIGHT,
        file="many-events-loss",
    )


def network_colour(names: Sequence[str], name: str, palette: Palette) -> str:
    """Return the ink for what the others are compared with, and a colour each for them."""
    others = [each for each in names if each not in SINGLE]
    return palette.ink if name in SINGLE else cycle(palette.runs, others.index(name))


def _loss(epochs: Sequence[int], values: Sequence[float], name: str, colour: str, dash: str) -> dict[str, Any]:
    sample, title = "training" if dash == "solid" else "validation", NAMES.get(name, name)
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(epochs) == 1 else "lines",
        "x": list(epochs),
        "y": list(values),
        "yaxis": "y" if name in SINGLE else "y2",
        "line": {"color": colour, "width": 1.8, "dash": dash},
        "name": title,
        "hovertemplate": f"{title}, {sample}: %{{y:.4g}}<extra></extra>",
    }


def _losses_alt(epochs: Sequence[int], scalars: Sequence[Scalars], names: Sequence[str], n_epochs: int) -> str:
    if not epochs:
        return f"Loss of each network against epoch: no epoch of {n_epochs} is complete yet."
    last = scalars[-1]
    said = [
        f"{NAMES.get(name, name)} {format_number(value)}"
        for name in names
        if isfinite(value := last.get(f"validation_loss_{name}", nan))
    ]
    return f"Loss of each network at epoch {epochs[-1]} of {n_epochs}, on validation events: {', '.join(said)}."

"""The terms of the evidence lower bound against the epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan
from typing import Any

import plotly.graph_objects as go

from core.figures.palette import PALETTES, Mode, Palette
from core.figures.style import compose
from core.figures.words import key
from core.numbers import format_number

Scalars = Mapping[str, float]

RECONSTRUCTION = "reconstruction"
TERMS = {
    RECONSTRUCTION: "reconstruction",
    "index_code": "index-code MI",
    "total_correlation": "total correlation",
    "dimension_wise": "dimension-wise KL",
}
"""Scalar of a snapshot → what to call it."""
VALIDATION = "validation_"
BELOW_NOUGHT = (
    "Never below 0 in truth. It is estimated from batches of events, and what the index-code MI comes out too large by "
    "is missing here, while their sum is right: below 0, it is smaller than the bias of its estimate."
)
"""What a total correlation below 0 means."""


def elbo_figure(epochs: Sequence[int], scalars: Sequence[Scalars], n_epochs: int, *, mode: Mode = "light") -> go.Figure:
    """Draw the four terms of training and validation events; the reconstruction, which is larger, has its own panel.

    ELBO = -(reconstruction + index-code + total correlation + dimension-wise KL), in nats an event.

    Args:
        epochs: completed epochs of the autoencoder, ascending.
        scalars: what the snapshot of each epoch reports; terms that it lacks are left out.
        n_epochs: epochs of the autoencoder, so that the axis stays as the curves grow.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    names = [key(_colour(name, palette), words, "—") for name, words in TERMS.items()]
    traces = [
        trace
        for name in TERMS
        for trace in (
            _curve(epochs, scalars, name, palette, validation=False),
            _curve(epochs, scalars, name, palette, validation=True),
        )
    ]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": "epoch"}, "range": [0, max(n_epochs, 1) + 0.5], "anchor": "y2"},
            "yaxis": {"title": {"text": "reconstruction<br>[nats]"}, "domain": [0.64, 1], "nticks": 4},
            "yaxis2": {
                "title": {"text": "other terms [nats]"},
                "domain": [0, 0.56],
                "rangemode": "tozero",
                "nticks": 6,
            },
            "hovermode": "x unified",
            "showlegend": False,
        },
        title="Terms of the ELBO against epoch",
        notes=[*_notes(epochs, scalars, n_epochs), f"{names[0]} · {names[1]}", f"{names[2]} · {names[3]}"],
        alt=_alt(epochs, scalars, n_epochs),
        mode=mode,
        file="elbo",
    )  # fmt: skip


def _curve(
    epochs: Sequence[int], scalars: Sequence[Scalars], name: str, palette: Palette, *, validation: bool
) -> dict[str, Any]:
    """Return one term: solid for training events, dashed for validation events."""
    scalar, sample = (f"{VALIDATION}{name}", "validation") if validation else (name, "training")
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(epochs) == 1 else "lines",
        "x": list(epochs),
        "y": [row.get(scalar, nan) for row in scalars],
        "yaxis": "y" if name == RECONSTRUCTION else "y2",
        "line": {"color": _colour(name, palette), "width": 1.8, "dash": "5px,2px" if validation else "solid"},
        "name": TERMS[name],
        "hovertemplate": f"{TERMS[name]}, {sample}: %{{y:.4g}}<extra></extra>",
    }


def _colour(name: str, palette: Palette) -> str:
    return palette.ink if name == RECONSTRUCTION else palette.runs[list(TERMS).index(name) - 1]


def _terms(row: Scalars) -> dict[str, float]:
    """Return the terms of validation events, or of training events where there are no others."""
    return {name: row.get(f"{VALIDATION}{name}", row.get(name, nan)) for name in TERMS}


def _notes(epochs: Sequence[int], scalars: Sequence[Scalars], n_epochs: int) -> list[str]:
    if not epochs:
        return ["waiting for the first epoch"]
    elbo = -sum(_terms(scalars[-1]).values())
    return [
        f"epoch {epochs[-1]} of {n_epochs}",
        f"ELBO {format_number(elbo, unit='nats')} an event" if isfinite(elbo) else "",
        "solid: training, dashed: validation",
        "total correlation below 0: smaller than its bias" if _terms(scalars[-1])["total_correlation"] < 0 else "",
    ]


def _alt(epochs: Sequence[int], scalars: Sequence[Scalars], n_epochs: int) -> str:
    if not epochs:
        return "Terms of the ELBO against epoch: no epoch is complete yet."
    said = [f"{TERMS[name]} {format_number(value, unit='nats')}" for name, value in _terms(scalars[-1]).items()]
    return f"Terms of the ELBO against epoch, at epoch {epochs[-1]} of {n_epochs}: {', '.join(said)}."

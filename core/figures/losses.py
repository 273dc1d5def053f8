"""The terms of the loss against the epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.palette import PALETTES, Mode, Palette, faint
from core.figures.style import compose
from core.numbers import format_number

Scalars = Mapping[str, float]


def losses_figure(
    epochs: Sequence[int],
    scalars: Sequence[Scalars],
    n_epochs: int,
    *,
    mode: Mode = "light",
) -> go.Figure:
    """Draw classification loss and λ × dependence of training and validation events, with the ramp of λ shaded.

    Args:
        epochs: completed epochs, ascending.
        scalars: what the snapshot of each epoch reports.
        n_epochs: epochs of the whole training, so that the axis stays as the curves grow.
        mode: light or dark.
    """
    palette, read = PALETTES[mode], _Reader(epochs, scalars)
    lam = read("lam")
    traces = [
        _curve(read, read("classification"), "training", palette),
        _curve(read, read("validation_classification"), "validation", palette),
    ]
    layout = _one_panel(n_epochs)
    if np.nan_to_num(lam).any():
        lower = (("training", "dependence"), ("validation", "validation_dependence"))
        for name, key in lower:
            traces.append(_curve(read, lam * read(key), name, palette) | {"yaxis": "y2", "showlegend": False})
        traces.append(_ramp(read, lam, palette))
        layout |= _second_panel(n_epochs)
    if not epochs:
        layout["yaxis"] |= {"showticklabels": False}
    return compose(
        traces,
        layout,
        title="Loss against epoch",
        notes=_notes(epochs, scalars, n_epochs),
        alt=_alt(epochs, scalars, n_epochs),
        mode=mode,
        file="loss",
    )


class _Reader:
    """Read one scalar of every epoch, NaN where it is missing."""

    def __init__(self, epochs: Sequence[int], scalars: Sequence[Scalars]) -> None:
        self.epochs, self._scalars = list(epochs), scalars

    def __call__(self, key: str) -> NDArray[np.float64]:
        return np.array([row.get(key, float("nan")) for row in self._scalars], dtype=np.float64)


def _one_panel(n_epochs: int) -> dict[str, Any]:
    return {
        "xaxis": {"title": {"text": "epoch"}, "range": [0, max(n_epochs, 1) + 0.5]},
        "yaxis": {"title": {"text": "classification [nats]"}, "nticks": 5},
        "hovermode": "x unified",
        "showlegend": True,
    }


def _second_panel(n_epochs: int) -> dict[str, Any]:
    """Return the layout of the lower panel; λ has a hidden axis of its own."""
    one = _one_panel(n_epochs)
    return {
        "xaxis": one["xaxis"] | {"anchor": "y2"},
        "yaxis": one["yaxis"] | {"domain": [0.55, 1]},
        "yaxis2": {"title": {"text": "λ × dependence"}, "domain": [0, 0.45], "nticks": 5, "rangemode": "tozero"},
        "yaxis3": {"overlaying": "y2", "range": [0, 1.05], "visible": False, "fixedrange": True},
    }


def _curve(read: _Reader, values: NDArray[np.float64], name: str, palette: Palette) -> dict[str, Any]:
    line = {"color": palette.ink} if name == "training" else {"color": palette.runs[0], "dash": "5px,2px"}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": read.epochs,
        "y": values,
        "line": {"width": 1.8, **line},
        "name": name,
        "legendgroup": name,
        "hovertemplate": "%{y:.4g}",
    }


def _ramp(read: _Reader, lam: NDArray[np.float64], palette: Palette) -> dict[str, Any]:
    """Return λ as a shaded area behind the curves of the lower panel, its largest value at the top."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": read.epochs,
        "y": lam / np.nanmax(lam),
        "yaxis": "y3",
        "line": {"width": 0, "color": palette.muted},
        "fill": "tozeroy",
        "fillcolor": faint(palette.muted, 0.15),
        "name": f"λ, up to {float(f'{np.nanmax(lam):.3g}'):g}",
        "text": [f"λ = {format_number(value)}" for value in lam],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _notes(epochs: Sequence[int], scalars: Sequence[Scalars], n_epochs: int) -> list[str]:
    if not epochs:
        return ["waiting for the first epoch"]
    auc = scalars[-1].get("validation_auc")
    return [f"epoch {epochs[-1]} of {n_epochs}", f"validation AUC {format_number(auc)}" if auc is not None else ""]


def _alt(epochs: Sequence[int], scalars: Sequence[Scalars], n_epochs: int) -> str:
    if not epochs:
        return "Loss against epoch: no epoch is complete yet."
    last = scalars[-1]
    terms = [
        f"{key.replace('_', ' ')} {format_number(last[key])}"
        for key in ("classification", "validation_classification", "dependence", "lam")
        if key in last
    ]
    return f"Loss against epoch, at epoch {epochs[-1]} of {n_epochs}: {', '.join(terms)}."

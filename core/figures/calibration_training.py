"""The training of calibrations: the spectra it sees, its losses, and the widths it predicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import nan
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.calibration.results import CalibrationView, Closure, Truths
from core.figures.calibration_words import (
    Columns,
    methods_of,
    number_of_events,
    short_method,
    spectrum_colours,
    spectrum_title,
)
from core.figures.palette import DASHES, PALETTES, SYMBOLS, Mode, cycle
from core.figures.style import compose
from core.figures.words import axis_title, described, events, plain
from core.numbers import format_number

HEIGHT, TALL = 420, 480


def resolution_figure(
    view: CalibrationView, columns: Columns, variable: str, test: str, mode: Mode = "light"
) -> go.Figure:
    """Draw the standard deviation of ẑ - z beside the predicted σ, and beneath it that of the pull (ẑ - z)/σ.

    Args:
        view: calibrations side by side.
        columns: the words about truth and spectra.
        variable: component of the truth.
        test: spectrum of the events that are calibrated.
        mode: light or dark.
    """
    palette, methods = PALETTES[mode], list(methods_of(view))
    column, colours = described(columns, variable), spectrum_colours(view, palette)
    found = [each for each in view.closures if (each.variable, each.test) == (variable, test)]
    traces = [
        trace for each in found for trace in _widths(each, colours[each.train], methods.index(each.method), columns)
    ]
    unit = f" [{escape(column.unit, quote=False)}]" if column.unit else ""
    said = [
        f"{short_method(each.method)} trained on {spectrum_title(columns, each.train)}: pull width "
        f"{format_number(each.bulk_pull_width.value, each.bulk_pull_width.error)}"
        for each in found
        if np.isfinite(each.bulk_pull_width.value)
    ]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}, "anchor": "y2"},
            "yaxis": {"title": {"text": f"resolution{unit}"}, "domain": [0.44, 1], "nticks": 6},
            "yaxis2": {"title": {"text": "pull width"}, "domain": [0, 0.36], "nticks": 5},
            "shapes": [
                {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 1, "y1": 1,
                 "line": {"color": palette.muted, "width": 1}}
            ],
            "showlegend": True,
        },
        title="Resolution, and the width of the pull",
        notes=[
            f"{number_of_events(view, test)}, tested on {escape(spectrum_title(columns, test), quote=False)}",
            "filled: Gaussian Ansatz, line: its σ" if "gaussian_ansatz" in methods else "",
            "open: mean squared error" if "mse" in methods else "",
        ],
        alt=f"Resolution and pull width in bins of the truth on {spectrum_title(columns, test)} events; in the bulk: "
        f"{'; '.join(said) or f'{len(methods)} method without a predicted width'}.",
        mode=mode,
        height=TALL,
        file=f"calibration-resolution-{test}",
    )  # fmt: skip


def truths_figure(view: CalibrationView, columns: Columns, variable: str, mode: Mode = "light") -> go.Figure:
    """Draw how the truth is distributed under each spectrum.

    Args:
        view: calibrations side by side.
        columns: the words about truth and spectra.
        variable: component of the truth.
        mode: light or dark.
    """
    palette, column = PALETTES[mode], described(columns, variable)
    colours, found = spectrum_colours(view, palette), [each for each in view.spectra if each.variable == variable]
    traces = [_truth(each, colours[each.spectrum], cycle(DASHES, i), columns) for i, each in enumerate(found)]
    per = f"1/{column.unit}" if column.unit else "per unit"
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}},
            "yaxis": {"title": {"text": f"density [{escape(per, quote=False)}]"}, "rangemode": "tozero"},
            "showlegend": True,
        },
        title="Spectra of the truth",
        notes=_sizes(found, columns),
        alt=plain(f"Spectra of the truth, {'; '.join(_sizes(found, columns))}."),
        mode=mode,
        height=HEIGHT,
        file="calibration-spectra",
    )


def calibration_losses_figure(
    epochs: Sequence[int],
    scalars: Sequence[Mapping[str, float]],
    methods: Sequence[str],
    train: Sequence[str],
    n_epochs: int,
    columns: Columns,
    *,
    mode: Mode = "light",
) -> go.Figure:  # fmt: skip
    """Draw the loss of each method against the epoch, one panel a method and one colour a training spectrum.

    Args:
        epochs: completed epochs, ascending.
        scalars: what the snapshot of each epoch reports, "loss_METHOD_SPECTRUM".
        methods: names of the methods.
        train: names of the training spectra.
        n_epochs: epochs of the whole training, so that the axis stays as the curves grow.
        columns: the words about spectra.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(epochs) == 1 else "lines",
            "x": list(epochs),
            "y": [row.get(f"loss_{method}_{name}", nan) for row in scalars],
            "yaxis": f"y{i + 1}" if i else "y",
            "line": {"color": cycle(palette.runs, k), "width": 1.8, "dash": cycle(DASHES, k)},
            "name": escape(spectrum_title(columns, name), quote=False),
            "legendgroup": name,
            "showlegend": i == 0,
            "hovertemplate": f"{short_method(method)}: %{{y:.4g}}<extra></extra>",
        }
        for i, method in enumerate(methods)
        for k, name in enumerate(train)
    ]  # fmt: skip
    n = len(methods)
    last = f"epoch {epochs[-1]} of {n_epochs}" if epochs else "waiting for the first epoch"
    ends = [
        f"{short_method(method)} {format_number(scalars[-1].get(f'loss_{method}_{train[0]}', nan))}"
        for method in methods[: len(methods) if epochs else 0]
    ]
    return compose(
        traces,
        {
            "xaxis": {
                "title": {"text": "epoch"}, "range": [0, max(n_epochs, 1) + 0.5], "anchor": f"y{n}" if n > 1 else "y",
            },
            **(_stacked(methods) or {"yaxis": {"title": {"text": "loss"}}}),
            "showlegend": bool(traces),
        },
        title="Loss of each method against epoch",
        notes=[last],
        alt=f"Loss against epoch, {last}{': ' if ends else ''}{', '.join(ends)}.",
        mode=mode,
        height=HEIGHT,
        file="calibration-loss",
    )  # fmt: skip


def _widths(closure: Closure, colour: str, i: int, columns: Columns) -> list[dict[str, Any]]:
    train = escape(spectrum_title(columns, closure.train), quote=False)
    name = f"{closure.title}, {train}"
    middle = (closure.bins[1:] + closure.bins[:-1]) / 2
    has_sigma = bool(np.isfinite(closure.predicted).any())
    marker = {"color": colour, "size": 6, "symbol": f"{cycle(SYMBOLS, i)}{'' if has_sigma else '-open'}"}
    common = {"type": "scatter", "x": middle, "legendgroup": closure.train, "name": train, "showlegend": False}
    points = common | {
        "mode": "markers",
        "y": closure.resolution,
        "showlegend": i == 0,
        "error_y": {"array": closure.resolution_error, "color": colour, "thickness": 1.2, "width": 0},
        "marker": marker,
        "hovertemplate": f"{name}<br>resolution %{{y:.3g}}<extra></extra>",
    }
    if not has_sigma:
        return [points]
    line = common | {
        "mode": "lines",
        "y": closure.predicted,
        "line": {"color": colour, "width": 1.5},
        "hovertemplate": f"{name}<br>predicted σ %{{y:.3g}}<extra></extra>",
    }
    pull = points | {
        "showlegend": False,
        "y": closure.pull_width,
        "yaxis": "y2",
        "error_y": {"array": closure.pull_width_error, "color": colour, "thickness": 1.2, "width": 0},
        "hovertemplate": f"{name}<br>pull width %{{y:.3g}}<extra></extra>",
    }
    return [points, line, pull]


def _truth(truths: Truths, colour: str, dash: str, columns: Columns) -> dict[str, Any]:
    density = truths.share / np.diff(truths.bins)
    name = escape(spectrum_title(columns, truths.spectrum), quote=False)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": truths.bins,
        "y": np.append(density, density[-1]),
        "line": {"color": colour, "width": 2, "dash": dash, "shape": "hv"},
        "name": name,
        "hovertemplate": f"{name}: %{{y:.3g}}<extra></extra>",
    }


def _sizes(found: Sequence[Truths], columns: Columns) -> list[str]:
    """Return how many events each spectrum has, once where all have as many."""
    sizes = [events(each.n_events, each.n_effective) for each in found]
    if len(set(sizes)) == 1:
        return [f"{sizes[0]} of each" if len(sizes) > 1 else sizes[0]]
    names = [escape(spectrum_title(columns, each.spectrum), quote=False) for each in found]
    return [f"{name}: {size}" for name, size in zip(names, sizes, strict=True)]


def _stacked(methods: Sequence[str]) -> dict[str, dict[str, object]]:
    """Return one vertical axis a method, one below the other."""
    n = max(len(methods), 1)
    height = (1 - 0.1 * (n - 1)) / n
    return {
        f"yaxis{i + 1}" if i else "yaxis": {
            "title": {"text": short_method(method).replace(" ", "<br>", 1)},
            "domain": [max(1 - i * (height + 0.1) - height, 0), 1 - i * (height + 0.1)],
            "nticks": 5,
        }
        for i, method in enumerate(methods)
    }

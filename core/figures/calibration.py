"""Calibrations side by side: the answer against the feature, its closure, and its shift with the training spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from core.calibration.results import CalibrationView, Closure, Profile, Shift
from core.figures.calibration_panels import (
    beside,
    bracketed,
    closed_form,
    escaped,
    last_axis,
    level_and_bulk,
    panels,
    y_axis,
)
from core.figures.calibration_words import (
    Columns,
    bulk_of,
    calibration_sentence,
    has_exact,
    methods_of,
    number_of_events,
    short_method,
    spectrum_colours,
    spectrum_title,
)
from core.figures.palette import PALETTES, SYMBOLS, Mode, cycle
from core.figures.style import compose
from core.figures.words import axis_title, described, symbol
from core.numbers import format_number

Quantity = Literal["difference", "ratio", "by_estimate"]
QUANTITIES: dict[Quantity, str] = {
    "difference": "ẑ − z against z",
    "ratio": "ẑ/z against z",
    "by_estimate": "ẑ − z against ẑ",
}
"""What a closure can show → what a menu says."""
HEIGHT = 480


def profile_figure(view: CalibrationView, columns: Columns, mode: Mode = "light") -> go.Figure:
    """Draw ẑ(x) - x of each method, one panel a method and one colour a training spectrum; closed forms dashed.

    Where no closed form is known, feature and truth may differ in kind, and ẑ(x) itself is drawn.

    Args:
        view: calibrations of a single feature and a single truth.
        columns: the words about truth and spectra.
        mode: light or dark.
    """
    palette, colours, methods = PALETTES[mode], spectrum_colours(view, PALETTES[mode]), methods_of(view)
    known, unit = has_exact(view), described(columns, view.variables[0]).unit
    shown = "ẑ(x) − x" if known else "ẑ(x)"
    traces = [
        trace
        for profile in view.profiles
        for trace in _profile(profile, colours, list(methods).index(profile.method), known, columns)
    ]
    worst = [
        f"{short_method(each.method)} trained on {spectrum_title(columns, each.train)}: largest distance from its "
        f"closed form in the bulk {format_number(each.worst, unit=unit)}"
        for each in view.profiles
    ]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": bracketed("feature x", unit if known else "")}, "anchor": last_axis(methods)},
            **panels(list(methods.values()), bracketed(shown, unit)),
            **level_and_bulk(palette, len(methods), 0 if known else None),
            "showlegend": True,
        },
        title=f"{shown} under each training spectrum",
        notes=[f"{view.n_events:,} events set the range", "dashed: closed form" if known else ""],
        alt=f"{shown} of {len(methods)} methods; {'; '.join(worst)}."
        if known
        else f"{shown} of {len(methods)} methods under {len(view.train)} training spectra.",
        mode=mode,
        height=HEIGHT,
        file="calibration-profile",
    )


def closure_figure(
    view: CalibrationView, columns: Columns, variable: str, test: str, quantity: Quantity, mode: Mode = "light"
) -> go.Figure:
    """Draw the mean of ẑ - z or of ẑ/z in bins, one panel a method and one colour a training spectrum.

    Args:
        view: calibrations side by side.
        columns: the words about truth and spectra.
        variable: component of the truth.
        test: spectrum of the events that are calibrated.
        quantity: what is drawn, and in bins of what.
        mode: light or dark.
    """
    palette, colours, methods = PALETTES[mode], spectrum_colours(view, PALETTES[mode]), methods_of(view)
    column, dashed = described(columns, variable), quantity == "difference" and has_exact(view)
    found = [each for each in view.closures if (each.variable, each.test) == (variable, test)]
    traces = [
        trace
        for each in found
        for trace in _closure(each, colours, list(methods).index(each.method), view.train, quantity, columns)
    ]
    shown = "ẑ/z" if quantity == "ratio" else "ẑ − z"
    axis = axis_title(column)
    against = f"calibrated {axis}" if quantity == "by_estimate" else axis
    bins = found[0].bins
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": against}, "anchor": last_axis(methods), "range": [bins[0], bins[-1]]},
            **panels(list(methods.values()), shown if quantity == "ratio" else bracketed(shown, column.unit)),
            **level_and_bulk(palette, len(methods), 1 if quantity == "ratio" else 0, bulk_of(view, variable), bins),
            "showlegend": True,
        },
        title=f"Closure: mean of {shown} in bins of {'ẑ' if quantity == 'by_estimate' else 'z'}",
        notes=[
            f"{number_of_events(view, test)}, tested on {escaped(columns, test)}",
            f"z: {symbol(column)}" if symbol(column) != "z" else "",
            "dashed: closed form" if dashed else "",
            "grey: beyond the bulk of a training spectrum",
        ],
        alt=f"Closure on {spectrum_title(columns, test)} events. {calibration_sentence(view, columns, variable, test)}",
        mode=mode,
        height=HEIGHT,
        file=f"calibration-closure-{test}",
    )  # fmt: skip


def shift_figure(view: CalibrationView, columns: Columns, variable: str, test: str, mode: Mode = "light") -> go.Figure:
    """Draw how far each method moves when its training spectrum changes, in bins of z, beside the closed forms.

    Args:
        view: calibrations under two training spectra or more.
        columns: the words about truth and spectra.
        variable: component of the truth.
        test: spectrum of the events that are calibrated.
        mode: light or dark.
    """
    palette, methods = PALETTES[mode], methods_of(view)
    column, colours = described(columns, variable), spectrum_colours(view, palette)
    shifts = [each for each in view.shifts if (each.variable, each.test) == (variable, test)]
    traces = [
        trace
        for each in shifts
        for trace in _shift(each, colours, list(methods).index(each.method), columns, several=len(view.train) > 2)
    ]
    first, bins = escaped(columns, view.train[0]), shifts[0].bins
    others = escaped(columns, view.train[1]) if len(view.train) == 2 else "others"
    said = [
        f"{short_method(each.method)} trained on {spectrum_title(columns, each.second)}: "
        f"{format_number(each.mean.value, each.mean.error, column.unit)}"
        for each in shifts
    ]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}, "range": [bins[0], bins[-1]]},
            "yaxis": {"title": {"text": bracketed("shift of ẑ", column.unit)}},
            **level_and_bulk(palette, 1, 0, shifts[0].bulk, bins),
            "showlegend": True,
        },
        title=f"Shift of ẑ from training on {first} to {others}",
        notes=[
            f"{number_of_events(view, test)}, tested on {escaped(columns, test)}",
            "dashed: closed form" if has_exact(view) else "",
            "grey: beyond the bulk",
        ],
        alt=f"Mean shift of the answer in the bulk since training on {spectrum_title(columns, view.train[0])}, on "
        f"{spectrum_title(columns, test)} events: {'; '.join(said)}.",
        mode=mode,
        height=HEIGHT,
        file=f"calibration-shift-{test}",
    )  # fmt: skip


def _profile(
    profile: Profile, colours: dict[str, str], panel: int, known: bool, columns: Columns
) -> list[dict[str, Any]]:
    base = profile.x if known else np.zeros(len(profile.x))
    name, colour = escaped(columns, profile.train), colours[profile.train]
    sigma = [format_number(value) for value in profile.sigma]
    common = {"type": "scatter", "mode": "lines", "x": profile.x, "yaxis": y_axis(panel), "legendgroup": profile.train}
    hover = f"{profile.title}, {name}<br>x = %{{x:.3g}}: %{{y:.3g}}, σ = %{{customdata}}<extra></extra>"
    drawn = common | {
        "y": profile.estimate - base,
        "line": {"color": colour, "width": 2},
        "name": name,
        "showlegend": panel == 0,
        "customdata": sigma,
        "hovertemplate": hover,
    }
    return [drawn, *closed_form(common, profile.exact - base, colour, f"{profile.title}, {name}")]


def _closure(
    closure: Closure, colours: dict[str, str], panel: int, train: Sequence[str], quantity: Quantity, columns: Columns
) -> list[dict[str, Any]]:
    """Return the points of one training, a little beside the middle of their bins, and their closed form."""
    values, errors = {
        "difference": (closure.bias, closure.bias_error),
        "ratio": (closure.ratio, closure.ratio_error),
        "by_estimate": (closure.by_estimate, closure.by_estimate_error),
    }[quantity]
    i, name, colour = train.index(closure.train), escaped(columns, closure.train), colours[closure.train]
    common = {
        "type": "scatter", "x": beside(closure.bins, i, len(train)), "yaxis": y_axis(panel),
        "legendgroup": closure.train,
    }  # fmt: skip
    more = "" if quantity == "by_estimate" else "<br>median of ẑ − z %{customdata[1]}"
    texts = [
        (format_number(value, error), format_number(median))
        for value, error, median in zip(values, errors, closure.median, strict=True)
    ]
    points = common | {
        "mode": "markers",
        "y": values,
        "error_y": {"array": errors, "color": colour, "thickness": 1.3, "width": 0},
        "marker": {"color": colour, "size": 5, "symbol": cycle(SYMBOLS, i)},
        "name": name,
        "showlegend": panel == 0,
        "customdata": texts,
        "hovertemplate": f"{closure.title}, {name}<br>%{{customdata[0]}}{more}<extra></extra>",
    }
    exact = closure.exact if quantity == "difference" else np.full(len(values), np.nan)
    return [points, *closed_form(common | {"mode": "lines"}, exact, colour, f"{closure.title}, {name}")]


def _shift(shift: Shift, colours: dict[str, str], i: int, columns: Columns, *, several: bool) -> list[dict[str, Any]]:
    """Return the points of one method, filled for the last one, and their closed form."""
    colour, name = (
        colours[shift.second],
        f"{shift.title}, {escaped(columns, shift.second)}" if several else shift.title,
    )
    middle = (shift.bins[1:] + shift.bins[:-1]) / 2
    common = {"type": "scatter", "x": middle, "legendgroup": name}
    points = common | {
        "mode": "markers",
        "y": shift.difference,
        "error_y": {"array": shift.error, "color": colour, "thickness": 1.3, "width": 0},
        "marker": {"color": colour, "size": 7, "symbol": ("square-open", "circle", "diamond")[i % 3]},
        "name": name,
        "customdata": [format_number(a, b) for a, b in zip(shift.difference, shift.error, strict=True)],
        "hovertemplate": f"{name}<br>shift %{{customdata}}<extra></extra>",
    }
    return [points, *closed_form(common | {"mode": "lines"}, shift.exact, colour, name)]

"""Several runs on common axes: the background that passes, and its efficiency against a protected variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.evaluation.compare import PassingSpectra, PassingSpectrum, judged_on
from core.evaluation.evaluate import Evaluation, ProtectedEvaluation
from core.events.table import Column
from core.figures.palette import DASHES, PALETTES, SYMBOLS, Mode, Palette, cycle, faint
from core.figures.steps import centres, outline, plateaus
from core.figures.style import LOG_TICKS, compose
from core.figures.values import bars, bin_words, value_ticks
from core.figures.words import axis_title, events, plain, shorten, signal_efficiency, symbol
from core.numbers import format_number

LARGEST_RATIO, LARGEST_ERROR = 4.0, 2.0
WORKING_POINT = 0.5


def looks(names: list[str], baseline: str | None, palette: Palette) -> dict[str, tuple[str, str, str]]:
    """Return colour, dash and symbol of each run, as in the ROC figure: the baseline dashed and grey."""
    others = [name for name in names if name != baseline]
    found = {name: (cycle(palette.runs, i), cycle(DASHES, i), cycle(SYMBOLS, i)) for i, name in enumerate(others)}
    return {name: found.get(name, (palette.muted, "4px,2px", "x-thin-open")) for name in names}


def passing_figure(
    spectra: PassingSpectra, column: Column, baseline: str | None = None, mode: Mode = "light"
) -> go.Figure:
    """Draw the background that passes the cut of each run at unit area, and the ratios to the first run below.

    Args:
        spectra: of the runs, in common bins.
        column: the protected variable.
        baseline: which of them is the baseline; dashed and grey.
        mode: light or dark.
    """
    palette, runs = PALETTES[mode], spectra.spectra
    look = looks([each.name for each in runs], baseline, palette)
    every = {
        **outline(*_steps(spectra, spectra.every, 0.0)),
        "line": {"color": palette.background, "width": 1},
        "fill": "tozeroy",
        "fillcolor": faint(palette.background, 0.18),
        "name": "all background",
    }
    traces = [every]
    for i, each in enumerate(runs):
        traces += _run(each, spectra, column, look[each.name], is_first=i == 0)
    finite = [value for each in runs for value in each.ratio if np.isfinite(value)]
    unit = f" [1/{column.unit}]" if column.unit else ""
    height = "share of events" if len(spectra.values) else f"density{unit}"
    first = escape(shorten(runs[0].name, 32), quote=False)
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}, "anchor": "y2", **value_ticks(column, spectra.values)},
            "yaxis": {"title": {"text": height}, "domain": [0.36, 1], "rangemode": "tozero", "nticks": 6},
            "yaxis2": {
                "title": {"text": "ratio"},
                "domain": [0, 0.3],
                "range": [0, min(max([2.0, *(1.1 * value for value in finite)]), LARGEST_RATIO)],
                "nticks": 4,
            },
            "showlegend": True,
        },
        title=f"Background {symbol(column)} that passes the cut",
        notes=[
            f"{signal_efficiency(WORKING_POINT)}, unit area",
            f"below: over {first}, errors ≤ {LARGEST_ERROR:g}",
        ],
        alt=_alt_passing(spectra, column),
        mode=mode,
        height=460,
        file=f"{column.name}-passing-compared",
    )


def efficiencies_figure(
    evaluations: Mapping[str, Evaluation], column: Column, baseline: str | None = None, mode: Mode = "light"
) -> go.Figure:
    """Draw the background efficiency of runs in bins of a protected variable at 50 % signal efficiency, on a log axis.

    Faint lines show each run's efficiency of all bins together: a score that does not know the variable follows its.

    Args:
        evaluations: what to call a run → its evaluation; those not judged on the variable are left out.
        column: the protected variable.
        baseline: which of them is the baseline; dashed and grey.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    look = looks(list(evaluations), baseline, palette)
    judged = {name: judged_on(each, column.name) for name, each in evaluations.items()}
    drawn = {name: found for name, found in judged.items() if found is not None}
    traces, shapes, values = [], [], []
    for name, found in drawn.items():
        row, inclusive = _row(found)
        traces.append(_efficiency(name, found, row, column, look[name]))
        share = found.efficiency.background[row]
        values += [float(value) for value in (*share, inclusive) if value > 0]
        if inclusive > 0:
            ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": inclusive, "y1": inclusive}
            line = {"color": look[name][0], "width": 1, "dash": "dot"}
            shapes.append({"type": "line", **ends, "line": line, "opacity": 0.6, "layer": "below"})
    low, high = (np.log10(min(values)), np.log10(max(values))) if values else (-2.0, 0.0)
    sizes = {events(each.n_background) for each in evaluations.values()}
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}, **_ticks(drawn.values(), column)},
            "yaxis": {
                "title": {"text": "background efficiency"},
                "type": "log",
                **LOG_TICKS,
                "range": [min(low, high - 1) - 0.12, high + 0.12],
            },
            "shapes": shapes,
            "showlegend": True,
        },
        title=f"Background efficiency against {symbol(column)}",
        notes=[
            signal_efficiency(WORKING_POINT),
            "dotted: all bins together",
            f"background: {sizes.pop()}" if len(sizes) == 1 else "",
        ],
        alt=_alt_efficiencies(drawn, column),
        mode=mode,
        height=460,
        file=f"{column.name}-efficiency-compared",
    )


def _run(
    each: PassingSpectrum, spectra: PassingSpectra, column: Column, look: tuple[str, str, str], *, is_first: bool
) -> list[dict[str, Any]]:
    """Return the spectrum of a run as steps, and its ratio to the first as points; of the first, a line at one."""
    colour, dash, mark = look
    title = escape(shorten(each.name, 32), quote=False)
    line = {"color": colour, "width": 1.6, "dash": dash}
    steps = {**plateaus(*_steps(spectra, each.density)), "line": line, "name": title, "legendgroup": each.name}
    if is_first:
        one = {**plateaus(*_steps(spectra, np.ones(len(each.density)))), "line": line, "yaxis": "y2"}
        return [steps, {**one, "legendgroup": each.name, "showlegend": False}]
    hover = [
        f"{title}<br>{where}<br>ratio to the first {format_number(value, error)}"
        for where, value, error in zip(
            bin_words(column, spectra.edges, spectra.values), each.ratio, each.ratio_error, strict=True
        )
    ]
    ratio = {
        "type": "scatter",
        "mode": "markers",
        "x": spectra.values if len(spectra.values) else centres(spectra.edges),
        "y": np.where(each.ratio_error <= LARGEST_ERROR, each.ratio, np.nan),
        "error_y": {"array": each.ratio_error, "thickness": 1, "width": 0, "color": colour},
        "marker": {"color": colour, "size": 4, "symbol": mark},
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
        "yaxis": "y2",
        "legendgroup": each.name,
        "showlegend": False,
    }
    return [steps, ratio]


def _steps(
    spectra: PassingSpectra, heights: NDArray[np.float64], between: float = np.nan
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return edges and heights of what is drawn as steps: bars that stand apart for a discrete variable."""
    return bars(spectra.values, heights, between) if len(spectra.values) else (spectra.edges, heights)


def _ticks(drawn: Iterable[ProtectedEvaluation], column: Column) -> dict[str, Any]:
    """Return ticks at all values of a discrete variable; none of our own where it is continuous for a run."""
    values = [found.efficiency.values for found in drawn]
    return value_ticks(column, np.unique(np.concatenate(values))) if values and all(map(len, values)) else {}


def _row(found: ProtectedEvaluation) -> tuple[int, float]:
    """Return the row of the working point, and its efficiency of all bins together."""
    row = int(np.argmin(np.abs(found.efficiency.signal_efficiencies - WORKING_POINT)))
    return row, float(found.efficiency.inclusive[row])


def _efficiency(
    name: str, found: ProtectedEvaluation, row: int, column: Column, look: tuple[str, str, str]
) -> dict[str, Any]:
    colour, dash, mark = look
    title = escape(shorten(name, 32), quote=False)
    efficiency = found.efficiency
    share, error, values = efficiency.background[row], efficiency.error[row], efficiency.values
    drawn = np.where(share > 0, share, np.nan)
    hover = [
        f"{title}<br>{where}<br>background efficiency {format_number(value, spread)}"
        for where, value, spread in zip(bin_words(column, efficiency.edges, values), share, error, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "markers" if len(values) else "lines+markers",
        "x": values if len(values) else centres(efficiency.edges),
        "y": drawn,
        "error_y": {"array": error, "arrayminus": np.minimum(error, 0.9 * drawn), "thickness": 1, "width": 0},
        "line": {"color": colour, "width": 1.4, "dash": dash},
        "marker": {"symbol": mark, "size": 6, "color": colour},
        "name": title,
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _alt_passing(spectra: PassingSpectra, column: Column) -> str:
    words = []
    for each in spectra.spectra[1:]:
        finite = each.ratio[np.isfinite(each.ratio)]
        if len(finite):
            spans = f"{format_number(float(finite.min()))} and {format_number(float(finite.max()))}"
            words.append(f"{each.name} lies between {spans} times the first")
    return f"Background {plain(symbol(column))} that passes the cut: {'; '.join(words) or spectra.spectra[0].name}."


def _alt_efficiencies(drawn: Mapping[str, ProtectedEvaluation], column: Column) -> str:
    words = []
    for name, found in drawn.items():
        row, _ = _row(found)
        share = found.efficiency.background[row]
        finite = share[np.isfinite(share)]
        if len(finite):
            spans = f"{format_number(float(finite.min()))} and {format_number(float(finite.max()))}"
            words.append(f"{name} between {spans}")
    listed = "; ".join(words) or "no run"
    return f"Background efficiency in bins of {plain(symbol(column))} at 50 % signal efficiency: {listed}."

"""The background's spectrum of a protected variable, before and after the cut."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, ProtectedEvaluation
from core.evaluation.sculpting import Spectrum
from core.evaluation.verdict import inverse
from core.events.table import Column
from core.figures.palette import PALETTES, Mode, Palette, faint
from core.figures.steps import centres, outline, plateaus
from core.figures.style import compose
from core.figures.values import bars, bin_words, value_ticks
from core.figures.words import axis_title, events, plain, signal_efficiency, symbol
from core.numbers import format_number

RATIOS = (2.0, 3.0, 4.0)
"""Upper ends of the ratio's axis; arrows at the end mark what is above it."""
_ARROW = 0.95
"""Height of those arrows over the end of the axis."""
LEAST_HEIGHT = 1.15
"""Upper end of the spectrum's axis over the highest bin of all background, at least."""


@dataclass(frozen=True)
class _Shapes:
    """Hold unit-area spectra, or shares of a discrete variable, their ratio, and standard errors; of shape (bins,)."""

    every: NDArray[np.float64]
    passed: NDArray[np.float64]
    passed_error: NDArray[np.float64]
    ratio: NDArray[np.float64]
    ratio_error: NDArray[np.float64]


def spectrum_figure(
    evaluation: Evaluation, column: Column, baseline: Evaluation | None = None, mode: Mode = "light"
) -> go.Figure:
    """Draw the background's spectrum of all and of passing events at unit area, and their ratio below.

    Of a discrete variable it is the share of events at each value.

    Args:
        evaluation: of the run.
        column: the protected variable.
        baseline: of the run to compare with; dashed.
        mode: light or dark.

    Raises:
        DataError: the evaluation has no such protected variable.
    """
    judged = of_variable(evaluation, column.name)
    return draw_spectrum(
        judged.spectrum,
        column,
        None if baseline is None else of_variable(baseline, column.name).spectrum,
        mode,
        cut=signal_efficiency(evaluation.signal_efficiency),
        notes=_notes(evaluation, judged, baseline),
        alt=_alt(judged, column, evaluation),
        file=f"{column.name}-spectrum",
    )


def draw_spectrum(
    spectrum: Spectrum, column: Column, baseline: Spectrum | None, mode: Mode, *, cut: str, **words: Any
) -> go.Figure:
    """Draw a spectrum before and after any cut.

    Args:
        spectrum: background passing and failing.
        column: the protected variable.
        baseline: the same of the run to compare with; dashed.
        mode: light or dark.
        cut: what to call the cut.
        words: notes, alternative text and file name of the figure.
    """
    palette, shapes = PALETTES[mode], _normalised(spectrum)
    beside = None if baseline is None else _normalised(baseline)
    traces = _before(spectrum, shapes, palette)
    if baseline is not None and beside is not None:
        traces += _beside(baseline, beside, palette)
    traces += _after(spectrum, shapes, column, palette)
    end = _highest_ratio(shapes)
    for each, colour in ((beside, palette.muted), (shapes, palette.runs[0])):
        traces += [] if each is None else _beyond(spectrum, each, end, colour)
    unit = f" [1/{column.unit}]" if column.unit else ""
    height = "share of events" if len(spectrum.values) else f"density{unit}"
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}, "anchor": "y2", **value_ticks(column, spectrum.values)},
            "yaxis": {"title": {"text": height}, "domain": [0.34, 1], "range": [0, _top(shapes, beside)], "nticks": 6},
            "yaxis2": {
                "title": {"text": "passing / all"},
                "domain": [0, 0.28],
                "range": [0, end],
                "nticks": 4,
            },
            "shapes": [_line_at_one(palette)],
        },
        title=f"Background {symbol(column)} before and after the cut ({cut})",
        mode=mode,
        **words,
    )


def of_variable(evaluation: Evaluation, name: str) -> ProtectedEvaluation:
    """Return the evaluation of one protected variable.

    Raises:
        DataError: there is none of that name.
    """
    for judged in evaluation.protected:
        if judged.variable == name:
            return judged
    allowed = ", ".join(judged.variable for judged in evaluation.protected)
    raise DataError(f"{name!r} is not a protected variable of this run; allowed: {allowed}")


def inverse_jsd(judged: ProtectedEvaluation) -> str:
    """Write 1/JSD with its error, and the limit that statistics set."""
    flat = inverse(judged.jsd_nats)
    limit = f" (statistical limit {format_number(1 / judged.limit_nats)})" if judged.limit_nats > 0 else ""
    return f"1/JSD = {format_number(flat.value, flat.error)}{limit}"


def _normalised(spectrum: Spectrum) -> _Shapes:
    """Scale both spectra to unit area, or unit sum; the ratio's error knows that passing events are part of all."""
    width = np.ones(len(spectrum.values)) if len(spectrum.values) else np.diff(spectrum.edges)
    passed, failed = spectrum.passed, spectrum.failed
    every = passed + failed
    with np.errstate(divide="ignore", invalid="ignore"):
        passed_area, every_area = passed.sum() * width, every.sum() * width
        ratio_scale = np.where(every > 0, every.sum() / passed.sum(), np.nan)
        spread = np.sqrt(failed**2 * spectrum.passed_variance + passed**2 * spectrum.failed_variance)
        return _Shapes(
            every=every / every_area,
            passed=passed / passed_area,
            passed_error=np.sqrt(spectrum.passed_variance) / passed_area,
            ratio=passed / every * ratio_scale,
            ratio_error=spread / every**2 * ratio_scale,
        )


def _top(shapes: _Shapes, beside: _Shapes | None) -> float:
    """Return the upper end of the spectrum's axis, in steps of √2, so that it stays while a training goes on."""
    drawn = [shapes.passed + shapes.passed_error] + ([] if beside is None else [beside.passed])
    highest = max(float(heights[np.isfinite(heights)].max(initial=0.0)) for heights in drawn)
    least = LEAST_HEIGHT * float(shapes.every.max(initial=0.0))
    if not least > 0:
        return 1.0
    steps = max(0, math.ceil(2 * math.log2(max(highest, least) / least)))
    return least * math.sqrt(2) ** steps


def _highest_ratio(shapes: _Shapes) -> float:
    """Return the upper end of the ratio's axis; a bin reaches no further than its error leaves no doubt of."""
    sure = shapes.ratio - shapes.ratio_error
    highest = sure[np.isfinite(sure)].max(initial=0.0)
    return next((end for end in RATIOS if highest < end), RATIOS[-1])


def _before(spectrum: Spectrum, shapes: _Shapes, palette: Palette) -> list[dict[str, Any]]:
    """Return the spectrum of all background events."""
    return [
        {
            **outline(*_steps(spectrum, shapes.every)),
            "line": {"color": palette.background, "width": 1.4},
            "fill": "tozeroy",
            "fillcolor": faint(palette.background, 0.18),
            "name": "all background",
        }
    ]


def _after(spectrum: Spectrum, shapes: _Shapes, column: Column, palette: Palette) -> list[dict[str, Any]]:
    """Return the spectrum of passing events, and its ratio to all, as points with error bars."""
    is_discrete = len(spectrum.values) > 0
    unit = f"/{column.unit}" if column.unit and not is_discrete else ""
    bins = bin_words(column, spectrum.edges, spectrum.values)
    passed = [format_number(*pair) + unit for pair in zip(shapes.passed, shapes.passed_error, strict=True)]
    every = [format_number(value) + unit for value in shapes.every]
    ratio = [format_number(*pair) for pair in zip(shapes.ratio, shapes.ratio_error, strict=True)]
    rows = zip(bins, passed, every, ratio, strict=True)
    hover = [f"{where}<br>passing {p}<br>all {a}<br>passing / all {r}" for where, p, a, r in rows]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": spectrum.values if is_discrete else centres(spectrum.edges),
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": palette.runs[0], "size": 5},
    }
    bars = {"thickness": 1.2, "width": 0, "color": palette.runs[0]}
    return [
        {
            **points,
            "y": shapes.passed,
            "error_y": {"array": shapes.passed_error, "arrayminus": _down(shapes.passed, shapes.passed_error), **bars},
            "name": "passing",
        },
        {
            **points,
            "y": shapes.ratio,
            "error_y": {"array": shapes.ratio_error, **bars},
            "yaxis": "y2",
            "showlegend": False,
        },
    ]


def _down(values: NDArray[np.float64], errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return lengths of the lower error bars; of a single event it ends at 0: a remainder would stretch a log axis.

    Example:
        >>> values, errors = np.array([0.3, 5.0]), np.array([0.1 + 0.2, 1.0])
        >>> (values - _down(values, errors)).tolist()
        [0.0, 4.0]
    """
    return np.where(np.isclose(errors, values, rtol=1e-9, atol=0), values, errors)


def _beside(spectrum: Spectrum, shapes: _Shapes, palette: Palette) -> list[dict[str, Any]]:
    """Return the passing spectrum of the baseline, and its ratio, dashed."""
    line = {"color": palette.muted, "width": 1.4, "dash": "4px,2px"}
    passed = {
        **outline(*_steps(spectrum, shapes.passed)),
        "line": line,
        "name": "passing, baseline",
        "legendrank": 1001,
    }
    ratio = {**plateaus(*_steps(spectrum, shapes.ratio, np.nan)), "line": line, "yaxis": "y2", "showlegend": False}
    return [passed, ratio]


def _beyond(spectrum: Spectrum, shapes: _Shapes, end: float, colour: str) -> list[dict[str, Any]]:
    """Return arrows at the end of the ratio's axis where the ratio lies beyond it; its value is on hover."""
    at = np.flatnonzero(shapes.ratio > end)
    if not len(at):
        return []
    places = spectrum.values if len(spectrum.values) else centres(spectrum.edges)
    ratios = [format_number(*pair) for pair in zip(shapes.ratio[at], shapes.ratio_error[at], strict=True)]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": places[at],
            "y": np.full(len(at), _ARROW * end),
            "text": [f"above the axis: passing / all {ratio}" for ratio in ratios],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {"symbol": "triangle-up", "color": colour, "size": 7},
            "yaxis": "y2",
            "showlegend": False,
        }
    ]


def _steps(
    spectrum: Spectrum, heights: NDArray[np.float64], between: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return edges and heights of what is drawn as steps: bars that stand apart for a discrete variable."""
    return bars(spectrum.values, heights, between) if len(spectrum.values) else (spectrum.edges, heights)


def _line_at_one(palette: Palette) -> dict[str, Any]:
    line = {"color": palette.ink, "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 1, "y1": 1, "line": line}


def _notes(evaluation: Evaluation, judged: ProtectedEvaluation, baseline: Evaluation | None) -> list[str]:
    spectrum = judged.spectrum
    variance = float(np.sum(spectrum.passed_variance + spectrum.failed_variance))
    total = float(np.sum(spectrum.passed + spectrum.failed))
    n_effective = total**2 / variance if variance > 0 else 0.0
    beside = "" if baseline is None else f"baseline {inverse_jsd(of_variable(baseline, judged.variable))}"
    return [inverse_jsd(judged), beside, f"background: {events(evaluation.n_background, n_effective)}"]


def _alt(judged: ProtectedEvaluation, column: Column, evaluation: Evaluation) -> str:
    cut = plain(signal_efficiency(evaluation.signal_efficiency))
    return (
        f"Spectrum of {plain(symbol(column))} of all background events and of those passing the cut at {cut}, "
        f"with their ratio: {inverse_jsd(judged)}."
    )

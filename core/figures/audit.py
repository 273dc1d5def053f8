"""What an audit saw: the density of m against logit f, the flatness of the efficiency, the spurious peak."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.audit.audited import VariableAudit
from core.audit.density import KernelDensity
from core.audit.findings import probability
from core.audit.flatness import Flatness
from core.audit.spurious import SpuriousSignal
from core.errors import DataError
from core.events.table import Column
from core.figures.palette import PALETTES, SYMBOLS, Mode, Palette, cycle, faint
from core.figures.steps import centres, plateaus
from core.figures.style import compose
from core.figures.words import axis_title, events, key, plain, signal_efficiency, symbol
from core.numbers import format_number, format_percent

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
LEAST_DRAWN = 0.01
LARGEST_RATIO, LEAST_RATIO_SPAN = 3.0, 0.2
LEAST_PULL = 3.5

Entry = TypeVar("Entry")


def score_density_figure(audited: VariableAudit, column: Column, mode: Mode = "light") -> go.Figure:
    """Draw the kernel densities of a protected variable against logit f, of signal and of background.

    Args:
        audited: the variable's part of an audit.
        column: the variable.
        mode: light or dark.

    Raises:
        DataError: the audit has no density of it.
    """
    palette, density = PALETTES[mode], _present(audited.density, audited, "density")
    traces = [
        _contours(density.m, density.logit, density.background, palette.background, "background", filled=True),
        _contours(density.m, density.logit, density.signal, palette.signal, "signal", filled=False),
    ]
    widths = [
        f"{name} {format_number(float(width[0]), unit=column.unit)} × {format_number(float(width[1]))}"
        for name, width in (("signal", density.signal_bandwidth), ("background", density.background_bandwidth))
    ]
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}, "showgrid": False, "range": _filled(density, 0)},
            "yaxis": {"title": {"text": "logit f = ln f/(1 − f)"}, "showgrid": False, "range": _filled(density, 1)},
            "showlegend": False,
        },
        title=f"Kernel density of {symbol(column)} against logit f",
        notes=[
            key(palette.signal, "signal", "—"),
            key(palette.background, "background"),
            f"contours at {', '.join(f'{100 * level:.0f}' for level in LEVELS)} % of each peak",
            f"kernel widths: {', '.join(widths)}",
            f"background: {events(audited.n_background, audited.n_effective)}",
        ],
        alt=f"Contours of the density of {plain(symbol(column))} against the logit of the score, of signal and "
        "background; for a score that knows nothing of the variable the background's do not lean.",
        mode=mode,
        file=f"{column.name}-logit-density",
    )


def flatness_figure(audited: VariableAudit, column: Column, mode: Mode = "light") -> go.Figure:
    """Draw the background efficiency over its mean in bins of a protected variable, at several signal efficiencies.

    Args:
        audited: the variable's part of an audit.
        column: the variable.
        mode: light or dark.

    Raises:
        DataError: too few events passed for any working point.
    """
    palette = PALETTES[mode]
    drawn = [each for each in audited.flatness if each.inclusive > 0 and len(each.efficiency) > 1]
    if not drawn:
        raise DataError("too few background events pass for an efficiency in bins")
    traces = [_ratio(each, i, cycle(palette.working_points, i), column) for i, each in enumerate(drawn)]
    words = [
        f"{format_percent(each.signal_efficiency)}: χ²/ndf {format_number(each.chi2)}/{each.ndf}, "
        f"{probability(each.p_value)}"
        for each in drawn
    ]
    one = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1}
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": axis_title(column)}},
            "yaxis": {"title": {"text": "background efficiency / mean"}, "range": _ratio_range(drawn)},
            "shapes": [one | {"line": {"color": palette.ink, "width": 1}, "layer": "below"}],
        },
        title=f"Flatness of the background efficiency in {symbol(column)}",
        notes=[
            *words,
            "p of each working point alone",
            "signal efficiency in the legend",
            f"background: {events(audited.n_background, audited.n_effective)}",
        ],
        alt=f"Background efficiency over its mean in bins of {plain(symbol(column))}; at signal efficiency "
        f"{'; '.join(words)}.",
        mode=mode,
        file=f"{column.name}-flatness",
    )


def spurious_figure(audited: VariableAudit, column: Column, efficiency: float, mode: Mode = "light") -> go.Figure:
    """Draw the selected background, the smooth fit, the fit with a peak, and the pulls of the smooth fit.

    Args:
        audited: the variable's part of an audit.
        column: the variable.
        efficiency: signal efficiency of the cut.
        mode: light or dark.

    Raises:
        DataError: the audit has no such fit.
    """
    palette, fit = PALETTES[mode], _present(audited.spurious, audited, "spurious")
    pulls = (fit.selected - fit.smooth) / fit.error
    largest = max(LEAST_PULL, 1.1 * float(np.abs(pulls).max()))
    window = {"type": "rect", "xref": "x", "x0": fit.low, "x1": fit.high, "yref": "paper", "y0": 0, "y1": 1}
    zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 0, "y1": 0}
    width = format_number(float(fit.edges[1] - fit.edges[0]), unit=column.unit)
    fake = f"{format_number(fit.fake.value, fit.fake.error)} events, {format_number(fit.significance)} σ"
    return compose(
        _fit_traces(fit, pulls, column, palette),
        {
            "xaxis": {"title": {"text": axis_title(column)}, "anchor": "y2"},
            "yaxis": {"title": {"text": f"Σw / {width}"}, "domain": [0.34, 1], "rangemode": "tozero", "nticks": 6},
            "yaxis2": {"title": {"text": "pull"}, "domain": [0, 0.28], "range": [-largest, largest], "nticks": 5},
            "shapes": [
                window | {"fillcolor": faint(palette.signal, 0.14), "line": {"width": 0}, "layer": "below"},
                zero | {"line": {"color": palette.ink, "width": 1}},
            ],
        },
        title=f"Spurious signal in {symbol(column)} after the cut ({signal_efficiency(efficiency)})",
        notes=[
            f"fake signal: {fake}",
            f"shaded: the peak, central 68 % of the signal; {fit.template} is fitted",
            f"smooth: exp of a polynomial of order {fit.order}, {probability(fit.goodness)}",
            f"selected background: N<sub>eff</sub> {format_number(fit.n_effective)}",
        ],
        alt=f"Spectrum of {plain(symbol(column))} of background that passes the cut, with a smooth fit; a fit with a "
        f"peak finds {fake} that are not there.",
        mode=mode,
        file=f"{column.name}-spurious-signal",
    )


def _present(entry: Entry | None, audited: VariableAudit, name: str) -> Entry:
    if entry is None:
        raise DataError(f"nothing to draw for {audited.variable}: {audited.reasons.get(name, 'it was not measured')}")
    return entry


def _filled(density: KernelDensity, axis: int) -> list[float]:
    """Return the range of one axis in which a density is above 1 % of its peak."""
    points = (density.m, density.logit)[axis]
    filled = sum((each > LEAST_DRAWN * each.max()).any(axis=1 - axis) for each in (density.signal, density.background))
    inside = points[np.asarray(filled) > 0]
    return [float(inside.min()), float(inside.max())]


def _contours(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    density: NDArray[np.float64],
    colour: str,
    name: str,
    *,
    filled: bool,
) -> dict[str, Any]:
    """Return contours at shares of the density's peak, filled ever stronger, or as lines."""
    opacity = 0.55 if filled else 0.0
    return {
        "type": "contour",
        "x": x,
        "y": y,
        "z": density.T / density.max(),
        "zmin": 0,
        "zmax": 1,
        "contours": {
            "start": LEVELS[0],
            "end": LEVELS[-1],
            "size": LEVELS[1] - LEVELS[0],
            "coloring": "fill" if filled else "lines",
        },
        "colorscale": [[0, faint(colour, 0.0)], [1, faint(colour, opacity)]] if filled else [[0, colour], [1, colour]],
        "line": {"width": 0.8 if filled else 1.8, "color": colour} if filled else {"width": 1.8},
        "showscale": False,
        "name": name,
        "hovertemplate": f"{name}: %{{z:.0%}} of its peak<extra></extra>",
    }


def _ratio(flat: Flatness, i: int, colour: str, column: Column) -> dict[str, Any]:
    """Return the efficiencies of one working point over their mean."""
    ratio, error = flat.efficiency / flat.inclusive, flat.error / flat.inclusive
    point = format_percent(flat.signal_efficiency)
    hover = [
        f"{symbol(column)} from {format_number(low)} to {format_number(high, unit=column.unit)}<br>"
        f"efficiency / mean {format_number(value, spread)}<br>at signal efficiency {point}"
        for low, high, value, spread in zip(flat.edges[:-1], flat.edges[1:], ratio, error, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": flat.m,
        "y": ratio,
        "error_y": {"array": error, "thickness": 1, "width": 0},
        "line": {"color": colour, "width": 1.4},
        "marker": {"symbol": cycle(SYMBOLS, i), "size": 6, "color": colour},
        "name": point,
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _ratio_range(drawn: list[Flatness]) -> list[float]:
    """Return a range that holds all ratios with their errors, and one in its middle where they are flat."""
    ends = [each.efficiency / each.inclusive + sign * each.error / each.inclusive for each in drawn for sign in (-1, 1)]
    low, high = (float(pick([pick(end[np.isfinite(end)], initial=1.0) for end in ends])) for pick in (np.min, np.max))
    return [max(0.0, min(low, 1 - LEAST_RATIO_SPAN) - 0.03), min(max(high, 1 + LEAST_RATIO_SPAN) + 0.03, LARGEST_RATIO)]


def _fit_traces(
    fit: SpuriousSignal, pulls: NDArray[np.float64], column: Column, palette: Palette
) -> list[dict[str, Any]]:
    """Return points with errors, both fits, and pulls."""
    middle = centres(fit.edges)
    hover = [
        f"{symbol(column)} near {format_number(m, unit=column.unit)}<br>selected {format_number(seen, error)}<br>"
        f"smooth {format_number(smooth)}<br>pull {format_number(pull)}"
        for m, seen, error, smooth, pull in zip(middle, fit.selected, fit.error, fit.smooth, pulls, strict=True)
    ]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": middle,
        "text": hover,
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": palette.background, "size": 5},
    }
    bars = {"thickness": 1.2, "width": 0, "color": palette.background}
    smooth = {"color": palette.ink, "width": 1.6}
    peak = {"color": palette.signal, "width": 1.6, "dash": "4px,2px"}
    return [
        {**points, "y": fit.selected, "error_y": {"array": fit.error, **bars}, "name": "selected background"},
        {**plateaus(fit.edges, fit.smooth), "line": smooth, "name": "smooth fit"},
        {**plateaus(fit.edges, fit.with_peak), "line": peak, "name": "smooth fit and peak"},
        {
            **points,
            "y": pulls,
            "error_y": {"array": np.ones(len(pulls)), **bars},
            "yaxis": "y2",
            "showlegend": False,
        },
    ]

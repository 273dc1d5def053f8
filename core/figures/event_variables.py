"""What a learnt event variable is: beside a known one, at several θ, and how much it tells of θ."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.event_variables.results import Comparison, EventVariableView, Figure, Slice, Spectrum, Words
from core.events.table import Column
from core.figures.palette import PALETTES, Mode, Palette, cycle, faint
from core.figures.steps import outline
from core.figures.style import MIDDLE_HEIGHT, SMALL_SIZE, compose
from core.figures.words import axis_title, events, plain, symbol
from core.numbers import format_number
from core.results import Array, Estimate

ROW_HEIGHT, HEIGHT_BESIDE_ROWS = 34, 170
ALIKE = 0.95
"""Kendall's |τ| from which two variables are called the same."""
RELATED = 0.7
"""Kendall's |τ| from which one is called like the other."""
RESOLUTION = 1e-12
HALF = 0.5


def named(words: Words) -> str:
    """Write a variable as in print, with its indices low.

    Example:
        >>> named(Words("m_t", "m_T", "GeV")), named(Words("v1", "v_1"))
        ('m<sub>T</sub>', 'v<sub>1</sub>')
    """
    return symbol(Column(words.name, words.title))


def agreement_figure(comparison: Comparison, n_signal: int, mode: Mode = "light") -> go.Figure:
    """Draw a learnt variable against a known one as a 2-D histogram: a thin rising line means that they are the same.

    Args:
        comparison: of one learnt with one known variable.
        n_signal: signal events compared.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    density = np.where(comparison.density > 0, comparison.density, np.nan)
    learnt, known = named(comparison.learnt), named(comparison.known)
    cells = {
        "type": "heatmap",
        "x": comparison.known_edges,
        "y": comparison.learnt_edges,
        "z": density.T * 1e3,
        "colorscale": palette.sequential,
        "zmin": 0,
        "colorbar": {
            "title": {"text": "‰ of events", "side": "right", "font": {"size": SMALL_SIZE}},
            "thickness": 12,
            "outlinewidth": 0,
            "nticks": 5,
        },
        "hoverongaps": False,
        "hovertemplate": f"{known} = %{{x:.4g}}<br>{learnt} = %{{y:.3g}}<br>%{{z:.2f}} ‰ of events<extra></extra>",
    }
    tau, share = written(comparison.tau), written(comparison.share)
    return compose(
        [cells],
        {
            "xaxis": {"title": {"text": _axis(comparison.known)}, "nticks": 7},
            "yaxis": {"title": {"text": _axis(comparison.learnt)}, **_ticks(comparison.learnt_edges, 7)},
            "hovermode": "closest",
            "showlegend": False,
        },
        title=f"Learnt {learnt} against {known}",
        notes=[f"signal: {events(n_signal)}", f"Kendall τ {tau}", f"I/H({known}) {share}"],
        alt=f"2-D histogram of the learnt {plain(learnt)} against {plain(known)} of {plain(events(n_signal))}: "
        f"Kendall τ {tau}, I/H {share}.",
        mode=mode,
        file=f"event-variable-{comparison.learnt.name}-{comparison.known.name}",
    )


def slices_figure(spectrum: Spectrum, theta: Words | None, mode: Mode = "light") -> go.Figure:
    """Draw the histograms of a learnt variable at several θ, and of the background as a filled one.

    Args:
        spectrum: the histograms, each with an area of 1.
        theta: the parameter; None where there is none.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    shown = [one for one in spectrum.slices if one.n_events]
    signal = [one for one in shown if not one.is_background]
    traces = [
        _slice(spectrum, one, signal, theta, palette) for one in sorted(shown, key=lambda one: one.low == one.low)
    ]
    learnt = named(spectrum.learnt)
    return compose(
        traces,
        {
            "xaxis": {"title": {"text": _axis(spectrum.learnt)}, **_ticks(spectrum.edges, 8)},
            "yaxis": {"title": {"text": "share of events"}, "rangemode": "tozero", "tickformat": ".2~%", "nticks": 6},
            "hovermode": "closest",
            "showlegend": True,
        },
        title=f"{learnt} at several {named(theta)}" if theta else f"{learnt} of signal and background",
        notes=[f"{events(sum(one.n_events for one in shown))}", "each histogram adds up to 100 %"],
        alt=f"Histograms of the learnt {plain(learnt)}: "
        + "; ".join(f"{plain(_title(one, theta))}, {plain(events(one.n_events))}, most at {_peak(spectrum, one)}"
                    for one in shown) + ".",
        mode=mode,
        file=f"event-variable-{spectrum.learnt.name}-slices",
    )  # fmt: skip


def information_bars(view: EventVariableView, mode: Mode = "light") -> go.Figure:
    """Draw what the learnt variables and each known one tell about θ, the most telling one on top.

    Args:
        view: a judgement with a parameter.
        mode: light or dark.
    """
    theta = named(view.theta) if view.theta else "θ"
    return _bars(
        view.information, f"I(variable; {theta}) [nats]", f"What one event tells of {theta}",
        [f"signal: {events(view.n_signal)}", "bars ± standard error"], "event-variable-information", mode,
    )  # fmt: skip


def separation_bars(view: EventVariableView, mode: Mode = "light") -> go.Figure:
    """Draw how well the learnt variables and each known one tell signal from background.

    Args:
        view: a judgement with background.
        mode: light or dark.
    """
    notes = [events(view.n_events), "of each variable as it is or reversed"]
    file = "event-variable-separation"
    return _bars(view.separation, "AUC", "Signal against background", notes, file, mode, start=0.5)


def event_variable_sentence(view: EventVariableView) -> str:
    """Say which known variable the network found, and what it tells of θ beside the best known one.

    Args:
        view: a judgement on held-out or validation events.

    Returns:
        Such as "v is m_T: τ = 0.962 ± 0.001, I/H = 0.61 ± 0.01. v tells 0.52 ± 0.01 nats of θ, m_T 0.52 ± 0.01."
    """
    said = []
    if view.comparisons:
        said.append(_likeness(view))
    if view.information and view.theta is not None:
        learnt = next(each for each in view.information if each.is_learnt)
        others = [each for each in view.information if not each.is_learnt]
        words = f"One event tells {written(learnt.value)} nats of {view.theta.title} through {learnt.variable.title}"
        if others:
            top = max(others, key=lambda each: each.value.value)
            words += f", {written(top.value)} through {top.variable.title}"
        said.append(f"{words}.")
    if view.separation:
        top = max((each for each in view.separation if each.is_learnt), key=lambda each: each.value.value)
        said.append(f"{top.variable.title} tells signal from background with an AUC of {written(top.value)}.")
    return " ".join(said)


def _likeness(view: EventVariableView) -> str:
    """Say which known variable the learnt ones are most like."""
    names = dict.fromkeys(each.known.name for each in view.comparisons)
    found = [best for name in names if (best := view.best(name))]
    if not found:
        return f"{view.learnt[0].title} is one and the same for all events: nothing was learnt."
    best = max(found, key=lambda each: abs(each.tau.value))
    learnt, known, tau = best.learnt.title, best.known.title, abs(best.tau.value)
    if tau >= RELATED:
        name = f"{learnt} {'is' if tau >= ALIKE else 'resembles'} {known}"
    else:
        name = f"{learnt} is like none of the known variables; the closest is {known}"
    return f"{name}: Kendall τ = {written(best.tau)}, I/H = {written(best.share)}."


def written(estimate: Estimate) -> str:
    """Write an estimate; an error below what a float can resolve is none.

    Example:
        >>> written(Estimate(0.5 + 1e-15, 1e-17)), written(Estimate(0.883, 0.002))
        ('0.500', '0.883 ± 0.002')
    """
    resolved = abs(estimate.error) > RESOLUTION * abs(estimate.value)
    return format_number(estimate.value, estimate.error if resolved else None)


def _ticks(edges: Array, n: int) -> dict[str, Any]:
    """Return the ticks of a learnt variable: whole numbers where it is a category."""
    categories = bool(np.all(np.diff(edges) == 1) and np.all(edges % 1 == HALF))
    return {"dtick": 1, "tick0": 0} if categories else {"nticks": n}


def _axis(words: Words) -> str:
    return axis_title(Column(words.name, words.title, words.unit))


def _title(one: Slice, theta: Words | None) -> str:
    if one.is_background:
        return "background"
    if theta is None or one.low != one.low:
        return "signal"
    unit = f" {theta.unit}" if theta.unit else ""
    if one.high == one.low:
        return f"{named(theta)} = {format_number(one.low)}{unit}"
    return f"{format_number(one.low)} < {named(theta)} < {format_number(one.high)}{unit}"


def _slice(
    spectrum: Spectrum, one: Slice, signal: list[Slice], theta: Words | None, palette: Palette
) -> dict[str, Any]:
    title = _title(one, theta)
    colour = palette.background if one.is_background else palette.signal
    if not one.is_background and len(signal) > 1:
        colour = cycle(palette.working_points, signal.index(one))
    return {
        **outline(spectrum.edges, one.share),
        "name": title,
        "line": {"color": colour, "width": 1 if one.is_background else 1.8},
        "fill": "tozeroy" if one.is_background else "none",
        "fillcolor": faint(palette.background, 0.25),
        "hoverinfo": "all",
        "hovertemplate": f"{title}, {events(one.n_events)}<br>%{{x:.3g}}: %{{y:.2%}}<extra></extra>",
    }


def _peak(spectrum: Spectrum, one: Slice) -> str:
    place = int(np.nanargmax(one.share))
    return format_number(float(spectrum.edges[place : place + 2].mean()))


def _bars(
    figures: tuple[Figure, ...], axis: str, title: str, notes: list[str], file: str, mode: Mode, start: float = 0.0
) -> go.Figure:
    """Draw a horizontal bar for each variable, learnt ones in colour."""
    palette = PALETTES[mode]
    order = sorted(figures, key=lambda each: each.value.value)
    values = np.array([each.value.value for each in order])
    errors = np.array([each.value.error for each in order])
    reach = float(np.nanmax([start, *(values + np.nan_to_num(errors))]))
    names = [named(each.variable) + (" (learnt)" if each.is_learnt else "") for each in order]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": values - start,
        "base": start,
        "error_x": {
            "type": "data",
            "array": errors,
            "color": palette.ink,
            "thickness": 1,
        },
        "marker": {"color": [palette.runs[0] if each.is_learnt else palette.muted for each in order]},
        "customdata": [written(each.value) for each in order],
        "hovertemplate": "%{y}: %{customdata}<extra></extra>",
    }
    said = ", ".join(f"{plain(name)} {written(each.value)}" for name, each in zip(names, order, strict=True))
    return compose(
        [bars],
        {
            "xaxis": {"title": {"text": axis}, "range": [start, start + 1.05 * max(reach - start, 1e-3)]},
            "yaxis": {"type": "category", "showgrid": False, "ticks": "", "tickfont": {"size": SMALL_SIZE}},
            "bargap": 0.35,
            "showlegend": False,
        },
        title=title,
        notes=notes,
        alt=f"{plain(title)}: {said}.",
        mode=mode,
        height=min(MIDDLE_HEIGHT, HEIGHT_BESIDE_ROWS + ROW_HEIGHT * len(order)),
        file=file,
    )

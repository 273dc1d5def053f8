"""Which inputs carry the label, which leak a protected variable, and how far few of them get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.events.table import Column
from core.figures.palette import PALETTES, Mode, Palette, faint
from core.figures.style import MIDDLE_HEIGHT, SMALL_SIZE, compose
from core.figures.words import events, key, plain, symbol
from core.information.ranking import CRITERIA, Criterion, JointInformation, Scoreboard, Step
from core.information.relevance import Relevance
from core.numbers import format_number


def scoreboard_figure(board: Scoreboard, leakage: Relevance | None = None, mode: Mode = "light") -> go.Figure:
    """Draw what each variable tells about the label upwards, and about a protected variable downwards.

    Args:
        board: what the variables tell about the label; the most telling one is drawn first.
        leakage: what they tell about a protected variable on background; None leaves the lower half out.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    order = sorted(range(len(board.names)), key=lambda i: -board.relevance[i])
    names = [board.names[i] for i in order]
    labels = {name: symbol(Column(name, title)) for name, title in zip(board.names, board.titles, strict=True)}
    told = _told(board.names, board.relevance, board.relevance_error, board.null_level)
    traces = [_bars(names, told, labels, "label", palette.runs[0], palette, "")]
    axes: dict[str, Any] = {"yaxis": {"title": {"text": "I(X; label) [nats]"}, "rangemode": "tozero", "nticks": 6}}
    notes = [key(palette.runs[0], "tells about the label")]
    if leakage is not None:
        target = symbol(Column(leakage.target, leakage.target_title))
        leaked = _told(leakage.names, leakage.mi, leakage.error, leakage.null_level)
        traces.append(_bars(names, leaked, labels, target, palette.signal, palette, "y2"))
        axes["yaxis"] |= {"domain": [0.5, 1]}
        axes["yaxis2"] = {
            "title": {"text": f"I(X; {target}) [nats]"},
            "domain": [0, 0.46],
            "range": [1.08 * max(max((v + e for v, e, _ in leaked.values()), default=0.0), 1e-3), 0],
            "nticks": 6,
        }
        notes.append(key(palette.signal, f"leaks {target}, on background", "▨"))
    ticks = {"tickvals": list(range(len(names))), "ticktext": [labels[name] for name in names]}
    return compose(
        traces,
        {
            "xaxis": {
                **ticks,
                "anchor": "y2" if leakage is not None else "y",
                "showgrid": False,
                "tickfont": {"size": SMALL_SIZE, "color": palette.ink},
                "autotickangles": [0, -45, -90],
                "range": [-0.6, len(names) - 0.4],
            },
            **axes,
            "bargap": 0.3,
            "showlegend": False,
        },
        title="What each variable tells" + (" and leaks" if leakage is not None else ""),
        notes=[
            *notes,
            f"bars ± standard error, null level {format_number(float(board.null_level.max()))} nats or less subtracted",
            events(board.n_events, board.n_effective, even_odds=True),
            board.estimator,
        ],
        alt=_bars_alt(board, leakage, order),
        mode=mode,
        height=MIDDLE_HEIGHT + 40,
        file="ranking",
    )


def path_figure(
    steps: Sequence[Step],
    reached: Mapping[int, JointInformation],
    every: JointInformation,
    criterion: Criterion,
    mode: Mode = "light",
) -> go.Figure:
    """Draw the information that the first 1, 2, … chosen variables hold together, against all there is to know.

    Args:
        steps: the greedy selection.
        reached: number of variables → their joint information, for as many as are measured.
        every: what all variables tell together.
        criterion: how the variables were chosen.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    labels = [symbol(Column(step.name, step.title)) for step in steps]
    places = list(range(1, len(steps) + 1))
    known = [n for n in places if n in reached]
    lines = [
        (every.ceiling, "dash", f"all there is to know: H(label) = {format_number(every.ceiling)} nats"),
        (every.value, "dot", f"all {len(every.names)} variables: {format_number(every.value, every.error)} nats"),
    ]
    return compose(
        [_alone(steps, labels, palette), _together(known, reached, labels, palette)],
        {
            "xaxis": {
                "tickvals": places,
                "ticktext": [labels[0], *(f"+ {label}" for label in labels[1:])],
                "tickfont": {"size": SMALL_SIZE, "color": palette.ink},
                "autotickangles": [0, -45, -90],
                "range": [0.4, len(steps) + 0.6],
                "showgrid": False,
            },
            "yaxis": {"title": {"text": "I(chosen; label) [nats]"}, "range": [0, 1.12 * every.ceiling], "nticks": 8},
            "bargap": 0.55,
            "showlegend": False,
            "shapes": [_line_at(height, dash, palette) for height, dash, _ in lines],
            "annotations": [_words_at(height, words, palette) for height, _, words in lines],
        },
        title=f"How far few variables get, chosen by {CRITERIA[criterion].title.partition(',')[0]}",
        notes=[
            key(palette.ink, "chosen so far together", "●"),
            key(palette.runs[0], "the new one alone"),
            f"classifier on {events(every.n_events)} held out",
        ],
        alt=_path_alt(steps, reached, known, every),
        mode=mode,
        file=f"ranking-{criterion}",
    )


def _told(
    names: Sequence[str], values: NDArray[np.float64], errors: NDArray[np.float64], null_levels: NDArray[np.float64]
) -> dict[str, tuple[float, float, float]]:
    """Return what each variable tells, with its error and null level."""
    columns = (each.tolist() for each in (values, errors, null_levels))
    return dict(zip(names, zip(*columns, strict=True), strict=True))


def _null(level: float) -> str:
    """Say what the bias correction took off."""
    return f"after subtraction of {format_number(level)}, the level of independent variables"


def _bars(
    names: Sequence[str],
    told: Mapping[str, tuple[float, float, float]],
    labels: Mapping[str, str],
    target: str,
    colour: str,
    palette: Palette,
    axis: str,
) -> dict[str, Any]:
    """Return bars with error bars; a variable without an entry, the target itself, has none."""
    shown = [name for name in names if name in told]
    pattern = {"pattern": {"shape": "/", "size": 6, "solidity": 0.3}} if axis else {}
    return {
        "type": "bar",
        "x": [names.index(name) for name in shown],
        "y": [max(told[name][0], 0.0) for name in shown],
        "error_y": {"array": [told[name][1] for name in shown], "thickness": 1.2, "width": 0, "color": palette.ink},
        "marker": {"color": faint(colour, 0.75), "line": {"color": colour, "width": 1}, **pattern},
        "text": [
            f"I({labels[name]}; {target}) = {format_number(*told[name][:2], unit='nats')}<br>{_null(told[name][2])}"
            for name in shown
        ],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "name": target,
        **({"yaxis": axis} if axis else {}),
    }


def _alone(steps: Sequence[Step], labels: Sequence[str], palette: Palette) -> dict[str, Any]:
    """Return bars of what each chosen variable tells by itself."""
    hover = [
        f"{label} alone {format_number(step.relevance, step.relevance_error, 'nats')}"
        f"<br>{_null(step.null_level)}"
        f"<br>shared with those before, on average {format_number(step.redundancy, unit='nats')}"
        f"<br>score {format_number(step.score, unit='nats')}"
        for step, label in zip(steps, labels, strict=True)
    ]
    return {
        "type": "bar",
        "x": list(range(1, len(steps) + 1)),
        "y": [max(step.relevance, 0.0) for step in steps],
        "error_y": {
            "array": [step.relevance_error for step in steps],
            "thickness": 1.2,
            "width": 0,
            "color": palette.ink,
        },
        "marker": {"color": faint(palette.runs[0], 0.45), "line": {"color": palette.runs[0], "width": 1}},
        "text": hover,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _together(
    known: Sequence[int], reached: Mapping[int, JointInformation], labels: Sequence[str], palette: Palette
) -> dict[str, Any]:
    """Return the joint information as points with error bars."""
    found = [reached[n] for n in known]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(known),
        "y": [each.value for each in found],
        "error_y": {"array": [each.error for each in found], "thickness": 1.2, "width": 3, "color": palette.ink},
        "line": {"color": palette.ink, "width": 1.4},
        "marker": {"color": palette.ink, "size": 7},
        "text": [
            f"{', '.join(labels[:n])}<br>together {format_number(each.value, each.error, 'nats')}"
            for n, each in zip(known, found, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _line_at(height: float, dash: str, palette: Palette) -> dict[str, Any]:
    line = {"color": palette.muted, "width": 1.4, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height, "line": line}


def _words_at(height: float, text: str, palette: Palette) -> dict[str, Any]:
    font = {"color": palette.muted, "size": SMALL_SIZE}
    return {"text": text, "xref": "paper", "x": 1, "xanchor": "right", "y": height, "yanchor": "bottom", "font": font}


def _bars_alt(board: Scoreboard, leakage: Relevance | None, order: Sequence[int]) -> str:
    best = order[0]
    told = format_number(float(board.relevance[best]), float(board.relevance_error[best]), "nats")
    sentence = f"Bars of {len(order)} variables: {plain(_title(board, best))} tells most about the label, {told}"
    if leakage is None or not leakage.names:
        return f"{sentence}."
    leaked = format_number(float(leakage.mi[0]), float(leakage.error[0]), "nats")
    leaky, target = (
        plain(symbol(Column(*words)))
        for words in ((leakage.names[0], leakage.titles[0]), (leakage.target, leakage.target_title))
    )
    return f"{sentence}; {leaky} leaks most of {target}, {leaked}."


def _title(board: Scoreboard, i: int) -> str:
    return symbol(Column(board.names[i], board.titles[i]))


def _path_alt(
    steps: Sequence[Step], reached: Mapping[int, JointInformation], known: Sequence[int], every: JointInformation
) -> str:
    names = ", ".join(plain(symbol(Column(step.name, step.title))) for step in steps)
    whole = f"all {len(every.names)} hold {format_number(every.value, every.error, 'nats')}"
    if not known:
        return f"Variables in the order chosen: {names}; {whole}."
    last = reached[known[-1]]
    together = f"the first {known[-1]} hold {format_number(last.value, last.error, 'nats')} together"
    return f"Variables in the order chosen: {names}; {together}, {whole}."

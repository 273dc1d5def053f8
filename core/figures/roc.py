"""Background rejection against signal efficiency."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.evaluation.evaluate import Evaluation
from core.figures.palette import DASHES, PALETTES, Mode, Palette, cycle
from core.figures.style import LOG_TICKS, compose
from core.figures.words import events, plain, shorten, signal_efficiency
from core.numbers import format_number


def roc_figure(evaluations: Mapping[str, Evaluation], baseline: str | None = None, mode: Mode = "light") -> go.Figure:
    """Draw the background rejection 1/ε_b of runs against the signal efficiency ε_s, on a log axis.

    Args:
        evaluations: what to call a run → its evaluation.
        baseline: which of them is the baseline; dashed and grey.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    others = [name for name in evaluations if name != baseline]
    traces = [_curve(name, evaluations[name], *_look(i, palette)) for i, name in enumerate(others)]
    if baseline is not None and baseline in evaluations:
        traces.insert(0, _curve(baseline, evaluations[baseline], palette.muted, "4px,2px"))
    random = {
        "type": "scatter",
        "mode": "lines",
        "x": np.linspace(0.01, 1, 100),
        "y": 1 / np.linspace(0.01, 1, 100),
        "line": {"color": palette.muted, "width": 1, "dash": "1px,3px"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return compose(
        [random, *traces],
        {
            "xaxis": {
                "title": {"text": "signal efficiency ε<sub>s</sub>"},
                "range": [0, 1],
                "tickformat": ".0%",
                "dtick": 0.2,
            },
            "yaxis": {"title": {"text": "background rejection 1/ε<sub>b</sub>"}, "type": "log", **_range(evaluations)},
            "showlegend": True,
        },
        title="Background rejection against signal efficiency",
        notes=[*_size(evaluations), "finely dotted: a random choice"],
        alt=_alt(evaluations),
        mode=mode,
        file="roc",
    )


def _look(i: int, palette: Palette) -> tuple[str, str]:
    return cycle(palette.runs, i), cycle(DASHES, i)


def _curve(name: str, evaluation: Evaluation, colour: str, dash: str) -> dict[str, Any]:
    roc, title = evaluation.roc, escape(shorten(name, 32), quote=False)
    rejection = np.divide(
        1.0,
        roc.background_efficiency,
        out=np.full(len(roc.background_efficiency), np.nan),
        where=roc.background_efficiency > 0,
    )
    return {
        "type": "scatter",
        "mode": "lines",
        "x": roc.signal_efficiency,
        "y": rejection,
        "line": {"color": colour, "width": 2, "dash": dash},
        "name": f"{title}: AUC {format_number(evaluation.auc.value, evaluation.auc.error)}",
        "hovertemplate": f"{title}<br>ε<sub>s</sub> = %{{x:.1%}}<br>1/ε<sub>b</sub> = %{{y:.3g}}<extra></extra>",
    }


def _range(evaluations: Mapping[str, Evaluation]) -> dict[str, Any]:
    """Return the decades in which rejection is measured: up to one passing background event."""
    most = max((evaluation.n_background for evaluation in evaluations.values()), default=1000)
    return {"range": [0, float(np.log10(max(most, 10)))], **LOG_TICKS}


def _size(evaluations: Mapping[str, Evaluation]) -> list[str]:
    """Return the number of events, once when all runs share it."""
    sizes = {events(evaluation.n_events, evaluation.n_effective, even_odds=True) for evaluation in evaluations.values()}
    return sorted(sizes) if len(sizes) == 1 else ["the runs were judged on different events"] if sizes else []


def _alt(evaluations: Mapping[str, Evaluation]) -> str:
    runs = [
        f"{name} reaches AUC {format_number(e.auc.value, e.auc.error)} and rejection "
        f"{format_number(e.rejection.value, e.rejection.error)} at {plain(signal_efficiency(e.signal_efficiency))}"
        for name, e in evaluations.items()
    ]
    return f"Background rejection against signal efficiency: {'; '.join(runs) or 'no run'}."

"""The one look of all figures: templates, titles, legend and toolbar."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from core.figures.palette import PALETTES, Mode, Palette
from core.figures.words import lines, plain, wrap

FONT = '"Source Sans", "Source Sans 3", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 14, 13, 12
TITLE_CHARACTERS, NOTE_CHARACTERS = 54, 60
TITLE_LINE, NOTE_LINE = 21, 16
LOG_TICKS: dict[str, Any] = {"dtick": 1, "minor": {"dtick": "D1", "ticks": "outside", "ticklen": 2}}
"""Ticks of a log axis that spans a decade or more: labels at powers of ten only."""
MIDDLE_HEIGHT = 420
"""Height in pixels of a figure that stands beside others."""
VALIDATED = False
"""Whether plotly checks each property of a figure: that takes most of the time of a figure, so only tests do it."""


def template(palette: Palette) -> go.layout.Template:
    """Return the plotly template of one palette."""
    axis = {
        "automargin": True,
        "gridcolor": palette.grid,
        "linecolor": palette.muted,
        "tickcolor": palette.muted,
        "tickfont": {"size": SMALL_SIZE, "color": palette.muted},
        "title": {"standoff": 8, "font": {"size": TEXT_SIZE}},
        "ticks": "outside",
        "ticklen": 4,
        "showline": True,
        "zeroline": False,
        "exponentformat": "power",
        "minexponent": 4,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": TEXT_SIZE, "color": palette.ink},
            "paper_bgcolor": palette.paper,
            "plot_bgcolor": palette.paper,
            "colorway": palette.runs,
            "colorscale": {"sequential": palette.sequential, "diverging": palette.diverging},
            "xaxis": axis,
            "yaxis": axis,
            "coloraxis": {"colorbar": {"outlinewidth": 0, "thickness": 12}},
            "hoverlabel": {
                "bgcolor": palette.panel,
                "bordercolor": palette.muted,
                "font": {"family": FONT, "color": palette.ink, "size": TEXT_SIZE},
                "align": "left",
            },
            "modebar": {"bgcolor": palette.paper, "color": palette.muted, "activecolor": palette.ink},
            "annotationdefaults": {"showarrow": False, "font": {"size": SMALL_SIZE}},
            "dragmode": "zoom",
            "separators": ".,",
        }
    )


TEMPLATES: dict[Mode, go.layout.Template] = {mode: template(palette) for mode, palette in PALETTES.items()}
for _mode, _template in TEMPLATES.items():
    pio.templates[f"infoscope_{_mode}"] = _template


def compose(
    traces: Sequence[dict[str, Any]],
    layout: dict[str, Any],
    *,
    title: str,
    notes: Iterable[str],
    alt: str,
    mode: Mode,
    height: int = MIDDLE_HEIGHT,
    file: str = "",
) -> go.Figure:
    """Put traces under a title and notes in the one look.

    ``layout.meta`` carries "alt", one sentence for screen readers, and "file", the name of exports.

    Args:
        traces: plotly traces.
        layout: what this figure needs beyond the look, such as axis titles.
        title: what is seen; some fifty characters fit a line on a phone.
        notes: phrases under the title, such as the number of events.
        alt: what the figure shows, in one sentence with its numbers.
        mode: light or dark.
        height: in pixels.
        file: name of exports; made from the title when empty.
    """
    titles, small = wrap(title, TITLE_CHARACTERS), lines(notes, NOTE_CHARACTERS)
    top = 15 + TITLE_LINE * len(titles) + NOTE_LINE * len(small)
    if len(small) == 1:
        small = [*small, ""]  # plotly sets a subtitle of one line lower than the first of several
    common: dict[str, Any] = {
        "template": TEMPLATES[mode],
        "height": height,
        "title": {
            "text": "<br>".join(titles),
            "subtitle": {"text": "<br>".join(small), "font": {"size": SMALL_SIZE, "color": PALETTES[mode].muted}},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "pad": {"t": 12 + 7 * (len(titles) - 1), "l": 4},
            "font": {"size": TITLE_SIZE, "weight": 600},
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1 - top / height,
            "yref": "container",
            "yanchor": "top",
            "font": {"size": SMALL_SIZE},
        },
        "margin": {"l": 8, "r": 8, "t": top + 14, "b": 8},
        "meta": {"alt": alt, "file": file_name(file or title)},
    }
    inside = {name: common[name] | layout[name] for name in ("legend", "margin") if name in layout}
    return go.Figure(traces, common | layout | inside, _validate=VALIDATED)


def alt_text(figure: go.Figure) -> str:
    """Return what a figure shows in one sentence, for screen readers."""
    return str(figure.layout.meta["alt"])


def toolbar(figure: go.Figure) -> dict[str, Any]:
    """Return plotly's configuration of a figure: vector export under a speaking file name, and few buttons.

    Those that a frame drawn with the mouse and a double click replace would cover titles.
    """
    return {
        "displaylogo": False,
        "showSendToCloud": False,  # data must never leave by a click
        "plotlyServerURL": "",
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
        "responsive": True,
        "toImageButtonOptions": {"format": "svg", "filename": figure.layout.meta["file"]},
    }


def file_name(title: str) -> str:
    """Return a text as a file name that every system accepts.

    Example:
        >>> file_name("Background m<sub>J</sub> before and after (ε<sub>s</sub> = 50 %)")
        'background-mj-before-and-after-εs-50'
    """
    return re.sub(r"\W+", "-", plain(title).lower()).strip("-")


def whole_decades(values: Iterable[float]) -> dict[str, Any]:
    """Return the range of a log axis: whole decades where the values span less, so that two ticks have a label.

    Args:
        values: what is drawn; those that are not finite and positive do not count.

    Returns:
        Nothing where the values span a decade or more.

    Example:
        >>> whole_decades([3.0, 12.0])
        {'range': [-0.03, 2.03]}
        >>> whole_decades([3.0, 300.0])
        {}
    """
    powers = [math.log10(value) for value in values if math.isfinite(value) and value > 0]
    if not powers or max(powers) - min(powers) >= 1:
        return {}
    low = math.floor(min(powers) - 0.05)
    return {"range": [low - 0.03, max(math.ceil(max(powers) + 0.05), low + 1) + 0.03]}

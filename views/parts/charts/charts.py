"""Figures, drawn once they are in sight and redrawn in place, and tables; with what can be taken along beneath."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.figures.style import alt_text, toolbar
from core.figures.words import plain
from core.figures.written import figure_json
from views.parts.assets import source
from views.parts.charts.exporting import Frame, export, table_files

_mount = st.components.v2.component(
    "infoscope.chart",
    html=source("charts/chart.html"),
    css=source("charts/chart.css"),
    js=source("charts/plotly.js", "charts/chart_forms.js", "charts/chart_margins.js", "charts/chart.js"),
    isolate_styles=False,  # plotly's own styles are those of the page
)


def chart(figure: go.Figure, key: str, *, table: Frame | None = None, on_click: bool = False) -> Any:
    """Draw a figure that keeps its zoom when the next call under the same key brings new data; its export beneath.

    Beside the export are the forms that the figure itself allows, made in the browser: smooth curves where the axis
    counts epochs; a logarithmic axis where it is one already, begins at nought or stands over epochs; and, while
    something can be stopped on the page, a pause of all its figures.

    Args:
        figure: from core.figures.
        key: of the chart, once on a page.
        table: the numbers of the figure, or what makes them when they are asked for.
        on_click: whether a click on a point reruns the page.

    Returns:
        The customdata of the point that was clicked just now, with `on_click`; else None.
    """
    with st.container(gap=None):
        clicked = _draw(figure, key, _few_buttons(figure), tools=True, on_click=on_click)
        export(figure, key, table)
    return clicked


def _few_buttons(figure: go.Figure) -> dict[str, Any]:
    """Return plotly's configuration without its picture: the export is beneath."""
    config = toolbar(figure)
    return config | {"modeBarButtonsToRemove": [*config["modeBarButtonsToRemove"], "toImage"]}


def picture(figure: go.Figure, key: str) -> None:
    """Draw a figure alone, to be looked at.

    Args:
        figure: from core.figures.
        key: of the chart, once on a page.
    """
    _draw(figure, key, {"displayModeBar": False}, tools=False, on_click=False)


def _draw(figure: go.Figure, key: str, config: dict[str, Any], *, tools: bool, on_click: bool) -> Any:
    meta, layout = figure.layout.meta, figure.layout
    data = {
        "key": key,
        "json": figure_json(figure),
        "config": config,
        "height": int(layout.height),
        "alt": alt_text(figure),
        "file": meta["file"],
        "title": plain(layout.title.text or meta["alt"]),
        "paper": layout.template.layout.paper_bgcolor,
        "tools": tools,
        "clickable": on_click,
    }
    callbacks = {"on_clicked_change": _nothing} if on_click else {}
    return getattr(_mount(key=key, data=data, **callbacks), "clicked", None)


def _nothing() -> None:
    """Ask for the reruns that a click causes: Streamlit tells of events that have a callback."""


def table(frame: pd.DataFrame, key: str, file: str, *, numbers: Frame | None = None, **options: Any) -> Any:
    """Show a table with its files beneath.

    Args:
        frame: what is shown.
        key: of the table, once on a page.
        file: name of its files.
        numbers: what the files hold, where it is more than what is shown.
        options: of `st.dataframe`, such as column_config.

    Returns:
        What `st.dataframe` returns.
    """
    shown = st.dataframe(frame, key=key, **{"hide_index": True, **options})
    table_files(frame if numbers is None else numbers, key, file)
    return shown

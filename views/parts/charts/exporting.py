"""Figures and tables that can be taken along: for a paper, as on the screen, and their numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.exports.colours import LIGHT
from core.exports.journal_style import MILLIMETRES, Format, Width
from core.exports.latex import to_latex
from core.figures.style import alt_text
from core.tables.described import to_csv, to_parquet
from views.parts.assets import source
from views.parts.frame.alone import alone
from views.parts.frame.state import mode

Frame = pd.DataFrame | Callable[[], pd.DataFrame]
_FORMATS = {"svg": "SVG", "png": "PNG", "html": "HTML", "json": "JSON"}
_PAPER: dict[Format, str] = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}
_TABLES: tuple[tuple[str, str, str, Callable[[pd.DataFrame], str | bytes]], ...] = (
    ("CSV", "csv", "text/csv", to_csv),
    ("Parquet", "parquet", "application/vnd.apache.parquet", to_parquet),
    ("LaTeX", "tex", "application/x-tex", to_latex),
)


_exporter = st.components.v2.component(
    "infoscope.export",
    html="<div class='export-formats' role='group' aria-label='As on screen'>"
    + "".join(f"<button type='button' value='{value}'>{title}</button>" for value, title in _FORMATS.items())
    + "</div><label class='export-choice'><input type='checkbox' class='export-light' checked> in light colours</label>"
    + "<div role='status'></div>",
    css=source("charts/export.css"),
    js=f"const LIGHT = {json.dumps(LIGHT)};\n" + source("charts/plotly.js", "charts/export.js"),
)


@alone
def export(figure: go.Figure, key: str, table: Frame | None = None) -> None:
    """Offer the figure that is drawn under a key, and its numbers, as files; the menu is made when it is opened."""
    file = str(figure.layout.meta["file"])
    menu = st.popover(":small[:gray[Export]]", type="tertiary", key=f"export-{key}", on_change="rerun")
    room = "drawing-files" if table is None else "files"  # page.css keeps it free, so that the menu opens where it fits
    with menu, st.container(gap="xsmall", key=f"{room}-{key}"):
        if not menu.open:  # nine figures would wait 60 ms longer for menus that nobody opens
            st.caption("Preparing …")
            return
        st.markdown("**For a paper**")
        _paper_files(figure, key, file)
        st.markdown("**As on screen**")
        data = {"key": _css(key), "file": file, "alt": alt_text(figure), "dark": mode() == "dark"}
        _exporter(key=f"formats-{key}", data=data)
        if table is not None:
            st.markdown("**Numbers**")
            table_files(table, key, file, in_menu=True)


def _paper_files(figure: go.Figure, key: str, file: str) -> None:
    """Offer a figure at the size of a journal, drawn when asked for."""
    chosen = st.segmented_control(
        "Width",
        list(MILLIMETRES),
        default="column",
        required=True,
        format_func=lambda width: f"{width.capitalize()}, {MILLIMETRES[width]:.0f} mm",
        key=f"width-{key}",
        label_visibility="collapsed",
        width="stretch",
    )
    with st.container(horizontal=True):
        for ending, mime in _PAPER.items():
            st.download_button(
                ending.upper(),
                partial(_journal_file, figure, ending, chosen),
                f"{file}.{ending}",
                mime,
                key=f"paper-{ending}-{key}",
                on_click="ignore",
                width="stretch",
            )


def _journal_file(figure: go.Figure, ending: Format, width: Width) -> bytes:
    from core.exports.journal import journal_figure  # imports matplotlib, when the first file is asked for

    return journal_figure(figure, ending, width=width)


def table_files(frame: Frame, key: str, file: str, *, in_menu: bool = False) -> None:
    """Offer a table as CSV, Parquet and LaTeX, made when asked for; quietly, but for a menu that was opened for it."""

    def written(write: Callable[[pd.DataFrame], str | bytes]) -> Callable[[], bytes]:
        def make() -> bytes:
            content = write(frame() if callable(frame) else frame)
            return content.encode() if isinstance(content, str) else content

        return make

    with st.container(horizontal=True):
        for title, ending, mime, write in _TABLES:
            st.download_button(
                title if in_menu else f":small[:gray[{title}]]",
                written(write),
                f"{file}.{ending}",
                mime,
                key=f"{ending}-{key}",
                on_click="ignore",
                type="secondary" if in_menu else "tertiary",
                icon=None if in_menu else ":material/download:",
                width="stretch" if in_menu else "content",
            )


def _css(key: str) -> str:
    """Return what Streamlit makes of a key in the name of a CSS class."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())

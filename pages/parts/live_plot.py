"""A figure that is redrawn in place while a run goes on; `st.plotly_chart` would lose zoom and flicker."""

import plotly.graph_objects as go
import streamlit as st

from core.figures.style import alt_text, toolbar
from core.figures.words import plain
from pages.parts.charts import Frame, export, source

_mount = st.components.v2.component(
    "infoscope.live_plot",
    html=source("live_plot.html"),
    css=source("live_plot.css"),
    js=source("plotly.js", "live_forms.js", "live_plot.js"),
    isolate_styles=False,  # plotly's own styles are those of the page
)


def live_plot(figure: go.Figure, key: str, *, table: Frame | None = None) -> None:
    """Draw a figure that keeps its zoom when the next call under the same key brings new data; its export beneath.

    Beside the export are the forms that the figure itself allows, made in the browser: smooth curves where the axis
    counts epochs; a logarithmic axis where it is one already, begins at nought or stands over epochs; and, while
    something can be stopped on the page, a pause of all its figures.
    """
    data = {"json": figure.to_json(), "config": toolbar(figure), "height": int(figure.layout.height)}
    data |= {"alt": alt_text(figure), "file": figure.layout.meta["file"], "title": plain(figure.layout.title.text)}
    with st.container(gap=None):
        _mount(key=key, data=data | {"paper": figure.layout.template.layout.paper_bgcolor})
        export(figure, key, table)

"""A figure that is redrawn in place while a run goes on; `st.plotly_chart` would lose zoom and flicker."""

import plotly.graph_objects as go
import streamlit as st

from core.figures.style import alt_text, toolbar
from pages.parts.charts import Frame, export, source

_mount = st.components.v2.component(
    "infoscope.live_plot",
    html='<div class="live-plot" role="img"></div>',
    js=source("plotly.js", "live_plot.js"),
    isolate_styles=False,  # plotly's own styles are those of the page
)


def live_plot(figure: go.Figure, key: str, *, table: Frame | None = None) -> None:
    """Draw a figure that keeps its zoom when the next call under the same key brings new data; its export beneath."""
    data = {"json": figure.to_json(), "config": toolbar(figure), "height": int(figure.layout.height)}
    _mount(key=key, data=data | {"alt": alt_text(figure)})
    export(figure, key, table)

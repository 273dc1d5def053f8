"""A figure that is redrawn in place while a run goes on; `st.plotly_chart` would lose zoom and flicker."""

from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from core.figures.style import toolbar

_mount = st.components.v2.component(
    "infoscope.live_plot",
    html='<div class="live-plot" role="img"></div>',
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,  # plotly's own styles are those of the page
)


def live_plot(figure: go.Figure, key: str, height: int, alt: str) -> None:
    """Draw a figure that keeps its zoom when the next call under the same key brings new data."""
    _mount(key=key, data={"json": figure.to_json(), "config": toolbar(figure), "height": height, "alt": alt})

"""What every page begins with."""

from pathlib import Path

import streamlit as st

from views.parts.frame.link import ANSWERED, arrived

TOUCH = """<style>@media (hover: none) {
.stMain .js-plotly-plot .modebar-container { display: none }
}</style>"""  # where nothing hovers, plotly's buttons would cover the titles for good; Export is beneath each figure
HISTORY = "<style>.stElementContainer:has(.page-history) { display: none }</style><i class='page-history'></i><script>"
_SCRIPT = Path(__file__).with_name("history.js").read_text(encoding="utf-8")


def framed() -> None:
    """Prepare the links and the history of every page."""
    arrived()
    st.html(f"{HISTORY}{{ const ANSWERED = '{ANSWERED}';\n{_SCRIPT}}}</script>", unsafe_allow_javascript=True)


def page_title(question: str) -> None:
    """Put the page's question on top."""
    st.html(TOUCH)
    st.title(question, anchor=False)

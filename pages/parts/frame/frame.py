"""What every page begins with."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.parts.frame.link import ANSWERED, arrived

FRAMED = "framed"
TOUCH = """<style>@media (hover: none) {
.stMain .js-plotly-plot .modebar-container { display: none }
}</style>"""  # where nothing hovers, plotly's buttons would cover the titles for good; Export is beneath each figure
HISTORY = "<style>.stElementContainer:has(.page-history) { display: none }</style><i class='page-history'></i><script>"
_SCRIPT = Path(__file__).with_name("history.js").read_text(encoding="utf-8")


def framed() -> None:
    """Note that this session runs through app.py, which lets nobody in who has to sign in first; prepare its links."""
    st.session_state[FRAMED] = True
    arrived()
    st.html(f"{HISTORY}{{ const ANSWERED = '{ANSWERED}';\n{_SCRIPT}}}</script>", unsafe_allow_javascript=True)


def page_title(question: str) -> None:
    """Put the page's question on top.

    Until `st.navigation` ran once, Streamlit takes a folder called pages for its older kind of app and answers a link
    to a page, say after a restart of the server, by that page's file alone. Then this starts over, through app.py.
    """
    if FRAMED not in st.session_state:
        PagesManager.uses_pages_directory = False
        st.session_state[FRAMED] = True
        st.rerun()
    st.html(TOUCH)
    st.title(question, anchor=False)

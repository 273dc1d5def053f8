"""What every page begins with."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

FRAMED = "framed"
TOUCH = """<style>@media (hover: none) {
.stMain .js-plotly-plot .modebar-container { display: none }
}</style>"""  # where nothing hovers, plotly's buttons would cover the titles for good; Export is beneath each figure


def framed() -> None:
    """Note that this session runs through app.py, which lets nobody in who has to sign in first."""
    st.session_state[FRAMED] = True


def page_title(question: str) -> None:
    """Put the page's question on top.

    Until `st.navigation` ran once, Streamlit takes a folder called pages for its older kind of app and answers a link
    to a page, say after a restart of the server, by that page's file alone. Then this starts over, through app.py.
    """
    if FRAMED not in st.session_state:
        PagesManager.uses_pages_directory = False
        framed()
        st.rerun()
    st.html(TOUCH)
    st.title(question, anchor=False)

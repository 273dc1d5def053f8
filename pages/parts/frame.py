"""What every page begins with."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def page_title(question: str) -> None:
    """Put the page's question on top.

    Until `st.navigation` ran once, Streamlit takes a folder called pages for its older kind of app and answers a link
    to a page, say after a restart of the server, by that page's file alone. Then this starts over, through app.py.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
    st.title(question, anchor=False)

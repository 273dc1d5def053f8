"""What every page begins with."""

from pathlib import Path

import streamlit as st

from views.parts.frame.disk import say_if_unwritable
from views.parts.frame.link import ANSWERED, arrived
from views.parts.frame.state import mode

TOUCH = """<style>@media (hover: none) {
.stMain .js-plotly-plot .modebar-container, .stMain [data-testid="stElementToolbar"] { display: none }
}</style>"""
"""Where nothing hovers, the buttons of figures and tables would cover for good what is above; files are beneath."""
HISTORY = "<style>.stElementContainer:has(.page-history) { display: none }</style><i class='page-history'></i><script>"
_FILES = (Path(__file__).with_name(name) for name in ("history.js", "recovery.js", "narrow.js"))
_SCRIPT = "\n".join(file.read_text(encoding="utf-8") for file in _FILES)


def framed() -> None:
    """Prepare the links and the history of every page, and say where nothing can be kept."""
    arrived()
    st.html(f"{HISTORY}{{ const ANSWERED = '{ANSWERED}';\n{_SCRIPT}}}</script>", unsafe_allow_javascript=True)
    say_if_unwritable()


def page_title(question: str) -> None:
    """Put the page's question on top."""
    st.html(f"{TOUCH}<style>:root {{ color-scheme: {mode()} }}</style>")  # menus stand beside what Streamlit colours
    st.title(question, anchor=False)

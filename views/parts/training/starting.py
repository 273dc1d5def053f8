"""The button that begins a training: its click is answered even where a newer click overtook the run of the page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from views.parts.frame.link import visit
from views.parts.frame.state import told

BUTTON, ASKED = "begin", "begin-asked"
"""Key of the button, once on a page, and in which visit it was pressed."""


def asked(label: str, *, disabled: bool = False) -> bool:
    """Draw the button; return whether it was pressed in this visit and that is not answered yet.

    Args:
        label: of the button.
        disabled: whether it cannot be pressed.
    """
    st.button(
        label,
        key=BUTTON,
        type="primary",
        width="stretch",
        disabled=disabled,
        on_click=lambda: st.session_state.update({ASKED: visit()}),
    )
    if disabled:
        st.session_state.pop(ASKED, None)
    return st.session_state.get(ASKED) == visit()


@contextmanager
def answering(*, again: bool = True) -> Iterator[None]:
    """Do what was asked for and draw the page anew, or say why it is refused.

    Args:
        again: whether what is done within is done again where a newer click interrupts it before its end; it must then
            change nothing where it was done already, as the request of a run that is under way.
    """
    is_done = False
    if not again:
        st.session_state.pop(ASKED, None)
    with told():
        yield
        is_done = True
    st.session_state.pop(ASKED, None)
    if is_done:
        st.rerun()

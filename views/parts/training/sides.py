"""Controls beside what they show; on a phone, where one stands below the other, what matters stands first."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

NARROW = "max-width: 640px"
"""Where Streamlit puts columns below each other."""
_ORDER = """<style>@media (%s) {
.st-key-sides > [data-testid="stLayoutWrapper"] > .stHorizontalBlock > .stColumn:last-child { order: %d }
}</style>"""


def sides(*, view_first: bool) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return a narrow column for controls and a wide one for what they show.

    Args:
        view_first: whether the view stands above the controls on a phone.
    """
    st.html(_ORDER % (NARROW, -1 if view_first else 0))
    with st.container(key="sides"):
        controls, view = st.columns([1, 3], gap="medium")
    return controls, view

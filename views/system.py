"""System: is the machine keeping up?"""

import streamlit as st

from core.observability.system import System
from views.parts.frame.alone import alone
from views.parts.frame.frame import page_title
from views.parts.system import devices_part, figures_part, log_part, look, queue_part, store_part, versions_part


def watch() -> None:
    """Look at the installation and draw what is found."""
    state = look()
    figures_part(state)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        if isinstance(state, System):
            queue_part(state)
        devices_part(state)
        log_part()
    with right:
        if isinstance(state, System):
            store_part(state)
        versions_part(state)


page_title("Is the machine keeping up?")
alone(watch, every=5.0)()

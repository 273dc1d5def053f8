"""The unit in which amounts of information are shown: a session keeps it from page to page."""

import streamlit as st

from core.information.units import NATS, UNITS, Unit

UNIT = "unit"


def unit_menu() -> Unit:
    """Choose nats or bits."""
    chosen: Unit = st.session_state.get(UNIT, NATS)
    unit: Unit = st.segmented_control(
        "Unit", UNITS, default=chosen, required=True, key="unit-menu", help="1 nat = 1.443 bits. Files keep nats."
    )
    st.session_state[UNIT] = unit
    return unit

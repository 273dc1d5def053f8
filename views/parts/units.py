"""The unit in which amounts of information are shown: a session keeps it from page to page."""

import streamlit as st

from core.information.units import UNITS, Unit
from views.parts.frame.link import choice


def unit_menu() -> Unit:
    """Choose nats or bits."""
    unit: Unit = st.segmented_control(
        "Unit", UNITS, required=True, **choice("unit", UNITS), help="1 nat = 1.443 bits. Files keep nats."
    )
    return unit

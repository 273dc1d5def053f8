"""The form that makes a label of windows of the mass."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DataError
from core.events.expressions import parse_expression
from core.events.glance import Glance
from core.events.sidebands import (
    LABEL,
    WINDOWS,
    Sidebands,
    count_windows,
    suggested,
    windows_sentence,
    with_sidebands,
    without_sidebands,
)
from core.events.spec import DatasetSpec
from core.events.summary import FileSummary
from core.numbers import format_count
from views.parts.data.onboarding import Take, glance_of, mass_choice, with_mass_alone
from views.parts.frame.state import told
from views.parts.words import plain_text, sentence

COUNTS = "sideband-counts"


def window_form(spec: DatasetSpec, summary: FileSummary, take: Take) -> None:
    """Ask for a variable, its signal region and its sidebands, and label the events by them."""
    seen = glance_of(spec.files)
    column = mass_choice(spec, summary, seen)
    if column is None:
        st.caption("Choose the variable whose windows tell signal from background, usually the mass.")
        return
    st.caption(
        f"{plain_text(column)} becomes protected: it tells the label, so it must not be a feature. Variables that "
        "follow it tell the label too; the matrix shows which."
    )
    with st.form("windows", border=False):
        named = _named(suggested(seen[column]))
        places = zip(st.columns(len(named)), named, strict=True)
        chosen = [_window(place, name, window, seen[column]) for place, (name, window) in places]
        submitted = st.form_submit_button("Label by these windows", type="primary")
    if submitted:
        with told():
            asked = [window for window in map(complete, chosen) if window is not None]
            if not asked or complete(chosen[0]) is None:
                raise DataError("the signal region is open; give its low and its high end")
            windows = Sidebands(column, asked[0], tuple(asked[1:]))
            with st.spinner("Counting the events in the windows"):
                counts = count_windows(spec, windows)
            labelled = with_sidebands(with_mass_alone(spec, summary, seen, column), windows)
            st.session_state[COUNTS] = labelled.files, labelled.derived[WINDOWS], counts
            take(labelled)


def told_windows(spec: DatasetSpec, take: Take) -> None:
    """Say which windows are the label, and offer to take them away."""
    if spec.roles.label != LABEL or WINDOWS not in spec.derived:
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    files, windows, counts = st.session_state.get(COUNTS, (None, None, ()))
    known = (files, windows) == (spec.files, spec.derived[WINDOWS])
    n_against = f": {format_count(counts[0])} events against {format_count(sum(counts[1:]))}" if known else ""
    row.info(sentence(f"{windows_sentence(spec)}{n_against}"), icon=":material/straighten:")
    telling = [name for name in parse_expression(spec.derived[LABEL]).names if name in spec.roles.features]
    if telling:
        st.warning(f"{plain_text(telling[0])} is a feature and tells the label by itself: set its role to protected.")
    if row.button("Take the windows away", key="no-windows"):
        st.session_state.pop(COUNTS, None)
        take(without_sidebands(spec))


def _named(windows: Sidebands) -> list[tuple[str, tuple[float, float]]]:
    return list(zip(("Signal region", "Lower sideband", "Upper sideband"), windows.windows, strict=True))


def _window(
    place: DeltaGenerator, name: str, window: tuple[float, float], each: Glance
) -> tuple[float | None, float | None]:
    """Ask for the two ends of a window; a sideband without ends is none."""
    key = f"{name.lower().replace(' ', '-')}-{each.name}"
    low = place.number_input(f"{name}: from", value=window[0], format="%g", key=f"{key}-low")
    high = place.number_input(f"{name}: to", value=window[1], format="%g", key=f"{key}-high")
    return low, high


def complete(window: tuple[float | None, float | None]) -> tuple[float, float] | None:
    """Return a window whose ends are both given; None where neither is.

    Raises:
        DataError: one end is missing.
    """
    low, high = window
    if low is None and high is None:
        return None
    if low is None or high is None:
        raise DataError("a window has one end only; give both, or none for no sideband")
    return low, high

"""Geometry: how far apart are variables?"""

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass, EventTable
from core.figures.geometry import dendrogram_figure, map_figure
from core.information.catalogue import MEASURES
from core.tables.ranking import distance_table, geometry_table
from views.parts.charts.charts import chart
from views.parts.charts.in_print import every_number
from views.parts.definitions import DEFINITIONS
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice, choices, number
from views.parts.frame.state import is_labelled, mode, needed_dataset, told
from views.parts.information.cached_information import bins_of
from views.parts.information.cached_ranking import awaited_relevance_of, geometry_of
from views.parts.training.sides import sides
from views.parts.words import menu_title, symbol_text

CLASSES: list[EventClass] = ["background", "signal", "all"]
MOST_VARIABLES = 60


def controls(spec: DatasetSpec, events: EventTable) -> tuple[tuple[str, ...], EventClass, int]:
    """Choose class, variables and bins."""
    classes = CLASSES if is_labelled(events) else ["all"]
    event_class = st.segmented_control("Events", classes, required=True, **choice("class", classes))
    st.caption(symbol_text(MEASURES["distance"].definition))
    with st.expander("Variables and bins"):
        usable = list(dict.fromkeys((*spec.roles.features, *spec.roles.protected)))
        names = st.multiselect(
            "Variables", usable, format_func=lambda each: menu_title(events, each),
            **choices("variables", usable, usable[:MOST_VARIABLES]),
        )  # fmt: skip
        suited = bins_of(spec, event_class)
        bins = st.slider(
            "Bins B", 4, 64, **number("bins", 4, 64, suited), help=DEFINITIONS["bins"]
        )  # fmt: skip
    return tuple(names), event_class, bins


page_title("How far apart are variables?")
spec, events = needed_dataset("Variables as points of a map: close ones share information.")
panel, view = sides(view_first=True)
with panel:
    names, event_class, bins = controls(spec, events)
with view, told():
    if len(names) < 2:
        st.info("Choose at least two variables.")
        st.stop()
    found = geometry_of(spec, names, event_class, bins)
    about = awaited_relevance_of(spec, names, spec.roles.label, "all", bins) if is_labelled(events) else None
    left, right = st.columns([3, 2])
    with left:
        chart(map_figure(found, about, mode()), "map", table=lambda: geometry_table(found))
    with right:
        chart(dendrogram_figure(found, mode()), "tree", table=lambda: distance_table(found))
    st.caption(
        "A plane cannot keep all distances: the stress says how much is lost, √(Σ(D − d)² / ΣD²) over all pairs. "
        "The tree shows the mean distances themselves. Turning or mirroring the map changes nothing."
    )
    every_number("All distances", lambda: geometry_table(found), "geometry-table", "geometry")

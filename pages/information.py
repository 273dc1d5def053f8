"""Information: which variables share information?"""

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass, EventTable
from core.figures.matrix import matrix_figure
from core.figures.pair import density_figure, entropy_figure, npmi_figure
from core.figures.style import alt_text, toolbar
from core.information import MEASURES, InformationMatrix, default_names, dendrogram_order
from core.numbers import format_number
from pages.parts.cached import events_of
from pages.parts.cached_information import bins_of, matrix_of, pair_of, sentence_of
from pages.parts.frame import page_title
from pages.parts.state import is_labelled, mode, needed_dataset, told

CLASSES: list[EventClass] = ["background", "signal", "all"]
MOST_VARIABLES = 60


def controls(spec: DatasetSpec, events: EventTable) -> tuple[tuple[str, ...], EventClass, str, int, bool]:
    """Choose variables, class, measure, bins and order."""
    classes = CLASSES if is_labelled(events) else ["all"]
    event_class = st.segmented_control("Events", classes, default=classes[0], required=True, key="class")
    measure = st.selectbox("Measure", list(MEASURES), format_func=lambda name: MEASURES[name].title, key="measure")
    st.caption(MEASURES[measure].definition)
    ordered = st.toggle(
        "Order by similarity", value=True, help="Variables that share information stand together: average linkage on D."
    )
    with st.expander("Variables and bins"):
        usable = list(default_names(events, event_class))
        names = st.multiselect(
            "Variables", usable, usable[:MOST_VARIABLES], format_func=lambda n: events.describe(n).title or n
        )
        suited = bins_of(spec, event_class)
        bins = st.slider(
            "Bins B",
            4,
            64,
            suited,
            key=f"bins-{suited}",
            help="Each variable is cut into B bins of equal content. D, U, IQR and NMI depend on B; I hardly does, as "
            "long as there are 10 B² events.",
        )
        if bins > suited:
            st.warning(f"Too many bins for these events: above B = {suited}, independent variables seem to share.")
    return tuple(names), event_class, measure, bins, ordered


def show_matrix(matrix: InformationMatrix, measure: str) -> tuple[str, str] | None:
    """Draw the matrix and return the pair that the user clicked."""
    figure = matrix_figure(matrix, measure, mode())
    clicked = st.plotly_chart(
        figure, key=f"matrix-{measure}-{matrix.event_class}", theme=None, config=toolbar(figure), on_select="rerun",
        selection_mode="points", alt=alt_text(figure),
    )  # fmt: skip
    points = clicked.selection.points
    if points:
        x, y = points[0]["customdata"][:2]
        if x != y:
            return x, y
    return None


def show_pair(spec: DatasetSpec, pair: tuple[str, str], bins: int) -> None:
    """Draw what two variables know of each other, signal and background side by side."""
    events = events_of(spec)
    x, y = pair
    titles = [events.describe(name).title or name for name in pair]
    st.subheader(f"{titles[0]} and {titles[1]}", anchor=False)
    classes: list[EventClass] = ["signal", "background"] if is_labelled(events) else ["all"]
    for column, event_class in zip(st.columns(len(classes)), classes, strict=True):
        with column, told():
            st.markdown(f"**{event_class}**")
            found = pair_of(spec, x, y, event_class, bins)
            left, right = st.columns(2)
            left.metric("Pearson r", format_number(found.pearson), help=MEASURES["pearson"].definition)
            right.metric("r_I", format_number(found.r_i), help=MEASURES["r_i"].definition)
            for draw in (density_figure, npmi_figure, entropy_figure):
                figure = draw(found, mode())
                st.plotly_chart(
                    figure,
                    key=f"{draw.__name__}-{event_class}",
                    theme=None,
                    config=toolbar(figure),
                    alt=alt_text(figure),
                )


page_title("Which variables share information?")
spec, events = needed_dataset("The mutual information of all pairs of variables.")
panel, view = st.columns([1, 3], gap="medium")
with panel:
    names, event_class, measure, bins, ordered = controls(spec, events)
pair = None
with view, told():
    if len(names) < 2:
        st.info("Choose at least two variables.")
        st.stop()
    matrix = matrix_of(spec, names, event_class, bins)
    shown = matrix.take(dendrogram_order(matrix.distance)) if ordered else matrix
    pair = show_matrix(shown, measure)
    sentence = sentence_of(spec, names, event_class, bins, labelled=is_labelled(events))
    words, button = st.columns([3, 1], vertical_alignment="center")
    words.markdown(f"*{sentence}* Click a cell to see where the two share it.")
    protected = " and ".join(events.describe(n).title or n for n in spec.roles.protected)
    if (
        spec.roles.protected
        and is_labelled(events)
        and button.button(f"Train without {protected}", type="primary", width="stretch")
    ):
        st.switch_page("pages/unlearn.py")
if pair:
    show_pair(spec, pair, bins)

"""Information: which variables share information?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventClass, EventTable
from core.exports.titles import run_title
from core.figures.matrix import difference_figure, matrix_figure
from core.information import (
    ALL_MEASURES,
    GIVEN_MEASURES,
    MEASURES,
    EstimatedMatrix,
    InformationMatrix,
    default_names,
    dendrogram_order,
)
from core.information.difference import InformationDifference, information_difference
from core.information.estimated import ESTIMATED_MEASURES
from core.information.significance import Significance
from core.information.units import Unit
from core.jobs.with_output import FILE, OUTPUT, dataset_with_output
from core.settings import settings
from core.tables.difference import difference_table
from core.tables.matrix import matrix_table
from views.parts.cached import events_of
from views.parts.charts.charts import chart
from views.parts.data.absent import warn_of_absent
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice, choices, menu, number, switch
from views.parts.frame.state import DATA, is_labelled, mode, needed_dataset, told, use_dataset
from views.parts.information.cached_information import (
    bins_of,
    difference_words,
    estimated_of,
    given_of,
    matrix_of,
    sentence_of,
    significance_of,
)
from views.parts.information.estimators import COUNTS, estimator_menu, has_bins, in_titles
from views.parts.runs.choosing import runs_on
from views.parts.training.sides import NARROW, sides
from views.parts.units import unit_menu
from views.parts.words import menu_title, signal_share, symbol_text, title_text

Shown = Literal["background", "signal", "difference", "all"]
CLASSES: list[Shown] = ["background", "signal", "difference", "all"]
MOST_VARIABLES = 60
NO_MODEL = "none"
WORDS = "matrix-words"
# On a phone a matrix fills the screen: its sentence and the way on stand above it.
WORDS_FIRST = f"<style>@media ({NARROW}) {{[data-testid=stLayoutWrapper]:has(> .st-key-{WORDS}) {{order:-1}}}}</style>"


@dataclass(frozen=True)
class Choice:
    """Hold what the user chose to see."""

    shown: Shown
    measure: str
    given: str | None
    unit: Unit
    estimator: str
    names: tuple[str, ...]
    bins: int
    ordered: bool
    only_significant: bool

    @property
    def classes(self) -> tuple[EventClass, ...]:
        """Return the classes whose events are needed; for a difference, the class that gives the order comes first."""
        return ("background", "signal") if self.shown == "difference" else (self.shown,)


def controls(spec: DatasetSpec, events: EventTable) -> Choice:
    """Choose events, measure, estimator, order, mask, variables and bins."""
    labelled = is_labelled(events)
    classes = CLASSES if labelled else CLASSES[-1:]
    shown: Shown = st.segmented_control("Events", classes, required=True, wrap=True, **choice("class", classes))
    if shown == "all" and labelled:
        st.caption(
            f"All events under their own weights: signal is {signal_share(events)} of the weight. "
            "What the sentence says of the label is at even odds."
        )
    place = st.container()
    estimator = estimator_menu()
    measure, given, unit = measure_menus(events, shown, estimator, place)
    ordered = st.toggle(
        "Order by similarity",
        **switch("ordered", True),
        help="Variables that share information stand together: average linkage on D.",
    )
    only_significant = st.toggle(
        "Only what is significant",
        **switch("significant"),
        help="Each pair is compared with tables of independent variables of the same margins, as shuffling gives: its "
        "p-value. Of the pairs that are left, at most 5 % are expected to be false (Benjamini-Hochberg). A difference "
        "is compared with its error.",
        disabled=given is not None,
    )
    names, bins = variables_and_bins(spec, events, shown, has_bins(estimator) and given is None)
    names = tuple(name for name in names if name != given)
    return Choice(shown, measure, given, unit, estimator, names, bins, ordered, only_significant and given is None)


def measure_menus(
    events: EventTable, shown: Shown, estimator: str, place: DeltaGenerator
) -> tuple[str, str | None, Unit]:
    """Choose the measure, the third variable where one is needed, and the unit."""
    thirds = default_names(events, "all" if shown == "all" and is_labelled(events) else "background")
    offered = list(ESTIMATED_MEASURES)
    if estimator == COUNTS:
        offered = list(ALL_MEASURES if len(thirds) > 2 else MEASURES)
    with place:
        measure = st.selectbox(
            "Measure", offered, format_func=lambda name: ALL_MEASURES[name].title, **menu("measure", offered)
        )
        st.caption(symbol_text(ALL_MEASURES[measure].definition))
        given = None
        if measure in GIVEN_MEASURES:
            known = [name for name in thirds if name in events.roles.protected]
            given = st.selectbox(
                "Third variable Z",
                thirds,
                format_func=lambda name: menu_title(events, name),
                **menu("given", thirds, known[0] if known else None),
                help="A table of three variables needs many events: bins are few, as many as suit.",
            )
        unit = unit_menu()
    return measure, given, unit


def variables_and_bins(
    spec: DatasetSpec, events: EventTable, shown: Shown, are_bins_chosen: bool
) -> tuple[tuple[str, ...], int]:
    """Choose variables, and bins where these can be chosen."""
    classes: tuple[EventClass, ...] = ("signal", "background") if shown == "difference" else (shown,)
    suited = bins = min(bins_of(spec, each) for each in classes)
    with st.expander("Variables and bins" if are_bins_chosen else "Variables"):
        usable = list(default_names(events, "background"))
        output = [OUTPUT] if Path(spec.path).name == FILE else []
        others = [name for name in usable if name not in output]
        names = st.multiselect(
            "Variables",
            others,
            format_func=lambda name: menu_title(events, name),
            **choices("variables", others, others[:MOST_VARIABLES]),
        )
        if are_bins_chosen:
            bins = st.slider(
                "Bins B",
                4,
                64,
                **number("bins", 4, 64, suited),
                help="Each variable is cut into B bins of equal content. D, U, IQR and NMI depend on B; I hardly does, "
                "as long as there are 10 B² events.",
            )
        if bins > suited:
            st.warning(f"Too many bins for these events: above B = {suited}, independent variables seem to share.")
    label = (spec.roles.label,) if shown == "all" and spec.roles.label and is_labelled(events) else ()
    return (*names, *label, *output), bins


def estimate(
    spec: DatasetSpec, events: EventTable, choice: Choice, event_class: EventClass
) -> InformationMatrix | EstimatedMatrix:
    """Return the matrix of one class by the estimator that was chosen; end the page when that was stopped."""
    found: InformationMatrix | EstimatedMatrix | None
    if choice.estimator == COUNTS and choice.given is None:
        return matrix_of(spec, choice.names, event_class, choice.bins)
    bins = choice.bins if has_bins(choice.estimator) else None
    try:
        if choice.given is not None:
            found = given_of(spec, choice.names, event_class, choice.given)
        else:
            found = estimated_of(spec, choice.names, event_class, choice.estimator, bins)
    except DataError as refused:
        if choice.given is not None:
            raise
        raise DataError(f"another estimator is needed: {in_titles(str(refused), events)}") from refused
    if found is None:
        st.stop()
    return found


def significance(spec: DatasetSpec, choice: Choice) -> Significance | None:
    """Compare the pairs of one class with independent variables where that is asked for; None when it was stopped."""
    if not choice.only_significant or choice.shown == "difference":
        return None
    return significance_of(spec, choice.names, choice.shown, choice.bins)


def order(spec: DatasetSpec, choice: Choice) -> tuple[int, ...]:
    """Return the order of the variables, the output of a model last: by counts, so that it stays for all estimators."""
    as_chosen = tuple(range(len(choice.names)))
    if not choice.ordered:
        return as_chosen
    try:
        alike = dendrogram_order(matrix_of(spec, choice.names, choice.classes[0], choice.bins).distance)
        return tuple(sorted(alike, key=lambda place: choice.names[place] == OUTPUT))
    except DataError:  # what cannot be counted, other estimators may take
        return as_chosen


def show_class(
    spec: DatasetSpec,
    choice: Choice,
    matrix: InformationMatrix | EstimatedMatrix,
    sure: Significance | None,
) -> Any:
    """Draw the matrix of one class; return the pair that was clicked."""
    places = order(spec, choice)
    drawn, known = matrix.take(places), sure.take(places) if sure else None
    figure = matrix_figure(drawn, choice.measure, mode(), known, unit=choice.unit)
    return chart(figure, "matrix", table=lambda: matrix_table(drawn, known), on_click=True)


def show_difference(spec: DatasetSpec, choice: Choice, difference: InformationDifference) -> Any:
    """Draw signal minus background; return the pair that was clicked."""
    drawn = difference.take(order(spec, choice))
    figure = difference_figure(
        drawn, choice.measure, mode(), only_significant=choice.only_significant, unit=choice.unit
    )
    return chart(figure, "matrix", table=lambda: difference_table(drawn), on_click=True)


def look_into(spec: DatasetSpec, x: str, y: str) -> NoReturn:
    """Open the page of a pair."""
    if OUTPUT in (x, y):
        use_dataset(spec)
    st.switch_page("views/pair.py", query_params={DATA: st.query_params[DATA], "x": x, "y": y})


def with_model(spec: DatasetSpec, events: EventTable) -> tuple[DatasetSpec, EventTable]:
    """Offer the output of a trained model as a further variable, on the events that its training held out."""
    runs = {run.id: run for run in runs_on(spec)}
    if not runs:
        return spec, events
    chosen = st.selectbox(
        "Output of a model",
        [NO_MODEL, *runs],
        format_func=lambda each: each if each == NO_MODEL else f"{run_title(runs[each])} · {each}",
        **menu("model", [NO_MODEL, *runs]),
        help="Adds what a trained model says as the last variable, f, on the events that its training held out: "
        "an unlearned model shares nothing with the protected variable.",
    )
    if chosen == NO_MODEL:
        return spec, events
    with told():
        judged = dataset_with_output(runs[chosen], settings().runs / chosen, events_of(runs[chosen].request.dataset))
        return judged, events_of(judged)
    return spec, events


page_title("Which variables share information?")
st.html(WORDS_FIRST)
whole, events = needed_dataset("The mutual information of all pairs of variables.")
panel, view = sides(view_first=True)
with panel:
    spec, events = with_model(whole, events)
    chosen = controls(spec, events)
with view, told():
    if len(chosen.names) < 2:
        st.info("Choose at least two variables.")
        st.stop()
    warn_of_absent(whole)
    labelled = is_labelled(events)
    waiting, drawing, below = st.container(), st.container(), st.container(key=WORDS)
    with waiting:
        matrices = [estimate(spec, events, chosen, each) for each in chosen.classes]
        sure = significance(spec, chosen)
    with drawing:
        if chosen.shown == "difference":
            background, signal = matrices
            difference = information_difference(signal, background)
            clicked = show_difference(spec, chosen, difference)
            sentence = difference_words(difference, chosen.measure, chosen.unit)
        else:
            clicked = show_class(spec, chosen, matrices[0], sure)
            with waiting:  # beneath the matrix its bar would be out of sight
                sentence = sentence_of(spec, matrices[0], chosen.bins, chosen.measure, chosen.unit, labelled=labelled)
    words, button = below.columns([3, 1], vertical_alignment="center")
    words.markdown(f"*{symbol_text(sentence)}* Click a cell to see where the two share it.")
    for reasons in dict.fromkeys(each.choice_sentence for each in matrices if isinstance(each, EstimatedMatrix)):
        words.caption(reasons)
    protected = " and ".join(title_text(events, name) for name in spec.roles.protected)
    is_offered = bool(spec.roles.protected) and labelled
    if is_offered and button.button(f"Train without {protected}", type="primary", width="stretch"):
        st.switch_page("views/unlearn.py")
    if clicked is not None and clicked[0] != clicked[1]:
        look_into(spec, *clicked[:2])

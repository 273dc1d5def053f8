"""Ranking: which few inputs carry the label, and which leak the mass?"""

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.figures.ranking import path_figure, scoreboard_figure
from core.information.ranking import CRITERIA, Criterion, greedy
from core.information.ranking_summary import ranking_sentence
from core.tables.divergences import divergence_table
from core.tables.ranking import path_table, ranking_table
from views.parts.charts.charts import chart
from views.parts.charts.in_print import every_number
from views.parts.definitions import DEFINITIONS
from views.parts.frame.frame import page_title
from views.parts.frame.link import choices, menu, number
from views.parts.frame.state import is_labelled, mode, needed_dataset, told
from views.parts.information.cached_ranking import (
    awaited_relevance_of,
    divergences_of,
    joint_path,
    scoreboard_of,
    suited_bins_of,
)
from views.parts.training.sides import sides
from views.parts.words import menu_title, symbol_text

FEW = 6


def controls(spec: DatasetSpec, events: EventTable) -> tuple[tuple[str, ...], str | None, Criterion, int, int]:
    """Choose criterion, number of inputs, protected variable, variables and bins."""
    criterion = st.selectbox(
        "Choose by", list(CRITERIA), format_func=lambda c: CRITERIA[c].title,
        **menu("criterion", list(CRITERIA)),
        help="  \n".join(f"{words.title}: {words.definition}" for words in CRITERIA.values()),
    )  # fmt: skip
    st.caption(symbol_text(CRITERIA[criterion].definition))
    targets, target = list(spec.roles.protected), next(iter(spec.roles.protected), None)
    if len(targets) > 1:
        target = st.selectbox(
            "Protected variable", targets, format_func=lambda each: menu_title(events, each),
            **menu("protected", targets),
        )  # fmt: skip
    slot = st.container()
    with st.expander("Variables and bins"):
        usable = [*spec.roles.features, *targets]
        names = st.multiselect(
            "Variables", usable, format_func=lambda each: menu_title(events, each),
            **choices("variables", usable, spec.roles.features),
        )  # fmt: skip
        suited = suited_bins_of(spec)
        bins = st.slider(
            "Bins B", 4, 64, **number("bins", 4, 64, suited),
            help=DEFINITIONS["bins"],
        )  # fmt: skip
        if bins > suited:
            st.warning(f"Too many bins for these events: above B = {suited}, independent variables seem to share.")
    most = max(len(names), 2)
    few = slot.slider(
        "Inputs to choose", 1, most, **number("inputs", 1, most, min(FEW, most)),
        help="Each is the best addition to those before it. A classifier then measures what they tell together.",
    )  # fmt: skip
    return tuple(names), target, criterion, few, bins


page_title("Which few inputs carry the label, and which leak the mass?")
spec, events = needed_dataset("What each variable tells about the label, and about what must stay unknown.")
if not is_labelled(events):
    st.info("A ranking needs signal and background: choose the column that is 1 for signal.", icon=":material/label:")
    st.page_link("views/data.py", label="Choose the label", icon=":material/arrow_forward:")
    st.stop()
panel, view = sides(view_first=True)
with panel:
    names, target, criterion, few, bins = controls(spec, events)
with view, told():
    if len(names) < 2:
        st.info("Choose at least two variables.")
        st.stop()
    board = scoreboard_of(spec, names, bins)
    leakages = [awaited_relevance_of(spec, names, name, "background", bins) for name in spec.roles.protected]
    leakage = next((each for each in leakages if each.target == target), None)
    chart(scoreboard_figure(board, leakage, mode()), "scoreboard", table=lambda: ranking_table(board, leakages))
    words = st.empty()
    words.markdown(f"*{symbol_text(ranking_sentence(board, leakage, None, None))}*")
    steps = greedy(board, criterion, few)
    reached, every = joint_path(spec, tuple(step.name for step in steps), names)
    words.markdown(f"*{symbol_text(ranking_sentence(board, leakage, reached[few], every))}*")
    path = path_figure(steps, reached, every, criterion, mode())
    chart(path, "path", table=lambda: path_table(steps, reached, every))
    titles = {name: events.describe(name).title for name in spec.roles.protected}
    everything = tuple(dict.fromkeys((*names, *spec.roles.protected)))
    every_number(
        "All numbers, in nats",
        lambda: ranking_table(board, leakages, steps, reached),
        "ranking-table",
        "ranking",
        titles,
    )
    every_number(
        "Signal against background: divergences and entropies",
        lambda: divergence_table(divergences_of(spec, everything, bins)),
        "divergence-table",
        "divergences",
        explained="How the two histograms s and b of each variable differ, in cells of equal content. The "
        "Jensen-Shannon divergence is what the variable tells about the label, bias included: equal classes reach the "
        "null level.",
    )

"""Pair: what do two variables know of each other, and where?"""

from collections.abc import Callable

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventClass, EventTable
from core.figures.pair import density_figure, entropy_figure, pointwise_figure
from core.figures.pair_profile import profile_figure, scatter_figure
from core.information import MEASURES, PairMap, default_names
from core.information.pair_sentence import pair_sentence
from core.information.pointwise import POINTWISE
from core.information.profile import PairSample, Profile
from core.information.units import Unit, factor
from core.numbers import format_number
from core.tables.described import described
from core.tables.pair import entropy_table, pair_table
from views.parts.charts.charts import chart
from views.parts.definitions import DEFINITIONS
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice, held, hold, number
from views.parts.frame.state import is_labelled, mode, needed_dataset, told
from views.parts.information.cached_pair import default_pair_of, pairs_of, suited_bins_of
from views.parts.units import unit_menu
from views.parts.words import menu_title, plain_text, symbol_text

LINK, LAST = ("x", "y"), "last-pair"
COMPACT = """<style>
[class*="st-key-numbers-"] [data-testid="stMetricValue"] { font-size: 1rem; padding-bottom: 0 }
[class*="st-key-numbers-"] [data-testid="stMetricLabel"] { font-size: 0.8rem }
[class*="st-key-numbers-"] { gap: 0 0.9rem }
.st-key-map button { padding: 0 0.4rem; min-width: 0 }
</style>"""  # four numbers in a row, maps above the fold


def named_pair(spec: DatasetSpec, events: EventTable, usable: tuple[str, ...]) -> tuple[str, str]:
    """Return the pair that the link names, the one seen last, or one worth a look; the link then names it."""
    named = tuple(held(name) or "" for name in LINK)
    if any(named):
        unknown = [name or "no variable" for name in named if name not in usable]
        if unknown:
            words = plain_text(" and ".join(unknown))
            st.warning(f"The link names {words}, which these events do not have: here is another pair.")
        elif named[0] == named[1]:
            st.warning("The link names one variable twice: here is another pair.")
        else:
            return named
    last = st.session_state.get(LAST, ())
    if len(set(last) & set(usable)) == 2:
        return last
    found = default_pair_of(spec, usable, "background" if is_labelled(events) else "all")
    if found is None:
        st.stop()
    return found


def choose(changed: str) -> None:
    """Let the link name the pair that the menus show; who takes the other's variable swaps the two."""
    pair = {name: st.session_state[f"pair-{name}"] for name in LINK}
    if (pair["x"], pair["y"]) == (held("y"), held("x")):
        return  # nobody changes both menus at once: the browser has not heard yet that they were swapped
    if pair["x"] == pair["y"]:
        pair["y" if changed == "x" else "x"] = held(changed) or ""
    for name, value in pair.items():
        hold(name, value)


def swap() -> None:
    """Let x and y change places."""
    x, y = held("x") or "", held("y") or ""
    hold("x", y)
    hold("y", x)


def controls(spec: DatasetSpec, events: EventTable, usable: tuple[str, ...]) -> tuple[str, str]:
    """Choose two variables."""
    x, y = named_pair(spec, events, usable)
    st.session_state[LAST] = x, y
    for name, value in zip(LINK, (x, y), strict=True):
        st.session_state[f"pair-{name}"] = value
        hold(name, value)
        st.selectbox(
            name, usable, format_func=lambda each: menu_title(events, each), key=f"pair-{name}",
            on_change=choose, args=(name,), help=events.describe(value).description or None,
        )  # fmt: skip
    st.button("Swap x and y", on_click=swap, icon=":material/swap_horiz:", width="stretch")
    return x, y


def map_and_bins(spec: DatasetSpec, x: str, y: str, classes: tuple[EventClass, ...]) -> tuple[str, int, Unit]:
    """Choose the pointwise measure, the number of bins and the unit."""
    measure = st.segmented_control(
        "Map", list(POINTWISE), required=True, format_func=lambda n: POINTWISE[n].title,
        **choice("map", list(POINTWISE), "npmi"),
    )  # fmt: skip
    st.caption(POINTWISE[measure].definition)
    suited = suited_bins_of(spec, x, y, classes)
    bins = st.slider(
        "Bins B", 4, 64, **number("bins", 4, 64, suited),
        help=DEFINITIONS["bins"],
    )  # fmt: skip
    if bins > suited:
        st.warning(f"Too many bins for these events: above B = {suited}, independent variables seem to share.")
    if spec.roles.label in (x, y):
        st.caption("Signal and background are counted at even odds.")
    return measure, bins, unit_menu()


def numbers(pair: PairMap, unit: Unit) -> None:
    """Show what two variables share as four numbers."""
    values = {
        "pearson": ("Pearson r", format_number(pair.pearson)),
        "spearman": ("Spearman ρ", format_number(pair.spearman)),
        "r_i": (symbol_text("r_I"), format_number(pair.r_i)),
        "mi": (f"I [{unit}]", format_number(factor(unit) * pair.mi, factor(unit) * pair.mi_error)),
    }
    with st.container(horizontal=True, key=f"numbers-{pair.event_class}"):
        for measure, (label, value) in values.items():
            st.metric(label, value, help=MEASURES[measure].definition, width="content")


def side_by_side(draw: Callable[[int], None], n: int) -> None:
    """Draw one thing for each class, in columns."""
    for i, column in enumerate(st.columns(n, gap="medium")):
        with column:
            draw(i)


def show(pairs: list[PairMap], samples: list[PairSample], profiles: list[Profile], measure: str, unit: Unit) -> None:
    """Draw the figures, the same of every class in a row."""

    def head(i: int) -> None:
        with st.container(gap=None):
            if pairs[i].event_class != "all":
                st.markdown(f"**{pairs[i].event_class.capitalize()}**")
            numbers(pairs[i], unit)

    def density(i: int) -> None:
        figure = density_figure(pairs[i], mode(), pairs)
        chart(figure, f"density-{pairs[i].event_class}", table=lambda: pair_table(pairs[i]))

    def pointwise(i: int) -> None:
        figure = pointwise_figure(pairs[i], mode(), measure=measure, beside=pairs, unit=unit)
        chart(figure, f"pointwise-{measure}-{unit}-{pairs[i].event_class}", table=lambda: pair_table(pairs[i]))

    def entropy(i: int) -> None:
        figure = entropy_figure(pairs[i], mode(), pairs, unit=unit)
        chart(figure, f"entropy-{unit}-{pairs[i].event_class}", table=lambda: entropy_table(pairs[i]))

    def means(i: int) -> None:
        figure = profile_figure(profiles[i], mode(), profiles)
        chart(
            figure,
            f"profile-{pairs[i].event_class}",
            table=lambda: described(profiles[i].table(), "Mean, median and central 68 % in bins.", {}),
        )

    def some_events(i: int) -> None:
        figure = scatter_figure(samples[i], pairs[i], mode(), pairs)
        chart(
            figure,
            f"events-{pairs[i].event_class}",
            table=lambda: described(samples[i].table(), "A sample of the events.", {}),
        )

    for draw in (head, density, pointwise, entropy, means, some_events):
        side_by_side(draw, len(pairs))


st.html(COMPACT)
page_title("What do these two know of each other, and where?")
spec, events = needed_dataset("Where two variables share information, and how much.")
labelled = is_labelled(events)
usable = tuple(name for name in default_names(events) if labelled or name != spec.roles.label)
if len(usable) < 2:
    st.info("A pair needs two columns that are features, protected or the label.", icon=":material/table:")
    st.page_link("views/data.py", label="Choose roles", icon=":material/arrow_forward:")
    st.stop()
sentence = st.container()
panel, view = st.columns([1, 4], gap="medium")
with panel:
    x, y = controls(spec, events, usable)
    one = not labelled or spec.roles.label in (x, y)
    classes: tuple[EventClass, ...] = ("all",) if one else ("signal", "background")
    measure, bins, unit = map_and_bins(spec, x, y, classes)
with view, told():
    counted = pairs_of(spec, x, y, classes, bins)
    if counted is not None:
        pairs, samples, profiles = (list(each) for each in zip(*counted, strict=True))
        sentence.markdown(f"*{symbol_text(pair_sentence(pairs[::-1], unit))}*")
        show(pairs, samples, profiles, measure, unit)

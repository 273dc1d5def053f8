"""Values that seem to mean "no value", and columns that hold none: what is told of them, and one button for each."""

from collections.abc import Mapping

import streamlit as st

from core.events.absent import Suspects, by_value, quick_suspects, suspects, with_missing
from core.events.allowed import require_loadable
from core.events.plan import ALL_COLUMNS
from core.events.quality import QualityReport
from core.events.spec import DatasetSpec
from core.events.valueless import before_dropping, ignoring, is_too_much, listed, valueless, valueless_sentence
from core.numbers import MINUS, format_count, format_percent
from views.parts.data.drafts import draft, keep_draft
from views.parts.data.reading import quality_of, read_anew
from views.parts.frame.state import told, use_dataset
from views.parts.words import symbol_text

COLUMNS_SHOWN = 4


def told_absent(spec: DatasetSpec, report: QualityReport) -> None:
    """Say which values stand far from all others, offer to read them as missing, and to take that back."""
    chosen: DatasetSpec | None = None
    for value, columns in suspects(report).items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(
                f"{written(value)} lies far from all other values of {_listed(columns, report.n_events)}: "
                "is it “no value”?",
                icon=":material/warning:",
            )
            if st.button(
                "It means “no value”", key=f"missing-{value:g}", help="These values are missing from then on."
            ):
                chosen = with_missing(spec, value, columns)
    chosen = told_as_missing(spec) or chosen
    if chosen is not None:
        _use(chosen, look=True)  # beneath the rows: there may be a bar


def offer_to_ignore(spec: DatasetSpec, report: QualityReport) -> None:
    """Offer to ignore the columns that tell nothing, and those that leave nearly no event with all values."""
    blamed = before_dropping(report, spec.roles)
    found = valueless({each.name: each for each in report.columns}, spec.roles)
    names = tuple(dict.fromkeys((*blamed, *found.names)))
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_too_much(report):
            left = format_count(report.n_events - report.n_invalid) if report.n_events > report.n_invalid else "none"
            words = f"Dropping the events without a value would leave {left} of {format_count(report.n_events)}: "
            st.error(words + f"ignore {symbol_text(listed(blamed))} first.", icon=":material/error:")
        asked = ignore_button(names)
    if asked:
        _use(ignoring(spec, names), look=True)


def ignore_button(names: tuple[str, ...]) -> bool:
    """Offer to ignore columns, by name where they are few."""
    told_of = symbol_text(listed(names)) if len(names) < COLUMNS_SHOWN else f"{len(names)} columns"
    return st.button(
        f"Ignore {told_of}", key="ignore-useless", help="No longer used; the table of columns and roles takes it back."
    )


def told_as_missing(spec: DatasetSpec) -> DatasetSpec | None:
    """Say which values are read as missing, and return the data set in which they are numbers again if asked."""
    if not spec.missing:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{'; '.join(_in_words(spec))}.", width="content")
        if st.button("They are values", key="missing-none", type="tertiary", help="Read them as numbers again."):
            return spec.model_copy(update={"missing": {}})
    return None


def warn_of_absent(spec: DatasetSpec) -> None:
    """Warn of values that are used as numbers and seem to mean "no value", and of columns that hold nothing.

    One button makes such values missing, one ignores such columns. Some events are looked at, from all over the file;
    where all is well nothing is drawn, but which values are read as missing.
    """
    seen = suspects_of(spec.model_copy(update={"name": None}))
    chosen = told_as_missing(spec)
    nothing = valueless_sentence(seen.useless, seen.n_events)
    if seen.found or nothing:
        with st.container(horizontal=True, vertical_alignment="center", key="absent"):
            words = [_suspected(seen) if seen.found else "", f"{symbol_text(nothing)}." if nothing else ""]
            st.warning("  \n".join(each for each in words if each), icon=":material/warning:")
            it_means = "It means" if len(seen.found) == 1 else "They mean"
            if seen.found and st.button(
                f"{it_means} “no value”", key="absent-taken", help="These values are missing from then on."
            ):
                chosen = spec
                for value, columns in seen.found.items():
                    chosen = with_missing(chosen, value, columns)
            if nothing and ignore_button(seen.useless.names):
                chosen = ignoring(spec, seen.useless.names)
    if chosen is None:
        return
    if draft() is not None:
        keep_draft(chosen)
        st.rerun()
    _use(chosen)


def _suspected(seen: Suspects) -> str:
    """Say which values seem to mean "no value" and are used as numbers."""
    told_of = [f"{written(value)} in {_listed(columns, seen.n_events)}" for value, columns in seen.found.items()]
    it, used = ("it", "it is used as a number") if len(told_of) == 1 else ("they", "they are used as numbers")
    return (
        f"Of {format_count(seen.n_events)} events looked at: {'; '.join(told_of)}, far from all other values. "
        f"So far {used}; {it} may mean “no value”."
    )


@st.cache_data(max_entries=64, show_spinner="Looking at some events")
def suspects_of(spec: DatasetSpec) -> Suspects:
    """Look for values that seem to mean "no value" among some events."""
    require_loadable(spec)
    return quick_suspects(spec)


def written(value: float) -> str:
    """Return a value with a true minus sign.

    Example:
        >>> written(-999.0)
        '−999'
    """
    return f"{value:g}".replace("-", MINUS)


def _listed(columns: Mapping[str, int], n_events: int) -> str:
    told_of = [
        f"{symbol_text(name)} ({format_count(n)} events, {format_percent(n / n_events)})"
        for name, n in list(columns.items())[:COLUMNS_SHOWN]
    ]
    more = len(columns) - len(told_of)
    return ", ".join(told_of) + (f" and {more} more column{'' if more == 1 else 's'}" if more else "")


def _in_words(spec: DatasetSpec) -> list[str]:
    named = {value: ("all columns",) if ALL_COLUMNS in each else each for value, each in by_value(spec).items()}
    return [f"{symbol_text(listed(names))}: {written(value)} is read as no value" for value, names in named.items()]


def _use(spec: DatasetSpec, *, look: bool = False) -> None:
    """Make an edited data set the current one if its events can be read, and look for what is odd if asked.

    What is looked for here, beneath the bar, does not keep the next page waiting with the bar still in sight.
    """
    with told():
        if read_anew(spec) is not None and look:
            quality_of(spec)
        use_dataset(spec)
        st.rerun()

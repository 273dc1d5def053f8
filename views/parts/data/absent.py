"""Values that seem to mean "no value": what is told of them on the Data page, and one button for each."""

from collections.abc import Mapping

import streamlit as st

from core.events.absent import Suspects, by_value, quick_suspects, suspects, with_missing
from core.events.allowed import require_allowed_data
from core.events.plan import ALL_COLUMNS
from core.events.quality import QualityReport
from core.events.spec import DatasetSpec
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
    if spec.missing:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Missing: {'; '.join(_in_words(spec))}.", width="content")
            if st.button("They are values", key="missing-none", type="tertiary", help="Read them as numbers again."):
                chosen = spec.model_copy(update={"missing": {}})
    if chosen is not None:
        _use(chosen, look=True)  # beneath the rows: there may be a bar


def warn_of_absent(spec: DatasetSpec) -> None:
    """Warn of values that are used as numbers and seem to mean "no value", one button making them missing.

    Some events are looked at, from all over the file; where they hold no such value nothing is drawn.
    """
    seen = suspects_of(spec.model_copy(update={"name": None}))
    if not seen.found:
        return
    chosen = spec
    for value, columns in seen.found.items():
        chosen = with_missing(chosen, value, columns)
    told_of = [f"{written(value)} in {_listed(columns, seen.n_events)}" for value, columns in seen.found.items()]
    one = len(told_of) == 1
    it, means, used = ("It", "means", "it is used as a number") if one else ("They", "mean", "they are used as numbers")
    with st.container(horizontal=True, vertical_alignment="center", key="absent"):
        st.warning(
            f"Of {format_count(seen.n_events)} events looked at: {'; '.join(told_of)}, far from all other values. "
            f"So far {used}; {it.lower()} may mean “no value”.",
            icon=":material/warning:",
        )
        taken = st.button(f"{it} {means} “no value”", key="absent-taken", help="These values are missing from then on.")
    if taken and draft() is not None:
        keep_draft(chosen)
        st.rerun()
    elif taken:
        _use(chosen)


@st.cache_data(max_entries=64, show_spinner="Looking at some events")
def suspects_of(spec: DatasetSpec) -> Suspects:
    """Look for values that seem to mean "no value" among some events."""
    require_allowed_data(spec)
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
    named = {value: ["all columns"] if ALL_COLUMNS in each else list(each) for value, each in by_value(spec).items()}
    return [f"{written(value)} in {symbol_text(', '.join(names))}" for value, names in named.items()]


def _use(spec: DatasetSpec, *, look: bool = False) -> None:
    """Make an edited data set the current one if its events can be read, and look for what is odd if asked.

    What is looked for here, beneath the bar, does not keep the next page waiting with the bar still in sight.
    """
    with told():
        if read_anew(spec) is not None and look:
            quality_of(spec)
        use_dataset(spec)
        st.rerun()

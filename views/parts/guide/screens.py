"""The screens of the guide: a question, sentences with the numbers of these events, figures, and a way there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from views.parts.charts.charts import chart
from views.parts.frame.link import menu
from views.parts.frame.state import DATA
from views.parts.words import menu_title, symbol_text

IDEA = "idea"
Drawn = tuple[go.Figure, Callable[[], pd.DataFrame]]
"""A figure, and what makes the table of its numbers."""


@dataclass(frozen=True)
class Way:
    """Say which page "Show me" opens, and how it is set up.

    Args:
        page: its file.
        words: what will be there.
        link: what the page's link says.
        state: what its widgets show.
    """

    page: str
    words: str
    link: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Screen:
    """Hold one idea as it is shown.

    Args:
        question: the title.
        sentences: about these events, with symbols as in print.
        figures: key → figure with its numbers, two at most.
        way: where "Show me" leads; None where the events cannot show it.
        missing: what the events lack for more; empty when nothing.
    """

    question: str
    sentences: Sequence[str]
    figures: Mapping[str, Drawn]
    way: Way | None
    missing: str = ""


def lacking(question: str, missing: str, way: Way | None = None) -> Screen:
    """Return the screen of an idea that the events cannot show."""
    return Screen(question, (), {}, way, missing)


def protected_menu(spec: DatasetSpec, events: EventTable) -> str | None:
    """Return the protected variable, chosen where there are several; None where there is none."""
    offered = list(spec.roles.protected)
    if len(offered) < 2:
        return offered[0] if offered else None
    return st.selectbox(
        "Protected variable", offered, format_func=lambda name: menu_title(events, name), **menu("about", offered),
        label_visibility="collapsed", help="Which protected variable is spoken of.",
    )  # fmt: skip


def show(screen: Screen, others: Sequence[str], idea: str) -> None:
    """Draw the screen of an idea: words and buttons left, figures right.

    Args:
        screen: what is shown.
        others: all ideas in order.
        idea: which one this is.
    """
    words, view = st.columns([3, 7], gap="medium")
    with words, st.container(key="guide-words", gap="small"):
        st.subheader(symbol_text(screen.question), anchor=False)
        for sentence in screen.sentences:
            st.markdown(symbol_text(sentence))
        if screen.missing:
            st.info(symbol_text(screen.missing), icon=":material/table:")
            st.page_link("views/data.py", label="Choose what each column is for", icon=":material/arrow_forward:")
        with st.container(horizontal=True, vertical_alignment="center"):
            if screen.way is not None:
                _way(screen.way, idea)
            _next(others, idea)
    with view:
        columns = st.columns(max(len(screen.figures), 1), gap="small")
        for column, (key, (figure, table)) in zip(columns, screen.figures.items(), strict=False):
            with column:
                chart(figure, f"guide-{key}", table=table)


def _way(way: Way, idea: str) -> None:
    if st.button("Show me", type="primary", key=f"show-{idea}", help=symbol_text(way.words)):
        for key, value in way.state.items():
            st.session_state[key] = value
        kept = {DATA: st.query_params[DATA]} if DATA in st.query_params else {}
        st.switch_page(way.page, query_params=kept | dict(way.link))  # a link in steps would lose the idea from Back


def _next(ideas: Sequence[str], idea: str) -> None:
    place = ideas.index(idea) + 1
    if place < len(ideas):
        st.button("Next idea", key=f"next-{idea}", on_click=_turn_to(ideas[place]), icon=":material/arrow_forward:")


def _turn_to(idea: str) -> Callable[[], None]:
    def turn() -> None:
        st.session_state[IDEA] = idea

    return turn

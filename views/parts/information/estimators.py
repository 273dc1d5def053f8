"""The menu of estimators: counts, automatic, each registered one, and those that train a network."""

from __future__ import annotations

import re

import streamlit as st

from core.events.table import EventTable
from core.information import ESTIMATORS
from core.information.estimate import AUTOMATIC, NEURAL
from views.parts.frame.link import menu

COUNTS, NETWORKS = "counts", "networks"
_WORDS = {
    COUNTS: ("Counts (all measures)", "Counts all pairs at once in bins of equal content."),
    AUTOMATIC: ("Automatic", "Chooses for each pair by weights, type and number of events."),
    NETWORKS: ("Neural networks…", "Each pair trains a network, which takes seconds to minutes a pair."),
}


def estimator_menu() -> str:
    """Choose an estimator; return "counts", "auto" or a name that ``estimate_mi`` takes."""
    names = [COUNTS, AUTOMATIC, *ESTIMATORS.names(), NETWORKS]
    chosen: str = st.selectbox("Estimator", names, format_func=_title, **menu("estimator", names), help=_help())
    if chosen != NETWORKS:
        if chosen in ESTIMATORS.names():
            item = ESTIMATORS[chosen].item
            st.caption(f"{ESTIMATORS[chosen].summary} {item.limits}")
        elif chosen == AUTOMATIC:
            st.caption(_WORDS[AUTOMATIC][1])
        return chosen
    from core.neural_information import NEURAL_ESTIMATORS  # imports torch, which counting can do without

    network: str = st.selectbox(
        "Network",
        NEURAL_ESTIMATORS.names(),
        format_func=lambda name: NEURAL_ESTIMATORS[name].title,
        **menu("network", list(NEURAL_ESTIMATORS.names())),
        help="  \n".join(f"**{each.title}**: {each.summary} {each.item.limits}" for each in NEURAL_ESTIMATORS),
    )
    st.caption(f"{NEURAL_ESTIMATORS[network].summary} {_WORDS[NETWORKS][1]}")
    return network


def has_bins(estimator: str) -> bool:
    """Return whether a number of bins can be chosen for an estimator."""
    if estimator == COUNTS:
        return True
    return estimator in ESTIMATORS.names() and "bins" in ESTIMATORS[estimator].item.config.model_fields


def in_titles(text: str, events: EventTable) -> str:
    """Return a text with the titles of columns and estimators in place of their names."""
    titles = {name: events.describe(name).title or name for name in events.columns}
    titles |= {entry.name: entry.title for entry in ESTIMATORS}
    text = text.replace(", ".join(NEURAL), "neural networks")
    return re.sub(r"\w+", lambda word: titles.get(word[0], word[0]), text)


def _title(name: str) -> str:
    return _WORDS[name][0] if name in _WORDS else ESTIMATORS[name].title


def _help() -> str:
    """Return what each estimator does and assumes."""
    lines = [f"**{title}**: {words}" for title, words in _WORDS.values()]
    lines[2:2] = [f"**{each.title}**: {each.summary} {each.item.assumes}" for each in ESTIMATORS]
    return "  \n".join(lines)

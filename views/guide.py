"""Guide: how do I read this?"""

import streamlit as st

from views.parts.cached import samples
from views.parts.data.roles import guessed_dataset
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice
from views.parts.frame.state import current_dataset, needed_dataset, told, use_dataset
from views.parts.guide.glossary import glossary
from views.parts.guide.ideas import IDEAS
from views.parts.guide.screens import IDEA, protected_menu, show

PURPOSE = "Five ideas, each on one screen, in figures and numbers of the events that are loaded."
FIRST = "boosted_w"
COMPACT = """<style>
.st-key-guide-words h3 { padding-top: 0; font-size: 1.25rem }
.st-key-guide-words p { line-height: 1.45 }
</style>"""  # an idea on one screen


def begin() -> None:
    """Offer a sample, and the way to other data."""
    st.info(f"{PURPOSE} There are none yet: take a sample, or a file of your own.", icon=":material/menu_book:")
    offered = sorted(samples(), key=lambda sample: sample.name != FIRST)[:1]
    with st.container(horizontal=True, vertical_alignment="center"):
        for sample in offered:
            if st.button(f"Show it on {sample.title}", type="primary"):
                use_dataset(guessed_dataset(str(sample.path)))
                st.rerun()
        st.page_link("views/data.py", label="Choose data, or bring your own file", icon=":material/arrow_forward:")


def ideas() -> None:
    """Choose an idea and show it on the current events."""
    spec, events = needed_dataset(PURPOSE)
    names = list(IDEAS)
    several = len(spec.roles.protected) > 1
    choose, about = st.columns([5, 2], vertical_alignment="center") if several else (st.container(), st.container())
    idea = choose.segmented_control(
        "Idea", names, required=True, format_func=lambda name: IDEAS[name].title, **choice(IDEA, names),
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    with about:
        protected = protected_menu(spec, events)
    with told():
        show(IDEAS[idea].screen(spec, events, protected), names, idea)


page_title("How do I read this?")
st.html(COMPACT)
if current_dataset() is None:
    begin()
else:
    ideas()
glossary()

"""The keyboard: what starts, stops, turns pages and searches, on every page."""

import streamlit as st

from views.parts.assets import source

KEYS = {
    "Ctrl + Enter": "press the main button of the page",
    "Ctrl + ⌫": "stop what runs on the page",
    "N": "next page",
    "P": "previous page",
    "/": "search a column",
    "?": "open this list",
}
"""What to press, and what it does; shortcuts.js listens."""

_listener = st.components.v2.component("infoscope.shortcuts", html="<span></span>", js=source("frame/shortcuts.js"))
_switch = st.components.v2.component(
    "infoscope.shortcuts_switch",
    html='<label><input type="checkbox"> Listen to these keys, in this browser</label>',
    css="label { color: var(--st-text-color); cursor: pointer } input { accent-color: var(--st-primary-color) }",
    js=source("frame/shortcuts_switch.js"),
)


def shortcuts() -> None:
    """Listen to the keyboard, and offer the list of keys and a switch that turns them off."""
    with st.container(gap=None, key="shortcuts"):
        if st.button(":small[:gray[Keyboard]]", type="tertiary", icon=":material/keyboard:", key="show-shortcuts"):
            _show()
        _listener(key="shortcuts-listener")


@st.dialog("Keyboard", icon=":material/keyboard:")
def _show() -> None:
    rows = "\n".join(f"| `{key}` | {what} |" for key, what in KEYS.items())
    st.markdown(f"| Key | What it does |\n|---|---|\n{rows}")
    st.caption("⌘ is as good as Ctrl. Tab, arrows, Enter and the space bar reach everything else.")
    _switch(key="shortcuts-switch")

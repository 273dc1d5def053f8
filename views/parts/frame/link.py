"""What is seen on a page, kept in its link: a reload, a second browser, Back and Forward show the same view.

Each function returns the arguments that bind a widget to it; its key is also the name in the link. The link holds what
differs from the default; what it holds in vain is said in a sentence, and the default is shown.
"""

from collections.abc import Callable, Hashable, Sequence
from math import isfinite
from typing import Any, TypeVar
from urllib.parse import urlencode

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

from views.parts.words import plain_text

T = TypeVar("T", bound=Hashable)
PAGE, VISIT, RETURNED = "link-page", "link-visit", "link-returned"
ANSWERED = "answered"
"""Name in the link of the address that a run answers, for history.js alone."""
BETWEEN = ","


Bound = dict[str, Any]
"""Arguments of a widget that follows the link: its key, what it begins with, and that it persists.

A run of the script may be overtaken before the browser has heard of its widgets, and the browser makes them anew when
its page changes. It then knows them by what they begin with, and sends that back as if it had been chosen: so they
begin with what the visit began with, and Streamlit tells the browser again what is to persist.
"""


def hold(name: str, value: str, *, in_link: bool = True) -> None:
    """Make a value the one of this visit; the link names it from now on.

    Args:
        name: in the link.
        value: of this visit, until another one is held.
        in_link: False where the page is left at once for a link of its own.
    """
    st.session_state[f"held-{name}"] = visit(), value
    if in_link and st.query_params.get(name) != value:
        st.query_params[name] = value


def held(name: str) -> str | None:
    """Return what this visit holds, else what the link names: a click may bring the link as it was before."""
    when, value = st.session_state.get(f"held-{name}", (None, None))
    return value if when == visit() else st.query_params.get(name)


def let_go(name: str) -> None:
    """Hold nothing, and name nothing in the link."""
    st.session_state.pop(f"held-{name}", None)
    st.query_params.pop(name, None)


def arrived() -> None:
    """Note which page is shown, once a run of the script: a new visit takes its view from the link."""
    context = get_script_run_ctx()
    page = context.page_script_hash if context is not None else ""
    is_back = context is not None and context.is_history_navigation
    if st.session_state.get(PAGE) != page or is_back:
        st.session_state[PAGE] = page
        st.session_state[VISIT] = visit() + 1
    if context is not None and is_back:
        st.session_state[RETURNED] = visit()
        _answer(context)


def came_back() -> bool:
    """Return whether the browser's Back or Forward began this visit: then the link is right and the session is not.

    Streamlit tells it of one run alone, which another one may interrupt before it has drawn anything.
    """
    return st.session_state.get(RETURNED) == visit()


def visit() -> int:
    """Return the number of the present visit to a page; Back and Forward begin another one."""
    return int(st.session_state.get(VISIT, 0))


def choice(key: str, options: Sequence[T], default: T | None = None) -> Bound:
    """Keep which of some options side by side is chosen; the first one is the default if none is given.

    Args:
        key: of the widget, and in the link.
        options: what the widget offers, at least one.
        default: what is chosen where the link does not say.
    """
    return _chosen(key, options, default, lambda begun: {"default": begun})


def menu(key: str, options: Sequence[T], default: T | None = None) -> Bound:
    """Keep which option of a menu is chosen, as ``choice``."""
    return _chosen(
        key, options, default, lambda begun: {"index": None if begun is None else list(options).index(begun)}
    )


def position(key: str, options: Sequence[T], default: T | None = None) -> Bound:
    """Keep at which of its stops a slider is, as ``choice``."""
    return _chosen(key, options, default, lambda begun: {"value": begun})


def _chosen(key: str, options: Sequence[T], default: T | None, begin: Callable[[T], Bound]) -> Bound:
    codes = {_code(option): option for option in options}
    first = default if default in options else options[0]
    return _bound(key, first, codes.__getitem__, _code, lambda value: value in options, begin)


def choices(key: str, options: Sequence[T], default: Sequence[T] = ()) -> Bound:
    """Keep which of some options are chosen, in their order."""
    codes = {_code(option): option for option in options}

    def read(text: str) -> list[T]:
        return [codes[code] for code in text.split(BETWEEN) if code]

    def write(chosen: Sequence[T]) -> str:
        return BETWEEN.join(map(_code, chosen))

    return _bound(key, list(default), read, write, lambda chosen: all(each in options for each in chosen), _default)


def number(key: str, low: float, high: float, default: float) -> Bound:
    """Keep a number between two limits; a whole one where the default is one."""
    kind = int if isinstance(default, int) else float

    def is_allowed(value: float | None) -> bool:
        return value is not None and isfinite(value) and low <= value <= high

    return _bound(key, default, kind, lambda value: f"{value:.10g}", is_allowed, _value)


def switch(key: str, default: bool = False) -> Bound:
    """Keep whether something is switched on."""
    codes = {"yes": True, "no": False}
    return _bound(
        key, default, codes.__getitem__, lambda on: "yes" if on else "no", lambda value: isinstance(value, bool), _value
    )


def text(key: str, default: str = "") -> Bound:
    """Keep what was typed."""
    return _bound(key, default, str, str, lambda value: isinstance(value, str), _value)


def _default(begun: Any) -> Bound:
    return {"default": begun}


def _value(begun: Any) -> Bound:
    return {"value": begun}


def _bound(
    key: str,
    default: Any,
    read: Callable[[str], Any],
    write: Callable[[Any], str],
    is_allowed: Callable[[Any], bool],
    begin: Callable[[Any], Bound],
) -> Bound:
    """Let widget and link agree: a new visit takes the link's value, later on the link takes the widget's."""
    state, kept = st.session_state, f"kept-{key}"
    last, last_default, last_visit, refused, begun = state.get(kept, (default, default, None, None, default))
    is_new = last_visit != visit()
    value = state.get(key, last)
    if is_new:
        otherwise = default if came_back() or last == last_default else last
        value, refused = _linked(key, read, is_allowed, otherwise, default)
    elif last_default != default and value == last_default:
        value = default
    if not is_allowed(value):
        value = default
    if is_new or key not in state or state[key] != value:
        state[key] = value
    refused = refused if value == default else None
    begun = value if is_new or not is_allowed(begun) else begun
    state[kept] = value, default, visit(), refused, begun
    _tell(key, refused)
    wanted = None if value == default else write(value)
    if wanted is None:
        if key in st.query_params:
            del st.query_params[key]
    elif st.query_params.get(key) != wanted:
        st.query_params[key] = wanted
    return {"key": key, "persist_state": "session"} | begin(begun)


def _linked(
    key: str, read: Callable[[str], Any], is_allowed: Callable[[Any], bool], otherwise: Any, default: Any
) -> tuple[Any, str | None]:
    """Return what the link says, or something else where it says nothing; and what it says in vain."""
    said = st.query_params.get(key)
    if said is None:
        return otherwise, None
    try:
        value = read(said)
    except (KeyError, ValueError):
        return default, said
    return (value, None) if is_allowed(value) else (default, said)


def _answer(context: ScriptRunContext) -> None:
    """Tell history.js that what follows is of the address that Back or Forward led to; then of the link as it is."""
    asked = context.context_info.url if context.context_info is not None else ""
    for link in (f"{context.query_string}&{urlencode({ANSWERED: asked})}", context.query_string):
        message = ForwardMsg()
        message.page_info_changed.query_string = link
        context.enqueue(message)


def _tell(key: str, refused: str | None) -> None:
    """Say what the link asked for in vain, as long as the default is shown in its place."""
    if refused is not None:
        st.warning(
            f"The link asks for {plain_text(key)} “{plain_text(refused)}”, which is not offered here: the default is "
            "shown.",
            icon=":material/link_off:",
        )


def _code(option: object) -> str:
    return "none" if option is None else f"{option:.6g}" if isinstance(option, float) else str(option)

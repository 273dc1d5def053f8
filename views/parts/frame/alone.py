"""Parts of a page that run again alone: when one of their widgets moves, or every few seconds."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

P = ParamSpec("P")
T = TypeVar("T")
_within: ContextVar[bool] = ContextVar("within_a_part", default=False)


def alone(part: Callable[P, T], *, every: float | None = None) -> Callable[P, T]:
    """Let a function be a part of the page that runs again alone; within another such part it belongs to that one.

    Streamlit's fragments must not be nested: when a part is to run again before the browser has heard of its last
    run, Streamlit withdraws what the part wrote but not what a fragment within it wrote. That then asks for a place
    in a container that does not exist, and the browser shows an empty page ("Bad delta path index").

    Args:
        part: draws the part.
        every: seconds after which it runs again by itself; None waits for its widgets.
    """

    @wraps(part)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> T:
        before = _within.set(True)
        try:
            return part(*args, **kwargs)
        finally:
            _within.reset(before)

    fragment = st.fragment(drawn, run_every=every)

    @wraps(part)
    def draw(*args: P.args, **kwargs: P.kwargs) -> T:
        return (part if _within.get() else fragment)(*args, **kwargs)

    return draw

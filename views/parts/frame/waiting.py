"""Waiting: the shape of what will come, and for work of more than a second a bar, the time left and a stop button."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import uuid4

import streamlit as st

from core.errors import DataError
from views.parts.words import duration

T = TypeVar("T")
Tell = Callable[[float], None]
_STOPPED = "stopped"
_BETWEEN = 0.2  # seconds
_FIRST, _LITTLE = 1.0, 0.02
"""In the first second, and of less than this share, the pace tells nothing: what is compiled or opened counts too."""
_SKELETON = """<style>
.skeletons { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 1rem }
.skeletons div { height: 420px; border-radius: 8px; background: currentColor; opacity: .07 }
@media (prefers-reduced-motion: no-preference) {
  .skeletons div { animation: skeleton 1.6s ease-in-out infinite alternate }
  @keyframes skeleton { to { opacity: .03 } }
}
</style><div class="skeletons" aria-hidden="true"><div></div><div></div></div>"""


@dataclass
class Slot(Generic[T]):
    """Keep a result once it is whole; what was stopped leaves nothing behind.

    Args:
        result: of the work; None until it is done.
        key: tells the work of one slot from that of others.
    """

    result: T | None = None
    key: str = field(default_factory=lambda: uuid4().hex)


def skeletons(words: str) -> None:
    """Hold the places of two figures that are to come.

    Args:
        words: when they come.
    """
    st.caption(words)
    st.html(_SKELETON)


def awaited(slot: Slot[T], words: str, work: Callable[[Tell], T], *, is_quick: bool = False) -> T | None:
    """Return the result of a slot; work it out under a bar when there is none.

    Args:
        slot: where the result is kept, such as of a cached function.
        words: what is done, such as "Estimating pairs".
        work: takes a function to call with the share that is done, from 0 to 1, and returns the result.
        is_quick: whether the work is over before a bar could be read: words alone are shown then.

    Returns:
        The result; None when the work was stopped.
    """
    if slot.result is not None:
        return slot.result
    if is_quick:
        with st.spinner(words):
            slot.result = work(lambda share: None)
        return slot.result
    place = st.empty()
    if st.session_state.get(_STOPPED) == slot.key:
        with place.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{words}: stopped.")
            st.button("Start again", key=f"again-{slot.key}", on_click=_stop, args=(None,))
        return None
    with place.container():
        bar = st.progress(0.0, text=f"{words}: 0 %")
        st.button("Stop", key=f"stop-{slot.key}", on_click=_stop, args=(slot.key,), icon=":material/stop:")
    try:
        slot.result = work(_teller(bar.progress, words))
    except (DataError, OSError):  # such as of a file that vanished
        place.empty()
        raise
    place.empty()
    return slot.result


def _teller(show: Callable[..., object], words: str) -> Tell:
    """Return what shows the share that is done and, once the pace tells it, the time left, a few times a second."""
    started, last = time.monotonic(), 0.0

    def tell(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _BETWEEN or share <= 0:
            return
        last = now
        told = f"{words}: {100 * share:.0f} %"
        if now - started >= _FIRST and share >= _LITTLE:
            told += f" · {duration((now - started) / share * (1 - share))} left"
        show(min(share, 1.0), text=told)

    return tell


def forget_stop(key: str) -> None:
    """Forget that a work was stopped: whoever asks for it anew, otherwise than by its button, shall have it."""
    if st.session_state.get(_STOPPED) == key:
        _stop(None)


def _stop(key: str | None) -> None:
    """Note what the user stopped; the rerun that follows ends the work at its next word."""
    st.session_state[_STOPPED] = key

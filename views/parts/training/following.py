"""What pages that train share: seed and device of a run, and the run as it is followed to its end."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.store.request import RunRequest
from core.store.store import Recorded, Run
from views.parts.frame.alone import alone
from views.parts.frame.state import store, told
from views.parts.frame.waiting import skeletons
from views.parts.runs.downloads import downloads
from views.parts.training.monitor import run_status, still_there

Losses = Callable[[Run, Sequence[Recorded]], None]
"""(run, what it recorded) draws the losses, all there is before the first view."""
Draw = Callable[[Run, str, Sequence[Recorded], bool], None]
"""(run, newest view as JSON, what it recorded, whether the view is the final one) draws what was learnt."""


def seed_field(key: str) -> int:
    """Choose the seed.

    Args:
        key: prefix of the widget's key.
    """
    text = RunRequest.model_fields["seed"].description
    return int(st.number_input("Seed", 0, 2**32 - 1, 0, help=text, key=f"{key}-seed", persist_state="session"))


def seed_and_device(key: str) -> tuple[int, str]:
    """Choose seed and device, folded away.

    Args:
        key: prefix of the widgets' keys.
    """
    with st.expander("Seed and device"):
        seed = seed_field(key)
        device_help = "auto takes a GPU when there is one; or cpu, cuda, cuda:1, …"
        device = st.text_input("Device", "auto", help=device_help, key=f"{key}-device", persist_state="session")
    return seed, device


def follow(run: Run, losses: Losses, draw: Draw) -> None:
    """Draw a run; a live one is redrawn each second while the rest of the page stays usable.

    Args:
        run: the one that is shown.
        losses: draws what was recorded before the first view.
        draw: draws a view; under the final one follow the run's files.
    """
    alone(_follow, every=1.0 if run.is_live else None)(run.id, run.is_live, losses, draw)


@told()
def _follow(run_id: str, was_live: bool, losses: Losses, draw: Draw) -> None:
    run = still_there(run_id)
    with st.container():  # a remark at the end does not move the figures, which would be drawn anew
        run_status(run)
    if was_live and not run.is_live:
        st.rerun()
    history, found = store().history(run_id), store().view(run_id)
    if found is None:
        if history:
            losses(run, history)
        if run.is_live:
            skeletons("The first figures appear after the first epoch.")
        return
    with told():
        draw(run, found[0], history, found[1])
    if found[1]:
        downloads(run)

"""What pages that train share around their form: the events, the run that is shown, form and view side by side."""

from collections.abc import Callable

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.settings import settings
from core.store.store import Run
from views.parts.cached import events_of
from views.parts.frame.state import current_dataset, is_labelled, say_nowhere, store, told
from views.parts.runs.choosing import same_events
from views.parts.training.following import Draw, Losses, follow
from views.parts.training.sides import sides


def events_if_any() -> tuple[DatasetSpec | None, EventTable | None]:
    """Return the current data set with its events, for a page that has toys as well."""
    spec, events = current_dataset(), None
    say_nowhere()
    if spec is not None:
        with told():
            events = events_of(spec)
    return spec, events


def needs_label(events: EventTable, what: str) -> bool:
    """Ask for the label where the events have none; return whether it asked.

    Args:
        events: to learn from.
        what: needs both classes, as a sentence begins.
    """
    if is_labelled(events):
        return False
    st.info(f"{what} needs signal and background: choose the column that is 1 for signal.", icon=":material/label:")
    st.page_link("views/data.py", label="Choose the label", icon=":material/arrow_forward:")
    return True


def is_toy(path: str) -> bool:
    """Return whether a file holds events of a toy, whose exact answer is lost when it is taken as a file."""
    return path.startswith(str(settings().toys))


def newest_run(
    opened: Run | None, task: str, spec: DatasetSpec | None, *, method: str | None = None, toys: bool = False
) -> Run | None:
    """Return the opened run if it is of a task, else the newest such run on the events of a data set.

    Args:
        opened: the run that the link names.
        task: of the runs of the page.
        spec: the current data set; None where there is none.
        method: of the run; None for any.
        toys: whether a run on a toy will do as well.
    """

    def is_asked(run: Run) -> bool:
        return run.request.task == task and method in (None, run.request.method)

    if opened is not None and is_asked(opened):
        return opened
    for run in filter(is_asked, store().runs(("queued", "running", "done", "stopped"))):
        dataset = run.request.dataset
        if (spec is not None and same_events(dataset, spec)) or (toys and is_toy(dataset.path)):
            return run
    return None


def form_and_view(
    form: Callable[[], None], shown: Run | None, losses: Losses, draw: Draw, promise: str, icon: str
) -> None:
    """Show a form beside a run, which is followed to its end.

    Args:
        form: draws the form.
        shown: the run; None where there is none yet.
        losses: draws what was recorded before the first view.
        draw: draws a view.
        promise: what is said where there is no run.
        icon: beside it.
    """
    left, right = sides(view_first=shown is not None)
    with left:
        form()
    with right:
        if shown is None:
            st.info(promise, icon=icon)
        else:
            follow(shown, losses, draw)

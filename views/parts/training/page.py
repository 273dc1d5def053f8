"""What pages that train share around their form: the events, the run that is shown, form and view side by side."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.errors import DataError
from core.events.drop import checked_columns, is_valid
from core.events.spec import DatasetSpec
from core.events.summary import in_bytes
from core.events.table import EventTable, Roles
from core.events.valueless import NEARLY_NOTHING, ignoring, listed
from core.numbers import format_count
from core.observability import system
from core.settings import settings
from core.store.store import Run
from core.unlearning.check import check_events
from core.unlearning.cost import Cost, cost_of
from core.unlearning.method import TrainingConfig
from views.parts.cached import events_of
from views.parts.frame.state import DATA, current_dataset, is_labelled, say_nowhere, store, told, use_dataset
from views.parts.runs.choosing import same_events
from views.parts.training.following import Draw, Losses, follow
from views.parts.training.sides import sides
from views.parts.words import roughly, sentence, symbol_text

COLUMNS_NAMED = 3
MANY_EVENTS = 1_000_000
"""A form says before the click what training on more events takes."""
FEWER_EVENTS = 500_000
"""On so many a form offers to train instead."""
MUCH_MEMORY = 0.5
"""Share of the memory that is left, beyond which that offer stands out."""
AT_ONCE = "at-once"


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


def refused(spec: DatasetSpec, events: EventTable, roles: Roles) -> str:
    """Say beside the button why events cannot be trained on, and offer what helps; return why, empty where they can.

    Args:
        spec: the current data set, which the offers change.
        events: of it.
        roles: that the form gives the columns.
    """
    why, lacking = _why_refused(spec, roles, events)
    if not why:
        return ""
    st.error(sentence(why), icon=":material/block:")
    if lacking:
        _offer_to_mend(spec, events, lacking)
    kept = {DATA: st.query_params[DATA]} if DATA in st.query_params else {}
    st.page_link(
        "views/data.py",
        label="Change roles",
        icon=":material/table:",
        query_params=kept | {"data-view": "Columns and roles"},
    )
    return why


def promised(words: str, why_not: str, icon: str) -> None:
    """Say where there is no run what a click will bring, or why these events allow none.

    Args:
        words: what a click will bring.
        why_not: from ``refused``.
        icon: beside the words.
    """
    if why_not:
        st.info(sentence(f"these events cannot be trained on as they are: {why_not}"), icon=":material/block:")
    else:
        st.info(words, icon=icon)


def told_large(
    events: EventTable, config: TrainingConfig, key: str, *, also: str = "", times: int = 1, beside: int = 1
) -> bool:
    """Say what training on many events takes, and offer to train on fewer; return whether that is asked for now.

    Args:
        events: to learn from.
        config: of the training.
        key: of the form's field of training events.
        also: what else goes through them, as the sentence continues.
        times: how often they are gone through in each epoch, by that as well.
        beside: trainings that hold them in memory at the same time.
    """
    if events.n_events <= MANY_EVENTS:
        return False
    few = config.model_copy(update={"train_events": FEWER_EVENTS})
    all_events, less = (cost_of(events, each, beside) for each in (config, few))
    lasting, lasting_less = (roughly(cost_of(events, each, times).seconds) for each in (config, few))
    left = system.memory().available
    is_much = all_events.n_bytes > MUCH_MEMORY * left
    (st.warning if is_much else st.info)(
        f"{format_count(all_events.learnt)} of {format_count(events.n_events)} events are learnt from in each of "
        f"{format_count(config.epochs)} epochs{also}: about {lasting} of training on one processor core, more where "
        f"others train, beside reading the events and judging {format_count(_held_out(all_events, config))} of them"
        f"{' each time' if beside > 1 else ''}; and about {in_bytes(all_events.n_bytes)} of memory, of which "
        f"{in_bytes(left)} are free.",
        icon=":material/memory:" if is_much else ":material/schedule:",
    )
    if config.train_events is None and less.learnt < all_events.learnt:
        st.button(
            f"Train on {format_count(FEWER_EVENTS)} events",
            type="primary" if is_much else "secondary",
            width="stretch",
            help=f"About {lasting_less} of training and {in_bytes(less.n_bytes)} of memory. They are drawn at random; "
            "validation and held-out events are thinned alike.",
            on_click=lambda: st.session_state.update({key: FEWER_EVENTS, f"{key}-{AT_ONCE}": True}),
        )
    elif config.train_events is not None:
        st.button("Take all events", width="stretch", on_click=lambda: st.session_state.update({key: None}))
    return bool(st.session_state.pop(f"{key}-{AT_ONCE}", False))


def _held_out(cost: Cost, config: TrainingConfig) -> int:
    """Return how many events judge a training: thinned as those that it learns from."""
    return round(cost.learnt * (1 - config.train_fraction - config.validation_fraction) / config.train_fraction)


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def _why_refused(spec: DatasetSpec, roles: Roles, _events: EventTable) -> tuple[str, dict[str, int]]:
    """Return why a training would refuse events, empty where none would, and column → its events without a value."""
    try:
        check_events(replace(_events, roles=roles))
    except DataError as problem:
        counts = {name: int((~is_valid(_events.columns, (name,))).sum()) for name in roles.used()}
        lacking = {name: n for name, n in counts.items() if n}
        if not lacking or not roles.features or not roles.protected:
            return str(problem), {}
        return _told_missing(lacking, _events.n_events), lacking
    return "", {}


def _told_missing(lacking: dict[str, int], n_events: int) -> str:
    """Return in a sentence which columns have missing or infinite values."""
    named = ", ".join(f"{name} in {format_count(n)}" for name, n in list(lacking.items())[:COLUMNS_NAMED])
    more = f" and {len(lacking) - COLUMNS_NAMED} more" if len(lacking) > COLUMNS_NAMED else ""
    columns = "1 column has" if len(lacking) == 1 else f"{len(lacking)} columns have"
    return f"{columns} missing or infinite values among {format_count(n_events)} events: {named}{more}"


def _offer_to_mend(spec: DatasetSpec, events: EventTable, lacking: dict[str, int]) -> None:
    """Offer to drop the events without a value where enough are left, and to ignore the features that lack values.

    A protected variable is not offered: without it there may be nothing to unlearn.
    """
    left = int(is_valid(events.columns, checked_columns(spec.roles, tuple(events.columns))).sum())
    is_enough = left >= NEARLY_NOTHING * events.n_events
    if is_enough and st.button(
        f"Drop {format_count(events.n_events - left)} events",
        key="drop-invalid",
        width="stretch",
        help=f"Those without a value in a column that has a role; {format_count(left)} are left.",
    ):
        use_dataset(spec.model_copy(update={"drop_invalid": True}))
        st.rerun()
    worst = 1 if is_enough else max(lacking.values())
    names = [name for name, n in lacking.items() if n >= worst and name in spec.roles.features]
    told_of = listed(names) if 0 < len(names) <= COLUMNS_NAMED else f"{len(names)} columns"
    if names and st.button(
        symbol_text(f"Ignore {told_of}"),
        key="ignore-lacking",
        width="stretch",
        help="No longer used; the table of columns and roles takes it back.",
    ):
        use_dataset(ignoring(spec, names))
        st.rerun()


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

"""Train: can a classifier forget the protected variable, and at what price?"""

import streamlit as st

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.summary import in_bytes
from core.events.table import EventTable
from core.jobs.beside import baseline_request
from core.numbers import format_count
from core.observability.system import memory
from core.store.request import RunRequest
from core.store.store import Run
from core.unlearning.cost import cost_of
from core.unlearning.method import METHODS
from views.parts.data.absent import warn_of_absent
from views.parts.frame.frame import page_title
from views.parts.frame.state import current_dataset, needed_dataset, runner, told, use_dataset
from views.parts.frame.users import user
from views.parts.runs.choosing import baseline_of, open_run, opened_run, same_events
from views.parts.training.following import seed_and_device
from views.parts.training.form import FIRST, config_form
from views.parts.training.monitor import monitor
from views.parts.training.page import needs_label, refused
from views.parts.training.sides import sides
from views.parts.words import dataset_title, menu_title, plain_text

ORDER = ("disco", "flat0", "transport", "mode0", "mine", "adversary", "baseline")
MANY_EVENTS = 1_000_000
"""A form says before the click what training on more events takes."""
FEWER_EVENTS = 500_000
"""On so many a form offers to train instead."""
AT_ONCE, ALONE = "train-at-once", "trains-alone"
MUCH_MEMORY = 0.5
"""Share of the memory that is left, beyond which that offer stands out."""
NEEDY = "A classifier"


def training_form(spec: DatasetSpec, events: EventTable) -> None:
    """Choose method, protected variables and λ; start."""
    if needs_label(events, NEEDY):
        return
    entries = sorted(METHODS, key=lambda e: ORDER.index(e.name) if e.name in ORDER else len(ORDER))
    titles = {entry.name: entry.title for entry in entries}
    method = st.selectbox("Method", list(titles), format_func=titles.__getitem__, key="method")
    st.caption(METHODS[method].summary + f" {METHODS[method].reference}".removesuffix(" -"))
    protected = st.multiselect(
        "Protected variables",
        [*spec.roles.protected, *spec.roles.features],
        default=list(spec.roles.protected),
        format_func=lambda name: menu_title(events, name),
        help="What the score must not know, such as the invariant mass. A feature chosen here is no longer an input.",
    )
    first = (*FIRST, "train_events") if events.n_events > MANY_EVENTS else FIRST
    options = config_form(METHODS[method].item.config, method, first=first)
    roles = spec.roles.model_copy(
        update={
            "protected": tuple(protected),
            "features": tuple(f for f in spec.roles.features if f not in protected),
        }
    )
    seed, device = seed_and_device("unlearn")
    dataset = spec.model_copy(update={"roles": roles})
    request = RunRequest(method=method, dataset=dataset, config=options, seed=seed, device=device)
    reference = baseline_of(request)
    is_lacking = reference is None or reference.status == "stopped"
    is_anothers = reference is not None and not user().owns(reference.owner)
    also = (method != "baseline" and (is_lacking or is_anothers)) and st.checkbox(
        "Train the baseline beside it",
        value=is_lacking,
        help="The reference of every plot." + (" There is one of another user, trained alike." if is_anothers else ""),
    )
    is_refused = refused(spec, events, roles)
    if not is_refused:
        told_large(events, request, also)
    asked = st.button("Train", type="primary", width="stretch", disabled=is_refused)
    if (st.session_state.pop(AT_ONCE, False) or asked) and not is_refused:
        start(request, also)
    if why := st.session_state.pop(ALONE, None):
        st.info(why)


def told_large(events: EventTable, request: RunRequest, with_baseline: bool) -> None:
    """Say what training on many events takes, and offer to train on fewer."""
    if events.n_events <= MANY_EVENTS:
        return
    trainings = 2 if with_baseline else 1
    try:
        config = METHODS[request.method].item.config(**request.config)
    except ValueError:  # what is wrong with it is said at the click
        return
    few = config.model_copy(update={"train_events": FEWER_EVENTS})
    all_events, less = (cost_of(events, each, trainings) for each in (config, few))
    left = memory().available
    is_much = all_events.n_bytes > MUCH_MEMORY * left
    (st.warning if is_much else st.info)(
        f"{format_count(all_events.learnt)} of {format_count(events.n_events)} events are learnt from in each of "
        f"{format_count(config.epochs)} epochs{', and again by the baseline' if with_baseline else ''}: about "
        f"{_lasting(all_events.seconds)} on one processor core, more where others train, and about "
        f"{in_bytes(all_events.n_bytes)} of memory, of which {in_bytes(left)} are free.",
        icon=":material/memory:" if is_much else ":material/schedule:",
    )
    key = f"{request.method}-train_events"
    if config.train_events is None and less.learnt < all_events.learnt:
        st.button(
            f"Train on {format_count(FEWER_EVENTS)} events",
            type="primary" if is_much else "secondary",
            width="stretch",
            help=f"About {_lasting(less.seconds)} and {in_bytes(less.n_bytes)} of memory. They are drawn at random; "
            "validation and held-out events are thinned alike.",
            on_click=lambda: st.session_state.update({key: FEWER_EVENTS, AT_ONCE: True}),
        )
    elif config.train_events is not None:
        st.button("Take all events", width="stretch", on_click=lambda: st.session_state.update({key: None}))


def _lasting(seconds: float) -> str:
    """Return a rough time in words."""
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.{int(seconds < 10 * size)}f} {unit}"
    return f"{seconds:.0f} seconds"


def start(request: RunRequest, with_baseline: bool) -> None:
    """Queue the run and its baseline."""
    with told():
        run = runner().submit(request)
        open_run(run.id)
        if with_baseline:
            try:
                runner().submit(baseline_request(request))
            except DataError as problem:  # more runs wait than a user may have
                st.session_state[ALONE] = f"The baseline does not train beside it: {problem}"
        st.rerun()


def show(run: Run | None, spec: DatasetSpec) -> None:
    """Show the opened run, or what will be here."""
    if run is None:
        st.info(
            "Here the background's spectrum will flatten before your eyes: press **Train**. "
            "The defaults are a good start.",
            icon=":material/monitoring:",
        )
        return
    if not same_events(run.request.dataset, spec):
        st.warning(f"This run is on other events: {plain_text(dataset_title(run.request.dataset))}.")
        if st.button("Show its events beside it"):
            use_dataset(run.request.dataset)
            st.rerun()
    monitor(run)


page_title("Can a classifier forget the mass, and at what price?")
opened = opened_run(current_dataset())  # first: a link to a run may need a word though there are no events
spec, events = needed_dataset("A classifier learns signal against background without the protected variable.")
if opened is None and needs_label(events, NEEDY):
    st.stop()
form, view = sides(view_first=opened is not None)
with form:
    with told():
        warn_of_absent(spec)
    training_form(spec, events)
with view:
    show(opened, spec)

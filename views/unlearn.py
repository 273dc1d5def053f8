"""Train: can a classifier forget the protected variable, and at what price?"""

import streamlit as st

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.beside import baseline_request
from core.store.request import RunRequest
from core.store.store import Run
from core.unlearning.method import METHODS
from views.parts.data.absent import warn_of_absent
from views.parts.frame.frame import page_title
from views.parts.frame.state import current_dataset, needed_dataset, runner, told, use_dataset
from views.parts.frame.users import user
from views.parts.runs.choosing import baseline_of, open_run, opened_run, same_events
from views.parts.training.following import seed_and_device
from views.parts.training.form import FIRST, config_form, protected_menu
from views.parts.training.monitor import monitor
from views.parts.training.page import MANY_EVENTS, needs_label, promised, refused, told_large
from views.parts.training.sides import sides
from views.parts.training.starting import answering, asked
from views.parts.words import dataset_title, plain_text

ORDER = ("disco", "flat0", "transport", "mode0", "mine", "adversary", "baseline")
ALONE = "trains-alone"
NEEDY = "A classifier"


def training_form(spec: DatasetSpec, events: EventTable) -> str:
    """Choose method, protected variables and λ; start; return why these events cannot be trained on, if so."""
    if needs_label(events, NEEDY):
        return ""
    entries = sorted(METHODS, key=lambda e: ORDER.index(e.name) if e.name in ORDER else len(ORDER))
    titles = {entry.name: entry.title for entry in entries}
    method = st.selectbox("Method", list(titles), format_func=titles.__getitem__, key="method", persist_state="session")
    st.caption(METHODS[method].summary + f" {METHODS[method].reference}".removesuffix(" -"))
    protected = protected_menu(
        spec,
        events,
        "protected",
        "What the score must not know, such as the invariant mass. A feature chosen here is no longer an input.",
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
    why_not = refused(spec, events, roles)
    at_once = not why_not and told_of_many(events, request, also)
    if asked("Train", disabled=bool(why_not)) or at_once:
        start(request, also)
    if why := st.session_state.pop(ALONE, None):
        st.info(why)
    return why_not


def told_of_many(events: EventTable, request: RunRequest, with_baseline: bool) -> bool:
    """Say what training on many events takes; return whether to train on fewer at once is asked for."""
    try:
        config = METHODS[request.method].item.config(**request.config)
    except ValueError:  # what is wrong with it is said at the click
        return False
    also, trainings = (", and again by the baseline", 2) if with_baseline else ("", 1)
    return told_large(events, config, f"{request.method}-train_events", also=also, times=trainings, beside=trainings)


def start(request: RunRequest, with_baseline: bool) -> None:
    """Queue the run and its baseline."""
    with answering():
        run = runner().submit(request)
        if with_baseline:
            try:
                runner().submit(baseline_request(request))
            except DataError as problem:  # more runs wait than a user may have
                st.session_state[ALONE] = f"The baseline does not train beside it: {problem}"
        open_run(run.id)


def show(run: Run | None, spec: DatasetSpec, why_not: str) -> None:
    """Show the opened run, or what will be here, unless these events cannot be trained on."""
    if run is None:
        promised(
            "Here the background's spectrum will flatten before your eyes: press **Train**. "
            "The defaults are a good start.",
            why_not,
            ":material/monitoring:",
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
    why_not = training_form(spec, events)
with view:
    show(opened, spec, why_not)

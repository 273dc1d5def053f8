"""Train: can a classifier forget the protected variable, and at what price?"""

import streamlit as st

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.request import RunRequest
from core.jobs.store import Run
from core.unlearning.check import check_events
from core.unlearning.method import METHODS
from pages.parts.cached import events_of
from pages.parts.following import seed_and_device
from pages.parts.form import config_form
from pages.parts.frame import page_title
from pages.parts.monitor import monitor
from pages.parts.runs import baseline_of, open_run, opened_run
from pages.parts.sides import sides
from pages.parts.state import needed_dataset, runner, told
from pages.parts.words import menu_title

ORDER = ("disco", "flat0", "transport", "mode0", "mine", "adversary", "baseline")


def training_form(spec: DatasetSpec, events: EventTable) -> None:
    """Choose method, protected variables and λ; start."""
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
    options = config_form(METHODS[method].item.config, method)
    roles = spec.roles.model_copy(
        update={
            "protected": tuple(protected),
            "features": tuple(f for f in spec.roles.features if f not in protected),
        }
    )
    seed, device = seed_and_device("unlearn")
    dataset = spec.model_copy(update={"roles": roles})
    request = RunRequest(method=method, dataset=dataset, config=options, seed=seed, device=device)
    compare = method != "baseline" and baseline_of(request) is None
    also = compare and st.checkbox("Train the baseline beside it", value=True, help="The reference of every plot.")
    if st.button("Train", type="primary", width="stretch"):
        start(request, also)


def start(request: RunRequest, with_baseline: bool) -> None:
    """Check the events, then queue the run and its baseline."""
    with told():
        check_events(events_of(request.dataset))
        run = runner().submit(request)
        if with_baseline:
            shared = {k: v for k, v in request.config.items() if k in METHODS["baseline"].item.config.model_fields}
            runner().submit(request.model_copy(update={"method": "baseline", "config": shared}))
        open_run(run.id)
        st.rerun()
    st.page_link("pages/data.py", label="Change roles, or drop events", icon=":material/table:")


def show(run: Run | None) -> None:
    """Show the opened run, or what will be here."""
    if run is None:
        st.info(
            "Here the background's spectrum will flatten before your eyes: press **Train**. "
            "The defaults are a good start.",
            icon=":material/monitoring:",
        )
        return
    monitor(run)


page_title("Can a classifier forget the mass, and at what price?")
opened = opened_run()
spec, events = needed_dataset("A classifier learns signal against background without the protected variable.")
form, view = sides(view_first=opened is not None)
with form:
    training_form(spec, events)
with view:
    show(opened)

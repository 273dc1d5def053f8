"""The form of a scan: what is trained, what varies, how often, and what that costs."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from core.disentanglement.config import VAEConfig
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.exports.titles import method_title
from core.jobs.runner import check_request
from core.jobs.scan import (
    LAMBDA,
    REGISTRIES,
    ScanPlan,
    lam_values,
    numbers_of,
    parameter_title,
    scan_command,
    scan_requests,
)
from core.jobs.scanned import SHARED, expected_seconds, submit_scan
from core.jobs.task import plain_errors
from core.store.request import RunRequest
from core.unlearning.check import check_events
from core.unlearning.method import METHODS, TrainingConfig
from views.parts.cached import events_of
from views.parts.frame.state import WORKERS, runner, store, told
from views.parts.training.page import MANY_EVENTS, needs_label, refused, told_large
from views.parts.training.scanning import open_scan
from views.parts.training.starting import answering, asked
from views.parts.words import roughly

PREFERRED = {
    "unlearn": ("baseline", "disco", "flat0"),
    "disentangle": ("beta_tcvae", "beta_tcvae_sensitive", "factor_vae"),
}
TASK_TITLES = {"unlearn": "Unlearning", "disentangle": "Disentangling"}
TASK_METHODS = {"unlearn": "Methods", "disentangle": "Models"}
SUGGESTED = {"beta": "1, 2, 4, 8, 16", "supervision": "1, 3, 10, 30, 100", "mix": "0.25, 0.5, 0.75, 1"}
"""Option → values to begin with."""
NEEDY = "A scan"
MOST_POINTS, MOST_SEEDS = 20, 10
TRAIN_EVENTS = "train_events"


def scan_form(spec: DatasetSpec, events: EventTable) -> str:
    """Choose methods, the parameter's values and seeds; say what that costs; start.

    Returns:
        Why these events cannot be trained on; empty where they can.
    """
    if needs_label(events, NEEDY):
        return ""
    task = st.segmented_control(
        "Train", list(TASK_TITLES), default="unlearn", required=True, key="scan-task", persist_state="session",
        format_func=TASK_TITLES.__getitem__,
    ) or "unlearn"  # fmt: skip
    known = REGISTRIES[task]
    methods = st.multiselect(
        TASK_METHODS[task], sorted(known.names(), key=lambda name: name not in PREFERRED[task]),
        [m for m in PREFERRED[task] if m in known.names()], format_func=method_title,
        key=keyed("scan-methods", task), persist_state="session",
        help="The baseline unlearns nothing: what others compare with." if task == "unlearn" else None,
    )  # fmt: skip
    vary = varied_option(task, methods)
    if vary == LAMBDA:
        points, texts = lambda_fields(methods)
        typed = ""
    else:
        points, texts = 1, {}
        typed = st.text_input(
            f"Values of {parameter_title(task, methods, vary)}", SUGGESTED.get(vary, ""),
            key=f"scan-values-{vary}", persist_state="session",
            placeholder="such as 1, 2, 4", help="Every method that has this option is trained at each of them.",
        )  # fmt: skip
    left, right = st.columns(2)
    help_text = ScanPlan.model_fields["seeds"].description
    seeds = left.number_input(
        "Seeds", 1, MOST_SEEDS, 3 if task == "unlearn" else 2, key="scan-seeds", persist_state="session", help=help_text
    )
    config = {"epochs": epochs_field(right, task), **further_options(task, events)}
    if not methods:
        st.caption("Choose at least one method.")
    plan = None
    with told():
        options = {"task": task, "vary": vary, "points": points, "seeds": int(seeds), "config": config}
        plan = made_plan(methods, typed, texts, options)
    why_not = refused(spec, events, spec.roles)
    requests = [] if why_not else planned(plan, spec)
    at_once = bool(requests) and task == "unlearn" and told_of_many(events, requests)
    if asked("Start the scan", disabled=not requests) or at_once:
        start(spec, requests)
    if plan is not None and requests:
        with st.expander("The same on the command line"):
            st.code(scan_command(plan, spec), language="bash", wrap_lines=True)
    return why_not


def keyed(key: str, task: str) -> str:
    """Return a widget's key, one of its own for each task."""
    return key if task == "unlearn" else f"{key}-{task}"


def varied_option(task: str, methods: list[str]) -> str:
    """Choose what the scan varies: λ, or another number of the methods' options."""
    names = [name for name in numbers_of(task, methods) if name not in (LAMBDA, *SHARED)]
    options = [*([LAMBDA] if task == "unlearn" else []), *sorted(names, key=lambda name: name not in SUGGESTED)]
    if not options:
        return LAMBDA
    return st.selectbox(
        "Vary", options, key=keyed("scan-vary", task), persist_state="session",
        format_func=lambda name: "λ" if name == LAMBDA else parameter_title(task, methods, name),
        help="Any one number of the methods' options; all others keep their defaults.",
    )  # fmt: skip


def lambda_fields(methods: list[str]) -> tuple[int, dict[str, str]]:
    """Choose how many λ each method has, or its own."""
    text = ScanPlan.model_fields["points"].description
    points = st.number_input(
        "λ values each", 1, MOST_POINTS, 5, key="scan-points", persist_state="session", help=f"λ values {text}."
    )
    with_lam = [name for name in methods if LAMBDA in METHODS[name].item.config.model_fields]
    with st.expander("Own λ values"):
        texts = {
            name: st.text_input(
                method_title(name), key=f"scan-lam-{name}", persist_state="session", placeholder="such as 1, 10, 100"
            )
            for name in with_lam
        }
        if not texts:
            st.caption("No chosen method has a λ.")
    return int(points), texts


def epochs_field(place: Any, task: str) -> int:
    """Choose the epochs of every run."""
    default = (TrainingConfig if task == "unlearn" else VAEConfig).model_fields["epochs"].default
    return int(
        place.number_input(
            "Epochs", 1, 20_000, default, key=keyed("scan-epochs", task), persist_state="session", help="Of every run."
        )
    )


def further_options(task: str, events: EventTable) -> dict[str, int]:
    """Choose what else all runs take: the epochs of their classifiers, or on how many of many events they train."""
    if task == "disentangle":
        epochs = st.number_input(
            "Classifier's epochs", 1, 5000, int(VAEConfig.model_fields["downstream_epochs"].default),
            key="scan-downstream-epochs", persist_state="session", help="Of the classifier of every run.",
        )  # fmt: skip
        return {"downstream_epochs": int(epochs)}
    if events.n_events <= MANY_EVENTS:
        return {}
    text = TrainingConfig.model_fields[TRAIN_EVENTS].description
    few = st.number_input(
        "Training events",
        value=None,
        step=1,
        key=f"scan-{TRAIN_EVENTS}",
        persist_state="session",
        placeholder="all",
        help=f"Of every run: {text}.",
    )
    return {} if few is None else {TRAIN_EVENTS: int(few)}


def told_of_many(events: EventTable, requests: list[RunRequest]) -> bool:
    """Say what a scan on many events takes; return whether to train on fewer at once is asked for."""
    shared = requests[0].config
    config = TrainingConfig(**{name: shared[name] for name in ("epochs", TRAIN_EVENTS) if name in shared})
    n = len(requests)
    at_a_time = min(WORKERS, n)
    also = f", by each of {n} runs, {at_a_time} at a time" if n > 1 else ""
    return told_large(events, config, f"scan-{TRAIN_EVENTS}", also=also, times=n, beside=at_a_time)


def made_plan(methods: list[str], typed: str, texts: dict[str, str], options: dict[str, Any]) -> ScanPlan | None:
    """Return the plan of a form; None as long as no method is chosen.

    Raises:
        DataError: what was typed is not allowed.
    """
    if not methods:
        return None
    lams = {name: lam_values(text) for name, text in texts.items() if text.strip()}
    values = lam_values(typed, parameter_title(options["task"], methods, options["vary"]))
    try:
        return ScanPlan(methods=tuple(methods), values=values, lams=lams, **options)
    except ValidationError as errors:
        raise plain_errors(errors, "scan", ScanPlan.model_fields) from None


def planned(plan: ScanPlan | None, spec: DatasetSpec) -> list[RunRequest]:
    """Return the runs of a plan, and say how many they are and how long they will take."""
    if plan is None:
        return []
    with told():
        requests = scan_requests(plan, spec)
        for request in requests:
            check_request(request)
        seconds = expected_seconds(requests, store(), WORKERS)
        cost = f", about {roughly(seconds)}" if seconds is not None else "; the first will tell how long they take"
        st.caption(f"{len(requests)} run{'s' if len(requests) > 1 else ''}{cost}.")
        return requests
    return []  # a request is not allowed


def start(spec: DatasetSpec, requests: list[RunRequest]) -> None:
    """Check the events, then queue all runs of a scan or none."""
    with answering(again=False):  # each scan has a name of its own
        check_events(events_of(spec))
        submit_scan(runner(), requests)
        open_scan(requests[0].scan)

"""Calibration: does my calibration know the training spectrum?"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.calibration.config import CalibrationConfig
from core.calibration.spectra import NAMES
from core.calibration.toys import TOY_EVENTS, toy_config, toy_spec
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.figures.calibration_words import AS_IT_IS
from core.jobs.tasks.calibration import METHOD
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from views.parts.frame.frame import page_title
from views.parts.frame.state import runner
from views.parts.runs.choosing import calibration_view, open_run, opened_run
from views.parts.training.calibrating import (
    TASK,
    calibration_part,
    check_calibration,
    losses_part,
    words_of,
)
from views.parts.training.following import seed_and_device
from views.parts.training.form import config_form
from views.parts.training.page import events_if_any, form_and_view, is_toy, newest_run
from views.parts.training.starting import answering, asked
from views.parts.words import capitalised, dataset_title, menu_title

CURRENT = "current"
TOYS = {"gaussian": "Gaussian measurement (exact)", "jets": "Jet energies"}
SPECTRA = {AS_IT_IS: "events as they are"}
RANGE = ("low", "high", "scale")  # of the spectra: a toy fixes them, from other data they follow if not given
CHOSEN_HERE = ("truth", "methods", "train", "test", "known", "noise")
PROMISE = (
    "A calibration by the mean squared error learns the mean truth of the events it was trained on, and so "
    "their spectrum; the Gaussian Ansatz finds the truth that makes the measurement most likely, whatever the "
    "spectrum. Here you will see both under several spectra: press **Train**."
)


def sample_menu(spec: DatasetSpec | None, events: EventTable | None) -> str:
    """Choose a toy or the current data set."""
    titles = dict(TOYS)
    if spec is None or events is None:
        st.page_link("views/data.py", label="Choose data of your own", icon=":material/database:")
    elif not is_toy(spec.path):
        titles[CURRENT] = dataset_title(spec)
    return st.selectbox(
        "Sample", list(titles), format_func=titles.__getitem__, key="calibration-sample", persist_state="session",
        help="A measurement with Gaussian noise, whose exact answers are drawn beside what is learnt; jets in a "
        "parametrised detector; or the current data set, which needs a column of the truth.",
    )  # fmt: skip


def truth_menu(spec: DatasetSpec, events: EventTable) -> tuple[list[str], list[str]]:
    """Choose the true and the measured columns of the current data set."""
    roles = spec.roles
    names = list(dict.fromkeys((*roles.protected, *roles.features)))
    truth = st.multiselect(
        "Truth", names, default=list(roles.protected[:1]), format_func=lambda name: menu_title(events, name),
        key="calibration-truth", persist_state="session",
        help="What the measured columns are calibrated to.", max_selections=6,
    )  # fmt: skip
    features = st.multiselect(
        "Measured", names, default=list(roles.features), format_func=lambda name: menu_title(events, name),
        key="calibration-features", persist_state="session",
        help="Columns that the calibration sees; those of the truth are left out.",
    )  # fmt: skip
    return truth, [name for name in features if name not in truth]


def spectra_menus(chosen: str, known: dict[str, str]) -> dict[str, list[str]]:
    """Choose the spectra to train under and to test under."""
    fields, spectra = CalibrationConfig.model_fields, {}
    for name, label in (("train", "Training spectra"), ("test", "Test spectra")):
        spectra[name] = st.multiselect(
            label, list(known), default=list(fields[name].default), format_func=known.__getitem__,
            key=f"calibration-{chosen}-{name}", persist_state="session",
            max_selections=6, help=capitalised(f"{fields[name].description}."),
        )  # fmt: skip
    return spectra


def training_form(spec: DatasetSpec | None, events: EventTable | None) -> None:
    """Choose sample, spectra and options; start."""
    chosen = sample_menu(spec, events)
    truth: list[str] = []
    features: list[str] = []
    n = TOY_EVENTS
    known = {name: name for name in NAMES if (chosen, name) != ("jets", "gaussian")}  # which has negative energies
    if chosen == CURRENT and spec is not None and events is not None:
        truth, features = truth_menu(spec, events)
        used = (*truth, *features, spec.roles.label, spec.roles.weight)
        known = SPECTRA | known | {name: menu_title(events, name) for name in events.columns if name not in used}
    spectra = spectra_menus(chosen, known)
    if chosen != CURRENT:
        n = int(
            st.number_input(
                "Events of each spectrum",
                100,
                5_000_000,
                TOY_EVENTS,
                50_000,
                key="calibration-n",
                persist_state="session",
            )
        )
    without = CHOSEN_HERE if chosen == CURRENT else (*CHOSEN_HERE, *RANGE)
    options = config_form(CalibrationConfig, f"calibration-{chosen}", first=("epochs",), without=without)
    seed, device = seed_and_device("calibration")
    if asked("Train"):
        with answering():
            options |= spectra
            if chosen == CURRENT and spec is not None and events is not None:
                dataset = calibrated(spec, events, truth, features, spectra)
                options["truth"] = truth
            else:
                named = [*spectra["train"], *spectra["test"]]
                dataset = toy_spec(chosen, named, n, seed, settings().toys)
                options |= toy_config(chosen)
            start(RunRequest(task=TASK, method=METHOD, dataset=dataset, config=options, seed=seed, device=device))


def calibrated(
    spec: DatasetSpec, events: EventTable, truth: list[str], features: list[str], spectra: dict[str, list[str]]
) -> DatasetSpec:
    """Return the data set with truth and columns of spectra apart from the features; a calibration needs no label."""
    named = [name for names in spectra.values() for name in names if name in events.columns]
    protected = tuple(dict.fromkeys((*truth, *named)))
    roles: dict[str, Any] = {"protected": protected, "features": tuple(features), "label": None}
    return spec.model_copy(update={"roles": spec.roles.model_copy(update=roles)})


def start(request: RunRequest) -> None:
    """Check the events, then queue the run."""
    check_calibration(request)
    open_run(runner().submit(request).id)


def draw(run: Run, found: str, history: Sequence[Recorded], final: bool) -> None:
    """Draw the calibrations side by side."""
    calibration_part(run, calibration_view(found), history, final)


def draw_losses(run: Run, history: Sequence[Recorded]) -> None:
    """Draw the losses, all there is before the first view."""
    losses_part(run, history, words_of(run, run.config["train"]))


page_title("Does my calibration know the training spectrum?")
opened = opened_run()
spec, events = events_if_any()
shown = newest_run(opened, TASK, spec, toys=True)
form_and_view(lambda: training_form(spec, events), shown, draw_losses, draw, PROMISE, ":material/straighten:")

"""Many events: does it help to look at N events at once?"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.ensembles.config import EnsembleConfig, RegressionConfig
from core.ensembles.construction import CONSTRUCTIONS
from core.ensembles.losses import LOSSES
from core.ensembles.toys import gaussian_sets_spec, two_gaussians_spec
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from views.parts.frame.frame import page_title
from views.parts.frame.link import choice
from views.parts.frame.state import is_labelled, runner
from views.parts.runs.choosing import ensemble_view, open_run, opened_run
from views.parts.training.ensembling import (
    TASK,
    check_sets,
    classification_part,
    information_part,
    losses_part,
    regression_part,
)
from views.parts.training.following import follow, seed_and_device
from views.parts.training.form import check_fields, config_form
from views.parts.training.page import events_if_any, is_toy, newest_run
from views.parts.training.sides import sides
from views.parts.training.starting import answering, asked
from views.parts.words import dataset_title, menu_title, symbol_text

QUESTIONS = {"classification": "Two classes", "regression": "Estimate θ"}
CURRENT, TOY = "current", "toy"
TOYS = {"classification": "Gaussians at ±ε (exact)", "regression": "Sets of Gaussian events (exact)"}


def events_menu(method: str, spec: DatasetSpec | None, events: EventTable | None) -> str:
    """Choose the current data set or the Gaussian toy, whose exact answer is known."""
    titles = {TOY: TOYS[method]}
    if spec is None or events is None:
        st.page_link("views/data.py", label="Choose data of your own", icon=":material/database:")
    elif not is_toy(spec.path):
        own = {CURRENT: dataset_title(spec)}
        titles = own | titles if method == "classification" and is_labelled(events) else titles | own
    help_text = "The current data set, or a toy whose exact answer is drawn beside what is learnt."
    return st.selectbox(
        "Events",
        list(titles),
        format_func=titles.__getitem__,
        key=f"sets-events-{method}",
        persist_state="session",
        help=help_text,
    )


def classification_form(spec: DatasetSpec | None, events: EventTable | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Choose events, N, constructions and loss; return the options, and those of the toy."""
    chosen = events_menu("classification", spec, events)
    toy: dict[str, Any] = {}
    if chosen == TOY:
        toy["shift"] = st.number_input(
            "ε",
            0.0,
            5.0,
            0.1,
            0.05,
            help="The classes are N(±ε, 1).",
            format="%g",
            key="sets-shift",
            persist_state="session",
        )
        toy["n"] = int(
            st.number_input(
                "Events of each class", 100, 1_000_000, 50_000, 10_000, key="sets-n", persist_state="session"
            )
        )
    fields = EnsembleConfig.model_fields
    options = config_form(
        EnsembleConfig, "sets", first=("set_size", "epochs"),
        without=("constructions", "loss", "sort_by", "truth"),
    )  # fmt: skip
    default = list(fields["constructions"].default)
    names = [entry.name for entry in CONSTRUCTIONS if entry.name != "product"]
    made = st.multiselect(
        "Networks of sets", names, default, format_func=lambda name: CONSTRUCTIONS[name].title,
        key="sets-constructions", persist_state="session", placeholder="the product alone",
        help="Trained beside the classifier of single events, whose product is always there.  \n"
        + "  \n".join(f"**{entry.title}**: {entry.summary}" for entry in CONSTRUCTIONS),
    )  # fmt: skip
    loss = st.selectbox(
        "Loss", list(LOSSES), format_func=lambda name: LOSSES[name].title, key="sets-loss", persist_state="session",
        help=f"{fields['loss'].description}.  \n"
        + "  \n".join(f"**{each.title}**: {symbol_text(each.summary)}" for each in LOSSES.values()),
    )  # fmt: skip
    if chosen == CURRENT and spec is not None and events is not None and "sorted" in made and spec.roles.features:
        key = st.selectbox(
            "Sorted by", spec.roles.features, format_func=lambda name: menu_title(events, name),
            key="sets-sorted", persist_state="session",
            help="Feature in whose falling order the sorted list takes the events of a set.",
        )  # fmt: skip
        options |= {"sort_by": key} if key != spec.roles.features[0] else {}
    options |= {"constructions": made} if made != default else {}
    options |= {"loss": loss} if loss != fields["loss"].default else {}
    return options, toy


def regression_form(spec: DatasetSpec | None, events: EventTable | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Choose events, θ and N; return the options, and those of the toy."""
    chosen = events_menu("regression", spec, events)
    toy: dict[str, Any] = {}
    options: dict[str, Any] = {}
    if chosen == TOY:
        toy["n"] = int(
            st.number_input(
                "Sets", 100, 100_000, 10_000, 1000, key="sets-n-theta", persist_state="session",
                help="Each of N events x ~ N(θ, 1), with a θ of its own between −1 and 1.",
            )
        )  # fmt: skip
    elif spec is not None and events is not None:
        names = [name for name in events.columns if name not in (spec.roles.label, spec.roles.weight)]
        options["parameter"] = st.selectbox(
            "θ", names, format_func=lambda name: menu_title(events, name),
            key="sets-parameter", persist_state="session",
            help="Column of the parameter: all events of a set share its value.",
        )  # fmt: skip
    without = ("parameter", "truth")
    return options | config_form(RegressionConfig, "theta", first=("set_size", "epochs"), without=without), toy


def training_form(method: str, spec: DatasetSpec | None, events: EventTable | None) -> None:
    """Choose what is trained; start."""
    options, toy = (classification_form if method == "classification" else regression_form)(spec, events)
    seed, device = seed_and_device("sets")
    if asked("Train"):
        with answering():
            check_fields(EnsembleConfig if method == "classification" else RegressionConfig, options)
            dataset, known = dataset_of(method, spec, options, toy, seed)
            config = options | known
            request = RunRequest(task=TASK, method=method, dataset=dataset, config=config, seed=seed, device=device)
            check_sets(request)
            open_run(runner().submit(request).id)


def dataset_of(
    method: str, spec: DatasetSpec | None, options: dict[str, Any], toy: dict[str, Any], seed: int
) -> tuple[DatasetSpec, dict[str, Any]]:
    """Return the events of a run, and what is known of a toy; θ is read, but no feature."""
    folder = settings().toys
    if toy and method == "classification":
        return two_gaussians_spec(toy["n"], toy["shift"], seed, folder), {"truth": "log_ratio"}
    if toy or spec is None:
        size = int(options.get("set_size", RegressionConfig().set_size))
        return gaussian_sets_spec(toy["n"], size, seed, folder), {"truth": "x"}
    if method == "classification":
        return spec, {}
    name = options["parameter"]
    protected = tuple(dict.fromkeys((*spec.roles.protected, name)))
    features = tuple(feature for feature in spec.roles.features if feature != name)
    return spec.model_copy(
        update={"roles": spec.roles.model_copy(update={"protected": protected, "features": features})}
    ), {}


def draw(run: Run, found: str, history: Sequence[Recorded], final: bool) -> None:
    """Draw the classifiers of sets, or the regressions."""
    view = ensemble_view(found)
    if view.regression is not None:
        regression_part(run, view.regression, history, final)
    else:
        classification_part(run, view, history, final)


page_title("Does it help to look at N events at once?")
opened = opened_run()
spec, events = events_if_any()
form, view_column = sides(view_first=newest_run(opened, TASK, spec, toys=True) is not None)
with form:
    begin = opened.request.method if opened is not None and opened.request.task == TASK else "classification"
    method = st.segmented_control(
        "Question", list(QUESTIONS), required=True, format_func=QUESTIONS.__getitem__,
        **choice("question", list(QUESTIONS), begin), label_visibility="collapsed",
    )  # fmt: skip
    training_form(method, spec, events)
shown = newest_run(opened, TASK, spec, method=method, toys=True)
with view_column:
    if shown is None:
        st.info(
            "Many networks can judge a set of N events; a classifier of single events, multiplied over the set, should "
            "be as good as any. Here their ROC curves will converge: press **Train**."
            if method == "classification"
            else "A parameter θ can be found from sets of N events in four ways that should agree. Here you will see "
            "how well each finds it: press **Train**.",
            icon=":material/join:",
        )
    else:
        follow(shown, losses_part, draw)
    if method == "classification":
        information_part()

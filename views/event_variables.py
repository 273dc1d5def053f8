"""Event variables: which variable would a network invent to find a signal or to measure θ?"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.config import SampleConfig
from core.event_variables.dataset import dataset_for
from core.event_variables.topologies import TOPOLOGIES, WORDS
from core.event_variables.toys import sample_spec, suitable_background
from core.events.source import inspect_file
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from core.unlearning.method import METHODS
from views.parts.frame.frame import page_title
from views.parts.frame.state import runner
from views.parts.runs.choosing import event_variable_view, open_run, opened_run
from views.parts.training.following import seed_and_device
from views.parts.training.form import check_fields, config_form
from views.parts.training.learnt_variables import (
    TASK,
    check_learnable,
    is_topology,
    objective_part,
    topology_of,
    variable_part,
)
from views.parts.training.page import events_if_any, form_and_view, newest_run
from views.parts.training.starting import answering, asked
from views.parts.words import dataset_title, menu_text, menu_title, symbol_text

CURRENT, PREFERRED = "current", "blueprint_2"
NUMBER, NONE = "numeric", "–"
COLUMNS = ("complement", "decorrelate", "cut")
CHOSEN_HERE = ("theta", "known", "penalty", *COLUMNS)
PROMISE = (
    "A network that may pass on a single number of each event, to another that must measure a mass with it, "
    "invents the variables of textbooks: the invariant mass, the transverse mass, m_T2. Here you will see "
    "what it invents, beside what is known: press **Train**."
)


def sample_menu(spec: DatasetSpec | None, events: EventTable | None) -> str:
    """Choose a topology or the current data set."""
    titles = {name: topology.title for name, topology in TOPOLOGIES.items()}
    if spec is None or events is None:
        st.page_link("views/data.py", label="Choose data of your own", icon=":material/database:")
    elif not is_topology(spec.path):
        titles[CURRENT] = dataset_title(spec)
    begin = topology_of(opened)
    chosen = st.selectbox(
        "Events", list(titles), index=list(titles).index(begin) if begin else 0, format_func=titles.__getitem__,
        key="variables-events", persist_state="session",
        help="A topology whose best variable is known by hand, made by phase space, or the current data set.",
    )  # fmt: skip
    if chosen in TOPOLOGIES:
        st.caption(symbol_text(TOPOLOGIES[chosen].summary))
    return chosen


def blueprint_menu() -> str:
    """Choose a blueprint."""
    names = sorted(BLUEPRINTS.names())
    method = st.selectbox(
        "Blueprint", names, index=names.index(PREFERRED), format_func=lambda name: BLUEPRINTS[name].title,
        key="variables-blueprint", persist_state="session",
        help="  \n".join(f"**{entry.title}**. {symbol_text(entry.summary)}" for entry in BLUEPRINTS),
    )  # fmt: skip
    st.caption(symbol_text(f"{BLUEPRINTS[method].summary} {BLUEPRINTS[method].reference}"))
    return method


def columns_of(spec: DatasetSpec, events: EventTable) -> dict[str, str]:
    """Return the titles of all numbers in the file and of derived columns, protected ones first."""
    words = {
        column.words.name: column.words.title for column in inspect_file(*spec.files).columns if column.kind == NUMBER
    }
    titles = {name: menu_text(title or name) for name, title in words.items()}
    titles |= {name: menu_title(events, name) for name in events.columns}
    order = sorted(titles, key=lambda name: name not in spec.roles.protected)
    return {name: titles[name] for name in order if name not in (spec.roles.label, spec.roles.weight)}


def roles_menu(spec: DatasetSpec, columns: dict[str, str]) -> dict[str, Any]:
    """Choose θ and the known variables of the user's own events."""
    fields = BLUEPRINTS[PREFERRED].item.config.model_fields
    theta = st.selectbox(
        "θ", list(columns), format_func=columns.__getitem__, key="variables-theta", persist_state="session",
        help=f"The {fields['theta'].description}.",
    )  # fmt: skip
    known = st.multiselect(
        "Compare with", [name for name in columns if name != theta],
        default=[name for name in spec.roles.protected if name != theta], max_selections=12,
        format_func=columns.__getitem__, key="variables-known", persist_state="session",
        help="Known variables to compare with what is learnt; they are never trained on.",
    )  # fmt: skip
    return {"theta": theta, "known": known}


def columns_menu(columns: dict[str, str], key: str) -> dict[str, Any]:
    """Choose columns that v shall complement, not depend on, or that are cut on."""
    fields, chosen = BLUEPRINTS[PREFERRED].item.config.model_fields, {}
    with st.expander("Beside known variables"):
        for name in COLUMNS:
            chosen[name] = st.selectbox(
                str(fields[name].title).capitalize(), ["", *columns],
                format_func=lambda column: columns.get(column, NONE),
                key=f"variables-{key}-{name}", persist_state="session",
                help=f"{fields[name].description}.".capitalize(),
            )  # fmt: skip
        if chosen["decorrelate"]:
            penalties = sorted(entry.name for entry in METHODS if entry.item.is_plain)
            chosen["penalty"] = st.selectbox(
                "Penalty", penalties, index=penalties.index(fields["penalty"].default),
                format_func=lambda name: METHODS[name].title, key=f"variables-{key}-penalty", persist_state="session",
                help=f"{fields['penalty'].description}.".capitalize(),
            )  # fmt: skip
    return {name: value for name, value in chosen.items() if value and value != fields[name].default}


def topology_form(name: str, method: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Choose options of a topology's sample and of the training; return both."""
    without = ("topology", "background")
    sample = config_form(SampleConfig, f"sample-{name}", first=(), without=without, folded="Sample")
    known = {column: menu_text(WORDS[column].title) for column in TOPOLOGIES[name].known}
    options = columns_menu(known, name)
    return sample, options | training_options(method)


def training_options(method: str) -> dict[str, Any]:
    """Choose options of the blueprint."""
    return config_form(BLUEPRINTS[method].item.config, f"variables-{method}", first=("epochs",), without=CHOSEN_HERE)


def training_form(spec: DatasetSpec | None, events: EventTable | None) -> None:
    """Choose events, blueprint and options; start."""
    chosen, method = sample_menu(spec, events), blueprint_menu()
    sample: dict[str, Any] = {}
    if chosen == CURRENT and spec is not None and events is not None:
        columns = columns_of(spec, events)
        options = roles_menu(spec, columns) | columns_menu(columns, CURRENT)
        options |= training_options(method)
    else:
        sample, options = topology_form(chosen, method)
    seed, device = seed_and_device("variables")
    if asked("Train"):
        with answering(), st.spinner("Preparing the events…"):
            dataset = spec if chosen == CURRENT else None
            if dataset is None:
                check_fields(SampleConfig, sample)
                background = suitable_background(method, float(options.get("background_share", 0.0)))
                config = SampleConfig(topology=chosen, background=background, **sample)
                dataset = sample_spec(config, seed, settings().toys)
            start(
                RunRequest(
                    task=TASK, method=method, dataset=dataset_for(dataset, options), config=options, seed=seed,
                    device=device,
                )
            )  # fmt: skip


def start(request: RunRequest) -> None:
    """Check the events, then queue the run."""
    check_learnable(request)
    open_run(runner().submit(request).id)


def draw(run: Run, found: str, history: Sequence[Recorded], final: bool) -> None:
    """Draw the variable that was learnt."""
    variable_part(run, event_variable_view(found), history, final)


page_title("Which variable would a network invent?")
opened = opened_run()
spec, events = events_if_any()
shown = newest_run(opened, TASK, spec, toys=True)
promise = PROMISE.replace("m_T2", symbol_text("m_T2"))
form_and_view(lambda: training_form(spec, events), shown, objective_part, draw, promise, ":material/lightbulb:")

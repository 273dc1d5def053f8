"""A calibration as its page shows it: what depends on the training spectrum, and what does not."""

from collections.abc import Sequence
from functools import cache

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.calibration.config import CalibrationConfig
from core.calibration.results import CalibrationView
from core.calibration.sample import sample_of
from core.errors import DataError
from core.events.table import Column
from core.figures.calibration import QUANTITIES, Quantity, closure_figure, profile_figure, shift_figure
from core.figures.calibration_training import calibration_losses_figure, resolution_figure, truths_figure
from core.figures.calibration_words import calibration_sentence, has_exact, spectra_of, spectrum_title, suits_ratio
from core.figures.words import described
from core.jobs.task import TASKS
from core.learning.device import choose_device
from core.numbers import format_events, format_number
from core.results import Estimate
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from core.tables.calibration import (
    calibration_bulk_table,
    calibration_closure_table,
    calibration_information_table,
    calibration_profile_table,
    calibration_shift_table,
    truths_table,
)
from core.tables.runs import history_table
from views.parts.cached import events_of
from views.parts.charts.charts import chart, table
from views.parts.charts.exporting import Frame
from views.parts.charts.in_print import judged_on, verdict_in_words
from views.parts.definitions import DEFINITIONS
from views.parts.frame.link import choice
from views.parts.frame.state import mode
from views.parts.words import menu_text

TASK = "calibrate"


def check_calibration(request: RunRequest) -> None:
    """Check that the events can be calibrated on, before a run is queued.

    Raises:
        DataError: an option is out of range, or truth, spectra or events do not allow it.
    """
    config = CalibrationConfig(**TASKS[TASK].item.check(request))
    sample = sample_of(events_of(request.dataset), config, request.seed)
    for spectrum in config.train:
        sample.training(spectrum, choose_device("cpu"))


def words_of(run: Run, names: Sequence[str]) -> dict[str, Column]:
    """Return the words about truth and spectra; bare names where the events cannot be read any more."""
    try:
        events = events_of(run.request.dataset)
    except DataError:
        return {}
    return {name: events.describe(name) for name in names if name in events.columns}


def losses_part(run: Run, history: Sequence[Recorded], columns: dict[str, Column]) -> None:
    """Draw the loss of each method as it was recorded."""
    epochs, scalars = [each.epoch for each in history], [each.scalars for each in history]
    config = run.config
    figure = calibration_losses_figure(
        epochs, scalars, config["methods"], config["train"], run.n_epochs, columns, mode=mode()
    )
    chart(figure, f"calibration-loss-{run.id}", table=lambda: history_table(history))


def calibration_part(run: Run, view: CalibrationView, history: Sequence[Recorded], final: bool) -> None:
    """Say and draw what moves with the training spectrum, how the answer closes, and how wide it is."""
    columns = words_of(run, (*view.variables, *spectra_of(view)))
    verdict = st.container()
    variable, test, quantity = _choices(run, view, columns)
    said = calibration_sentence(view, columns, variable, test)
    with verdict:
        verdict_in_words(said, final=final, definition=DEFINITIONS["calibration"])
    figures = list(_figures(run, view, columns, variable, test, quantity).items())
    for i in range(0, len(figures) + 1, 2):
        places = st.columns(2)
        for place, (key, (figure, frame)) in zip(places, figures[i : i + 2], strict=False):
            with place:
                chart(figure, f"calibration-{key}-{run.id}", table=frame)
    with places[len(figures) % 2]:
        losses_part(run, history, columns)
    _bulk(run, view, columns, variable, test)
    _where(view, test, columns, final)
    _information(run, view, columns)


def _choices(run: Run, view: CalibrationView, columns: dict[str, Column]) -> tuple[str, str, Quantity]:
    """Choose component of the truth, test spectrum and what the closure shows."""
    variable, test = view.variables[0], view.test[0]
    with st.container(horizontal=True):
        if len(view.variables) > 1:
            variable = st.segmented_control(
                "Truth", view.variables, required=True, **choice("truth", view.variables),
                format_func=lambda name: menu_text(described(columns, name).title or name), width="content",
            )  # fmt: skip
        if len(view.test) > 1:
            test = st.segmented_control(
                "Tested on", view.test, required=True, **choice("tested", view.test),
                format_func=lambda name: menu_text(spectrum_title(columns, name)), width="content",
                help="Spectrum of the held-out events that are calibrated.",
            )  # fmt: skip
        ratio = suits_ratio(view, variable)
        offered = [name for name in QUANTITIES if ratio or name != "ratio"]
        quantity = st.segmented_control(
            "Closure", offered, required=True,
            **choice("closure", offered, "ratio" if ratio else "difference"), format_func=QUANTITIES.__getitem__,
            help=DEFINITIONS["closure"], width="content",
        )  # fmt: skip
    return variable, test, quantity


def _figures(
    run: Run, view: CalibrationView, columns: dict[str, Column], variable: str, test: str, quantity: Quantity
) -> dict[str, tuple[go.Figure, Frame]]:
    """Return the figures that the view has, what depends on the spectrum first, each with its table."""
    found: dict[str, tuple[go.Figure, Frame]] = {}
    if view.profiles:
        found["profile"] = (profile_figure(view, columns, mode()), lambda: calibration_profile_table(view))
    if view.shifts:
        shift = shift_figure(view, columns, variable, test, mode())
        found["shift"] = (shift, lambda: calibration_shift_table(view, columns))
    closure = closure_figure(view, columns, variable, test, quantity, mode())
    closures = cache(lambda: calibration_closure_table(view, columns))
    resolution = resolution_figure(view, columns, variable, test, mode())
    truths = truths_figure(view, columns, variable, mode())
    return found | {
        "closure": (closure, closures),
        "resolution": (resolution, closures),
        "spectra": (truths, lambda: truths_table(view, columns)),
    }


def _where(view: CalibrationView, test: str, columns: dict[str, Column], final: bool) -> None:
    found = next(each for each in view.spectra if each.spectrum == test)
    exact = " Dashed lines are the closed forms of x = z + Gaussian noise." if has_exact(view) else ""
    said = f"{format_events(found.n_events, found.n_effective)} of the spectrum “{spectrum_title(columns, test)}”,"
    more = f" Errors are those of the events, not of the trainings.{exact}"
    judged_on(said, final=final, more=more, definition=DEFINITIONS["calibration"])


def _bulk(run: Run, view: CalibrationView, columns: dict[str, Column], variable: str, test: str) -> None:
    """List bias, resolution and pull width in the bulk."""
    unit = described(columns, variable).unit
    behind = f" [{unit}]" if unit else ""
    ratio = suits_ratio(view, variable)
    rows = [
        {
            "method": each.title,
            "trained on": menu_text(spectrum_title(columns, each.train)),
            f"bias{behind}": _written(each.bulk_bias),
            **({"ẑ/z": _written(each.bulk_ratio)} if ratio else {}),
            f"worst bin{behind}": format_number(each.worst_bias),
            f"resolution{behind}": _written(each.bulk_resolution),
            "pull width": _written(each.bulk_pull_width),
        }
        for each in view.closures
        if (each.variable, each.test) == (variable, test)
    ]
    text = st.column_config.TextColumn
    st.subheader("In the bulk of the training spectrum", anchor=False, help=DEFINITIONS["calibration"])
    table(
        pd.DataFrame(rows), f"calibration-bulk-{run.id}", "calibration-bulk",
        numbers=lambda: calibration_bulk_table(view, columns),
        column_config={
            f"bias{behind}": text(help=DEFINITIONS["bulk_bias"]),
            "ẑ/z": text(help=DEFINITIONS["bulk_ratio"]),
            f"worst bin{behind}": text(help=DEFINITIONS["worst_bin"]),
            f"resolution{behind}": text(help=DEFINITIONS["bulk_resolution"]),
            "pull width": text(help=DEFINITIONS["pull"]),
        },
    )  # fmt: skip


def _information(run: Run, view: CalibrationView, columns: dict[str, Column]) -> None:
    """List what the features know of the truth."""
    if not view.information:
        return
    rows = [
        {
            "method": each.title,
            "spectrum": menu_text(spectrum_title(columns, each.train)),
            "I(x; z) [nats]": _written(each.estimate),
            "exact [nats]": format_number(each.exact),
        }
        for each in view.information
    ]
    text = st.column_config.TextColumn
    st.subheader("What the features know of the truth", anchor=False, help=DEFINITIONS["truth_information"])
    table(
        pd.DataFrame(rows), f"calibration-information-{run.id}", "calibration-information",
        numbers=lambda: calibration_information_table(view),
        column_config={
            "I(x; z) [nats]": text(help=DEFINITIONS["truth_information"]),
            "exact [nats]": text(help=DEFINITIONS["exact_information"]),
        },
    )  # fmt: skip


def _written(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)

"""``matrix``: which variables share information."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, cast, get_args

import numpy as np
import typer

from core.cli.dataset import AsJson, split_names, takes_dataset
from core.cli.explore import (
    Bins,
    Columns,
    Out,
    check_out,
    fitting_bins,
    remark_few,
    require_numbers,
    write_table,
)
from core.cli.figure_output import FigureFile, FigureWidth, check_figure, write_figure
from core.cli.matrix_output import show_difference, show_matrix
from core.cli.output import err, progress
from core.cluster.matrix import matrix_on_cluster
from core.errors import DataError
from core.events.spec import DatasetSpec, bytes_in_memory, load_events
from core.events.table import EventClass, EventTable
from core.figures.matrix import difference_figure, matrix_figure
from core.information.catalogue import ALL_MEASURES, GIVEN_MEASURES
from core.information.difference import InformationDifference, information_difference
from core.information.estimate import AUTOMATIC, NEURAL
from core.information.estimated import EstimatedMatrix, estimated_matrix
from core.information.estimators.estimator import ESTIMATORS
from core.information.given import GivenMatrix, given_matrix
from core.information.matrix import InformationMatrix, information_matrix
from core.information.significance import Significance
from core.information.significance import significance as compare_with_independence
from core.information.streaming import MAX_BYTES_IN_MEMORY, matrix_of_file
from core.information.units import NATS, UNITS, Unit
from core.jobs.with_output import OUTPUT, dataset_with_output
from core.settings import settings
from core.store.store import RunStore
from core.tables.difference import difference_table
from core.tables.matrix import matrix_table

DEFAULT, DIFFERENCE, PLAIN, STREAMED_BINS = "binned", "difference", "mi", 32
CLASSES = (*get_args(EventClass), DIFFERENCE)
BOTH: tuple[EventClass, ...] = ("signal", "background")
Matrix = InformationMatrix | EstimatedMatrix
MeasureName = Annotated[
    str,
    typer.Option(help=f"What is printed of each pair: {', '.join(ALL_MEASURES)}; the last three need --given."),
]
Given = Annotated[
    str | None, typer.Option(help="A third variable Z: what pairs share once it is known; prints given_mi, I(X;Y|Z).")
]
UnitName = Annotated[
    str, typer.Option(help=f"Unit of what is printed: {' or '.join(UNITS)}; files and JSON keep nats.")
]
Cluster = Annotated[
    str | None, typer.Option(help="Scheduler whose workers count what does not fit in memory, as tcp://host:8786.")
]


@takes_dataset
def matrix(
    spec: DatasetSpec,
    columns: Columns = None,
    event_class: Annotated[
        str, typer.Option("--class", help="Events: all, signal or background; or difference, signal - background.")
    ] = "all",
    bins: Bins = None,
    estimator: Annotated[
        str, typer.Option(help=f"How each pair is estimated: {', '.join((AUTOMATIC, *ESTIMATORS.names(), *NEURAL))}.")
    ] = DEFAULT,
    significance: Annotated[
        bool, typer.Option("--significance", help="Tell for each pair whether it shares information at all.")
    ] = False,
    run: Annotated[
        str | None, typer.Option(help="Id of a run: its model's output joins the variables, on its held-out events.")
    ] = None,
    measure: MeasureName = "mi",
    given: Given = None,
    unit: UnitName = NATS,
    cluster: Cluster = None,
    table: Out = None,
    figure: FigureFile = None,
    figure_width: FigureWidth = "column",
    as_json: AsJson = False,
) -> None:
    """Compute the mutual information of all pairs of variables, or another measure of what they share."""
    _check(event_class, estimator, bins, significance, cluster)
    classes = BOTH if event_class == DIFFERENCE else (cast(EventClass, event_class),)
    shown = _shown(measure, given, unit, is_plain=estimator == DEFAULT and not significance and len(classes) == 1)
    path, picture, names = check_out(table), check_figure(figure, figure_width), split_names(columns)
    if run is not None:
        spec, names = _with_output(run, names)
    require_numbers(spec, names, (*spec.roles.features, *spec.roles.protected))
    streamed = _is_counted(estimator, significance, given) and bytes_in_memory(spec, names or ()) > MAX_BYTES_IN_MEMORY
    if cluster and not streamed:
        err.print(f"{spec.path} fits in memory and is counted here: the answer is the same")
    events = None if streamed else load_events(spec, extra_columns=(*(names or ()), *([given] if given else [])))
    if bins is None and given is None:
        bins = STREAMED_BINS if events is None else fitting_bins(events, classes)
    address = settings().dask_address if cluster is None else cluster
    found = [_compute(spec, events, names, estimator, each, bins, address, given) for each in classes]
    difference = _difference(found)
    if difference is not None:
        write_table(difference_table(difference), path)
        write_figure(lambda: difference_figure(difference, unit=shown[1]), picture, figure_width)
        show_difference(difference, as_json)
        return
    sure = _significance(events, cast(InformationMatrix, found[0])) if significance and events else None
    write_table(matrix_table(found[0], sure), path)
    write_figure(lambda: matrix_figure(found[0], shown[0], "light", sure, unit=shown[1]), picture, figure_width)
    show_matrix(found[0], sure, as_json, *shown)


def _difference(found: Sequence[Matrix]) -> InformationDifference | None:
    """Return signal - background of two matrices, and say of which events there are too few for their bins."""
    difference = information_difference(*found) if len(found) > 1 else None
    for each in found:
        if isinstance(each, InformationMatrix):
            words = "all events" if each.event_class == "all" else each.event_class
            remark_few({words: each.n_effective}, each.bins, 3 if isinstance(each, GivenMatrix) else 2)
    return difference


def _is_counted(estimator: str, significance: bool, given: str | None) -> bool:
    """Return whether all pairs are counted at once, so that the events may stream by."""
    return estimator == DEFAULT and not significance and given is None


def _with_output(run: str, names: tuple[str, ...] | None) -> tuple[DatasetSpec, tuple[str, ...] | None]:
    """Return the held-out events of a run, and the output of its model among the variables."""
    chosen = RunStore(settings().database_url).get(run)
    spec = dataset_with_output(chosen, settings().runs / chosen.id)
    return spec, None if names is None else (*names, OUTPUT)


def _check(event_class: str, estimator: str, bins: int | None, significance: bool, cluster: str | None) -> None:
    """Refuse options that are unknown or that do not go together, before any event is read."""
    estimators = (AUTOMATIC, *ESTIMATORS.names(), *NEURAL)
    if event_class not in CLASSES:
        raise DataError(f"unknown class {event_class!r}; allowed: {', '.join(CLASSES)}")
    if estimator not in estimators:
        raise DataError(f"unknown estimator {estimator!r}; allowed: {', '.join(estimators)}")
    if estimator != DEFAULT and (significance or bins is not None):
        option = "--significance" if significance else "--bins"
        raise DataError(f"{option} with estimator {estimator!r}; allowed: {DEFAULT}, which counts")
    if cluster and (estimator != DEFAULT or significance):
        raise DataError(f"--cluster with {'--significance' if significance else estimator!r}; allowed: {DEFAULT} alone")
    if event_class == DIFFERENCE and significance:
        raise DataError("--significance with class 'difference', which has p-values of its own; leave it out")


def _shown(measure: str, given: str | None, unit: str, *, is_plain: bool) -> tuple[str, Unit]:
    """Return which measure is printed in which unit, or refuse what does not go together."""
    if measure not in ALL_MEASURES:
        raise DataError(f"unknown measure {measure!r}; allowed: {', '.join(ALL_MEASURES)}")
    if unit not in UNITS:
        raise DataError(f"unknown unit {unit!r}; allowed: {', '.join(UNITS)}")
    if measure in GIVEN_MEASURES and given is None:
        raise DataError(f"measure {measure!r} needs a third variable; name it by --given")
    if (given is not None or measure != PLAIN) and not is_plain:
        option = "--given" if given is not None else "--measure"
        raise DataError(
            f"{option} with another estimator, a difference or --significance; allowed: {DEFAULT} counts of a class"
        )
    return ("given_mi" if given is not None and measure == PLAIN else measure), unit


def _compute(
    spec: DatasetSpec,
    events: EventTable | None,
    names: Sequence[str] | None,
    estimator: str,
    event_class: EventClass,
    bins: int | None,
    address: str,
    given: str | None,
) -> Matrix:
    """Count all pairs at once for the default, streaming where no events are loaded; others take pair by pair."""
    if events is None:
        count = partial(matrix_on_cluster, address) if address else partial(matrix_of_file, max_bytes=0)
        with progress("Counting events", 1) as (bar, task):
            return count(
                spec,
                names,
                event_class=event_class,
                bins=bins,
                report=lambda found: bar.update(task, completed=found.n_done, total=found.n_total),
            )
    if given is not None:
        with progress(f"Counting triples, {event_class} events", 1) as (bar, task):
            told = partial(bar.update, task)
            return given_matrix(
                events, given, names, event_class=event_class, bins=bins, progress=lambda share: told(completed=share)
            )
    if estimator == DEFAULT and bins is not None:
        return information_matrix(events, names, event_class=event_class, bins=bins)
    with progress(f"Estimating pairs, {event_class} events", 1) as (bar, task):
        return estimated_matrix(
            events,
            names,
            estimator,
            event_class=event_class,
            on_pair=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _significance(events: EventTable, counted: InformationMatrix) -> Significance:
    """Compare every pair with independent variables, under a progress bar."""
    with progress("Comparing with independent variables [%]", 100) as (bar, task):
        return compare_with_independence(
            events,
            counted.names,
            rng=np.random.default_rng(0),
            event_class=counted.event_class,
            bins=counted.bins,
            progress=lambda share: bar.update(task, completed=round(100 * share)),
        )


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("matrix")(matrix)

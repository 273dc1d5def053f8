"""``matrix``: which variables share information."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Annotated, Any, get_args

import typer

from core.cli.dataset import (
    AsJson,
    Derive,
    DropInvalid,
    Features,
    File,
    Label,
    Protected,
    Select,
    SignalValue,
    Weight,
    dataset_spec,
    split_names,
)
from core.cli.output import out, print_json, print_table, progress
from core.errors import DataError
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventClass
from core.information.estimate import AUTOMATIC, NEURAL
from core.information.estimated import EstimatedMatrix, estimated_matrix
from core.information.estimators.estimator import ESTIMATORS
from core.information.matrix import InformationMatrix
from core.information.streaming import matrix_of_file

DEFAULT = "binned"

Columns = Annotated[
    list[str] | None, typer.Option(help="Variables of the matrix; all features and protected variables by default.")
]


def matrix(
    file: File,
    columns: Columns = None,
    event_class: Annotated[str, typer.Option("--class", help="Events: all, signal or background.")] = "all",
    bins: Annotated[int, typer.Option(help="Bins of each variable, for binned.")] = 32,
    estimator: Annotated[
        str, typer.Option(help=f"How each pair is estimated: {', '.join((AUTOMATIC, *ESTIMATORS.names(), *NEURAL))}.")
    ] = DEFAULT,
    label: Label = None,
    weight: Weight = None,
    protected: Protected = None,
    features: Features = None,
    derive: Derive = None,
    select: Select = None,
    signal_value: SignalValue = None,
    drop_invalid: DropInvalid = False,
    as_json: AsJson = False,
) -> None:
    """Compute the mutual information of all pairs of variables, in nats."""
    if event_class not in get_args(EventClass):
        raise DataError(f"unknown class {event_class!r}; allowed: {', '.join(get_args(EventClass))}")
    spec = dataset_spec(
        file,
        label=label,
        weight=weight,
        protected=split_names(protected),
        features=split_names(features),
        derive=derive,
        select=select,
        signal_value=signal_value,
        drop_invalid=drop_invalid,
    )
    result = _compute(spec, split_names(columns), estimator, event_class, bins)  # type: ignore[arg-type]
    if as_json:
        print_json(_answer(result))
        return
    rows = [
        [name, *("-" if isnan(value) else f"{value:.3f}" for value in row)]
        for name, row in zip(result.names, result.mi, strict=True)
    ]
    print_table("Mutual information [nats]; the diagonal is the entropy", ("", *result.names), rows)
    out.print(f"{result.n_events:,} events (N_eff {result.n_effective:,.0f}), {result.event_class}; {result.estimator}")


def _compute(
    spec: DatasetSpec, names: Sequence[str] | None, estimator: str, event_class: EventClass, bins: int
) -> InformationMatrix | EstimatedMatrix:
    """Count all pairs at once for the default, streaming a large file; estimate pair by pair for any other."""
    if estimator == DEFAULT:
        with progress("Counting events", 1) as (bar, task):
            return matrix_of_file(
                spec,
                names,
                event_class=event_class,
                bins=bins,
                report=lambda found: bar.update(task, completed=found.n_done, total=found.n_total),
            )
    with progress("Estimating pairs", 1) as (bar, task):
        return estimated_matrix(
            load_events(spec, extra_columns=names or ()),
            names,
            estimator,
            event_class=event_class,
            on_pair=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _answer(result: InformationMatrix | EstimatedMatrix) -> dict[str, Any]:
    """Return what the command prints; measures that have no meaning for an estimator are NaN, printed as null."""
    return {
        "names": list(result.names),
        "class": result.event_class,
        "n_events": result.n_events,
        "n_effective": result.n_effective,
        "bins": result.bins if isinstance(result, InformationMatrix) else None,
        "estimator": result.estimator,
        "entropy": result.entropy,
        "mi": result.mi,
        "mi_error": result.mi_error,
        "iqr": result.iqr,
        "distance": result.distance,
    }


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("matrix")(matrix)

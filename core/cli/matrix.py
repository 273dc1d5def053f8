"""``matrix``: which variables share information."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from core.cli.dataset import (
    AsJson,
    Derive,
    DropInvalid,
    File,
    Label,
    Protected,
    Select,
    SignalValue,
    Weight,
    dataset_spec,
    split_names,
)
from core.cli.output import out, print_json, print_table
from core.errors import DataError
from core.events.spec import load_events
from core.events.table import EventClass
from core.information.matrix import information_matrix

Columns = Annotated[
    list[str] | None, typer.Option(help="Variables of the matrix; all features and protected variables by default.")
]


def matrix(
    file: File,
    columns: Columns = None,
    event_class: Annotated[str, typer.Option("--class", help="Events: all, signal or background.")] = "all",
    bins: Annotated[int, typer.Option(help="Bins of each variable.")] = 32,
    label: Label = None,
    weight: Weight = None,
    protected: Protected = None,
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
        derive=derive,
        select=select,
        signal_value=signal_value,
        drop_invalid=drop_invalid,
    )
    names = split_names(columns)
    events = load_events(spec, extra_columns=names or ())
    result = information_matrix(events, names, event_class=event_class, bins=bins)  # type: ignore[arg-type]
    if as_json:
        print_json(
            {
                "names": list(result.names),
                "class": result.event_class,
                "n_events": result.n_events,
                "n_effective": result.n_effective,
                "bins": result.bins,
                "estimator": result.estimator,
                "entropy": result.entropy,
                "mi": result.mi,
                "mi_error": result.mi_error,
                "iqr": result.iqr,
                "distance": result.distance,
            }
        )
        return
    rows = [[name, *(f"{value:.3f}" for value in row)] for name, row in zip(result.names, result.mi, strict=True)]
    print_table("Mutual information [nats]; the diagonal is the entropy", ("", *result.names), rows)
    out.print(f"{result.n_events:,} events (N_eff {result.n_effective:,.0f}), {result.event_class}; {result.estimator}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("matrix")(matrix)

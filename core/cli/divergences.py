"""``divergences``: how far signal is from background in each variable."""

from __future__ import annotations

from dataclasses import asdict

import typer

from core.cli.dataset import AsJson, split_names, takes_dataset
from core.cli.explore import Bins, Columns, Out, check_out, require_numbers, write_table
from core.cli.output import out, print_json, print_table
from core.events.spec import DatasetSpec, load_events
from core.information.class_divergences import class_divergences
from core.information.estimate import suitable_bins
from core.information.quantise import checked_weights
from core.numbers import format_events, format_number
from core.tables.divergences import divergence_table


@takes_dataset
def divergences(
    spec: DatasetSpec, columns: Columns = None, bins: Bins = None, table: Out = None, as_json: AsJson = False
) -> None:
    """Compute entropies and divergences of signal and background in each variable, in nats."""
    path = check_out(table)
    names = split_names(columns) or tuple(dict.fromkeys((*spec.roles.features, *spec.roles.protected)))
    require_numbers(spec, columns, names)
    events = load_events(spec, extra_columns=names)
    checked_weights(events.weights, events.n_events)
    bins = suitable_bins(events.balanced().n_effective) if bins is None else bins
    found = class_divergences(events, names, bins=bins)
    frame = divergence_table(found)
    write_table(frame, path)
    if as_json:
        print_json({"bins": bins, "n_events": events.n_events, "variables": [asdict(each) for each in found]})
        return
    shown = [
        "JSD [nats]",
        "JSD [bits]",
        "KL(s‖b) [nats]",
        "KL(b‖s) [nats]",
        "H(s;b) [nats]",
        "h(s) [nats]",
        "h(b) [nats]",
    ]
    rows = [[row["variable"], *(format_number(float(row[name])) for name in shown)] for row in frame.to_dict("records")]
    print_table("Signal s against background b", ("", *shown), rows)
    out.print(f"{format_events(events.n_events)}; equal-frequency cells, B = {bins}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("divergences")(divergences)

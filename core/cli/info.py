"""``info``: what is in a file."""

from __future__ import annotations

import typer

from core.cli.dataset import (
    AsJson,
    DropInvalid,
    File,
    Label,
    Protected,
    SignalValue,
    Weight,
    dataset_spec,
    resolve,
    split_names,
)
from core.cli.output import out, print_json, print_table
from core.events.quality import quality_report
from core.events.roles import guess_roles
from core.events.source import inspect_file
from core.events.spec import load_events
from core.events.summary import in_bytes


def info(
    file: File,
    label: Label = None,
    weight: Weight = None,
    protected: Protected = None,
    signal_value: SignalValue = None,
    drop_invalid: DropInvalid = False,
    as_json: AsJson = False,
) -> None:
    """Show columns, guessed roles and the quality of the data."""
    path = resolve(file)
    summary = inspect_file(path)
    guesses = guess_roles(summary)
    spec = dataset_spec(
        file,
        label=label,
        weight=weight,
        protected=split_names(protected),
        signal_value=signal_value,
        drop_invalid=drop_invalid,
    )
    report = quality_report(load_events(spec))
    columns = [
        {
            "name": column.name,
            "type": column.dtype,
            "unit": column.words.unit,
            "role": spec.roles.of(column.name),
            "reason": guesses[column.name].reason,
        }
        for column in summary.columns
    ]
    if as_json:
        print_json(
            {
                "name": summary.name,
                "format": summary.format,
                "n_events": summary.n_events,
                "bytes": summary.bytes_on_disk,
                "uncompressed_bytes": summary.uncompressed_bytes,
                "columns": columns,
                "n_effective": report.n_effective,
                "findings": [{"severity": f.severity, "text": f.text} for f in report.findings],
            }
        )
        return
    title = f"{summary.name}: {summary.n_events:,} events, {summary.format}, {in_bytes(summary.bytes_on_disk)}"
    print_table(title, ("column", "type", "unit", "role", "because"), [[str(v) for v in c.values()] for c in columns])
    for finding in report.findings:
        out.print(f"{finding.severity}: {finding.text}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("info")(info)

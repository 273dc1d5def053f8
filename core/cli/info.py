"""``info``: what is in a file."""

from __future__ import annotations

import typer

from core.cli.dataset import AsJson, takes_dataset
from core.cli.output import out, print_json, print_table
from core.events.quality import quality_report
from core.events.roles import guess_roles
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, load_events
from core.events.summary import in_bytes


@takes_dataset
def info(spec: DatasetSpec, as_json: AsJson = False) -> None:
    """Show columns, guessed roles and the quality of the data."""
    summary = inspect_file(*spec.files)
    guesses = guess_roles(summary)
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
                "n_selected": report.n_events,
                "columns": columns,
                "n_effective": report.n_effective,
                "findings": [{"severity": f.severity, "text": f.text} for f in report.findings],
            }
        )
        return
    title = f"{summary.name}: {summary.n_events:,} events, {summary.format}, {in_bytes(summary.bytes_on_disk)}"
    print_table(title, ("column", "type", "unit", "role", "because"), [[str(v) for v in c.values()] for c in columns])
    if report.n_events < summary.n_events:
        out.print(f"{report.n_events:,} events pass the selection")
    for finding in report.findings:
        out.print(f"{finding.severity}: {finding.text}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("info")(info)

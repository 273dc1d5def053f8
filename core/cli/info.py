"""``info``: what is in a file."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote

import typer

from core.cli.dataset import AsJson, takes_dataset, valueless_remark
from core.cli.label_hint import label_hint, likely_label
from core.cli.output import out, print_json, print_table
from core.events.absent import Suspects
from core.events.glance import Glance, glance, weight_candidates
from core.events.lists import shared_counts
from core.events.quality import QualityReport, quality_of_file
from core.events.roles import guess_roles, may_be_weight
from core.events.source import inspect_file
from core.events.spec import DatasetSpec
from core.events.summary import in_bytes
from core.events.valueless import ignoring, valueless
from core.jobs.command import joined


@takes_dataset
def info(spec: DatasetSpec, as_json: AsJson = False) -> None:
    """Show columns, guessed roles and the quality of the data."""
    summary = inspect_file(*spec.files)
    guesses = guess_roles(summary.with_counts(shared_counts(*spec.files)))
    report = quality_of_file(spec)
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
    seen = {} if spec.roles.label and spec.roles.weight else glance(*spec.files)
    label = None if spec.roles.label else label_hint(seen, spec.roles.weight)
    weight = None if spec.roles.weight else weight_hint(seen)
    useless = _valueless_hint(spec, report, seen)
    hints = [each for each in (label, weight, missing_hint(report), useless) if each]
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
                "hint": "\n".join(hints) or None,
            }
        )
        return
    title = f"{summary.name}: {summary.n_events:,} events, {summary.format}, {in_bytes(summary.bytes_on_disk)}"
    print_table(title, ("column", "type", "unit", "role", "because"), [[str(v) for v in c.values()] for c in columns])
    if report.n_events < summary.n_events:
        out.print(f"{report.n_events:,} events pass the selection")
    for finding in report.findings:
        out.print(f"{finding.severity}: {finding.text}")
    for hint in hints:
        out.print(f"hint: {hint}")


def weight_hint(seen: Mapping[str, Glance]) -> str | None:
    """Say which column is named like a weight, and the option that takes it; None where no column is.

    Example:
        >>> weight_hint({"w_pu": Glance("w_pu", 9, 0, (), 0.8, 1.0, 1.2, mean=1.0)})
        'w_pu may be the weight: --weight w_pu'
    """
    alike = _weights(seen)
    return f"{alike[0]} may be the weight: --weight {quote(alike[0])}" if alike else None


def missing_hint(report: QualityReport) -> str | None:
    """Say which options make the values that seem to stand for "no value" missing; None where there are none."""
    found = [f"{each.name}={value:.10g}" for each in report.columns for value in each.sentinels]
    return f"to read such values as missing: --missing {quote(joined(found))}" if found else None


def _weights(seen: Mapping[str, Glance]) -> list[str]:
    return [name for name in weight_candidates(seen) if may_be_weight(name)]


def _valueless_hint(spec: DatasetSpec, report: QualityReport, seen: Mapping[str, Glance]) -> str | None:
    """Say which columns tell nothing; what may be the label or a weight is not proposed as a feature either."""
    found = valueless({each.name: each for each in report.columns}, spec.roles)
    label = None if spec.roles.label else likely_label(seen, spec.roles.weight)
    apart = [*([label] if label else []), *([] if spec.roles.weight else _weights(seen))]
    return valueless_remark(ignoring(spec, apart), Suspects(report.n_events, {}, found))


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("info")(info)

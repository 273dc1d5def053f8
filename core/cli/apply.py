"""``apply``: a trained model on other events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.dataset import AsJson, resolve, split_names
from core.cli.output import out, print_json, progress
from core.events.source import inspect_file
from core.jobs.apply import apply_model
from core.jobs.saved import load_model
from core.settings import settings
from core.store.store import RunStore

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a finished run; `runs` lists them.")]


def apply(
    run: RunId,
    file: Annotated[
        str, typer.Argument(help="Events with the columns that the model takes: a file, or the name of a sample.")
    ],
    out_file: Annotated[Path, typer.Option("--out", help="Parquet file to write.")],
    lam: Annotated[float | None, typer.Option(help="λ of a slider; its largest when not given.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="Further columns to write beside the score.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the score of every event of another file, row by row in the same order."""
    saved = load_model(settings().runs / RunStore(settings().database_url).get(run).id, lam)
    file = resolve(file)
    with progress("events", inspect_file(file).n_events) as (bar, task):
        applied = apply_model(
            saved, file, out_file, keep=tuple(split_names(keep) or ()),
            report=lambda done, _total: bar.update(task, completed=done),
        )  # fmt: skip
    if as_json:
        print_json(
            {
                "out": str(applied.path),
                "events": applied.n_events,
                "without_score": applied.n_without_value,
                "columns": list(applied.columns),
            }
        )
        return
    lacking = f"; {applied.n_without_value:,} of them NaN, since an input is missing or infinite"
    out.print(
        f"{applied.path}: {applied.n_events:,} scores{lacking if applied.n_without_value else ''}; "
        f"columns {', '.join(applied.columns)}"
    )


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("apply")(apply)

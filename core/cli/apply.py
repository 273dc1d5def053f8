"""``apply`` and ``export``: a trained model on other events, and as a file that runs without this program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from core.cli.dataset import AsJson, split_names
from core.cli.output import out, print_json, progress
from core.errors import DataError
from core.events.source import inspect_file
from core.events.spec import load_events
from core.jobs.apply import apply_model
from core.jobs.artifacts import MODEL
from core.jobs.saved import load_model
from core.jobs.store import RunStore
from core.settings import settings

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a finished run; `runs` lists them.")]


def apply(
    run: RunId,
    file: Annotated[str, typer.Argument(help="Events with the columns that the model takes.")],
    out_file: Annotated[Path, typer.Option("--out", help="Parquet file to write.")],
    lam: Annotated[float | None, typer.Option(help="λ of a slider; its largest when not given.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="Further columns to write beside the score.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the score of every event of another file, row by row in the same order."""
    saved = load_model(settings().runs / RunStore(settings().database_url).get(run).id, lam)
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
                "without_score": applied.n_without_score,
                "columns": list(applied.columns),
            }
        )
        return
    lacking = f"; {applied.n_without_score:,} of them NaN, since an input is missing or infinite"
    out.print(
        f"{applied.path}: {applied.n_events:,} scores{lacking if applied.n_without_score else ''}; "
        f"columns {', '.join(applied.columns)}"
    )


def export(
    run: RunId,
    out_file: Annotated[Path, typer.Option("--out", help="File to write: .onnx or .safetensors.")],
    lam: Annotated[float | None, typer.Option(help="λ of a slider; its largest when not given.")] = None,
) -> None:
    """Write the model of a run as ONNX (compared with ours to 1e-5 on its own events) or as safetensors."""
    chosen = RunStore(settings().database_url).get(run)
    folder = settings().runs / chosen.id
    saved = load_model(folder, lam)
    if out_file.suffix == ".safetensors":
        content = (folder / MODEL).read_bytes()
    elif out_file.suffix == ".onnx":
        from core.unlearning.onnx_export import onnx_bytes  # imports onnxruntime, which other commands can do without

        events = load_events(chosen.request.dataset)
        x, m = events.matrix(saved.inputs, np.float32), events.matrix(saved.protected, np.float64)
        content = onnx_bytes(saved.model, saved.inputs, saved.protected, x, m)
    else:
        raise DataError(f"unknown kind of file {out_file.name!r}; allowed: a name that ends in .onnx or .safetensors")
    try:
        out_file.write_bytes(content)
    except OSError as problem:
        raise DataError(f"{out_file} cannot be written: {problem.strerror or problem}") from problem
    out.print(f"{out_file}: {len(content):,} bytes, {saved.method}, inputs {', '.join(saved.inputs)}")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("apply")(apply)
    app.command("export")(export)

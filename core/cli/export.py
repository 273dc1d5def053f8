"""``export``: a trained model as a file that runs without this program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from core.cli.apply import RunId
from core.cli.output import out
from core.errors import DataError
from core.events.spec import load_events
from core.jobs.artifacts import MODEL
from core.jobs.saved import load_model
from core.jobs.store import RunStore
from core.settings import settings


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
    """Add the command to the program."""
    app.command("export")(export)

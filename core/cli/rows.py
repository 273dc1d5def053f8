"""What the commands share that turn a file of events into another by an autoencoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from core.cli.dataset import resolve
from core.cli.output import out, print_json, progress
from core.events.source import inspect_file
from core.jobs.rows import of_features, write_rows
from core.jobs.saved import SavedAutoencoder, load_autoencoder
from core.settings import settings
from core.store.store import RunStore

File = Annotated[
    str, typer.Argument(help="Events with the features that the model takes: a file, or the name of a sample.")
]
OutFile = Annotated[Path, typer.Option("--out", help="Parquet file to write.")]
Keep = Annotated[list[str] | None, typer.Option(help="Further columns to write beside the new ones.")]


def autoencoder_of(run: str) -> SavedAutoencoder:
    """Return the autoencoder of a run.

    Raises:
        DataError: there is no such run, or it has none.
    """
    return load_autoencoder(settings().runs / RunStore(settings().database_url).get(run).id)


def write_and_tell(
    saved: SavedAutoencoder,
    file: str,
    out_file: Path,
    compute: Callable[[NDArray[np.float32]], Mapping[str, NDArray[np.floating]]],
    *,
    keep: tuple[str, ...],
    as_json: bool,
    more: Mapping[str, Any],
) -> None:
    """Write the rows under a progress bar, and say what was written."""
    file = resolve(file)
    with progress("events", inspect_file(file).n_events) as (bar, task):
        written = write_rows(
            file, out_file, saved.inputs, saved.derived, saved.missing, of_features(saved.inputs, compute), keep=keep,
            report=lambda done, _total: bar.update(task, completed=done),
        )  # fmt: skip
    if as_json:
        print_json(
            {
                "out": str(written.path),
                "events": written.n_events,
                "without_value": written.n_without_value,
                "columns": list(written.columns),
                **more,
            }
        )
        return
    lacking = f"; {written.n_without_value:,} of them NaN, since an input is missing or infinite"
    out.print(
        f"{written.path}: {written.n_events:,} events{lacking if written.n_without_value else ''}; "
        f"columns {', '.join(written.columns)}"
    )

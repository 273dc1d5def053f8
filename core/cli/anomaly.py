"""``anomaly``: how unlikely the autoencoder of a run finds each event."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from core.cli.apply import RunId
from core.cli.dataset import AsJson, split_names
from core.cli.rows import File, Keep, OutFile, autoencoder_of, write_and_tell
from core.disentanglement.anomaly import anomaly_scores


def anomaly(
    run: RunId,
    file: File,
    out_file: OutFile,
    keep: Keep = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws from the latent.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write how unlikely each event is, -ELBO in nats with its parts, and what z' says of the protected variables."""
    saved = autoencoder_of(run)
    generator = torch.Generator().manual_seed(seed)

    def compute(x: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        return anomaly_scores(saved.representation, x, saved.protected, generator)

    write_and_tell(saved, file, out_file, compute, keep=tuple(split_names(keep) or ()), as_json=as_json, more={})


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("anomaly")(anomaly)

"""``intervene``: events as they would be at another value of a protected variable."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from core.cli.apply import RunId
from core.cli.dataset import AsJson, split_names
from core.cli.rows import File, Keep, OutFile, autoencoder_of, write_and_tell
from core.disentanglement.intervene import decode_at, positions_of
from core.errors import DataError

Set = Annotated[list[str], typer.Option("--set", help="NAME=VALUE of a protected variable; repeat for more.")]


def intervene(
    run: RunId, file: File, out_file: OutFile, settings_of: Set, keep: Keep = None, as_json: AsJson = False
) -> None:
    """Write the features of every event as the autoencoder makes them with a protected variable at a given value."""
    saved = autoencoder_of(run)
    positions = positions_of(saved.representation, saved.protected, dict(_setting(text) for text in settings_of))

    def compute(x: NDArray[np.float32]) -> dict[str, NDArray[np.floating]]:
        generated = decode_at(saved.representation, x, positions)
        return {name: np.ascontiguousarray(generated[:, k]) for k, name in enumerate(saved.inputs)}

    more = {"positions": {f"z_{j + 1}": position for j, position in positions.items()}}
    write_and_tell(saved, file, out_file, compute, keep=tuple(split_names(keep) or ()), as_json=as_json, more=more)


def _setting(text: str) -> tuple[str, float]:
    """Return the name and the value of NAME=VALUE.

    Raises:
        DataError: it is written in another way.
    """
    name, equals, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not (equals and name.strip() and np.isfinite(number)):
        raise DataError(f"{text!r} sets nothing; write NAME=VALUE, such as m_bc=5.25")
    return name.strip(), number


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("intervene")(intervene)

"""``histograms``: the columns of a data set, signal and background, as a ROOT file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from core.cli.dataset import AsJson, takes_dataset
from core.cli.export import write_file
from core.cli.output import err, out, print_json
from core.errors import DataError
from core.events.spec import DatasetSpec, load_events
from core.exports.histograms import class_histograms, root_file, without_values

LARGEST = 1e150
"""A ROOT histogram holds the squares of its edges."""


@takes_dataset
def histograms(
    spec: DatasetSpec,
    out_file: Annotated[Path, typer.Option("--out", help="ROOT file to write.")],
    as_json: AsJson = False,
) -> None:
    """Write the weighted histograms of all columns with a role in each class as TH1D with Σw² in a ROOT file.

    A column without a finite value is left out, and said so.
    """
    events = load_events(spec)
    made, empty = class_histograms(events), without_values(events)
    for name in empty:
        err.print(f"remark: {name} has no finite value and is left out", markup=False, soft_wrap=True)
    for path, each in made.items():
        largest = float(np.abs(each.axes[0].edges).max())
        if largest > LARGEST:
            raise DataError(
                f"{path.partition('/')[0]} has values of {largest:.3g}; allowed in a ROOT file: {LARGEST:g}"
            )
    content = root_file(made)
    write_file(out_file, content)
    if as_json:
        print_json({"out": str(out_file), "histograms": list(made), "left_out": list(empty)})
        return
    out.print(f"{out_file}: {len(content):,} bytes, {len(made)} histograms")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("histograms")(histograms)

"""The commands together, and what happens to their errors."""

from __future__ import annotations

import importlib
import sys

import typer

from core.errors import DataError
from core.logs import set_up_logs

COMMANDS = (
    *("info", "matrix", "pair", "rank", "divergences", "geometry", "histograms"),
    *(
        "train",
        "slide",
        "disentangle",
        "ensembles",
        "calibrate",
        "event-variables",
        "scan",
        "audit",
        "apply",
        "export",
        "figures",
        "intervene",
        "anomaly",
        "runs",
        "system",
        "warm",
    ),
)
"""Modules of this package, each with a function ``add_to``."""


def build(wanted: str | None = None) -> typer.Typer:
    """Return the program with all commands, or with the one that is wanted.

    Importing only that one keeps ``info`` from waiting for torch.
    """
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

    @app.callback()
    def describe() -> None:
        """Explore information between collider variables; train classifiers that unlearn what they must not use."""

    for name in COMMANDS if wanted not in COMMANDS else (wanted,):
        importlib.import_module(f"core.cli.{name.replace('-', '_')}").add_to(app)
    return app


def main() -> None:
    """Run the command line; bad input prints one line and exits with 2."""
    try:
        set_up_logs("warning")
        build(sys.argv[1] if len(sys.argv) > 1 else None)(prog_name="python -m core")
    except DataError as problem:
        print(f"error: {problem}", file=sys.stderr)
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(1) from None

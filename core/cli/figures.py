"""``figures``: the figures and tables of a run for a paper, each a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from core.cli.apply import RunId
from core.cli.dataset import split_names
from core.cli.export import write_file
from core.cli.output import out
from core.errors import DataError
from core.exports.journal_style import Format, Width
from core.exports.paper import TableFormat, figure_files, table_files
from core.exports.results import read_results
from core.settings import settings
from core.store.store import RunStore


def figures(
    run: RunId,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder to write into; it is made.")],
    format: Annotated[Format, typer.Option(help="Of the figures: pdf, svg or png.")] = "pdf",
    width: Annotated[Width, typer.Option(help="column (86 mm) or page (178 mm).")] = "column",
    tables: Annotated[list[str] | None, typer.Option(help="Also the numbers: csv, parquet, tex.")] = None,
) -> None:
    """Write every figure of a run at the size of a journal and, when asked, its tables."""
    results = read_results(RunStore(settings().database_url), run, settings().runs)
    formats = cast("tuple[TableFormat, ...]", split_names(tables) or ())
    try:
        out_folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DataError(f"{out_folder} cannot be made: {problem.strerror or problem}") from problem
    drawn = figure_files(results, format, width=width)
    for name, content in (*drawn, *table_files(results, formats)):
        write_file(out_folder / name, content)
        out.print(f"{out_folder / name}: {len(content):,} bytes")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("figures")(figures)

"""What commands that explore share: which variables, how many bins, and a file for the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core.cli.output import err
from core.errors import DataError
from core.events.table import EventClass, EventTable
from core.exports.latex import to_latex
from core.information.estimate import suitable_bins
from core.tables.described import to_csv, to_parquet

Columns = Annotated[list[str] | None, typer.Option(help="Variables; all features and protected variables by default.")]
Bins = Annotated[
    int | None, typer.Option(help="Bins of each variable, 2 to 255; by default as many as suit the events, up to 32.")
]
Out = Annotated[
    str | None, typer.Option("--out", metavar="TABLE", help="Write the table to a .csv, .parquet or .tex file.")
]

FORMATS = (".csv", ".parquet", ".tex")


def fitting_bins(events: EventTable, classes: Sequence[EventClass]) -> int:
    """Return as many bins as the class with the fewest effective events bears without bias."""
    return suitable_bins(min(events.of_class(each).n_effective for each in classes))


def shown_classes(events: EventTable) -> tuple[EventClass, ...]:
    """Return signal and background, or all events where no column is the label."""
    return ("all",) if events.roles.label is None else ("signal", "background")


def check_out(out: str | None) -> Path | None:
    """Return where a table is to be written, before anything is computed.

    Raises:
        DataError: another extension than .csv, .parquet and .tex, or a folder that does not exist.

    Example:
        >>> check_out("table.csv")
        PosixPath('table.csv')
    """
    return checked_path(out, FORMATS)


def checked_path(file: str | None, extensions: Sequence[str]) -> Path | None:
    """Return where a file is to be written, None where there is none.

    Raises:
        DataError: another extension, or a folder that does not exist.
    """
    if file is None:
        return None
    path = Path(file)
    if path.suffix not in extensions:
        raise DataError(f"file {file!r}; allowed extensions: {', '.join(extensions)}")
    if not path.parent.is_dir():
        raise DataError(f"no folder {str(path.parent)!r} for {path.name!r}; make it first")
    if path.is_dir():
        raise DataError(f"{file!r} is a folder; name a file")
    return path


def write_table(frame: pd.DataFrame, path: Path | None) -> None:
    """Write a table in the format of the file's extension; nothing where there is no file.

    Raises:
        DataError: the file cannot be written.
    """
    if path is None:
        return
    try:
        path.write_bytes(_written(frame, path.suffix))
    except OSError as refused:
        raise DataError(f"cannot write {str(path)!r}: {(refused.strerror or str(refused)).lower()}") from refused
    err.print(f"{len(frame)} rows in {path}", soft_wrap=True)


def _written(frame: pd.DataFrame, suffix: str) -> bytes:
    if suffix == ".parquet":
        return to_parquet(frame)
    return (to_latex(frame) if suffix == ".tex" else to_csv(frame)).encode()

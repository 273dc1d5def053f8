"""What commands that explore share: which variables, how many bins, and a file for the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core.cli.output import err
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventClass, EventTable, effective_number
from core.events.written import written_sentences
from core.exports.latex import to_latex
from core.information.estimate import suitable_bins
from core.information.quantise import checked_weights
from core.information.selection import select
from core.numbers import format_count
from core.tables.described import to_csv, to_parquet

Columns = Annotated[list[str] | None, typer.Option(help="Variables; all features and protected variables by default.")]
Bins = Annotated[
    int | None, typer.Option(help="Bins of each variable, 2 to 255; by default as many as suit the events, up to 32.")
]
Out = Annotated[
    str | None, typer.Option("--out", metavar="TABLE", help="Write the table to a .csv, .parquet or .tex file.")
]

FORMATS = (".csv", ".parquet", ".tex")
EVENTS_A_CELL = 10
QUICK = 2**26
"""Text files of no more are looked into for a remark before their events are read [bytes]."""
_ROUNDING = 1e-6


def fitting_bins(events: EventTable, classes: Sequence[EventClass]) -> int:
    """Return as many bins as the class with the fewest effective events bears without bias.

    Raises:
        DataError: a class without events, or one with a weight that is not finite.
    """
    return suitable_bins(min(effective_events(events, each) for each in classes))


def effective_events(events: EventTable, event_class: EventClass) -> float:
    """Return N_eff of a class from its weights alone: taking its events would copy every column.

    Raises:
        DataError: a class without events, or one with a weight that is not finite.
    """
    chosen = select(events, (), event_class)
    if chosen.weights is None:
        return float(chosen.n_events)
    return effective_number(checked_weights(chosen.weights, chosen.n_events))


def require_numbers(spec: DatasetSpec, asked: Sequence[str] | None, names: Sequence[str]) -> None:
    """Remark on columns that were meant as numbers and are read as text, unless variables were asked for.

    Args:
        spec: the data set.
        asked: variables that were asked for.
        names: features and protected variables that a command takes by itself.

    Raises:
        DataError: nothing was asked for, and no column has such a role.
    """
    if asked:
        return
    texts = written_sentences(spec, QUICK if names else inf)
    if not names:
        raise DataError("; ".join(["no column of numbers has the role that is needed", *texts]))
    for text in texts:
        err.print(f"remark: {text}", markup=False, soft_wrap=True)


def remark_few(n_effective: Mapping[str, float], bins: int, variables: int = 2) -> None:
    """Say on stderr of which events there are too few for so many bins, N_eff < 10 B², and what to do.

    Args:
        n_effective: words about the events → N_eff.
        bins: B.
        variables: number of variables that are counted together; of three there are B³ cells.
    """
    least = EVENTS_A_CELL * bins**variables
    for words, n in n_effective.items():
        if n >= least * (1 - _ROUNDING):
            continue
        fewer = int((max(n, 0.0) / EVENTS_A_CELL) ** (1 / variables))
        remedy = f"take --bins {fewer} or more events" if fewer > 1 else "more events are needed"
        text = (
            f"remark: N_eff of {words} is {format_count(n)}, under 10 B{'²³'[variables - 2]} = {format_count(least)} "
            f"for B = {bins}: bias may exceed the errors; {remedy}"
        )
        err.print(text, markup=False, soft_wrap=True)


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

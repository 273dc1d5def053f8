"""What commands print: one JSON object, or tables for people; progress on stderr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

out = Console(width=1000, soft_wrap=True, highlight=False, markup=False)
"""Wide, so that a table is never cut: a narrow terminal wraps, a file keeps whole rows."""
err = Console(stderr=True, highlight=False)


def print_json(answer: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout; NaN and infinities become null."""
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    out.file.write(orjson.dumps(answer, option=options).decode())


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; every column after the first is right-aligned."""
    table = Table(title=Text(title), title_justify="left")
    for k, name in enumerate(header):
        table.add_column(Text(name), justify="left" if k == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    out.print(table)


@contextmanager
def progress(title: str, total: int, *, passing: bool = False) -> Iterator[tuple[Progress, Any]]:
    """Show a bar with the remaining time on stderr while the block runs; one in passing leaves no trace."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    unseen = not err.is_terminal
    with Progress(*columns, console=err, transient=unseen or passing, disable=unseen and passing) as bar:
        yield bar, bar.add_task(title, total=total)

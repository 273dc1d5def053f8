"""What commands that explore share to write their figure as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from core.cli.explore import checked_path
from core.cli.output import err
from core.errors import DataError
from core.exports.journal_style import MILLIMETRES, Format, Width

if TYPE_CHECKING:
    import plotly.graph_objects as go

FIGURE_FORMATS = (".pdf", ".svg", ".png", ".json", ".html")
FigureFile = Annotated[
    str | None,
    typer.Option(
        "--figure",
        metavar="FIGURE",
        help="Draw it: .pdf, .svg or .png for a paper, .json for plotly, .html for a browser.",
    ),
]
FigureWidth = Annotated[
    str,
    typer.Option(
        help="Width of a figure for a paper: "
        + " or ".join(f"{name}, {millimetres:.0f} mm" for name, millimetres in MILLIMETRES.items())
        + "."
    ),
]


def check_figure(figure: str | None, width: str) -> Path | None:
    """Return where a figure is to be written, before anything is computed.

    Raises:
        DataError: an unknown extension or width, or a folder that does not exist.

    Example:
        >>> check_figure("matrix.pdf", "column")
        PosixPath('matrix.pdf')
    """
    if width not in MILLIMETRES:
        raise DataError(f"unknown width {width!r}; allowed: {', '.join(MILLIMETRES)}")
    return checked_path(figure, FIGURE_FORMATS)


def write_figure(draw: Callable[[], go.Figure], path: Path | None, width: str) -> None:
    """Draw a figure and write it in the format of the file's extension; nothing where there is no file.

    Raises:
        DataError: the file cannot be written.
    """
    if path is None:
        return
    content = figure_bytes(draw(), path.suffix, cast(Width, width))
    try:
        path.write_bytes(content)
    except OSError as refused:
        raise DataError(f"cannot write {str(path)!r}: {(refused.strerror or str(refused)).lower()}") from refused
    err.print(f"figure in {path}, {len(content):,} bytes", soft_wrap=True)


def figure_bytes(figure: go.Figure, suffix: str, width: Width) -> bytes:
    """Return a figure as a file of an extension: for a paper, for plotly, or as a page that opens offline."""
    if suffix == ".json":
        return str(figure.to_json()).encode()
    if suffix == ".html":
        return str(figure.to_html(include_plotlyjs=True, config={"displaylogo": False})).encode()
    from core.exports.journal import journal_figure  # imports matplotlib

    return journal_figure(figure, cast(Format, suffix.removeprefix(".")), width=width)

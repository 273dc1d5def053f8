"""All figures and tables of a run as files for a paper."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import pandas as pd

from core.errors import DataError
from core.exports.coarser import coarser
from core.exports.journal import journal_figure
from core.exports.journal_style import Format, Width
from core.exports.latex import to_latex
from core.exports.results import RunResults
from core.exports.run_figures import figures_of, tables_of
from core.tables.described import to_csv, to_parquet

TableFormat = Literal["csv", "parquet", "tex"]
TABLE_FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)
LONGEST_LATEX = 200
"""Rows of a table from which on it is data, not a table of a paper."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time of a zip, so that the same run gives the same file."""


def figure_files(
    results: RunResults, format: Format = "pdf", *, width: Width = "column"
) -> Iterator[tuple[str, bytes]]:
    """Yield each figure of a run at the size of a journal, as (file name, content), one drawn after the other.

    Args:
        results: of the run.
        format: pdf, svg or png.
        width: one column of a journal, or the whole page.

    Raises:
        DataError: the run has no figure, or something in one has no form in print.
    """
    figures = figures_of(results, "light")
    if not figures:
        raise DataError(f"run {results.run.id} has no figure to draw")
    for name, figure in figures.items():
        yield f"{name}.{format}", journal_figure(figure, format, width=width)


def table_files(results: RunResults, formats: Iterable[TableFormat] = ("csv",)) -> Iterator[tuple[str, bytes]]:
    """Yield each table of a run as (file name, content); LaTeX only of those short enough for a paper.

    Args:
        results: of the run.
        formats: csv, parquet or tex; each table is written in all of them.

    Raises:
        DataError: a format is unknown.
    """
    wanted = tuple(formats)
    for each in wanted:
        if each not in TABLE_FORMATS:
            raise DataError(f"unknown format of tables {each!r}; allowed: {', '.join(TABLE_FORMATS)}")
    for name, frame in tables_of(results).items():
        for each in wanted:
            if each != "tex" or len(coarser(frame)) <= LONGEST_LATEX:
                yield f"{name}.{each}", _written(frame, each)


def paper_archive(results: RunResults) -> bytes:
    """Return a zip of all figures of a run as PDF for one column, and of its tables as CSV.

    Args:
        results: of the run.

    Raises:
        DataError: as `figure_files`.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, files in (("figures", figure_files(results)), ("tables", table_files(results))):
            for name, content in files:
                archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", EPOCH), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _written(frame: pd.DataFrame, format: TableFormat) -> bytes:
    if format == "parquet":
        return to_parquet(frame)
    return (to_csv(frame) if format == "csv" else to_latex(frame)).encode()

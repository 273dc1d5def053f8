"""``pair``: what two variables know of each other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from core.cli.dataset import AsJson, takes_dataset
from core.cli.explore import Bins, Out, check_out, fitting_bins, remark_few, shown_classes, write_table
from core.cli.figure_output import FigureFile, FigureWidth, check_figure, write_figure
from core.cli.output import out, print_json, print_table
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.figures.pair import density_figure
from core.information.given import GivenMatrix, given_matrix
from core.information.matrix import information_matrix
from core.information.pointwise import PairMap, pair_map
from core.numbers import format_events, format_number
from core.tables.pair import pair_table

X = Annotated[str, typer.Argument(metavar="X", help="First variable.")]
Y = Annotated[str, typer.Argument(metavar="Y", help="Second variable.")]
Given = Annotated[str | None, typer.Option(help="A third variable Z: what the two share once it is known.")]


@takes_dataset
def pair(
    spec: DatasetSpec,
    x: X,
    y: Y,
    bins: Bins = None,
    given: Given = None,
    table: Out = None,
    figure: FigureFile = None,
    figure_width: FigureWidth = "column",
    as_json: AsJson = False,
) -> None:
    """Compute what two variables share, in nats, for signal and background or for all events."""
    path, picture = check_out(table), check_figure(figure, figure_width)
    events = load_events(spec, extra_columns=(x, y) if given is None else (x, y, given))
    classes = shown_classes(events)
    bins = fitting_bins(events, classes) if bins is None else bins
    maps = [pair_map(events, x, y, event_class=each, bins=bins) for each in classes]
    correlations = [_spearman(events, found) for found in maps]
    beside = [given_matrix(events, given, (x, y), event_class=each) for each in classes] if given else []
    remark_few({_words(found): found.n_effective for found in maps}, bins)
    write_table(_cells(maps), path)
    _write_figures(maps, picture, figure_width)
    if as_json:
        answers = {found.event_class: _answer(found, r) for found, r in zip(maps, correlations, strict=True)}
        for third in beside:
            answers[third.event_class] |= _third(third)
        print_json({"x": x, "y": y, "bins": bins, "estimator": maps[0].estimator, "classes": answers})
    else:
        _print(maps, correlations, beside)


def _words(found: PairMap) -> str:
    return "all events" if found.event_class == "all" else found.event_class


def _spearman(events: EventTable, found: PairMap) -> float:
    names = (found.x.column.name, found.y.column.name)
    counted = information_matrix(events, names, event_class=found.event_class, bins=found.bins)
    return float(counted.spearman[0, 1])


def _write_figures(maps: list[PairMap], path: Path | None, width: str) -> None:
    """Write the density of each class, on the same axes; the class joins the name where there are two."""
    for i, found in enumerate(maps):
        named = path.with_stem(f"{path.stem}-{found.event_class}") if path and len(maps) > 1 else path
        others = maps[:i] + maps[i + 1 :]
        write_figure(partial(density_figure, found, "light", others), named, width)


def _cells(maps: list[PairMap]) -> pd.DataFrame:
    """Return the cells of all classes, one below the other."""
    tables = [pair_table(found) for found in maps]
    cells = pd.concat(tables, ignore_index=True)
    cells.attrs = tables[0].attrs
    return cells


def _answer(found: PairMap, spearman: float) -> dict[str, Any]:
    """Return what ``--json`` prints of one class; information in nats."""
    return {
        "n_events": found.n_events,
        "n_effective": found.n_effective,
        "mi": found.mi,
        "mi_error": found.mi_error,
        "null_level": found.null_level,
        "entropy_x": found.entropy_x,
        "entropy_y": found.entropy_y,
        "joint_entropy": found.joint_entropy,
        "x_given_y": found.x_given_y,
        "y_given_x": found.y_given_x,
        "npmi_lowest": float(np.nanmin(found.npmi)),
        "npmi_highest": float(np.nanmax(found.npmi)),
        "pearson": found.pearson,
        "spearman": spearman,
        "r_i": found.r_i,
        "negative_cells": found.negative_cells,
    }


def _third(found: GivenMatrix) -> dict[str, Any]:
    """Return what ``--json`` prints of a third variable; its bins are fewer, so I is not quite that of the pair."""
    return {
        "given": found.given,
        "given_bins": found.bins,
        "given_mi": float(found.given_mi[0, 1]),
        "given_mi_error": float(found.given_mi_error[0, 1]),
        "interaction": float(found.interaction[0, 1]),
        "total_correlation": float(found.total_correlation[0, 1]),
    }


def _print(maps: list[PairMap], correlations: list[float], beside: list[GivenMatrix]) -> None:
    """Print one row a quantity, one column a class."""
    x, y = maps[0].x.column.name, maps[0].y.column.name
    titles = {
        "null_level": "null level, taken off I",
        "entropy_x": f"H({x})",
        "entropy_y": f"H({y})",
        "joint_entropy": "joint entropy H",
        "x_given_y": f"H({x}|{y})",
        "y_given_x": f"H({y}|{x})",
        "npmi_lowest": "NPMI, lowest",
        "npmi_highest": "NPMI, highest",
        "pearson": "Pearson r",
        "spearman": "Spearman ρ",
        "r_i": "r_I",
    }
    answers = [_answer(found, r) for found, r in zip(maps, correlations, strict=True)]
    rows = [["I", *(format_number(found.mi, found.mi_error) for found in maps)]]
    rows += [[title, *(format_number(answer[name]) for answer in answers)] for name, title in titles.items()]
    if beside:
        z, thirds = beside[0].given, [_third(each) for each in beside]
        shared = (format_number(each["given_mi"], each["given_mi_error"]) for each in thirds)
        rows.append([f"I({x};{y}|{z}), B = {beside[0].bins}", *shared])
        rows.append([f"I({x};{y};{z}), synergy if positive", *(format_number(each["interaction"]) for each in thirds)])
        rows.append([f"C({x},{y},{z})", *(format_number(each["total_correlation"]) for each in thirds)])
    print_table(f"{x} and {y} [nats]", ("", *(found.event_class for found in maps)), rows)
    counts = (f"{format_events(found.n_events, found.n_effective)} of {found.event_class}" for found in maps)
    out.print(f"{', '.join(counts)}; {maps[0].estimator}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("pair")(pair)

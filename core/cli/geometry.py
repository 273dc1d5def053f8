"""``geometry``: how far apart variables are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, cast

import typer

from core.cli.dataset import AsJson, split_names, takes_dataset
from core.cli.explore import Bins, Columns, Out, check_out, fitting_bins, require_numbers, write_table
from core.cli.figure_output import FigureFile, FigureWidth, check_figure, write_figure
from core.cli.output import out, print_json, print_table
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventClass
from core.figures.geometry import dendrogram_figure
from core.information.geometry import Geometry
from core.information.geometry import geometry as place
from core.numbers import MINUS, format_events, format_number
from core.tables.ranking import geometry_table

Class = Annotated[
    str | None,
    typer.Option("--class", help="Events: all, signal or background; background by default where there is a label."),
]


@takes_dataset
def geometry(
    spec: DatasetSpec,
    columns: Columns = None,
    event_class: Class = None,
    bins: Bins = None,
    table: Out = None,
    figure: FigureFile = None,
    figure_width: FigureWidth = "column",
    as_json: AsJson = False,
) -> None:
    """Place variables on a map and in a tree by the metric D = 1 - I / H(X,Y)."""
    path, picture = check_out(table), check_figure(figure, figure_width)
    names = split_names(columns) or tuple(dict.fromkeys((*spec.roles.features, *spec.roles.protected)))
    require_numbers(spec, columns, names)
    events = load_events(spec, extra_columns=names)
    chosen = cast(EventClass, event_class or ("all" if spec.roles.label is None else "background"))
    bins = fitting_bins(events, (chosen,)) if bins is None else bins
    found = place(events, names, event_class=chosen, bins=bins)
    write_table(geometry_table(found), path)
    write_figure(lambda: dendrogram_figure(found), picture, figure_width)
    if as_json:
        print_json(_answer(found, bins))
    else:
        _print(found)


def _answer(found: Geometry, bins: int) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "names": list(found.names),
        "class": found.event_class,
        "n_events": found.n_events,
        "n_effective": found.n_effective,
        "bins": bins,
        "estimator": found.estimator,
        "entropy": found.entropy,
        "distance": found.distance,
        "points": found.points,
        "stress": found.stress,
        "order": [found.names[i] for i in found.order],
        "merges": [asdict(merge) for merge in found.merges],
    }


def _print(found: Geometry) -> None:
    """Print the variables along the leaves of the tree, with their places and distances."""
    names = [found.names[i] for i in found.order]
    rows = [
        [
            found.names[i],
            *(f"{value:.3f}".replace("-", MINUS) for value in found.points[i]),
            *(f"{found.distance[i, j]:.3f}" for j in found.order),
        ]
        for i in found.order
    ]
    print_table("Map, and distances D; ordered by the tree", ("", "map x", "map y", *names), rows)
    words = f"{format_events(found.n_events, found.n_effective)}, {found.event_class}; {found.estimator}"
    out.print(f"{words}; stress of the map {format_number(found.stress)}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("geometry")(geometry)

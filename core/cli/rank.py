"""``rank``: which few variables carry the label, and which leak what is protected."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, cast

import typer

from core.cli.dataset import AsJson, split_names, takes_dataset
from core.cli.explore import Bins, Out, check_out, effective_events, remark_few, require_numbers, write_table
from core.cli.figure_output import FigureFile, FigureWidth, check_figure, write_figure
from core.cli.output import out, print_json, print_table, progress
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.figures.ranking import scoreboard_figure
from core.information.estimate import suitable_bins
from core.information.quantise import checked_weights
from core.information.ranking import (
    Criterion,
    JointInformation,
    Scoreboard,
    Step,
    greedy,
    nested_bounds,
    scoreboard,
)
from core.information.relevance import Relevance, relevance
from core.numbers import format_events, format_number
from core.tables.ranking import ranking_table

Columns = Annotated[list[str] | None, typer.Option(help="Variables to rank; all features by default.")]


@takes_dataset
def rank(
    spec: DatasetSpec,
    columns: Columns = None,
    criterion: Annotated[str, typer.Option(help="jmi, cmim or mrmr.")] = "jmi",
    steps: Annotated[int | None, typer.Option(help="Variables to choose; all by default.")] = None,
    joint: Annotated[bool, typer.Option(help="Measure what the chosen tell together, by a classifier.")] = True,
    bins: Bins = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the classifier.")] = 0,
    table: Out = None,
    figure: FigureFile = None,
    figure_width: FigureWidth = "column",
    as_json: AsJson = False,
) -> None:
    """Rank variables by what they tell about the label, alone and together, and show what they leak, in nats."""
    path, picture = check_out(table), check_figure(figure, figure_width)
    names = split_names(columns) or spec.roles.features
    require_numbers(spec, columns, names)
    events = load_events(spec, extra_columns=names)
    bins = _fitting_bins(events) if bins is None else bins
    board = scoreboard(events, names, bins=bins)
    chosen = greedy(board, cast(Criterion, criterion), steps)
    leakages = [
        relevance(events, board.names, target, event_class="background", bins=bins) for target in spec.roles.protected
    ]
    counted = {"both classes at even odds": board.n_effective}
    remark_few(counted | ({"background": effective_events(events, "background")} if leakages else {}), bins)
    reached = _reached(events, chosen, seed) if joint else ()
    write_table(ranking_table(board, leakages, chosen, dict(enumerate(reached, start=1))), path)
    write_figure(lambda: scoreboard_figure(board, next(iter(leakages), None)), picture, figure_width)
    if as_json:
        print_json(_answer(board, criterion, chosen, reached, leakages) | {"bins": bins})
    else:
        _print(board, criterion, chosen, reached, leakages)


def _fitting_bins(events: EventTable) -> int:
    """Return as many bins as both bear: the events at even odds, which tell of the label, and background."""
    checked_weights(events.weights, events.n_events)
    return suitable_bins(min(events.balanced_n_effective, effective_events(events, "background")))


def _reached(events: EventTable, steps: tuple[Step, ...], seed: int) -> tuple[JointInformation, ...]:
    """Measure what the first 1, 2, … chosen variables tell together."""
    from core.evaluation.joint_information import joint_information  # imports torch

    with progress("Measuring what they tell together", len(steps)) as (bar, task):
        found = []
        for n in range(1, len(steps) + 1):
            found.append(joint_information(events, [step.name for step in steps[:n]], seed=seed))
            bar.advance(task)
    return nested_bounds(found)


def _answer(
    board: Scoreboard,
    criterion: str,
    steps: tuple[Step, ...],
    reached: tuple[JointInformation, ...],
    leakages: list[Relevance],
) -> dict[str, object]:
    """Return what ``--json`` prints; information in nats."""
    return {
        "names": list(board.names),
        "relevance": board.relevance,
        "relevance_error": board.relevance_error,
        "null_level": board.null_level,
        "mean_redundancy": board.mean_redundancy,
        "ceiling": board.ceiling,
        "n_events": board.n_events,
        "n_effective": board.n_effective,
        "estimator": board.estimator,
        "criterion": criterion,
        "steps": [asdict(step) for step in steps],
        "joint": [{"value": each.value, "error": each.error, "n_held_out": each.n_events} for each in reached],
        "leakage": {
            each.target: {
                "names": list(each.names),
                "mi": each.mi,
                "mi_error": each.error,
                "null_level": each.null_level,
            }
            for each in leakages
        },
    }


def _print(
    board: Scoreboard,
    criterion: str,
    steps: tuple[Step, ...],
    reached: tuple[JointInformation, ...],
    leakages: list[Relevance],
) -> None:
    """Print the greedy path and the leakage as one table."""
    leaked = [dict(zip(each.names, zip(each.mi, each.error, strict=True), strict=True)) for each in leakages]
    rows = []
    for n, step in enumerate(steps):
        together = [format_number(reached[n].value, reached[n].error)] if reached else []
        leaks = [format_number(*each[step.name]) if step.name in each else "" for each in leaked]
        alone = (format_number(step.relevance, step.relevance_error), format_number(step.null_level))
        rows.append([step.name, *alone, f"{step.redundancy:.4f}", *together, *leaks])
    header = (
        "",
        "alone",
        "null level",
        "redundancy",
        *(["together"] if reached else []),
        *(f"leaks {e.target}" for e in leakages),
    )
    print_table(f"Variables in the order chosen by {criterion} [nats]; H(label) = {board.ceiling:.4f}", header, rows)
    out.print(f"{format_events(board.n_events, board.n_effective, even_odds=True)}; {board.estimator}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("rank")(rank)

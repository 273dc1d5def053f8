"""``scan``: methods × λ × seeds, and the front that they reach."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from core.cli.dataset import AsJson, split_names, takes_dataset
from core.cli.output import err, out, print_json, print_table, progress
from core.events.spec import DatasetSpec
from core.jobs.request import RunRequest
from core.jobs.scan import FrontPoint, ScanPlan, front, lam_values, run_scan, scan_requests
from core.jobs.scanned import front_sentence, hypervolumes
from core.jobs.store import Run, RunStore
from core.jobs.task import plain_errors
from core.numbers import format_number
from core.settings import settings
from core.unlearning.method import METHODS


@takes_dataset
def scan(
    spec: DatasetSpec,
    methods: Annotated[
        list[str] | None, typer.Option(help="Methods to compare; repeat, or separate by commas.")
    ] = None,
    lam: Annotated[
        list[str] | None, typer.Option(help="λ values of a method as METHOD=1,10,100; repeat for more methods.")
    ] = None,
    points: Annotated[int, typer.Option(help="λ values of each other method, even in ln λ around its default.")] = 5,
    seeds: Annotated[int, typer.Option(help="Runs of each point, whose spread is its error.")] = 3,
    epochs: Annotated[int | None, typer.Option(help="Epochs of every run; the default of each when not given.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Runs trained at the same time.")] = 1,
    device: Annotated[str, typer.Option(help=RunRequest.model_fields["device"].description)] = "auto",
    as_json: AsJson = False,
) -> None:
    """Train methods at several λ and seeds, and show separation against sculpting."""
    chosen = split_names(methods) or ("baseline", "disco", "flat0")
    values = {method.strip(): lam_values(numbers) for method, _, numbers in (text.partition("=") for text in lam or ())}
    try:
        config = {} if epochs is None else {"epochs": epochs}
        plan = ScanPlan(methods=chosen, lams=values, points=points, seeds=seeds, config=config)
    except ValidationError as errors:
        raise plain_errors(errors, "scan", ScanPlan.model_fields) from None
    requests = scan_requests(plan, spec, device=device)
    err.print(f"{requests[0].scan}: {len(requests)} runs on {spec.path}")
    store = RunStore(settings().database_url)
    with progress("runs", len(requests)) as (bar, task):
        runs = run_scan(
            store, requests, settings().runs, workers=workers, report=lambda run: bar.advance(task),
        )  # fmt: skip
    _show(requests[0].scan, runs, front(runs), as_json)


def _show(name: str, runs: list[Run], points: tuple[FrontPoint, ...], as_json: bool) -> None:
    failed = [run for run in runs if run.status == "failed"]
    volumes = hypervolumes(points)
    if as_json:
        print_json(
            {
                "scan": name,
                "runs": len(runs),
                "failed": [{"run": run.id, "error": run.error} for run in failed],
                "front": [_as_dict(point) for point in points],
                "hypervolume": volumes,
            }
        )
        return
    header = ("method", "λ", "runs", "AUC", "R50", "1/JSD (nats)", "limit", "on the front")
    print_table(f"Front of {name}", header, [_row(point) for point in points])
    if words := front_sentence(points, {entry.name: entry.title.partition(" (")[0] for entry in METHODS}):
        out.print(words)
    out.print("area that each front covers: " + ", ".join(f"{m} {format_number(v)}" for m, v in volumes.items()))
    for run in failed:
        out.print(f"warning: run {run.id} failed: {run.error}")


def _row(point: FrontPoint) -> list[str]:
    return [
        point.method,
        f"{point.lam:.3g}" if point.lam == point.lam else "-",
        str(len(point.runs)),
        format_number(point.auc.value, point.auc.error),
        format_number(point.rejection.value, point.rejection.error),
        format_number(point.inverse_jsd.value, point.inverse_jsd.error),
        format_number(point.inverse_limit),
        "yes" if point.optimal else "",
    ]


def _as_dict(point: FrontPoint) -> dict[str, Any]:
    return {
        "method": point.method,
        "lam": point.lam,
        "runs": list(point.runs),
        "auc": point.auc.value,
        "auc_error": point.auc.error,
        "r50": point.rejection.value,
        "r50_error": point.rejection.error,
        "inverse_jsd": point.inverse_jsd.value,
        "inverse_jsd_error": point.inverse_jsd.error,
        "inverse_limit": point.inverse_limit,
        "optimal": point.optimal,
    }


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("scan")(scan)

"""``scan``: methods × values of λ or another option × seeds, and what they reach."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from core.cli.dataset import AsJson, split_names, takes_dataset
from core.cli.output import err, out, print_json, print_table, progress
from core.cli.training import checked_events
from core.cluster.scan import run_on_cluster
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.jobs.front import FrontPoint, front
from core.jobs.runner import check_request
from core.jobs.scan import LAMBDA, REGISTRIES, ScanPlan, lam_values, parameter_title, run_scan, scan_requests
from core.jobs.scanned import front_sentence, hypervolumes
from core.jobs.task import plain_errors
from core.numbers import format_number, format_percent
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run, RunStore

NOTHING = format_number(float("nan"))
DEFAULT_METHODS = {"unlearn": ("baseline", "disco", "flat0")}


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
    task: Annotated[str, typer.Option(help=f"What the methods belong to: {' or '.join(REGISTRIES)}.")] = "unlearn",
    vary: Annotated[
        str | None, typer.Option(help="Another number of the methods' options to vary, as beta=1,2,4, in place of λ.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each point, whose spread is its error.")] = 3,
    epochs: Annotated[int | None, typer.Option(help="Epochs of every run; the default of each when not given.")] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="Option of every run as NAME=VALUE, such as downstream_epochs=5; repeat.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Runs trained at the same time, without a cluster.")] = 1,
    device: Annotated[str, typer.Option(help=RunRequest.model_fields["device"].description)] = "auto",
    as_json: AsJson = False,
) -> None:
    """Train methods at several λ, or values of another option, and seeds; show separation against sculpting."""
    config: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    plan = _plan(task, split_names(methods), vary, lam or (), option or (), points=points, seeds=seeds, config=config)
    requests = scan_requests(plan, spec, device=device)
    for request in requests:
        check_request(request)
    events = checked_events(requests[0])
    err.print(f"{requests[0].scan}: {len(requests)} runs on {spec.path}")
    store = RunStore(settings().database_url)
    with progress("runs", len(requests)) as (bar, bar_task):
        work = partial(run_scan, workers=workers, load=lambda _spec: events)
        if address := settings().dask_address:
            work = partial(run_on_cluster, address=address)
        runs = work(store, requests, settings().runs, report=lambda run: bar.advance(bar_task))
    tight = plan.task == "disentangle" and any("tight_jsd_nats" in run.headline for run in runs)
    _show(requests[0].scan, plan, runs, front(runs, plan.vary, "tight_jsd" if tight else "jsd"), as_json)


def _plan(
    task: str,
    methods: tuple[str, ...] | None,
    vary: str | None,
    lam: Sequence[str],
    option: Sequence[str],
    *,
    config: dict[str, Any],
    **numbers: int,
) -> ScanPlan:
    """Make a plan of what was typed."""
    if task not in REGISTRIES:
        raise DataError(f"the task {task!r} cannot be scanned; allowed: {', '.join(REGISTRIES)}")
    chosen = methods or DEFAULT_METHODS.get(task) or tuple(REGISTRIES[task].names())
    parameter, _, typed = (part.strip() for part in (vary or LAMBDA).partition("="))
    lams = {method.strip(): lam_values(values) for method, _, values in (text.partition("=") for text in lam)}
    config = config | _options(option, task, chosen)
    try:
        return ScanPlan.model_validate(
            {
                "task": task,
                "methods": chosen,
                "vary": parameter,
                "values": lam_values(typed, parameter),
                "lams": lams,
                "config": config,
                **numbers,
            }
        )
    except ValidationError as errors:
        raise plain_errors(errors, "scan", ScanPlan.model_fields) from None


def _options(texts: Sequence[str], task: str, methods: Sequence[str]) -> dict[str, str]:
    """Read NAME=VALUE options; those that no method has are refused."""
    found = {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in texts)}
    known = REGISTRIES[task]
    allowed = dict.fromkeys(name for method in methods for name in known[method].item.config.model_fields)
    for name in found:
        if name not in allowed:
            raise DataError(f"no method of the scan has an option {name!r}; allowed: {', '.join(allowed)}")
    return found


def _show(name: str, plan: ScanPlan, runs: list[Run], points: tuple[FrontPoint, ...], as_json: bool) -> None:
    failed = [run for run in runs if run.status == "failed"]
    volumes = hypervolumes(points)
    if as_json:
        print_json(
            {
                "scan": name,
                "runs": len(runs),
                "failed": [{"run": run.id, "error": run.error} for run in failed],
                "front": [_as_dict(point, plan.vary) for point in points],
                "hypervolume": volumes,
            }
        )
        return
    rejected = max((run.headline["rejected"] for run in runs if "rejected" in run.headline), default=None)
    at = "" if rejected is None else f", JSD at {format_percent(rejected)} background rejection"
    columns = _columns(points, parameter_title(plan.task, plan.methods, plan.vary))
    print_table(f"Front of {name}{at}", list(columns), list(zip(*columns.values(), strict=True)))
    if words := front_sentence(points, {entry.name: entry.title.partition(" (")[0] for entry in REGISTRIES[plan.task]}):
        out.print(words)
    out.print("area that each front covers: " + ", ".join(f"{m} {format_number(v)}" for m, v in volumes.items()))
    for run in failed:
        out.print(f"warning: run {run.id} failed: {run.error}")


def _columns(points: Sequence[FrontPoint], title: str) -> dict[str, list[str]]:
    """Return the table of a front, column by column; figures that no point has are left out, such as MIG or λ."""
    columns = {
        "method": [point.method for point in points],
        title: [format_number(point.value) for point in points],
        "runs": [str(len(point.runs)) for point in points],
        "AUC": [format_number(point.auc.value, point.auc.error) for point in points],
        "R50": [format_number(point.rejection.value, point.rejection.error) for point in points],
        "1/JSD [1/nats]": [format_number(point.inverse_jsd.value, point.inverse_jsd.error) for point in points],
        "limit": [format_number(point.inverse_limit) for point in points],
        "MIG": [format_number(point.mig.value, point.mig.error) for point in points],
        "on the front": ["yes" if point.optimal else "" for point in points],
    }
    return {name: cells for name, cells in columns.items() if not points or set(cells) != {NOTHING}}


def _as_dict(point: FrontPoint, parameter: str) -> dict[str, Any]:
    return {
        "method": point.method,
        parameter: point.value,
        "runs": list(point.runs),
        "auc": point.auc.value,
        "auc_error": point.auc.error,
        "r50": point.rejection.value,
        "r50_error": point.rejection.error,
        "inverse_jsd": point.inverse_jsd.value,
        "inverse_jsd_error": point.inverse_jsd.error,
        "inverse_limit": point.inverse_limit,
        "mig": point.mig.value,
        "mig_error": point.mig.error,
        "optimal": point.optimal,
    }


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("scan")(scan)

"""``event-variables``: a variable of an event that a network makes for finding signals or measuring θ."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from core.cli.dataset import takes_dataset
from core.cli.output import out, print_json, print_table
from core.cli.training import given, signature, train_here
from core.errors import DataError
from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.config import SampleConfig
from core.event_variables.dataset import dataset_for
from core.event_variables.results import Comparison, EventVariableView, Figure
from core.event_variables.topologies import TOPOLOGIES
from core.event_variables.toys import sample_spec, suitable_background
from core.events.spec import DatasetSpec
from core.jobs.task import plain_errors
from core.numbers import format_number
from core.results import from_json
from core.settings import settings
from core.store.request import RunRequest

COMMAND, DEFAULT = "event-variables", "blueprint_2"
CONFIGS = {entry.name: entry.item.config for entry in BLUEPRINTS}
FIELDS = {
    name: (field, _only)
    for kind in CONFIGS.values()
    for name, field in kind.model_fields.items()
    for having in [[each for each, other in CONFIGS.items() if name in other.model_fields]]
    for _only in ["" if len(having) == len(CONFIGS) else f" ({', '.join(having)})"]
}
SAMPLE = {name: field for name, field in SampleConfig.model_fields.items() if name != "topology"}


def event_variables(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Learn a variable of an event; FILE may be the topology "two_visible", "visible_invisible" or "pair".

    A small network tells hypotheses apart by the variable alone; what it learns is compared with known variables.
    """
    config = given(options, FIELDS)
    _run(dataset_for(spec, config), method, seed, device, config, as_json)


def _run(spec: DatasetSpec, method: str, seed: int, device: str, config: dict[str, Any], as_json: bool) -> None:
    request = RunRequest(task="event_variables", method=method, dataset=spec, config=config, seed=seed, device=device)
    store, run = train_here(request)
    found = store.view(run.id)
    if found is None:
        raise DataError(f"run {run.id} left no result")
    view, seconds = from_json(EventVariableView, found[0]), store.history(run.id)[-1].seconds
    if as_json:
        print_json(
            {
                "run": run.id,
                "status": run.status,
                "theta": view.theta.name if view.theta else None,
                "objective": view.objective.value,
                "objective_error": view.objective.error,
                "comparisons": [_comparison(each) for each in view.comparisons],
                "information": [_figure(each, "nats") for each in view.information],
                "separation": [_figure(each, "auc") for each in view.separation],
                "seconds": seconds,
                "remarks": list(run.remarks),
            }
        )
        return
    _print(view)
    for remark in run.remarks:
        out.print(f"warning: {remark}")
    out.print(f"run {run.id}, {seconds:.1f} s of training; files in {settings().runs / run.id}")


def _comparison(each: Comparison) -> dict[str, Any]:
    return {
        "learnt": each.learnt.name,
        "known": each.known.name,
        "tau": each.tau.value,
        "tau_error": each.tau.error,
        "information_nats": each.information.value,
        "information_nats_error": each.information.error,
        "information_share": each.share.value,
        "information_share_error": each.share.error,
    }


def _figure(each: Figure, name: str) -> dict[str, Any]:
    words = {"variable": each.variable.name, "is_learnt": each.is_learnt}
    return {**words, name: each.value.value, f"{name}_error": each.value.error}


def _print(view: EventVariableView) -> None:
    if view.comparisons:
        rows = [
            [
                each.learnt.title,
                each.known.title,
                format_number(each.tau.value, each.tau.error),
                format_number(each.information.value, each.information.error),
                format_number(each.share.value, each.share.error),
            ]
            for each in view.comparisons
        ]
        print_table("Learnt and known", ("learnt", "known", "Kendall's τ", "I [nats]", "I/H(known)"), rows)
    for title, name, figures in (
        (f"Information with {view.theta.title if view.theta else 'θ'}", "I [nats]", view.information),
        ("Signal against background", "AUC", view.separation),
    ):
        if figures:
            rows = [[each.variable.title, format_number(each.value.value, each.value.error)] for each in figures]
            print_table(title, ("variable", name), rows)
    objective = format_number(view.objective.value, view.objective.error)
    out.print(f"the auxiliary network tells the classes apart by {objective} nats (at most 0.693)")


def _on_topology(
    name: str, sample: dict[str, Any], *, method: str, seed: int, device: str, as_json: bool, **options: Any
) -> None:
    """Run on a sample of a topology, with the background that the blueprint needs."""
    config = given(options, FIELDS)
    suited = {"background": suitable_background(method, float(config.get("background_share", 0.0)))}
    try:
        chosen = SampleConfig(topology=name, **{**suited, **sample})
    except ValidationError as errors:
        raise plain_errors(errors, name, SampleConfig.model_fields) from None
    spec = dataset_for(sample_spec(chosen, seed, settings().toys), config)
    _run(spec, method, seed, device, config, as_json)


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def on_file(spec: DatasetSpec, /, **options: Any) -> None:
        event_variables(spec, **options)

    own = signature(list(CONFIGS), DEFAULT, FIELDS)
    on_file.__signature__ = own  # type: ignore[attr-defined]
    with_file = takes_dataset(on_file)

    def command(*, file: str, **options: Any) -> None:
        sample = {name: value for name in SAMPLE if (value := options.pop(name)) is not None}
        if file in TOPOLOGIES:
            _on_topology(file, sample, **{name: options[name] for name in own.parameters if name != "spec"})
            return
        if sample:
            raise DataError(f"{', '.join(sample)} belong to the topologies {', '.join(TOPOLOGIES)}, not to a file")
        with_file(file=file, **options)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        *inspect.signature(with_file).parameters.values(),
        *(inspect.Parameter(name, keyword, annotation=_option(name), default=None) for name in SAMPLE),
    ]
    command.__doc__ = event_variables.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command(COMMAND)(command)


def _option(name: str) -> Any:
    """Return the annotation of an option of the topologies."""
    field = SAMPLE[name]
    kind = field.annotation if field.annotation in (int, float) else str
    return Annotated[kind | None, typer.Option(help=f"{field.title}: {field.description} (topologies).")]

"""``calibrate``: from measured features to the truth, with and without the help of the training spectrum."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from core.calibration.config import CalibrationConfig
from core.calibration.results import CalibrationView, Closure, Information, Shift
from core.calibration.toys import TOY_EVENTS, TOYS, toy_config, toy_spec
from core.cli.dataset import takes_dataset
from core.cli.output import out, print_json, print_table
from core.cli.training import given, signature, train_here
from core.errors import DataError
from core.events.source import inspect_file
from core.events.spec import DatasetSpec
from core.jobs.tasks.calibration import METHOD
from core.numbers import format_number
from core.results import from_json
from core.settings import settings
from core.store.request import RunRequest

FIELDS = {name: (field, "") for name, field in CalibrationConfig.model_fields.items()}
Events = Annotated[int, typer.Option(min=1, help=f"Events of each spectrum of the toys {' and '.join(TOYS)}.")]


def calibrate(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Learn the truth from measured features under several training spectra; FILE may be the toy "gaussian" or "jets".

    The mean squared error shifts with the training spectrum; the Gaussian Ansatz, a maximum likelihood, does not.
    """
    config = given(options, FIELDS)
    _run(_with_truth(spec, config), method, seed, device, config, as_json)


def _with_truth(spec: DatasetSpec, config: dict[str, Any]) -> DatasetSpec:
    """Return the data set with truth and columns of spectra among its protected columns, and off its features."""
    defaults = CalibrationConfig()
    named = [name for key in ("train", "test") for name in config.get(key, getattr(defaults, key))]
    columns = {column.words.name for column in inspect_file(*spec.files).columns}
    apart = (*config.get("truth", ()), *(name for name in named if name in columns))
    roles = spec.roles
    protected = tuple(dict.fromkeys((*roles.protected, *apart)))
    features = tuple(name for name in roles.features if name not in apart)
    return spec.model_copy(
        update={"roles": roles.model_copy(update={"protected": protected, "features": features, "label": None})}
    )


def _run(spec: DatasetSpec, method: str, seed: int, device: str, config: dict[str, Any], as_json: bool) -> None:
    request = RunRequest(task="calibrate", method=method, dataset=spec, config=config, seed=seed, device=device)
    store, run = train_here(request)
    found = store.view(run.id)
    if found is None:
        raise DataError(f"run {run.id} left no result")
    view, seconds = from_json(CalibrationView, found[0]), store.history(run.id)[-1].seconds
    if as_json:
        answer: dict[str, Any] = {"run": run.id, "status": run.status, "truth": list(view.variables)}
        answer["closure"] = [_closure(each) for each in view.closures]
        answer["shift"] = [_shift(each) for each in view.shifts]
        answer["information"] = [_information(each) for each in view.information]
        print_json({**answer, "seconds": seconds, "remarks": list(run.remarks)})
        return
    _print(view)
    for remark in run.remarks:
        out.print(f"warning: {remark}")
    out.print(f"run {run.id}, {seconds:.1f} s of training; files in {settings().runs / run.id}")


def _closure(each: Closure) -> dict[str, Any]:
    return {
        "method": each.method,
        "train": each.train,
        "test": each.test,
        "truth": each.variable,
        "bulk": list(each.bulk),
        "bias": each.bulk_bias.value,
        "bias_error": each.bulk_bias.error,
        "ratio": each.bulk_ratio.value,
        "ratio_error": each.bulk_ratio.error,
        "resolution": each.bulk_resolution.value,
        "resolution_error": each.bulk_resolution.error,
        "pull_width": each.bulk_pull_width.value,
        "pull_width_error": each.bulk_pull_width.error,
        "worst_bias": each.worst_bias,
        "worst_ratio": each.worst_ratio,
    }


def _shift(each: Shift) -> dict[str, Any]:
    words = {"method": each.method, "first": each.first, "second": each.second, "test": each.test}
    return {**words, "truth": each.variable, "shift": each.mean.value, "shift_error": each.mean.error}


def _information(each: Information) -> dict[str, Any]:
    words = {"method": each.method, "train": each.train}
    return {**words, "nats": each.estimate.value, "nats_error": each.estimate.error, "exact_nats": each.exact}


def _print(view: CalibrationView) -> None:
    rows = [
        [
            each.title,
            each.train,
            each.test,
            each.variable,
            format_number(each.bulk_bias.value, each.bulk_bias.error),
            format_number(each.bulk_resolution.value, each.bulk_resolution.error),
            format_number(each.bulk_pull_width.value, each.bulk_pull_width.error),
        ]
        for each in view.closures
    ]
    header = ("method", "trained on", "tested on", "truth", "bias", "resolution", "pull width")
    print_table("Closure in the bulk of the training spectrum", header, rows)
    if view.shifts:
        shifts = [
            [each.title, f"{each.first} → {each.second}", each.test, each.variable,
             format_number(each.mean.value, each.mean.error)]
            for each in view.shifts
        ]  # fmt: skip
        print_table("Shift with the training spectrum", ("method", "training", "tested on", "truth", "shift"), shifts)
    if view.information:
        found = [
            [each.title, each.train, format_number(each.estimate.value, each.estimate.error), format_number(each.exact)]
            for each in view.information
        ]
        print_table("Information of features and truth", ("method", "spectrum", "I [nats]", "exact"), found)


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def on_file(spec: DatasetSpec, /, **options: Any) -> None:
        calibrate(spec, **options)

    own = signature([METHOD], METHOD, FIELDS)
    on_file.__signature__ = own  # type: ignore[attr-defined]
    with_file = takes_dataset(on_file)

    def command(*, file: str, events: int, **options: Any) -> None:
        if file in TOYS:
            _on_toy(file, events, **{name: options[name] for name in own.parameters if name != "spec"})
        else:
            with_file(file=file, **options)

    parameters = [
        *inspect.signature(with_file).parameters.values(),
        inspect.Parameter("events", inspect.Parameter.KEYWORD_ONLY, annotation=Events, default=TOY_EVENTS),
    ]
    command.__doc__ = calibrate.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command("calibrate")(command)


def _on_toy(name: str, n: int, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Run on a toy, whose events are drawn from each spectrum that is named."""
    config = {**toy_config(name), **given(options, FIELDS)}
    if {"low", "high", "scale", "noise"} & set(given(options, FIELDS)):
        raise DataError(f"the toy {name} has its own range, decay length and noise; give none of them")
    defaults = CalibrationConfig()
    spectra = [each for key in ("train", "test") for each in config.get(key, getattr(defaults, key))]
    _run(toy_spec(name, spectra, n, seed, settings().toys), method, seed, device, config, as_json)

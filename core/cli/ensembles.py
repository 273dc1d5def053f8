"""``ensembles``: classifiers of sets of events, or a parameter from sets of events."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from core.cli.dataset import takes_dataset
from core.cli.output import out, print_json, print_table
from core.cli.training import given, signature, train_here
from core.ensembles.config import EnsembleConfig, RegressionConfig
from core.ensembles.results import EnsembleView, RegressionView
from core.ensembles.toys import exact_auc, gaussian_sets_spec, two_gaussians_spec
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.numbers import format_number
from core.results import from_json
from core.settings import settings
from core.store.request import RunRequest

METHODS = ["classification", "regression"]
FIELDS = {
    name: (field, "" if name in EnsembleConfig.model_fields and name in RegressionConfig.model_fields else f" ({only})")
    for only, config in (("regression", RegressionConfig), ("classification", EnsembleConfig))
    for name, field in config.model_fields.items()
}
TOY = "gaussian"
Events = Annotated[
    int | None, typer.Option(min=1, help=f"Events of each class of the toy {TOY!r}; its sets for a regression.")
]
Shift = Annotated[float, typer.Option(min=0, help=f"ε of the toy {TOY!r}: its classes are N(±ε, 1).")]


def ensembles(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Train classifiers of sets of N events, or estimate a parameter from sets; FILE may be the toy "gaussian".

    Events are independent: the product of a classifier of single events can be as good as any classifier of sets.
    """
    _show(_run(spec, method, seed, device, given(options, FIELDS)), None, as_json)


def _run(spec: DatasetSpec, method: str, seed: int, device: str, config: dict[str, Any]) -> dict[str, Any]:
    """Train, and return the view beside what the store says of the run; a parameter is read, but no feature."""
    if method == "regression":
        name = config.get("parameter", RegressionConfig().parameter)
        protected = tuple(dict.fromkeys((*spec.roles.protected, name)))
        features = tuple(feature for feature in spec.roles.features if feature != name)
        roles = spec.roles.model_copy(update={"protected": protected, "features": features})
        spec = spec.model_copy(update={"roles": roles})
    request = RunRequest(task="ensembles", method=method, dataset=spec, config=config, seed=seed, device=device)
    store, run = train_here(request)
    found = store.view(run.id)
    if found is None:
        raise DataError(f"run {run.id} left no result")
    view = from_json(EnsembleView, found[0])
    return {"run": run, "view": view, "seconds": store.history(run.id)[-1].seconds}


def _show(done: dict[str, Any], shift: float | None, as_json: bool) -> None:
    run, view, seconds = done["run"], done["view"], done["seconds"]
    exact = {} if shift is None else {f"exact_auc_{n}": exact_auc(shift, n) for n in (1, view.size)}
    if as_json:
        answer = {"run": run.id, "status": run.status, **view.headline(), **exact, "seconds": seconds}
        print_json({**answer, "remarks": list(run.remarks)})
        return
    if view.regression is not None:
        _show_regression(view.regression)
    else:
        rows = [
            [
                curve.symbol,
                str(curve.size),
                format_number(curve.auc.value, curve.auc.error),
                format_number(curve.behind.value, curve.behind.error),
            ]
            for curve in (*view.curves, *view.exact)
        ]
        rows += [["exact, closed form", name.removeprefix("exact_auc_"), f"{v:.4f}", ""] for name, v in exact.items()]
        print_table("Single events and sets", ("classifier", "events", "AUC", "behind the product"), rows)
    for remark in run.remarks:
        out.print(f"warning: {remark}")
    out.print(f"run {run.id}, {seconds:.1f} s of training; files in {settings().runs / run.id}")


def _show_regression(view: RegressionView) -> None:
    rows = [
        [
            way.title,
            format_number(way.resolution.value, way.resolution.error),
            format_number(way.bias.value, way.bias.error),
        ]
        for way in view.ways
    ]
    print_table(f"{view.parameter} from {view.n_sets:,} sets of {view.size}", ("way", "resolution", "bias"), rows)


def _on_toy(
    *, events: int | None, shift: float, method: str, seed: int, device: str, as_json: bool, **options: Any
) -> None:
    """Run on the toy whose best answers are known: two Gaussians, or sets of Gaussian events."""
    config, folder = given(options, FIELDS), settings().toys
    if method == "regression":
        size = int(config.get("set_size", RegressionConfig().set_size))
        spec = gaussian_sets_spec(events or 10_000, size, seed, folder)
        _show(_run(spec, method, seed, device, {"truth": "x", **config}), None, as_json)
    else:
        spec = two_gaussians_spec(events or 100_000, shift, seed, folder)
        _show(_run(spec, method, seed, device, {"truth": "log_ratio", **config}), shift, as_json)


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def on_file(spec: DatasetSpec, /, **options: Any) -> None:
        ensembles(spec, **options)

    own = signature(METHODS, "classification", FIELDS)
    on_file.__signature__ = own  # type: ignore[attr-defined]
    with_file = takes_dataset(on_file)

    def command(*, file: str, events: int | None, shift: float, **options: Any) -> None:
        if file == TOY:
            _on_toy(events=events, shift=shift, **{name: options[name] for name in own.parameters if name != "spec"})
        else:
            with_file(file=file, **options)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        *inspect.signature(with_file).parameters.values(),
        inspect.Parameter("events", keyword, annotation=Events, default=None),
        inspect.Parameter("shift", keyword, annotation=Shift, default=0.1),
    ]
    command.__doc__ = ensembles.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command("ensembles")(command)

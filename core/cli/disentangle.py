"""``disentangle``: an autoencoder that sets the protected variables apart, then a classifier without them."""

from __future__ import annotations

import inspect
from math import log
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo

from core.cli.dataset import takes_dataset
from core.cli.output import out, print_json, print_table
from core.cli.training import Fields, given, signature, train_here
from core.disentanglement.config import VAEConfig
from core.disentanglement.model import MODELS
from core.disentanglement.results import DisentangleView, TightCut
from core.errors import DataError
from core.evaluation.verdict import verdict
from core.events.spec import DatasetSpec
from core.numbers import format_number, format_percent
from core.results import from_json
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run

DEFAULT = "beta_tcvae"


def config_fields() -> Fields:
    """Return every config field of every model with the models that have it: those of all first, in their words."""
    found: dict[str, tuple[FieldInfo, list[str]]] = {
        name: (field, []) for name, field in VAEConfig.model_fields.items()
    }
    for model in MODELS:
        for name, field in model.item.config.model_fields.items():
            found.setdefault(name, (field, []))[1].append(model.name)
    return {
        name: (field, "" if name in VAEConfig.model_fields else f" ({', '.join(models)})")
        for name, (field, models) in found.items()
    }


def disentangle(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Train an autoencoder that sets the protected variables apart and a classifier without them; judge both.

    The run appears among those of the dashboard; Ctrl-C interrupts it.
    """
    config = given(options, config_fields())
    request = RunRequest(task="disentangle", method=method, dataset=spec, config=config, seed=seed, device=device)
    store, run = train_here(request)
    found = store.view(run.id)
    if found is None:
        raise DataError(f"run {run.id} left no result")
    view, seconds = from_json(DisentangleView, found[0]), store.history(run.id)[-1].seconds
    if as_json:
        print_json(_answer(run, view, seconds))
    else:
        _print(run, view, seconds)


def _answer(run: Run, view: DisentangleView, seconds: float) -> dict[str, Any]:
    """Return what ``--json`` prints: figures of the tightest cut under plain names, all cuts under ``cuts``."""
    worst = max(view.cuts, key=lambda cut: (cut.rejected, cut.jsd_nats.value), default=None)
    elbo, latents = view.elbo, view.latents
    figures = {"jsd_bits": None, "jsd_nats": None} if worst is None else _cut(worst)
    at_half = view.evaluation.headline() if view.evaluation else {}
    return {
        "run": run.id,
        "status": run.status,
        "model": run.request.method,
        "auc": at_half.get("auc"),
        "auc_error": at_half.get("auc_error"),
        **figures,
        "mig": latents.mig.value,
        "mig_error": latents.mig.error,
        "elbo": elbo.value,
        "reconstruction": elbo.reconstruction,
        "index_code": elbo.index_code,
        "total_correlation": elbo.total_correlation,
        "dimension_wise": elbo.dimension_wise,
        "cuts": [_cut(cut) for cut in view.cuts],
        "at_half_signal": {name: value for name, value in at_half.items() if not name.startswith("auc")},
        "sensitive": [j + 1 for j in latents.sensitive],
        "collapsed": [j + 1 for j in latents.collapsed],
        "seconds": seconds,
        "remarks": list(run.remarks),
    }


def _cut(cut: TightCut) -> dict[str, Any]:
    return {
        "variable": cut.variable,
        "rejected": cut.rejected,
        "signal_efficiency": cut.signal_efficiency,
        "n_pass": cut.n_pass,
        "jsd_nats": cut.jsd_nats.value,
        "jsd_nats_error": cut.jsd_nats.error,
        "jsd_bits": cut.jsd_nats.value / log(2),
        "limit_nats": cut.limit_nats,
    }


def _print(run: Run, view: DisentangleView, seconds: float) -> None:
    """Print the verdict in words, a table of cuts, and what the latent holds."""
    if view.evaluation is not None:
        out.print(verdict(view.evaluation))
    rows = [
        [
            cut.variable,
            format_percent(cut.rejected),
            format_percent(cut.signal_efficiency),
            f"{cut.n_pass:,}",
            format_number(cut.jsd_nats.value, cut.jsd_nats.error),
            format_number(cut.limit_nats),
        ]
        for cut in view.cuts
    ]
    if rows:
        header = ("variable", "background rejected", "signal kept", "background left", "JSD [nats]", "limit")
        print_table("Sculpting by tight cuts", header, rows)
    latents, elbo = view.latents, view.elbo
    names = ", ".join(f"z_{j + 1}" for j in latents.sensitive)
    protected = ", ".join(latents.variables[: latents.n_protected])
    out.print(
        f"{names} of {len(latents.kl)} latent dimensions left out, for {protected}; "
        f"MIG {format_number(latents.mig.value, latents.mig.error)}"
    )
    out.print(
        f"ELBO {format_number(elbo.value)} nats: reconstruction {format_number(elbo.reconstruction)}, "
        f"I(x; z) {format_number(elbo.index_code)}, total correlation {format_number(elbo.total_correlation)}, "
        f"dimension-wise KL {format_number(elbo.dimension_wise)}"
    )
    for remark in run.remarks:
        out.print(f"warning: {remark}")
    out.print(f"run {run.id}, {seconds:.1f} s of training; files in {settings().runs / run.id}")


def _signature() -> inspect.Signature:
    """Return the options of a command that trains, with ``--model`` beside ``--method``, which runs call it."""
    own = signature(MODELS.names(), DEFAULT, config_fields())
    named = Annotated[str, typer.Option("--model", "--method", help=f"One of: {', '.join(MODELS.names())}.")]
    return own.replace(
        parameters=[
            each.replace(annotation=named) if each.name == "method" else each for each in own.parameters.values()
        ]
    )


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def command(spec: DatasetSpec, /, **options: Any) -> None:
        disentangle(spec, **options)

    command.__doc__ = disentangle.__doc__
    command.__signature__ = _signature()  # type: ignore[attr-defined]
    app.command("disentangle")(takes_dataset(command))

"""``train``: a classifier that unlearns, with the options of every method's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer
from pydantic.fields import FieldInfo

from core.cli.dataset import takes_dataset
from core.cli.output import out, print_json
from core.cli.training import Fields, given, signature, train_here
from core.evaluation.verdict import verdict
from core.events.spec import DatasetSpec
from core.exports.titles import stopped_words
from core.jobs.task import TASKS
from core.results import from_json
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run, RunStore
from core.unlearning.method import METHODS, PenaltyConfig


def config_fields() -> Fields:
    """Return every config field of every method with the methods that have it, in the order of the configs.

    λ, which each penalty describes in its own words, has those of all penalties, and its default for each.
    """
    found: dict[str, dict[str, FieldInfo]] = {}
    for method in METHODS:
        for name, field in method.item.config.model_fields.items():
            found.setdefault(name, {})[method.name] = field
    texts = {
        name: (next(iter(fields.values())), "" if len(fields) == len(METHODS) else f" ({', '.join(fields)})")
        for name, fields in found.items()
    }
    return texts | {"lam": (PenaltyConfig.model_fields["lam"], f"; by default {_defaults(found['lam'])}")}


def _defaults(fields: Mapping[str, FieldInfo]) -> str:
    """Return the defaults of a field in words, each with the methods that have it."""
    methods: dict[float, list[str]] = {}
    for method, field in fields.items():
        methods.setdefault(field.default, []).append(method)
    return ", ".join(f"{value:g} ({', '.join(names)})" for value, names in sorted(methods.items()))


def train(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Train a classifier and judge it on held-out events.

    The run appears among those of the dashboard; Ctrl-C interrupts it.
    """
    config = given(options, config_fields())
    store, run = train_here(RunRequest(method=method, dataset=spec, config=config, seed=seed, device=device))
    _report(store, run, as_json)


def _report(store: RunStore, run: Run, as_json: bool) -> None:
    figures = dict(run.headline)
    seconds = store.history(run.id)[-1].seconds
    if as_json:
        print_json({"run": run.id, "status": run.status, **figures, "seconds": seconds, "remarks": list(run.remarks)})
        return
    found = store.view(run.id)
    if found is not None:
        said = verdict(from_json(TASKS[run.request.task].item.view, found[0]))
        out.print(" ".join(filter(None, [stopped_words(run, store.history(run.id)), said])))
    for remark in run.remarks:
        out.print(f"warning: {remark}")
    out.print(f"run {run.id}, {seconds:.1f} s of training; files in {settings().runs / run.id}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def command(spec: DatasetSpec, /, **options: Any) -> None:
        train(spec, **options)

    command.__doc__ = train.__doc__
    command.__signature__ = signature(METHODS.names(), "disco", config_fields())  # type: ignore[attr-defined]
    app.command("train")(takes_dataset(command))

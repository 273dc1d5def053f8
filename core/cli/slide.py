"""``slide``: one network for a whole range of λ."""

from __future__ import annotations

from typing import Any

import typer

from core.cli.dataset import takes_dataset
from core.cli.output import out, print_json, print_table
from core.cli.training import given, signature, train_here
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.numbers import format_number
from core.results import from_json
from core.settings import settings
from core.store.request import RunRequest
from core.unlearning.slide import SlideView, slidable_methods
from core.unlearning.slide_steps import SlideConfig

FIELDS = {name: (field, "") for name, field in SlideConfig.model_fields.items()}


def slide(spec: DatasetSpec, *, method: str, seed: int, device: str, as_json: bool, **options: Any) -> None:
    """Train one network that is every classifier between two λ, and judge it on held-out events.

    Options that are not given are those that suit the method.
    """
    suited = SlideConfig.around(method) if method in slidable_methods() else {}
    config = suited | given(options, FIELDS)
    request = RunRequest(task="slide", method=method, dataset=spec, config=config, seed=seed, device=device)
    store, run = train_here(request)
    found = store.view(run.id)
    if found is None:
        raise DataError(f"run {run.id} left no result")
    view, seconds = from_json(SlideView, found[0]), store.history(run.id)[-1].seconds
    if as_json:
        points = zip(view.lam, view.auc, view.rejection, view.jsd_nats, view.limit_nats, strict=True)
        front = [
            {"lam": lam, "auc": auc.value, "r50": r.value, "jsd_nats": jsd.value, "jsd_limit_nats": limit}
            for lam, auc, r, jsd, limit in points
        ]
        print_json({"run": run.id, "status": run.status, "front": front, "seconds": seconds})
        return
    rows = [
        [
            f"{lam:.3g}",
            format_number(auc.value, auc.error),
            format_number(r.value, r.error),
            format_number(1 / jsd.value, jsd.error / jsd.value**2),
            format_number(1 / limit),
        ]
        for lam, auc, r, jsd, limit in zip(
            view.lam, view.auc, view.rejection, view.jsd_nats, view.limit_nats, strict=True
        )
    ]
    print_table("The slider at some λ", ("λ", "AUC", "R50", "1/JSD [1/nats]", "limit"), rows)
    out.print(f"run {run.id}, {seconds:.1f} s of training; files in {settings().runs / run.id}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""

    def command(spec: DatasetSpec, /, **options: Any) -> None:
        slide(spec, **options)

    command.__doc__ = slide.__doc__
    command.__signature__ = signature(slidable_methods(), "flat0", FIELDS)  # type: ignore[attr-defined]
    app.command("slide")(takes_dataset(command))

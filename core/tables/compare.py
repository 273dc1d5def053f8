"""Runs compared as tables: figures of merit with differences, spectra, efficiencies and differing options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.disentanglement.model import MODELS
from core.evaluation.compare import Difference, PassingSpectra, Scored, judged_on
from core.evaluation.evaluate import Evaluation
from core.events.table import Column
from core.registry import Entry, Registry
from core.results import Estimate
from core.store.request import RunRequest
from core.store.store import Run
from core.tables.described import described, with_unit
from core.tables.evaluation import efficiency_table
from core.unlearning.method import METHODS

NONE = "–"

WORDS = {
    "auc": "area under the ROC curve",
    "r50": "background rejection at a signal efficiency of one half",
    "jsd_nats": "Jensen-Shannon divergence of the background that passes and that fails the cut",
    "jsd_limit_nats": "the divergence that statistics alone give an independent score",
    "mi": "I(score; protected variable) on background, in nats",
    "auc_difference": "AUC minus that of the first run",
    "r50_difference": "rejection minus that of the first run",
    "jsd_nats_difference": "JSD minus that of the first run",
    "times_less": "JSD of the first run over its own: how many times less it sculpts",
    "same_events": "whether it judges the same held-out events as the first run, so that the errors are correlated",
}


def comparison_table(scored: Sequence[Scored], differences: Sequence[Difference], variable: str) -> pd.DataFrame:
    """Return figures of merit of runs and their differences to the first, one row a run.

    Args:
        scored: the runs; the first is compared with.
        differences: of the others, in the same order.
        variable: the protected variable of the sculpting.

    Returns:
        Every figure is followed by its standard error; empty where a run was not judged on the variable.
    """
    nothing = Estimate(float("nan"))
    found: dict[str, list[Estimate]] = {}
    for each in scored:
        judged = judged_on(each.evaluation, variable)
        found.setdefault("auc", []).append(each.evaluation.auc)
        found.setdefault("r50", []).append(each.evaluation.rejection)
        found.setdefault("jsd_nats", []).append(judged.jsd_nats if judged else nothing)
        found.setdefault("jsd_limit_nats", []).append(Estimate(judged.limit_nats) if judged else nothing)
        found.setdefault("mi", []).append(judged.mi if judged else nothing)
    found |= {
        "auc_difference": [nothing, *(each.auc for each in differences)],
        "r50_difference": [nothing, *(each.rejection for each in differences)],
        "jsd_nats_difference": [nothing, *(each.jsd for each in differences)],
        "times_less": [nothing, *(each.times_less for each in differences)],
    }
    columns: dict[str, Any] = {"run": [each.name for each in scored]}
    for name, values in found.items():
        columns[name] = [each.value for each in values]
        if name != "jsd_limit_nats":
            columns[f"{name}_error"] = [each.error for each in values]
    columns["same_events"] = pd.array([None, *(each.same_events for each in differences)], dtype="boolean")
    return described(columns, f"Runs compared with {scored[0].name}; sculpting of {variable}.", WORDS)


def passing_table(spectra: PassingSpectra, column: Column) -> pd.DataFrame:
    """Return the passing background of runs at unit area and its ratio to the first, one row a bin and run."""
    each = spectra.spectra
    n = len(spectra.edges) - 1
    unit = f"1/{column.unit}" if column.unit else ""
    columns = {
        "run": np.repeat([s.name for s in each], n),
        with_unit("low", column.unit): np.tile(spectra.edges[:-1], len(each)),
        with_unit("high", column.unit): np.tile(spectra.edges[1:], len(each)),
        with_unit("density", unit): np.concatenate([s.density for s in each]),
        with_unit("density_error", unit): np.concatenate([s.error for s in each]),
        "ratio": np.concatenate([s.ratio for s in each]),
        "ratio_error": np.concatenate([s.ratio_error for s in each]),
    }
    words = {"ratio": "density over that of the first run", "ratio_error": "knows the events that pass both cuts"}
    return described(columns, f"Background that passes the cut against {column.name}, at unit area.", words)


def efficiencies_table(evaluations: Mapping[str, Evaluation], column: Column) -> pd.DataFrame:
    """Return the background efficiency of runs in bins of a protected variable, with the run of each row."""
    tables = {name: efficiency_table(each, column) for name, each in evaluations.items()}
    joined = pd.concat([frame.assign(run=name) for name, frame in tables.items()], ignore_index=True)
    first = next(iter(tables.values()))
    joined.attrs = dict(first.attrs)
    return joined[["run", *first.columns]]


def differing_options(runs: Sequence[Run], names: Sequence[str]) -> pd.DataFrame:
    """Return only what was asked for differently, one row an option and one column a run; empty when nothing was.

    Args:
        runs: to compare.
        names: what to call them, each once.

    Returns:
        The first column names the option; a dash where a run has none.
    """
    asked = [_asked(run.request) | _configured(run) for run in runs]
    options = dict.fromkeys(key for each in asked for key in each)
    rows = [{"option": key} | {n: each.get(key, NONE) for n, each in zip(names, asked, strict=True)} for key in options]
    differing = [row for row in rows if len({row[name] for name in names}) > 1]
    return pd.DataFrame(differing, columns=["option", *names])


def _asked(request: RunRequest) -> dict[str, str]:
    data, roles = request.dataset, request.dataset.roles
    return {
        "task": request.task,
        "method": entry.title if (entry := _entry(request)) else request.method,
        "data": " and ".join(data.files),
        "selection": data.selection or NONE,
        "new columns": _words([f"{name} = {text}" for name, text in data.derived.items()]),
        "label": roles.label or NONE,
        "weight": roles.weight or NONE,
        "protected": _words(roles.protected),
        "features": _words(roles.features),
        "seed": str(request.seed),
        "device": request.device,
    }


def _configured(run: Run) -> dict[str, str]:
    """Return the options of a run under the titles that its form shows."""
    entry = _entry(run.request)
    fields = entry.item.config.model_fields if entry else {}
    titles = {name: field.title or name for name, field in fields.items()}
    return {titles.get(name, name.replace("_", " ")): _words(value) for name, value in run.config.items()}


def _entry(request: RunRequest) -> Entry[Any] | None:
    """Return the registered method or model of a run; None for a task without a registry."""
    known: Registry[Any] = MODELS if request.task == "disentangle" else METHODS
    return known[request.method] if request.method in known.names() else None


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or NONE
    return f"{value:.6g}" if isinstance(value, float) else str(value)

"""A scan: methods × values of one parameter, λ by default, × seeds as runs of one name."""

from __future__ import annotations

import secrets
import shlex
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo

from core.disentanglement.model import MODELS
from core.errors import DataError
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.jobs.command import dataset_words, file_word, option_words, written
from core.jobs.loading import Loader
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.registry import Registry
from core.store.request import RunRequest
from core.store.store import Run, RunStore
from core.unlearning.method import METHODS

LAMBDA = "lam"
REGISTRIES: dict[str, Registry[Any]] = {"unlearn": METHODS, "disentangle": MODELS}
"""Task that can be scanned → its methods."""
BELOW, ABOVE = 100.0, 2.0
"""A method's λ run from a hundredth of its default to twice it."""


class ScanPlan(BaseModel):
    """Say which runs a scan makes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Literal["unlearn", "disentangle"] = Field("unlearn", title="task", description="whose methods are compared")
    methods: tuple[str, ...] = Field(("baseline", "disco"), min_length=1, title="methods", description="to compare")
    vary: str = Field(LAMBDA, title="parameter", description="number of the methods' options that the scan varies")
    values: tuple[float, ...] = Field((), title="values", description="of that parameter, for every method that has it")
    points: int = Field(5, ge=1, le=50, title="λ values", description="of each method, even in ln λ around its default")
    lams: dict[str, tuple[float, ...]] = Field(
        default_factory=dict, title="own λ values", description="of a method, in place of those"
    )
    seeds: int = Field(
        3, ge=1, le=100, title="seeds", description="runs of each point, whose spread is its error; from 0 on"
    )
    config: dict[str, Any] = Field(
        default_factory=dict, title="options", description="that all runs take, such as epochs, where a method has them"
    )

    @field_validator("methods")
    @classmethod
    def _know_the_methods(cls, methods: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = REGISTRIES[info.data.get("task", "unlearn")]
        unknown = [name for name in methods if name not in known.names()]
        if unknown:
            raise ValueError(f"unknown {known.noun} {unknown[0]!r}; allowed: {', '.join(known.names())}")
        if len(set(methods)) < len(methods):
            raise ValueError(f"{', '.join(methods)} name a method twice; allowed: each once")
        return methods

    @model_validator(mode="after")
    def _know_the_parameter(self) -> ScanPlan:
        if self.vary == LAMBDA and self.task == "unlearn":
            return self
        allowed = numbers_of(self.task, self.methods)
        if self.vary not in allowed:
            raise ValueError(f"no number {self.vary!r} to vary; allowed: {', '.join(allowed)}")
        if not self.values:
            raise ValueError(f"no values of {self.vary}; allowed: at least one, such as {self.vary}=1,2,4")
        return self

    def values_of(self, method: str) -> tuple[float | None, ...]:
        """Return the parameter's values for a method; a single None for a method without it."""
        field = REGISTRIES[self.task][method].item.config.model_fields.get(self.vary)
        if field is None:
            return (None,)
        if method in self.lams:
            return self.lams[method]
        if self.values:
            return tuple(int(v) if field.annotation is int and v == int(v) else v for v in self.values)
        default = float(field.default)
        if self.points == 1:
            return (default,)
        return tuple(float(f"{lam:.3g}") for lam in np.geomspace(default / BELOW, default * ABOVE, self.points))


def numbers_of(task: str, methods: Sequence[str]) -> dict[str, FieldInfo]:
    """Return the options of methods that are numbers, in the order of their configs: what a scan can vary."""
    fields = {
        name: field for method in methods for name, field in REGISTRIES[task][method].item.config.model_fields.items()
    }
    return {name: field for name, field in fields.items() if field.annotation in (int, float)}


def parameter_title(task: str, methods: Sequence[str], name: str) -> str:
    """Return what to call an option of several methods, such as "β" or, where they differ, "β or γ"."""
    fields = [REGISTRIES[task][method].item.config.model_fields.get(name) for method in methods]
    titles = dict.fromkeys(field.title or name for field in fields if field is not None)
    return " or ".join(titles) or name


def scan_requests(plan: ScanPlan, dataset: DatasetSpec, *, device: str = "auto", name: str = "") -> list[RunRequest]:
    """Return the requests of a scan, ordered so that every front grows from coarse to fine: seed after seed.

    Args:
        plan: methods, values and seeds.
        dataset: the events.
        device: where to train.
        name: of the scan; one of date and time when not given.

    Raises:
        DataError: λ values for a method that is not among the methods or has none.
    """
    for method in plan.lams:
        if plan.vary != LAMBDA or method not in plan.methods or plan.values_of(method) == (None,):
            raise DataError(f"λ values for {method}; allowed: for {', '.join(plan.methods)}, where they have a λ")
    name = name or f"scan-{time.strftime('%y%m%d-%H%M')}-{secrets.token_hex(2)}"
    requests = []
    for seed in range(plan.seeds):
        for method in plan.methods:
            fields = REGISTRIES[plan.task][method].item.config.model_fields
            shared = {key: value for key, value in plan.config.items() if key in fields}
            for value in plan.values_of(method):
                config = shared if value is None else {**shared, plan.vary: value}
                requests.append(
                    RunRequest(
                        task=plan.task,
                        method=method,
                        dataset=dataset,
                        config=config,
                        seed=seed,
                        device=device,
                        scan=name,
                    )
                )
    return requests


def lam_values(text: str, name: str = "λ") -> tuple[float, ...]:
    """Read values of λ, or of another option, that are separated by commas or spaces.

    Args:
        text: the values.
        name: of the option, for what is said of a wrong value.

    Raises:
        DataError: a value is no finite number of at least 0.

    Example:
        >>> lam_values("0.5, 1 2e3")
        (0.5, 1.0, 2000.0)
    """
    try:
        found = tuple(float(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise DataError(f"the {name} values {text!r} cannot be read; allowed: numbers, such as 1, 10, 100") from None
    if wrong := [lam for lam in found if not 0 <= lam < np.inf]:
        raise DataError(f"a {name} of {wrong[0]:g} is not allowed; allowed: finite numbers of at least 0")
    return tuple(dict.fromkeys(found))


def scan_command(plan: ScanPlan, dataset: DatasetSpec) -> str:
    """Return the command that makes the runs of a plan.

    Example:
        >>> words = scan_command(ScanPlan(lams={"disco": (1, 10)}, seeds=2), DatasetSpec(path="events.parquet"))
        >>> words.partition("--methods")[2]
        ' baseline,disco --points 5 --seeds 2 --lam disco=1,10'
    """
    grid = {"points": plan.points} if not plan.values else {"vary": f"{plan.vary}={_listed(plan.values)}"}
    task = {} if plan.task == "unlearn" else {"task": plan.task}
    epochs = {"epochs": plan.config["epochs"]} if "epochs" in plan.config else {}
    words = ["python", "-m", "core", "scan", file_word(dataset.path), *dataset_words(dataset)]
    words += option_words({**task, "methods": plan.methods, **grid, "seeds": plan.seeds, **epochs})
    for method, lams in plan.lams.items():
        words += ["--lam", f"{method}={_listed(lams)}"]
    for name, value in plan.config.items():
        words += ["--option", f"{name}={written(value)}"] if name != "epochs" else []
    return shlex.join(words)


def _listed(values: Sequence[float]) -> str:
    return ",".join(written(value) for value in values)


def run_scan(
    store: RunStore,
    requests: Sequence[RunRequest],
    folder: Path,
    *,
    workers: int = 1,
    report: Callable[[Run], None] = lambda run: None,
    load: Loader | None = None,
) -> list[Run]:
    """Train the runs of a scan in this process, and return them as they ended.

    Nothing is trained unless every request is allowed. A run that fails does not end the scan. Ctrl-C interrupts what
    trains, between two batches, and stops what waits. Trainings leave
    Python's interpreter lock most of the time, so threads are enough.

    Args:
        store: where to record.
        requests: from ``scan_requests``.
        folder: parent of the runs' own folders.
        workers: runs trained at the same time; one thread each.
        report: called with each run that ended.
        load: reads the events; None reads those of a specification once.

    Raises:
        DataError: a request is not allowed.
    """
    configs = [check_request(request) for request in requests]
    runs = [store.add(request, config) for request, config in zip(requests, configs, strict=True)]
    from_text, over = lru_cache(maxsize=1)(_load_from_text), threading.Event()
    read = load or (lambda spec: from_text(spec.model_dump_json()))

    def work(run: Run) -> Run:
        if store.claim(run.id):
            work_through(store, store.get(run.id), folder / run.id, load=read, is_left=over.is_set)
        ended = store.get(run.id)
        report(ended)
        return ended

    with ThreadPoolExecutor(workers, thread_name_prefix="scan") as pool:
        try:
            return list(pool.map(work, runs))
        except KeyboardInterrupt:
            over.set()  # else the pool waits until what trains is done
            for run in runs:
                if store.get(run.id).status == "queued":
                    store.stop(run.id)
            raise


def _load_from_text(spec: str) -> EventTable:
    return load_events(DatasetSpec.model_validate_json(spec))

"""A training that another process continues gives the numbers of one that was never interrupted, bit for bit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.calibration.toys import toy_config, toy_events
from core.disentanglement.model import MODELS
from core.ensembles.construction import CONSTRUCTIONS
from core.ensembles.toys import gaussian_sets
from core.event_variables.blueprint import BLUEPRINTS
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.files import write_whole
from core.jobs.states import from_bytes, to_bytes
from core.jobs.task import TASKS
from core.learning.snapshot import Snapshot
from core.learning.state import State
from core.store.request import RunRequest
from core.unlearning.method import METHODS
from core.unlearning.slide import slidable_methods

Toys = Callable[..., EventTable]
SHORT = {"epochs": 4, "hidden": [8], "batch_size": 64}
QUICK = {"critic_steps": 2, "critic_hidden": [4], "components": 2, "mass_bins": 4, "thresholds": 4}
VAE = {"epochs": 2, "downstream_epochs": 2, "hidden": [8], "batch_size": 64, "latent": 3}
NETWORKS = {"discriminator_hidden": [8], "discriminator_steps": 1}
SETS = {
    "classification": {"set_size": 2, "constructions": sorted(set(CONSTRUCTIONS.names()) - {"product"})},
    "regression": {"set_size": 5, "train_fraction": 0.6},
}


def quick(kind: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return those of the options that a config has."""
    return {name: value for name, value in options.items() if name in kind.model_fields}


CASES: list[tuple[str, str, dict[str, Any]]] = [
    *(("unlearn", name, SHORT | quick(METHODS[name].item.config, QUICK)) for name in METHODS.names()),
    *(("unlearn", "disco", {**SHORT, "target": target, "goal": 0.001}) for target in ("dcorr", "jsd")),
    *(("slide", name, {**SHORT, "draws": 2}) for name in slidable_methods()),
    *(("disentangle", name, VAE | quick(MODELS[name].item.config, NETWORKS)) for name in MODELS.names()),
    ("disentangle", "ffvae", {**VAE, **NETWORKS, "downstream": "mine"}),
    *(("ensembles", name, {**SHORT, **own, "latent": 4, "validation_fraction": 0.2}) for name, own in SETS.items()),
    *(("event_variables", name, {**SHORT, "auxiliary": [4]}) for name in BLUEPRINTS.names()),
    ("event_variables", "blueprint_0", {**SHORT, "auxiliary": [4], "decorrelate": "noise", "penalty": "mine_f"}),
    ("calibrate", "side_by_side", SHORT | toy_config("gaussian")),
]


def events_of(task: str, method: str, toys: Toys) -> EventTable:
    """Return a few events of the kind that a task takes."""
    if task == "calibrate":
        return toy_events("gaussian", ("uniform",), 900, seed=3)
    if method == "regression":
        return gaussian_sets(60, 5, np.random.default_rng(4))
    if task == "event_variables":  # which takes no negative weights
        events = toys(900)
        return events.with_roles(events.roles.model_copy(update={"weight": None}))
    return toys(300)


def fitted(
    task: str, method: str, config: dict[str, Any], events: EventTable
) -> Callable[..., Iterator[Snapshot[Any]]]:
    request = RunRequest(task=task, method=method, dataset=DatasetSpec(path="-"), config=config, seed=3, device="cpu")
    return lambda *state: TASKS[task].item.fit(events, request, *state)


def through_a_file(state: State, path: Path) -> State:
    write_whole(path, to_bytes(state))
    read: State = from_bytes(path.read_bytes())
    return read


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let critics begin with fewer steps."""
    monkeypatch.setattr("core.unlearning.penalties._mixture.MARGINAL_STEPS", 5)
    monkeypatch.setattr("core.unlearning.penalties._critic.FIRST_STEPS", 2)


def test_every_task_is_among_the_cases() -> None:
    assert {task for task, _, _ in CASES} == set(TASKS.names())


@pytest.mark.parametrize(("task", "method", "config"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_continued_training_equals_an_uninterrupted_one(
    task: str, method: str, config: dict[str, Any], toy_table: Toys, tmp_path: Path
) -> None:
    fit = fitted(task, method, config, events_of(task, method, toy_table))
    states, scalars = {}, {}
    for snapshot in fit():
        scalars[snapshot.epoch] = dict(snapshot.scalars)
        states[snapshot.epoch] = through_a_file(snapshot.state(), tmp_path / "state")
    best = snapshot.save()
    assert list(scalars) == [1, 2, 3, 4]
    for done in (1, 2, 3) if task == "disentangle" else (2,):
        continued = []
        for snapshot in fit(states[done]):
            continued.append(snapshot.epoch)
            assert snapshot.scalars == scalars[snapshot.epoch], f"epoch {snapshot.epoch} after {done}"
        assert continued == list(range(done + 1, 5))
        found = snapshot.save()
        assert found.keys() == best.keys()
        assert all(np.array_equal(found[name], best[name]) for name in best)


def test_a_training_whose_last_epoch_was_done_yields_nothing_more(toy_table: Toys) -> None:
    for task, method, config in (("unlearn", "disco", SHORT), ("disentangle", "beta_vae", VAE)):
        fit = fitted(task, method, config, toy_table(300))
        *_, last = fit()
        assert list(fit(last.state())) == []

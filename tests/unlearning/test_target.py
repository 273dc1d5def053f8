"""Target mode: λ is found so that the dependence meets what was asked for."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.events.table import EventTable
from core.learning.batch import Batch
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.target import Target
from core.unlearning.train import fit

CPU = torch.device("cpu")


@pytest.mark.parametrize("lam", [0.5, 500.0])
def test_the_distance_correlation_asked_for_is_reached_from_either_side(
    lam: float, toy_table: Callable[..., EventTable]
) -> None:
    events = toy_table(6000)
    config = METHODS["disco"].item.config(
        target="dcorr", goal=0.12, lam=lam, epochs=40, batch_size=1024, hidden=(32, 32), learning_rate=5e-3
    )
    snapshots = list(fit(events, "disco", config, device=CPU, seed=0))
    reached = np.mean([s.scalars["target"] for s in snapshots[-8:]])
    assert reached == pytest.approx(0.12, rel=0.3)
    found = conclude(events, "disco", config, snapshots[-1].save(), device=CPU, seed=0).scalars
    assert math.sqrt(found["dcorr"]) < 0.18
    assert found["auc"] > 0.65


def train_batch(toy_table: Callable[..., EventTable]) -> tuple[EventTable, Batch]:
    events = toy_table(4000)
    return events, Batch.of(events, np.ones(events.n_events, np.bool_), CPU)


def test_an_independent_score_has_no_sculpting_above_statistics(
    toy_table: Callable[..., EventTable], rng: np.random.Generator
) -> None:
    _, batch = train_batch(toy_table)
    target = Target(METHODS["disco"].item.config(target="jsd", goal=0.01), batch)
    found = [target.measure(rng.random(4000)) for _ in range(20)]
    assert abs(np.mean(found)) < 0.004
    leaking = batch.m[:, 0].numpy() / 200
    assert target.measure(leaking) > 0.1


def test_lambda_rises_while_the_target_is_missed_and_falls_beyond_it(toy_table: Callable[..., EventTable]) -> None:
    _, batch = train_batch(toy_table)
    target = Target(METHODS["disco"].item.config(target="jsd", goal=0.01, lam=10.0), batch)
    target.update(0.03)
    assert target.lam == pytest.approx(10 * 3 ** (0.35 + 0.5))
    assert target.loss(0.5) > 5
    before = target.lam
    target.update(0.005)
    assert target.lam < before
    assert target.loss(0.5) == 0.5
    target.update(float("nan"))
    assert math.isfinite(target.lam)


def test_a_goal_that_cannot_be_is_refused() -> None:
    config = METHODS["disco"].item.config
    for goal in (0.0, -1.0, 1.0):
        with pytest.raises(ValidationError):
            config(target="jsd", goal=goal)
    with pytest.raises(ValidationError):
        config(target="mi")

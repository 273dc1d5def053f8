"""Training: what it learns, forgets, refuses and repeats."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import DataError
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.snapshot import Conclusion
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS
from core.unlearning.objective import Objective
from core.unlearning.train import fit

CPU = torch.device("cpu")


def train(events: EventTable, method: str, seed: int = 0, **options: object) -> Conclusion:
    config = METHODS[method].item.config(**{"epochs": 6, "batch_size": 1024, "hidden": (32, 32), **options})
    snapshots = list(fit(events, method, config, device=CPU, seed=seed))
    return conclude(events, method, config, snapshots[-1].save(), device=CPU, seed=seed)


def test_disco_and_mode_forget_what_the_baseline_knows(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(8000)
    longer = {"epochs": 30, "batch_size": 1024}
    baseline = train(events, "baseline", **longer).scalars
    for method, options in (("disco", {"lam": 30.0}), ("mode0", {"lam": 30.0, "mass_bins": 4})):
        unlearned = train(events, method, **options, **longer).scalars
        assert baseline["dcorr"] > 0.05
        assert unlearned["dcorr"] < baseline["dcorr"] / 5
        assert 0.65 < unlearned["auc"] < baseline["auc"]


def test_a_training_repeats_exactly_for_one_seed(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(1500)
    first, second, other = (train(events, "disco", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.score, second.score)
    assert not np.array_equal(first.score, other.score)


def test_held_out_events_are_those_that_training_never_saw(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(2000)
    conclusion = train(events, "baseline")
    assert np.bincount(conclusion.split).tolist() == [1000, 200, 800]
    assert conclusion.view.n_events == 800
    swapped = {name: values.copy() for name, values in events.columns.items()}
    for name in ("leaking", "clean", "noise"):
        swapped[name][conclusion.split == 2] = 0.0
    again = train(replace(events, columns=swapped), "baseline")
    np.testing.assert_array_equal(again.score[again.split == 0], conclusion.score[conclusion.split == 0])


def test_lambda_is_zero_in_the_warm_up_and_full_at_the_end(toy_table: Callable[..., EventTable]) -> None:
    config = METHODS["disco"].item.config(epochs=10, lam=50.0, warmup=0.2, ramp=0.4, batch_size=500)
    lams = [s.scalars["lam"] for s in fit(toy_table(1000), "disco", config, device=CPU, seed=0)]
    assert lams[0] == lams[1] == 0
    assert 0 < lams[3] < 50
    assert lams[-1] == 50


def test_the_split_keeps_negative_weights(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(3000)
    assert (events.weights < 0).mean() > 0.02
    assert train(events, "disco", lam=5.0).scalars["auc"] > 0.7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": ()}, "no features"),
        ({"protected": ()}, "no protected variable"),
        ({"features": ("clean", "mass")}, "mass is protected and a feature at once"),
        ({"label": None}, "no label column"),
    ],
)
def test_roles_that_cannot_train_are_refused(
    toy_table: Callable[..., EventTable], change: Mapping[str, object], message: str
) -> None:
    events = toy_table(500)
    with pytest.raises(DataError, match=message):
        train(events.with_roles(events.roles.model_copy(update=change)), "baseline")


def _spoiled(events: EventTable, **columns: np.ndarray) -> EventTable:
    return replace(events, columns={**events.columns, **columns})


def test_values_that_cannot_train_are_refused(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(500)
    missing = events["clean"].copy()
    missing[:3] = np.nan
    with pytest.raises(DataError, match="'clean' has 3 missing or infinite values"):
        train(_spoiled(events, clean=missing), "baseline")
    with pytest.raises(DataError, match="'mass' is constant on background"):
        train(_spoiled(events, mass=np.ones(500)), "baseline")
    with pytest.raises(DataError, match="0 in all 500 events; both classes"):
        train(_spoiled(events, label=np.zeros(500)), "baseline")
    with pytest.raises(DataError, match="signal weights sum to -"):
        train(_spoiled(events, weight=-np.ones(500)), "baseline")


def test_huge_values_are_refused(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(500)
    with pytest.raises(DataError, match=r"'clean' has values up to .*e\+38; allowed: 1e\+30"):
        train(_spoiled(events, clean=events["clean"] * 1e38), "baseline")


def test_a_loss_that_is_not_finite_stops_with_its_epoch_and_step(
    toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = METHODS["baseline"].item.config(epochs=3)
    snapshots = fit(toy_table(500), "baseline", config, device=CPU, seed=0)
    assert next(snapshots).epoch == 1
    spoiled = torch.full((2,), float("nan"), dtype=torch.float64)
    monkeypatch.setattr("core.unlearning.objective.Objective.step", lambda *_: spoiled)
    with pytest.raises(DataError, match="not finite in epoch 2, step 1 of 1; lower the learning rate"):
        next(snapshots)


def test_a_device_without_memory_gets_smaller_batches(
    toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Objective.step

    def step(self: Objective, batch: Batch, *others: object) -> torch.Tensor:
        if len(batch.y) > 320:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(self, batch, *others)  # type: ignore[arg-type]

    monkeypatch.setattr("core.unlearning.objective.Objective.step", step)
    config = METHODS["disco"].item.config(epochs=3, batch_size=1024)
    snapshots = list(fit(toy_table(10_000), "disco", config, device=CPU, seed=0))
    assert len(snapshots) == 3
    assert snapshots[-1].remarks == ("the device ran out of memory in epoch 1: from there on, batches have 312 events",)


def test_a_collapsed_score_is_said_in_words(toy_table: Callable[..., EventTable], rng: np.random.Generator) -> None:
    events = toy_table(2000)
    noise = {name: rng.normal(size=2000) for name in events.roles.features}
    remarks = train(_spoiled(events, **noise), "baseline").remarks
    assert any("the score collapsed" in remark for remark in remarks)

"""The λ slider: one network that is every classifier between two λ."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.errors import DataError
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.film import ConditionalClassifier
from core.unlearning import slide
from core.unlearning.slide import conclude_slide, fit_slide, slidable_methods
from core.unlearning.slide_steps import SlideConfig, Sliding

CPU = torch.device("cpu")


def new_network() -> ConditionalClassifier:
    return ConditionalClassifier(torch.zeros(3), torch.ones(3), (8, 8), torch.Generator().manual_seed(1))


def test_an_untrained_network_is_the_same_under_all_conditions() -> None:
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(2))
    network = new_network()
    torch.testing.assert_close(network(x, 0.0), network(x, 1.0))


def test_the_condition_reaches_the_answer_once_modulations_are_not_zero() -> None:
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(2))
    network = new_network()
    with torch.no_grad():
        network.modulations[0].weight.uniform_(generator=torch.Generator().manual_seed(3))
    assert (network(x, 0.0) - network(x, 1.0)).abs().max() > 0.01
    again = ConditionalClassifier.from_arrays(network.arrays())
    torch.testing.assert_close(again(x, 0.3), network(x, 0.3))


def test_the_score_is_that_of_the_plain_network_under_a_condition() -> None:
    """In any batches: weights that hold γ and β give what scaled and shifted layers give."""
    draws = torch.Generator().manual_seed(4)
    network = ConditionalClassifier(torch.tensor([1.0, -2.0, 3.0]), torch.tensor([0.5, 2.0, 4.0]), (8, 8), draws)
    with torch.no_grad():
        for parameter in network.modulations.parameters():
            parameter.uniform_(-1, 1, generator=draws)
    x = torch.randn(50, 3, generator=draws)
    for u in (0.0, 0.3, 1.0):
        torch.testing.assert_close(network.score(x, u, batch=7), torch.sigmoid(network(x, u)).detach())
    assert network.score(x[:0], 0.5).shape == (0,)


def test_arrays_of_another_network_are_refused() -> None:
    with pytest.raises(DataError, match="no conditional classifier: mean"):
        ConditionalClassifier.from_arrays({"mean": np.zeros(3)})


@pytest.mark.parametrize("lam", [1.0, 30.0, 1000.0])
def test_position_and_lambda_are_inverse(lam: float) -> None:
    config = SlideConfig(lam_min=1, lam_max=1000)
    assert config.lam(config.position(lam)) == pytest.approx(lam)
    assert config.position(1.0) == 0
    assert config.position(1000.0) == 1


def test_a_lambda_beyond_the_ends_is_refused() -> None:
    with pytest.raises(DataError, match="λ = 2000 is not on the slider; allowed: 1 to 1000"):
        SlideConfig(lam_min=1, lam_max=1000).position(2000.0)
    with pytest.raises(ValidationError, match="largest λ 1 is not above the smallest 10"):
        SlideConfig(lam_min=10, lam_max=1)


def test_methods_without_a_penalty_cannot_slide(toy_table: Callable[..., EventTable]) -> None:
    assert "disco" in slidable_methods()
    assert "baseline" not in slidable_methods()
    with pytest.raises(DataError, match="baseline has no penalty whose λ could slide; allowed: "):
        next(fit_slide(toy_table(500), "baseline", SlideConfig(), device=CPU, seed=0))


def test_along_the_slider_sculpting_and_separation_fall(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(8000)
    config = SlideConfig(lam_min=0.1, lam_max=100, epochs=25, batch_size=1024, hidden=(32, 32), draws=2)
    snapshots = list(fit_slide(events, "disco", config, device=CPU, seed=0))
    assert [s.epoch for s in snapshots] == list(range(1, 26))
    assert len(snapshots[-1].look().lam) == 5
    view = conclude_slide(events, config, snapshots[-1].save(), device=CPU, seed=0).view
    assert view.lam[0] == pytest.approx(0.1)
    assert view.lam[-1] == pytest.approx(100)
    assert view.auc[0].value > view.auc[-1].value + 0.02
    assert view.jsd_nats[0].value > 2.5 * view.jsd_nats[-1].value
    assert all(a.value > b.value for a, b in zip(view.rejection[::4], view.rejection[4::4], strict=False))
    assert view.auc[-1].value > 0.6
    target = 1 / view.jsd_nats[6].value
    assert view.lam[0] <= view.lambda_reaching(target) <= view.lam[6] * 1.0001
    assert view.lambda_reaching(1e-9) == pytest.approx(view.lam[0])
    with pytest.raises(DataError, match=r"1/JSD = 1.00 × 10⁹ is beyond this slider; allowed: up to "):
        view.lambda_reaching(1e9)
    assert view.stops(3)[1] == pytest.approx(10**0.5, rel=1e-3)


def test_a_slider_without_memory_gets_smaller_batches_and_says_so(
    toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Sliding._terms

    def terms(self: Sliding, batch: Batch, *others: object) -> tuple[torch.Tensor, torch.Tensor]:
        if torch.is_grad_enabled() and len(batch.y) > 320:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(self, batch, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(Sliding, "_terms", terms)
    config = SlideConfig(epochs=3, batch_size=1024, hidden=(8,))
    snapshots = list(fit_slide(toy_table(10_000), "disco", config, device=CPU, seed=0))
    assert len(snapshots) == 3
    assert snapshots[-1].remarks == ("the device ran out of memory in epoch 1: from there on, batches have 312 events",)


def test_a_slider_names_the_epoch_and_the_step_of_a_loss_that_is_not_finite(
    toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = SlideConfig(epochs=3, batch_size=256, hidden=(8,))
    snapshots = fit_slide(toy_table(2000), "disco", config, device=CPU, seed=0)
    assert next(snapshots).epoch == 1
    monkeypatch.setattr(Sliding, "_weighted", lambda self, entropy, dependence, lam: entropy * float("nan"))
    with pytest.raises(DataError, match="in epoch 2, step 1 of 4; lower the learning rate or the largest λ"):
        next(snapshots)


def test_a_slider_repeats_exactly_for_one_seed(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(1000)
    config = SlideConfig(epochs=3, batch_size=256, hidden=(16,))
    first, again, other = (
        list(fit_slide(events, "mode0", config, device=CPU, seed=seed))[-1].save() for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first["layers.0.weight"], again["layers.0.weight"])
    assert not np.array_equal(first["layers.0.weight"], other["layers.0.weight"])


def test_a_table_sorted_by_class_gives_a_live_front_of_both_and_the_same_training(
    toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signal before background, as from two files: the front takes some of each, and no draw from the training."""
    events = toy_table(2000)
    ordered = events.take(np.argsort(~events.is_signal, kind="stable"))
    config = SlideConfig(epochs=1, batch_size=256, hidden=(8,))
    (all_seen,) = fit_slide(ordered, "disco", config, device=CPU, seed=0)
    n_validation = all_seen.look().evaluation.n_events
    monkeypatch.setattr(slide, "LIVE_EVENTS", 120)
    (few_seen,) = fit_slide(ordered, "disco", config, device=CPU, seed=0)
    seen = few_seen.look().evaluation
    assert seen.n_events == 120 < n_validation
    assert 40 < seen.n_background < 80
    np.testing.assert_array_equal(all_seen.save()["layers.0.weight"], few_seen.save()["layers.0.weight"])
    assert few_seen.scalars == all_seen.scalars

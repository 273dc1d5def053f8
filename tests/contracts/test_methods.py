"""What every registered method must do, whoever wrote it."""

from collections.abc import Callable

import pytest
import torch
from pydantic import ValidationError

from core.errors import DataError
from core.events.table import EventTable
from core.learning.batch import Batch
from core.unlearning.conclude import conclude
from core.unlearning.method import METHODS, Critic, Penalty, TrainingConfig, no_penalty
from core.unlearning.train import fit

methods = pytest.mark.parametrize("name", METHODS.names())
CPU = torch.device("cpu")
OF_ONE_PROTECTED = ("transport",)


def dependent(n: int = 400, protected: int = 1) -> tuple[torch.Tensor, Batch]:
    """Return scores of signal and background that know m, and the events."""
    generator = torch.Generator().manual_seed(11)
    m = torch.randn(n, protected, generator=generator, dtype=torch.float64)
    y = torch.rand(n, generator=generator) < 0.4
    f = torch.sigmoid(2 * m[:, 0] + y + 0.5 * torch.randn(n, generator=generator, dtype=torch.float64))
    return f.float(), Batch(torch.zeros(n, 1), y, m, torch.rand(n, generator=generator) + 0.5)


def ready_penalty(name: str, f: torch.Tensor, events: Batch) -> Penalty:
    """Build a method's penalty, its critic trained on the scores where it has one."""
    method = METHODS[name].item
    penalty: Penalty = method.build(method.config(), events, torch.Generator().manual_seed(5))
    if isinstance(penalty, Critic):
        for _ in range(10):
            penalty.refine(f.detach(), events)
    return penalty


def as_scores(name: str, f: torch.Tensor, events: Batch) -> torch.Tensor:
    """Return what the penalty of a method takes: one score, or two of which the second is the protected variable's."""
    return f if METHODS[name].item.n_classifiers == 1 else torch.stack([f, torch.sigmoid(events.m[:, 0]).float()], 1)


@methods
def test_config_fields_carry_title_help_and_bounds(name: str) -> None:
    for field, info in METHODS[name].item.config.model_fields.items():
        assert info.title, field
        assert info.description, field
        if info.annotation in (int, float):
            assert info.metadata, f"{field} has no bounds"


@methods
def test_defaults_are_valid_and_unknown_options_are_not(name: str) -> None:
    config = METHODS[name].item.config
    assert isinstance(config(), TrainingConfig)
    with pytest.raises(ValidationError):
        config(no_such_option=1)
    with pytest.raises(ValidationError):
        config(epochs=0)


@methods
@pytest.mark.parametrize("protected", [1, 2])
def test_penalty_is_a_finite_scalar_with_a_gradient(name: str, protected: int) -> None:
    if protected > 1 and name in OF_ONE_PROTECTED:
        pytest.skip("takes one protected variable")
    f, events = dependent(protected=protected)
    penalty = ready_penalty(name, as_scores(name, f, events), events)
    f.requires_grad_()
    value = penalty(as_scores(name, f, events), events)
    assert value.shape == ()
    assert torch.isfinite(value)
    if penalty is not no_penalty:
        assert value.item() > 0
        value.backward()
        assert f.grad is not None
        assert torch.isfinite(f.grad).all()
        assert f.grad.any()


@methods
def test_penalty_is_larger_for_a_dependent_than_for_an_independent_score(name: str) -> None:
    f, events = dependent(2000)
    shuffled = f[torch.randperm(len(f), generator=torch.Generator().manual_seed(2))]
    low, high = (ready_penalty(name, as_scores(name, each, events), events) for each in (shuffled, f))
    if high is not no_penalty:
        assert high(as_scores(name, f, events), events) > 10 * low(as_scores(name, shuffled, events), events)


@methods
def test_a_training_yields_every_epoch_and_can_be_left_early(name: str, toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(2500)
    config = METHODS[name].item.config(epochs=4, batch_size=512, hidden=(16,))
    snapshots = fit(events, name, config, device=CPU, seed=1)
    first = next(snapshots)
    assert (first.epoch, first.n_epochs) == (1, 4)
    assert first.look().n_events == 250
    second = next(snapshots)
    snapshots.close()
    assert second.epoch == 2
    view = conclude(events, name, config, second.save(), device=CPU, seed=1).view
    assert 0 <= view.auc.value <= 1


@methods
def test_two_protected_variables_are_judged_or_refused_in_words(
    name: str, toy_table: Callable[..., EventTable]
) -> None:
    events = toy_table(2500)
    roles = events.roles.model_copy(update={"protected": ("mass", "noise"), "features": ("leaking", "clean")})
    config = METHODS[name].item.config(epochs=2, batch_size=512, hidden=(8,))
    snapshots = fit(events.with_roles(roles), name, config, device=CPU, seed=0)
    if name in OF_ONE_PROTECTED:
        with pytest.raises(DataError, match=f"{name} takes one protected variable, got 2"):
            next(snapshots)
        return
    last = list(snapshots)[-1]
    assert [p.variable for p in last.look().protected] == ["mass", "noise"]


@methods
def test_negative_lambda_is_refused(name: str) -> None:
    config = METHODS[name].item.config
    if "lam" in config.model_fields:
        with pytest.raises(ValidationError):
            config(lam=-1)
    else:
        with pytest.raises(ValidationError):
            config(lam=1)


def test_an_unknown_method_is_refused_with_those_that_exist() -> None:
    with pytest.raises(DataError, match=r"unknown method 'dicso'; allowed: .*baseline, disco, .*mode0"):
        METHODS["dicso"]

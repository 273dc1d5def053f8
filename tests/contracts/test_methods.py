"""What every registered method must do, whoever wrote it."""

from collections.abc import Callable

import pytest
import torch
from pydantic import ValidationError

from core.errors import DataError
from core.events.table import EventTable
from core.unlearning.method import METHODS, TrainingConfig
from core.unlearning.train import conclude, fit

methods = pytest.mark.parametrize("name", METHODS.names())
CPU = torch.device("cpu")


def background(n: int = 400, protected: int = 1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(11)
    m = torch.randn(n, protected, generator=generator, dtype=torch.float64)
    f = torch.sigmoid(2 * m[:, 0] + 0.5 * torch.randn(n, generator=generator, dtype=torch.float64))
    return f, m, torch.rand(n, generator=generator) + 0.5


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
def test_penalty_is_a_finite_non_negative_scalar_with_a_gradient(name: str, protected: int) -> None:
    f, m, w = background(protected=protected)
    method = METHODS[name].item
    penalty = method.build(method.config(), m, w)
    f.requires_grad_()
    value = penalty(f, m, w)
    assert value.shape == ()
    assert value.item() >= 0
    if name != "baseline":
        value.backward()
        assert f.grad is not None
        assert torch.isfinite(f.grad).all()
        assert f.grad.any()


@methods
def test_penalty_is_larger_for_a_dependent_than_for_an_independent_score(name: str) -> None:
    if name == "baseline":
        return
    f, m, w = background(2000)
    method = METHODS[name].item
    penalty = method.build(method.config(), m, w)
    shuffled = f[torch.randperm(len(f), generator=torch.Generator().manual_seed(2))]
    assert penalty(f, m, w) > 10 * penalty(shuffled, m, w)


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
    view = conclude(events, config, second.save(), device=CPU, seed=1).view
    assert 0 <= view.auc.value <= 1


@methods
def test_two_protected_variables_are_both_judged(name: str, toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(2500)
    roles = events.roles.model_copy(update={"protected": ("mass", "noise"), "features": ("leaking", "clean")})
    config = METHODS[name].item.config(epochs=2, batch_size=512, hidden=(8,))
    last = list(fit(events.with_roles(roles), name, config, device=CPU, seed=0))[-1]
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
    with pytest.raises(DataError, match="unknown method 'dicso'; allowed: baseline, disco, mode0"):
        METHODS["dicso"]

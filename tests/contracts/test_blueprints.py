"""What every registered blueprint must do, whoever wrote it."""

import math

import pytest
import torch
from pydantic import ValidationError

from core.event_variables.blueprint import BLUEPRINTS, Events
from core.event_variables.config import VariableConfig
from core.event_variables.learner import Learner, Networks
from core.event_variables.networks import MainNetwork

blueprints = pytest.mark.parametrize("name", BLUEPRINTS.names())
SMALL = {"hidden": (16,), "auxiliary": (8,), "epochs": 4, "batch_size": 128, "learning_rate": 2e-2}


def toy(n: int = 2000, seed: int = 1) -> Events:
    """Return events whose feature is θ of signal with noise; a quarter is background with a feature of its own."""
    generator = torch.Generator().manual_seed(seed)
    theta = 2 + 3 * torch.rand(n, generator=generator)
    y = torch.arange(n) % 4 > 0
    x = torch.where(y, theta + 0.3 * torch.randn(n, generator=generator), torch.randn(n, generator=generator))
    w = 0.5 + torch.rand(n, generator=generator)
    nothing = torch.empty(n, 0)
    return Events(x[:, None], torch.where(y, theta, 99.0), y, nothing, torch.zeros(n), nothing.double(), w / w.mean())


def networks(name: str, events: Events, **fields: object) -> tuple[Networks, VariableConfig]:
    config = BLUEPRINTS[name].item.config(**{**SMALL, **fields})
    made = Networks.new(BLUEPRINTS[name].item, config, events, None, torch.Generator().manual_seed(0))
    return made, config


@blueprints
def test_config_fields_carry_title_help_and_bounds(name: str) -> None:
    for field, info in BLUEPRINTS[name].item.config.model_fields.items():
        assert info.title, field
        assert info.description, field
        if info.annotation in (int, float):
            assert info.metadata, f"{field} has no bounds"


@blueprints
def test_defaults_are_valid_and_bad_options_are_not(name: str) -> None:
    config = BLUEPRINTS[name].item.config
    assert isinstance(config(), VariableConfig)
    for bad in ({"no_such_option": 1}, {"epochs": 0}, {"lam": -1}, {"size": 0}, {"kind": "sum"}):
        with pytest.raises(ValidationError):
            config(**bad)


@blueprints
def test_both_classes_have_the_same_weight_and_theta_lies_among_that_of_signal(name: str) -> None:
    events, blueprint = toy(20_000), BLUEPRINTS[name].item
    asked = blueprint.ask(events, torch.Generator().manual_seed(2))
    n = len(asked.index)
    assert asked.theta.shape == (n, blueprint.n_parameters)
    assert asked.target.shape == asked.w.shape == (n,)
    assert set(asked.target.unique().tolist()) == {0.0, 1.0}
    sums = [float(asked.w[asked.target == side].sum()) for side in (0, 1)]
    assert sums[0] == pytest.approx(sums[1], rel=0.05)
    assert bool(((asked.theta >= 2) & (asked.theta <= 5)).all())  # 99, the background's own, is never asked about


@blueprints
def test_theta_alone_tells_nothing_of_the_class(name: str) -> None:
    """The parameters of both classes have one distribution; for two of them, each place by itself."""
    asked = BLUEPRINTS[name].item.ask(toy(40_000), torch.Generator().manual_seed(3))
    for column in asked.theta.unbind(1):
        means = [float((column * asked.w)[asked.target == k].sum() / asked.w[asked.target == k].sum()) for k in (0, 1)]
        assert means[0] == pytest.approx(means[1], abs=0.03)


@blueprints
@pytest.mark.parametrize("kind", ["variable", "selector", "categoriser"])
def test_the_gradient_reaches_both_networks(name: str, kind: str) -> None:
    events = toy(512)
    made, _ = networks(name, events, kind=kind)
    losses, weights = made.losses(made.main(events.x), events, torch.Generator().manual_seed(1))
    assert losses.shape == weights.shape == (512,)
    (losses.sum() / weights.sum()).backward()
    for parameter in (*made.main.parameters(), *made.auxiliary.parameters()):
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()
    assert all(layer.weight.grad.any() for layer in made.main.body.layers)


@blueprints
def test_a_short_training_tells_the_classes_apart_and_repeats(name: str) -> None:
    events, found = toy(1500), []
    for _ in range(2):
        made, config = networks(name, events)
        learner = Learner(made, config, events, torch.Generator().manual_seed(4))
        entropies = [learner.run(epoch)[0] for epoch in range(1, config.epochs + 1)]
        assert entropies[-1] < entropies[0]
        found.append(made.objective(toy(seed=2), 0))
    assert found[0] == found[1]
    assert 5 * found[0].error < found[0].value < math.log(2)


@blueprints
def test_networks_survive_their_checkpoint(name: str) -> None:
    events = toy(256)
    made, config = networks(name, events)
    other = Networks.new(BLUEPRINTS[name].item, config, events, None, torch.Generator().manual_seed(9))
    other.fill(made.arrays())
    assert torch.equal(made.main(events.x), other.main(events.x))
    assert made.objective(events, 1) == other.objective(events, 1)
    assert isinstance(other.main, MainNetwork)

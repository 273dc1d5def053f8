"""Intervention on z', and the dial between a latent dimension and its protected variable."""

import numpy as np
import pytest
import torch

from core.disentanglement.dial import Curve, Dial, fit_curve
from core.disentanglement.intervene import intervene, positions_of
from core.disentanglement.models.beta_vae import BetaVAEConfig
from core.disentanglement.represent import Representation, find_representation
from core.disentanglement.train import fit_autoencoder
from core.errors import DataError
from core.events.table import EventTable, Roles
from core.learning.batch import Batch

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def events() -> EventTable:
    """The mass is one feature; two more know nothing of it."""
    rng = np.random.default_rng(4)
    mass, x, y = rng.uniform(5.2, 5.3, 6000), rng.normal(3, 2, 6000), rng.normal(size=6000)
    columns = {"m": mass, "rebuilt": mass.copy(), "x": x, "y": y, "label": (np.arange(6000) % 2).astype(np.int8)}
    return EventTable("toy", columns, Roles(features=("rebuilt", "x", "y"), label="label", protected=("m",)))


@pytest.fixture(scope="module")
def trained(events: EventTable) -> Representation:
    train = Batch.of(events, np.ones(6000, np.bool_), CPU)
    config = BetaVAEConfig(
        latent=4, epochs=25, hidden=(32,), beta=0.5, batch_size=256, supervision=20, signal_share=0.5,
    )  # fmt: skip
    source = torch.Generator().manual_seed(0)
    *_, last = fit_autoencoder(train, train, "beta_vae", config, n_sensitive=1, device=CPU, generator=source)
    return find_representation(last.network, train, is_tied=True, generator=source)


def test_generated_events_have_the_mass_that_was_asked_for(events: EventTable, trained: Representation) -> None:
    for value in (5.22, 5.25, 5.28):
        generated = intervene(trained, events, {"m": value})
        assert generated.roles.features == events.roles.features and generated.n_events == 6000
        assert np.mean(generated["rebuilt"]) == pytest.approx(value, abs=0.005)
        assert np.std(generated["rebuilt"]) < 0.4 * np.std(events["rebuilt"])


def test_what_is_independent_of_the_mass_stays(events: EventTable, trained: Representation) -> None:
    generated = intervene(trained, events, {"m": 5.25})
    for name in ("x", "y"):
        assert np.corrcoef(generated[name], events[name])[0, 1] > 0.9


def test_what_cannot_be_set_is_refused(events: EventTable, trained: Representation) -> None:
    for values, message in (
        ({"m": 6.0}, r"m = 6 is not among the values that the latent can tell; allowed: 5\.2\d* to 5\.[23]\d*"),
        ({"x": 1.0}, "'x' is no protected variable of this model; allowed: m"),
        ({}, "nothing to set; allowed: values of m"),
    ):
        with pytest.raises(DataError, match=message):
            intervene(trained, events, values)


def test_one_dimension_cannot_be_set_twice(trained: Representation) -> None:
    both = Representation(trained.autoencoder, [1, 1], np.ones(4), trained.dials * 2)
    with pytest.raises(DataError, match="z_2 holds b and another variable"):
        positions_of(both, ("a", "b"), {"a": 5.25, "b": 5.25})


@pytest.mark.parametrize("slope", [2.0, -2.0])
def test_a_curve_finds_a_monotone_relation_and_its_inverse(slope: float, rng: np.random.Generator) -> None:
    r = rng.normal(size=5000)
    curve = fit_curve(r, 7 + slope * r + 0.1 * rng.normal(size=5000), np.ones(5000))
    assert np.all(np.sign(slope) * np.diff(curve.value) >= 0)
    np.testing.assert_allclose(curve.at(np.array([-1.0, 0.5])), [7 - slope, 7 + 0.5 * slope], atol=0.05)
    assert curve.where(7 + slope, "m") == pytest.approx(1, abs=0.05)


def test_a_curve_weighs_events_and_takes_negative_weights_by_size() -> None:
    r = np.repeat([-1.0, 1.0], 500)
    m = np.tile([0.0, 10.0], 500) + r
    w = np.tile([3.0, -1.0], 500)
    np.testing.assert_allclose(fit_curve(r, m, w).at(np.array([-1.0, 1.0])), [1.5, 3.5])


def test_a_level_stretch_answers_with_its_middle() -> None:
    curve = Curve(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 5.0, 5.0, 10.0]))
    assert curve.where(5.0, "m") == 0.0


def test_a_blurred_dimension_is_read_by_its_mean_and_set_where_draws_lie(rng: np.random.Generator) -> None:
    """Means r with m = r and draws r + noise of the same width: E[m | draw] = draw/2, so that 1 is set at 2."""
    r = rng.normal(size=100_000)
    ones = np.ones(len(r))
    dial = Dial(fit_curve(r, r, ones), fit_curve(r + rng.normal(size=len(r)), r, ones))
    assert dial.read(np.array([1.0]))[0] == pytest.approx(1, abs=0.02)
    assert dial.turn_to(1.0, "m") == pytest.approx(2, abs=0.1)

"""The training as an iterator, what it learns, its judgement, and what is refused."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.errors import DataError
from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.config import SampleConfig
from core.event_variables.decorrelation import shares_below
from core.event_variables.results import EventVariableView
from core.event_variables.topologies import sample_events
from core.event_variables.train import conclude, fit
from core.events.table import Column, EventTable, Roles
from core.learning.snapshot import Conclusion
from core.results import from_json, to_json

CPU = torch.device("cpu")
QUICK: dict[str, Any] = {"hidden": (32, 16), "auxiliary": (16,), "batch_size": 128, "learning_rate": 1e-2}


def peak(n: int = 4000, seed: int = 1, *, background: float = 0.0) -> EventTable:
    """Events whose mass is what two features add up to: a peak of width 0.1 at θ, and two columns of noise.

    The combination a + b knows θ; a - b does not. Background is spread like all signal together.
    """
    rng = np.random.default_rng(seed)
    theta = rng.uniform(1, 3, n)
    label = (rng.random(n) >= background).astype(np.int8)
    mass = np.where(label == 1, theta + 0.1 * rng.normal(size=n), rng.uniform(1, 3, n))
    other = 0.5 * rng.normal(size=n)
    columns = {
        "a": mass / 2 + other, "b": mass / 2 - other, "c": rng.normal(size=n),
        "theta": theta, "mass": mass, "other": other, "label": label, "weight": rng.uniform(0.5, 1.5, n),
    }  # fmt: skip
    roles = Roles(features=("a", "b", "c"), protected=("theta", "mass", "other"), label="label" if background else None)
    return EventTable("peak", columns, roles, {"mass": Column("mass", "m", "GeV")})


def trained(
    events: EventTable, method: str = "blueprint_2", *, seed: int = 1, **fields: Any
) -> Conclusion[EventVariableView]:
    config = BLUEPRINTS[method].item.config(**{**QUICK, **fields})
    (last,) = deque(fit(events, method, config, device=CPU, seed=seed), maxlen=1)
    return conclude(events, method, config, last.save(), device=CPU, seed=seed)


def tau(found: Conclusion[EventVariableView], known: str = "mass") -> float:
    comparison = found.view.comparison(known)
    assert comparison is not None
    return comparison.tau.value


def with_roles(events: EventTable, **fields: Any) -> EventTable:
    return events.with_roles(events.roles.model_copy(update=fields))


def altered(events: EventTable, **columns: np.ndarray) -> EventTable:
    return replace(events, columns={**events.columns, **columns})


@pytest.fixture(scope="module")
def second() -> Conclusion[EventVariableView]:
    return trained(peak(), epochs=12)


def test_blueprint_2_finds_what_knows_theta(second: Conclusion[EventVariableView]) -> None:
    assert tau(second) > 0.9
    assert abs(tau(second, "other")) < 0.1
    information = {each.variable.name: each.value for each in second.view.information}
    assert information["v"].value > 0.6 * information["mass"].value
    assert information["other"].value < 0.05
    assert information["v"].value > second.view.objective.value > 0.2
    assert second.remarks == ()


def test_the_view_holds_what_a_page_draws(second: Conclusion[EventVariableView]) -> None:
    view = second.view
    assert from_json(EventVariableView, to_json(view)).headline() == pytest.approx(view.headline())
    assert view.theta is not None
    assert (view.theta.name, view.learnt[0].title, view.n_events, view.n_signal) == ("theta", "v", 1200, 1200)
    comparison = view.comparison("mass")
    assert comparison is not None
    assert comparison.known.axis == "m [GeV]"
    assert comparison.density.shape == (len(comparison.known_edges) - 1, len(comparison.learnt_edges) - 1)
    assert 0.95 < comparison.density.sum() <= 1
    assert 0.3 < comparison.share.value < 1
    slices = view.spectra[0].slices
    assert len(slices) == 5
    means = [each.share @ (view.spectra[0].edges[1:] + view.spectra[0].edges[:-1]) / 2 for each in slices]
    assert means == sorted(means)
    assert view.separation == ()


def test_the_score_is_v_of_mean_0_and_deviation_1(second: Conclusion[EventVariableView]) -> None:
    assert second.score.shape == (4000,)
    assert second.score.mean() == pytest.approx(0, abs=0.1)
    assert second.score.std() == pytest.approx(1, abs=0.1)
    assert np.bincount(second.split).tolist() == [2400, 400, 1200]


@pytest.mark.parametrize("difference", [True, False])
def test_blueprint_3_finds_it_in_both_forms(difference: bool) -> None:
    assert tau(trained(peak(), "blueprint_3", epochs=8, difference=difference)) > 0.85


def test_only_blueprint_1_finds_a_peak_that_is_washed_out_over_all_theta() -> None:
    """Signal of all θ together has the masses of the background: an ordinary classifier cannot see it."""
    events = peak(6000, background=0.5)
    first, zeroth = trained(events, "blueprint_1", epochs=10), trained(events, "blueprint_0", epochs=6)
    assert tau(first) > 0.8
    assert first.view.objective.value > 0.15
    assert zeroth.view.objective.value < 0.05
    assert abs(tau(zeroth)) < 0.6
    assert zeroth.remarks
    assert {each.variable.name for each in first.view.separation} == {"v", "mass", "other"}
    assert all(abs(each.value.value - 0.5) < 0.06 for each in first.view.separation)
    assert first.view.spectra[0].slices[-1].is_background


def test_background_that_is_measured_too_lowers_what_is_learnt() -> None:
    events = peak(6000, background=0.5)
    pure = trained(events, epochs=6)
    mixed = trained(events, epochs=6, background_share=0.6)
    assert pure.view.n_events == pure.view.n_signal
    assert mixed.view.n_events > mixed.view.n_signal
    assert 0 < mixed.view.objective.value < 0.8 * pure.view.objective.value
    assert tau(mixed) > 0.8


def test_several_variables_learn_together() -> None:
    found = trained(peak(), epochs=5, size=2)
    assert [each.name for each in found.view.learnt] == ["v1", "v2"]
    assert found.score.shape == (4000, 2)
    best = found.view.best("mass")
    assert best is not None
    assert best.tau.value > 0.5


def test_a_selector_takes_one_side_of_the_mass() -> None:
    found = trained(peak(), epochs=8, kind="selector")
    assert 0 <= found.score.min() < 0.1
    assert 0.9 < found.score.max() <= 1
    assert tau(found) > 0.8
    assert 0.08 < found.view.objective.value < math.log(2) / 2


def test_a_categoriser_cuts_the_mass_into_ranges_in_rising_order() -> None:
    found = trained(peak(), epochs=12, kind="categoriser", categories=4)
    categories = np.unique(found.score)
    assert set(categories) <= {0.0, 1.0, 2.0, 3.0}
    assert len(categories) >= 3
    mass = np.asarray(peak()["mass"])
    means = [mass[found.score == category].mean() for category in categories]
    assert means == sorted(means)
    assert tau(found) > 0.6


def test_a_selector_complementary_to_the_mass_does_not_repeat_it() -> None:
    """Both together know more of θ than the best selector alone, which is a cut on the mass."""
    alone, beside = (trained(peak(), epochs=8, kind="selector", complement=name) for name in ("", "mass"))
    assert beside.view.objective.value > alone.view.objective.value + 0.05
    assert abs(tau(beside)) < tau(alone) - 0.2


def test_decorrelation_trades_what_is_learnt_for_independence() -> None:
    free = trained(peak(), epochs=5)
    bound = trained(peak(), epochs=5, decorrelate="mass", lam=50.0)
    assert abs(tau(bound)) < 0.4 < tau(free)


def test_what_a_penalty_sees_is_the_share_below_with_its_slope() -> None:
    values = torch.randn(3000, generator=torch.Generator().manual_seed(1)).exp().requires_grad_()
    shares = shares_below(values)
    ranks = values.detach().argsort().argsort() / 2999
    assert (shares.detach() - ranks).abs().max() < 0.01
    shares.sum().backward()
    assert values.grad is not None
    dense, sparse = values.detach() < 1, values.detach() > 3
    assert values.grad[dense].mean() > 5 * values.grad[sparse].mean() > 0
    assert not shares_below(torch.ones(9)).any()


def test_a_range_of_cuts_leaves_the_events_below_the_lowest_out() -> None:
    found = trained(peak(), epochs=8, cut="mass", cut_low=1.5, cut_high=2.0)
    assert found.view.n_events < 1100
    comparison = found.view.comparison("mass")
    assert comparison is not None
    assert comparison.known_edges[0] >= 1.5
    assert comparison.tau.value > 0.75


def test_a_priority_looks_where_it_is_told() -> None:
    events = peak()
    theta = np.asarray(events["theta"])
    focused = trained(events, epochs=5, priority="gaussian", priority_centre=1.3, priority_width=0.1)
    even = trained(events, epochs=5, priority="flat")
    spread = [np.ptp(each.score[np.abs(theta - 1.3) < 0.2]) / np.ptp(each.score) for each in (focused, even)]
    assert spread[0] > spread[1]


def test_weights_count() -> None:
    events = with_roles(peak(), weight="weight")
    found = trained(events, epochs=5)
    assert tau(found) > 0.7
    assert all(each.share.sum() == pytest.approx(1, abs=0.06) for each in found.view.spectra[0].slices)


def test_same_seed_same_numbers_and_a_look_changes_none() -> None:
    config = BLUEPRINTS["blueprint_2"].item.config(**QUICK, epochs=2)
    one = list(fit(peak(), "blueprint_2", config, device=CPU, seed=3))[-1].save()
    for snapshot in fit(peak(), "blueprint_2", config, device=CPU, seed=3):
        snapshot.look()
    other = snapshot.save()
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_training_continues_where_it_was() -> None:
    config = BLUEPRINTS["blueprint_2"].item.config(**QUICK, epochs=3, decorrelate="other", penalty="mine", lam=1.0)
    whole = [s.save() for s in fit(peak(), "blueprint_2", config, device=CPU, seed=3)][-1]
    state = next(fit(peak(), "blueprint_2", config, device=CPU, seed=3))
    rest = list(fit(peak(), "blueprint_2", config, device=CPU, seed=3, state=state.state()))
    assert [each.epoch for each in rest] == [2, 3]
    again = rest[-1].save()
    assert all(np.array_equal(whole[name], again[name]) for name in whole)


def constant(events: EventTable, name: str) -> EventTable:
    return altered(events, **{name: np.full(events.n_events, 2.5)})


def broken(events: EventTable, name: str) -> EventTable:
    return altered(events, **{name: np.where(np.arange(events.n_events) < 3, np.nan, events[name])})


@pytest.mark.parametrize(
    ("change", "method", "fields", "words"),
    [
        (lambda e: constant(e, "theta"), "blueprint_2", {}, "θ 'theta' has one value, 2.5"),
        (lambda e: broken(e, "theta"), "blueprint_3", {}, "3 values of θ 'theta' are missing or infinite"),
        (lambda e: e, "blueprint_2", {"theta": "gone"}, "no column 'gone'"),
        (lambda e: with_roles(e, protected=()), "blueprint_2", {}, "no column of θ"),
        (lambda e: e, "blueprint_2", {"theta": "a"}, "θ 'a' is a feature too"),
        (lambda e: e, "blueprint_0", {}, "no label column"),
        (lambda e: e, "blueprint_1", {}, "no label column"),
        (lambda e: e, "blueprint_2", {"background_share": 0.5}, "no label column"),
        (lambda e: with_roles(altered(e, label=np.ones(4000)), label="label"), "blueprint_0", {}, "label"),
        (lambda e: e, "blueprint_2", {"known": ("m_t",)}, "no column 'm_t'"),
        (lambda e: e, "blueprint_2", {"known": ("theta",), "theta": "theta"}, "θ 'theta' is a known variable too"),
        (lambda e: constant(e, "mass"), "blueprint_2", {"known": ("mass",)}, "the column 'mass' has one value"),
        (lambda e: broken(e, "a"), "blueprint_2", {}, "3 values of 'a' are missing or infinite"),
        (lambda e: e.take(np.arange(200)), "blueprint_2", {}, "there are 120 effective training events of signal"),
        (
            lambda e: e, "blueprint_2", {"cut": "mass", "cut_low": 1.0, "cut_high": 99.0},
            "there are 0 effective training events of signal that pass the highest threshold, 99",
        ),
        (lambda e: e, "blueprint_2", {"cut": "mass", "cut_low": 9.0}, "the first must be smaller"),
        (lambda e: e, "blueprint_2", {"decorrelate": "mass", "penalty": "nothing"}, "unknown penalty 'nothing'"),
        (lambda e: e, "blueprint_2", {"decorrelate": "mass", "penalty": "planing"}, "unknown penalty 'planing'"),
        (
            lambda e: e, "blueprint_2", {"priority": "gaussian", "priority_centre": 1e9, "priority_width": 1.0},
            "no event has a θ near the priority",
        ),
        (lambda e: with_roles(e, features=()), "blueprint_2", {}, "no features"),
        (
            lambda e: with_roles(altered(e, weight=-np.ones(4000)), weight="weight"), "blueprint_2", {},
            "4,000 weights are negative, missing or infinite",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_refused_in_words(
    change: Callable[[EventTable], EventTable], method: str, fields: dict[str, Any], words: str
) -> None:
    config = BLUEPRINTS[method].item.config(**fields)
    with pytest.raises(DataError, match=words):
        next(fit(change(peak()), method, config, device=CPU, seed=0))


def test_configs_that_contradict_themselves_are_refused() -> None:
    kind = BLUEPRINTS["blueprint_3"].item.config
    for fields in (
        {"size": 5}, {"size": 2, "kind": "selector"}, {"cut_low": 3.0, "cut_high": 2.0}, {"known": ("m", "m")},
        {"train_fraction": 0.9, "validation_fraction": 0.09}, {"background_share": 1.0}, {"nonsense": 1},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            kind(**fields)
    for fields in ({"theta_low": 500.0, "theta_high": 100.0}, {"topology": "two_visible", "invisible_mass": 5.0}):
        with pytest.raises(ValidationError):
            SampleConfig(**fields)


def test_a_sample_of_a_topology_trains() -> None:
    events = sample_events(SampleConfig(topology="visible_invisible", events=6000), 1)
    assert tau(trained(events, epochs=10), "m_t") > 0.7

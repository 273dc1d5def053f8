"""The latent × variable matrix and the mutual information gap, against codes whose answers are known."""

from collections.abc import Callable

import numpy as np
import pytest

from core.disentanglement.latents import COLLAPSED, describe_latents, mutual_information_gap, shared_information
from core.events.table import EventTable, Roles
from core.information.matrix import information_matrix

N = 20_000


def table(mass: np.ndarray, feature: np.ndarray, label: np.ndarray | None = None) -> EventTable:
    columns = {"mass": mass, "x": feature, "label": np.zeros(len(mass)) if label is None else label}
    return EventTable("toy", columns, Roles(features=("x",), protected=("mass",), label="label"))


def test_the_gap_is_one_for_a_perfect_code(rng: np.random.Generator) -> None:
    mass, other = rng.normal(size=(2, N))
    found = describe_latents(
        np.stack([other, 2 * mass + 5, rng.normal(size=N)], 1), np.ones(3), [1], table(mass, other)
    )
    assert found.mig.value == pytest.approx(1, abs=0.01)
    assert 0 < found.mig.error < 0.01
    assert found.mi[1, 0] == pytest.approx(found.entropy[0])
    assert found.mi[0, 1] == pytest.approx(found.entropy[1])


def test_the_gap_is_about_zero_for_a_mixed_code(rng: np.random.Generator) -> None:
    """Two rotated dimensions know as much of the mass as each other, half each of its variance."""
    mass, other = rng.normal(size=(2, N))
    z = np.stack([mass + other, mass - other], 1) / np.sqrt(2)
    found = describe_latents(z, np.ones(2), [0], table(mass, other))
    assert found.mig.value < 0.01
    assert found.mi[:, 0] == pytest.approx(np.log(2) / 2, abs=0.03)  # -½ ln(1 - ρ²) with ρ² = ½
    assert found.mig.value < 5 * found.mig.error


def test_information_is_that_of_correlated_gaussians(rng: np.random.Generator) -> None:
    mass = rng.normal(size=N)
    z = np.stack([0.8 * mass + 0.6 * rng.normal(size=N), rng.normal(size=N)], 1)
    found = describe_latents(z, np.ones(2), [0], table(mass, rng.normal(size=N)))
    assert found.mi[0, 0] == pytest.approx(-0.5 * np.log(1 - 0.64), abs=0.02)
    assert abs(found.mi[1, 0]) < 4 * max(found.mi_error[1, 0], 0.002)
    assert found.mig.value == pytest.approx((found.mi[0, 0] - found.mi[1, 0]) / found.entropy[0])


def test_the_error_of_the_gap_is_the_spread_over_samples(rng: np.random.Generator) -> None:
    def one() -> tuple[float, float]:
        mass = rng.normal(size=2000)
        z = np.stack([0.8 * mass + 0.6 * rng.normal(size=2000), rng.normal(size=2000)], 1)
        found = describe_latents(z, np.ones(2), [0], table(mass, mass))
        return found.mig.value, found.mig.error

    values, errors = np.transpose([one() for _ in range(60)])
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.4)


def test_only_background_counts_with_its_weights(rng: np.random.Generator) -> None:
    """Signal that knows the mass changes nothing; background that does counts as much as it weighs."""
    mass, latent = rng.normal(size=(2, N))
    label = (np.arange(N) % 2).astype(np.int8)
    knows = (label == 1) | (np.arange(N) % 4 == 0)
    z = np.stack([np.where(knows, mass, latent), rng.normal(size=N)], 1)
    weight = np.where(knows & (label == 0), 0.0, 1.0)
    events = table(mass, latent, label)
    weighted = EventTable(
        "toy", {**events.columns, "w": weight}, events.roles.model_copy(update={"weight": "w"})
    )  # fmt: skip
    found = describe_latents(z, np.ones(2), [0], weighted)
    assert abs(found.mi[0, 0]) < 0.01
    assert describe_latents(z, np.ones(2), [0], events).mi[0, 0] > 0.3
    assert found.n_events == N // 2 and found.n_effective == N // 4


def test_it_is_the_block_of_the_information_matrix(toy_table: Callable[..., EventTable]) -> None:
    """Negative weights, several variables: the same numbers as the machinery of the explorer."""
    events = toy_table(6000)
    z = np.stack([events["leaking"] + events["noise"], events["clean"]], 1)
    found = describe_latents(z, np.ones(2), [0], events, errors=False)
    both = EventTable("both", {**events.columns, "z1": z[:, 0], "z2": z[:, 1]}, events.roles)
    bins = int(np.sqrt(events.of_class("background").n_effective / 10))
    truth = information_matrix(both, ["z1", "z2", *found.variables], event_class="background", bins=bins)
    assert found.variables == ("mass", "leaking", "clean", "noise")
    np.testing.assert_allclose(found.mi, truth.mi[:2, 2:])
    np.testing.assert_allclose(found.mi_error, truth.mi_error[:2, 2:])
    np.testing.assert_allclose(found.entropy, truth.entropy[2:])
    assert np.isnan(found.mig.error)


def test_collapsed_and_sensitive_dimensions_are_taken_out(rng: np.random.Generator) -> None:
    mass, other = rng.normal(size=(2, 500))
    z = rng.normal(size=(500, 4))
    found = describe_latents(z, np.array([1.0, COLLAPSED / 2, 0.5, 0.3]), [3, 3], table(mass, other), errors=False)
    assert (found.sensitive, found.collapsed, found.kept) == ((3,), (1,), (0, 2))


def test_the_gap_averages_over_variables() -> None:
    mi = np.array([[1.0, 0.2], [0.4, 0.2], [0.0, 0.1]])
    assert mutual_information_gap(mi, np.array([1.0, 2.0])) == pytest.approx((0.6 / 1.0 + 0.0 / 2.0) / 2)
    assert np.isnan(mutual_information_gap(mi, np.array([1.0, 0.0])))


def test_shared_information_takes_unweighted_events(rng: np.random.Generator) -> None:
    z = rng.normal(size=(1000, 2))
    np.testing.assert_allclose(
        shared_information(z, [z[:, 1]], None).mi, shared_information(z, [z[:, 1]], np.full(1000, 1.0)).mi
    )


def test_the_means_of_a_blurred_dimension_tell_what_its_draws_hide(rng: np.random.Generator) -> None:
    mass = rng.normal(size=N)
    means = np.stack([0.1 * mass, rng.normal(size=N)], 1)
    found = describe_latents(
        means + rng.normal(size=(N, 2)), np.ones(2), [1], table(mass, rng.normal(size=N)), means=means
    )
    assert found.means_mi is not None and found.means_mi.shape == (2, 1)
    assert found.mi[0, 0] < 0.02 and found.means_mi[0, 0] == pytest.approx(found.entropy[0])
    assert describe_latents(means, np.ones(2), [1], table(mass, mass)).means_mi is None


def test_where_negative_weights_leave_no_estimate_the_matrix_is_unknown(rng: np.random.Generator) -> None:
    mass, z = rng.normal(size=400), rng.normal(size=(400, 2))
    weight = rng.choice([1.0, -1.0], 400, p=[0.55, 0.45])
    events = table(mass, mass)
    roles = events.roles.model_copy(update={"weight": "w"})
    found = describe_latents(z, np.ones(2), [0], EventTable("toy", {**events.columns, "w": weight}, roles), means=z)
    assert np.isnan(found.mi).all() and np.isnan(found.mig.value) and np.isnan(found.mig.error)

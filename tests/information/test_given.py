"""What pairs share once a third variable is known: beside tables of three, closed forms and their own theorems."""

import numpy as np
import pytest

from core.errors import DataError
from core.events.table import EventTable, Roles
from core.information.counts import count_jointly
from core.information.given import given_matrix, suitable_bins_of_three
from core.information.matrix import information_matrix
from core.information.multivariate import conditional_mutual_information, interaction_information, total_correlation
from core.information.quantise import quantise


@pytest.fixture
def columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    z = rng.normal(size=4000)
    x, y = (z + 0.5 * rng.normal(size=4000) for _ in range(2))
    y[:50] = np.nan
    return {"x": x, "y": y, "n": rng.integers(0, 3, 4000), "z": z}


@pytest.mark.parametrize("weighted", [False, True])
def test_all_pairs_equal_their_tables_of_three(
    columns: dict[str, np.ndarray], weighted: bool, rng: np.random.Generator
) -> None:
    """Signed weights included: the density is that of the cells of three variables, cut at zero."""
    weights = rng.choice([1.0, 2.0, -0.05], 4000) if weighted else None
    table = EventTable("toy", columns | ({"w": weights} if weighted else {}), Roles(weight="w" if weighted else None))
    found = given_matrix(table, "z", ["x", "y", "n", "z"], bins=5)
    codes = quantise(columns, bins=5, weights=weights)
    assert found.names == ("x", "y", "n") and found.given == "z"
    for i, first in enumerate(found.names):
        for j, second in enumerate(found.names):
            if i != j:
                three = count_jointly(codes, [first, second, "z"], weights)
                for name, measure in (
                    ("given_mi", conditional_mutual_information),
                    ("interaction", interaction_information),
                    ("total_correlation", total_correlation),
                ):
                    expected = measure(three, found.n_effective)
                    tolerance = 0.002 if weighted else 1e-12  # pairs are cut at zero after z is summed over
                    assert found.measure(name)[i, j] == pytest.approx(expected, abs=tolerance), (name, first, second)


def test_the_counts_of_pairs_are_those_without_a_third_variable(columns: dict[str, np.ndarray]) -> None:
    table = EventTable("toy", columns)
    found, plain = given_matrix(table, "z", ["x", "y", "n"], bins=6), information_matrix(table, ["x", "y", "n"], bins=6)
    np.testing.assert_array_equal(found.mi, plain.mi)
    np.testing.assert_array_equal(found.measure("iqr"), plain.iqr)
    assert found.take([2, 0]).measure("interaction")[0, 1] == found.measure("interaction")[2, 0]
    assert found.take([2, 0]).names == ("n", "x")


def test_what_a_common_cause_explains_is_gone_and_a_common_effect_makes_synergy(rng: np.random.Generator) -> None:
    """Normals: x = z + e, y = z + e' share nothing given z; independent u, v share -½ log(1 - ρ²) given u + v + e."""
    z, e, f, u, v = rng.normal(size=(5, 200_000))
    table = EventTable("toy", {"x": z + e, "y": z + f, "z": z, "u": u, "v": v, "sum": u + v + e})
    cause = given_matrix(table, "z", ["x", "y"])
    assert cause.mi[0, 1] == pytest.approx(-0.5 * np.log(1 - 0.25), abs=0.01)
    assert cause.given_mi[0, 1] < 0.01
    assert cause.interaction[0, 1] < -0.1
    effect = given_matrix(table, "sum", ["u", "v"])
    partial = -0.5  # of u and v given u + v + e: -1/√(2 · 2)
    assert abs(effect.mi[0, 1]) < 0.002
    assert effect.given_mi[0, 1] == pytest.approx(-0.5 * np.log(1 - partial**2), abs=0.02)


def test_the_error_is_the_scatter_and_independent_variables_share_nothing(rng: np.random.Generator) -> None:
    values, errors, null = [], [], []
    for _ in range(30):
        z = rng.normal(size=4000)
        x, noise = z + rng.normal(size=4000), rng.normal(size=4000)
        found = given_matrix(
            EventTable("toy", {"x": x, "y": x + noise, "n": noise[::-1].copy(), "z": z}), "z", ["x", "y", "n"]
        )
        values.append(found.given_mi[0, 1])
        errors.append(found.given_mi_error[0, 1])
        null.append(found.given_mi[0, 2])
    assert 0.7 < np.mean(errors) / np.std(values) < 1.4
    assert np.mean(null) == pytest.approx(0.0, abs=0.01)


def test_bins_and_refusals() -> None:
    n = np.arange(400)
    table = EventTable("toy", {"x": n % 7, "y": n % 5, "z": n % 3})
    assert [suitable_bins_of_three(events) for events in (0, 640, 1e9)] == [3, 4, 16]
    with pytest.raises(DataError, match="1 variable beside z; allowed: two or more"):
        given_matrix(table, "z", ["x", "z"])
    odd = EventTable("odd", {"x": n % 7, "y": n % 5, "z": n % 2, "w": np.where(n % 2, 1.0, -0.8)}, Roles(weight="w"))
    with pytest.raises(DataError, match="value by value of the third variable, lies in cells"):
        given_matrix(odd, "z", ["x", "y"], bins=7)
    with pytest.raises(DataError, match="unknown measure 'given'"):
        given_matrix(table, "z", ["x", "y"]).measure("given")


def test_an_infinite_weight_is_named(columns: dict[str, np.ndarray]) -> None:
    weight = np.where(np.arange(4000) == 7, np.inf, 1.0)
    with pytest.raises(DataError, match=r"^1 of 4000 weights are NaN or infinite; allowed: finite weights$"):
        given_matrix(EventTable("toy", {**columns, "w": weight}, Roles(weight="w")), "z", ["x", "y"])

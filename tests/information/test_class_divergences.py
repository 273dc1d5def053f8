"""Signal against background in each variable: beside scipy, closed forms and the information about the label."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from core.errors import DataError
from core.events.table import EventTable, Roles
from core.information.class_divergences import class_divergences
from core.information.ranking import scoreboard

ROLES = Roles(features=("x", "n"), label="y", weight="w")


@pytest.fixture
def table(rng: np.random.Generator) -> EventTable:
    label = np.arange(6000) % 3 == 0
    columns = {"x": rng.normal(size=6000) + label, "n": rng.integers(0, 3, 6000) + label, "y": label}
    return EventTable("toy", columns | {"w": rng.choice([1.0, 2.0, -0.2], 6000)}, ROLES)


def test_divergences_of_a_discrete_variable_are_those_of_scipy(table: EventTable) -> None:
    """Signal is at 1, 2, 3 and background at 0, 1, 2: each class has a cell that the other never fills."""
    (found,) = class_divergences(table, ["n"])
    s, b = (np.bincount(table["n"][of], table.weights[of], 4) for of in (table.is_signal, ~table.is_signal))
    s, b = s / s.sum(), b / b.sum()
    assert found.jensen_shannon == pytest.approx(jensenshannon(s, b) ** 2)
    assert found.kullback_leibler == found.cross_entropy == (np.inf, np.inf)
    assert found.squared_distance == pytest.approx(((s - b) ** 2).sum())
    assert found.entropy == pytest.approx((entropy(s), entropy(b)), abs=2e-3)
    assert all(np.isnan(found.differential))


def test_divergences_of_shifted_normals_have_their_closed_forms(rng: np.random.Generator) -> None:
    """x ~ N(0, 1) and N(½, 1): KL = ⅛, h = ½ log 2πe, H(s;b) = H(s) + KL of the same cells."""
    label = np.arange(200_000) % 2
    table = EventTable("toy", {"x": rng.normal(size=200_000) + 0.5 * label, "y": label}, Roles(label="y"))
    (found,) = class_divergences(table, ["x"], bins=64)
    assert found.kullback_leibler == pytest.approx((0.125, 0.125), abs=0.01)
    assert found.differential == pytest.approx((0.5 * np.log(2 * np.pi * np.e),) * 2, abs=0.03)
    for crossed, own, divergence in zip(found.cross_entropy, found.entropy, found.kullback_leibler, strict=True):
        assert crossed == pytest.approx(own + divergence, abs=1e-3)


def test_the_jensen_shannon_divergence_is_the_information_about_the_label(table: EventTable) -> None:
    """At even odds, but for the correction of the scoreboard, which is the null level."""
    board = scoreboard(table, ["x", "n"], bins=10)
    for each in class_divergences(table, ["x", "n"], bins=10):
        told = board.relevance[board.names.index(each.name)]
        assert each.jensen_shannon == pytest.approx(told, abs=2 * each.null_level + 1e-3)
        assert each.jensen_shannon_error == pytest.approx(board.relevance_error[board.names.index(each.name)], rel=0.02)


def test_equal_classes_are_at_the_null_level(rng: np.random.Generator) -> None:
    found = []
    for _ in range(20):
        table = EventTable("toy", {"x": rng.normal(size=3000), "y": np.arange(3000) % 3 == 0}, Roles(label="y"))
        found += class_divergences(table, ["x"], bins=16)
    assert np.mean([each.jensen_shannon for each in found]) == pytest.approx(found[0].null_level, rel=0.25)


def test_missing_values_have_a_cell_and_a_sentinel_no_density(table: EventTable) -> None:
    x = table["x"].copy()
    x[:600] = np.nan
    z = np.where(np.arange(6000) < 600, -999.0, table["x"])
    holed = EventTable("holed", {"x": x, "z": z, "y": table["y"]}, Roles(label="y"))
    for each in class_divergences(holed, ["x", "z"], bins=8):
        assert all(np.isnan(each.differential)) and np.isfinite(each.jensen_shannon)
    with pytest.raises(DataError, match="no variable to compare"):
        class_divergences(holed, ["y"])


def test_an_infinite_weight_is_named_before_the_classes_are_balanced(table: EventTable) -> None:
    spoiled = EventTable("toy", {**table.columns, "w": np.where(np.arange(6000) == 7, np.inf, 1.0)}, ROLES)
    with pytest.raises(DataError, match=r"^1 of 6000 weights are NaN or infinite; allowed: finite weights$"):
        class_divergences(spoiled, ["x"])

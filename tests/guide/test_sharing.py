"""The pair that shares most and an independent one."""

import numpy as np

from core.events.table import EventTable
from core.guide.sharing import extremes
from core.information.matrix import information_matrix


def test_the_two_ends_of_the_matrix_are_found_and_constants_are_not(rng: np.random.Generator) -> None:
    n = 20_000
    x, y, z = rng.normal(size=(3, n))
    table = EventTable("toy", {"x": x, "near": x + 0.3 * y, "far": 0.5 * x + z, "apart": y, "one": np.ones(n)})
    found = extremes(information_matrix(table, list(table.columns), bins=16))
    assert {found.most.x, found.most.y} == {"x", "near"}
    assert {found.least.x, found.least.y} in ({"x", "apart"}, {"far", "apart"})
    assert found.n_pairs == 6
    assert abs(found.least.mi.value) < 4 * found.least.mi.error
    assert np.isclose(found.most.r_i, np.sqrt(1 - np.exp(-2 * found.most.mi.value)))

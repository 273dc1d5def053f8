"""What features tell once m is known: nothing of a copy, all of what has nothing to do with m, more of a key."""

import numpy as np
import pytest

from core.events.table import EventTable, Roles
from core.guide.remaining import remaining
from core.information.relevance import relevance


def test_copies_of_m_tell_nothing_more_and_keys_tell_more(rng: np.random.Generator) -> None:
    """Bits: y = m with probability 0.9, apart from y = own with 0.9; key = y xor m is worth nothing without m."""
    n = 40_000
    y = np.arange(n) % 2
    m = y ^ (rng.random(n) < 0.2)
    columns = {
        "m": m,
        "copy": m.copy(),
        "own": y ^ (rng.random(n) < 0.2),
        "key": y ^ m ^ (rng.random(n) < 0.05),
        "y": y,
    }
    table = EventTable("bits", columns, Roles(features=("copy", "own", "key"), label="y", protected=("m",)))
    found = remaining(table, relevance(table, table.roles.features, "y"), "m")
    alone, given = (dict(zip(found.names, values, strict=True)) for values in (found.alone, found.given))
    one_bit = np.log(2) + 0.2 * np.log(0.2) + 0.8 * np.log(0.8)  # I of a bit that is right in 80 %
    assert found.about_label.value == pytest.approx(one_bit, abs=0.01)
    assert (alone["copy"], given["copy"]) == (pytest.approx(one_bit, abs=0.01), pytest.approx(0, abs=0.001))
    # own and m are independent given y: I(own; y|m) = I(own, m; y) - I(m; y), less than alone, for both say the same
    assert 0 < given["own"] < alone["own"] == pytest.approx(one_bit, abs=0.01)
    assert given["key"] > 5 * abs(alone["key"])

"""Whatever is registered says its formula and its source."""

import pytest

from core.registry import Entry
from scripts.methods import ROOMS

ENTRIES = [entry for room in ROOMS.values() for entry in room.registry]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{type(entry.item).__name__}-{entry.name}")
def test_every_method_says_what_it_computes_and_where_that_comes_from(entry: Entry[object]) -> None:
    assert len(entry.formula) > 5, f"{entry.name}: give a formula"
    assert "\n" not in entry.formula, "one line"
    assert "  " not in entry.formula
    assert entry.title and entry.summary.endswith(".") and entry.reference

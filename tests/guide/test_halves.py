"""Two halves of the events: disjoint, complete, and never without what was asked for."""

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import DataError
from core.events.table import EventTable
from core.guide import halves
from core.guide.halves import two_halves


def test_every_event_is_in_one_half_and_those_without_a_value_in_none(rng: np.random.Generator) -> None:
    x = np.arange(1000.0)
    x[::10] = np.nan
    fit, judged = two_halves(EventTable("toy", {"x": x}), ["x"], rng, labelled=False)
    assert fit.n_events == judged.n_events == 450
    assert sorted([*fit["x"], *judged["x"]]) == sorted(x[np.isfinite(x)])


def test_of_many_events_only_some_are_taken(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halves, "MOST_EVENTS", 200)
    fit, judged = two_halves(EventTable("toy", {"x": np.arange(1000.0)}), ["x"], rng, labelled=False)
    assert fit.n_events + judged.n_events == 200


def test_too_few_events_of_a_class_are_refused(toy_table: Callable[..., EventTable], rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match=r"events of a class in half of toy; allowed: at least 50"):
        two_halves(toy_table(120), ["mass"], rng)

"""The cut on one variable: which variable, what it does to the mass, and what flatness costs."""

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import DataError
from core.evaluation.verdict import flatness
from core.events.table import EventTable, Roles
from core.guide.sculpting import one_cut, telling_both
from core.information.relevance import Relevance, relevance


def told(table: EventTable) -> tuple[Relevance, Relevance]:
    features = table.roles.features
    return relevance(table, features, "label", bins=16), relevance(
        table, features, "mass", event_class="background", bins=16
    )


def test_the_variable_that_knows_both_is_cut_on_and_its_rank_is_flat(toy_table: Callable[..., EventTable]) -> None:
    table = toy_table(30_000)
    label, mass = told(table)
    assert telling_both(label, mass) == "leaking"
    found = one_cut(table, label, mass, 1, replicas=5)
    assert (found.feature, found.protected, found.protected_title) == ("leaking", "mass", "m")
    assert not flatness(found.plain.protected[0])
    assert flatness(found.flat.protected[0])
    assert found.flat.n_events == found.plain.n_events == 15_000 == found.n_fit


def test_one_seed_gives_one_result(toy_table: Callable[..., EventTable]) -> None:
    table = toy_table(4000)
    first, again = (one_cut(table, *told(table), 3, replicas=2) for _ in range(2))
    assert first.flat.auc == again.flat.auc


def test_without_features_there_is_nothing_to_cut_on() -> None:
    n = np.arange(1000)
    table = EventTable("toy", {"m": n / 1000, "y": n % 2}, Roles(label="y", protected=("m",)))
    nothing = Relevance("y", "the label", True, 0.7, (), (), *(np.empty(0),) * 3)
    with pytest.raises(DataError, match="no features; allowed: at least one"):
        one_cut(table, nothing, nothing, 0)

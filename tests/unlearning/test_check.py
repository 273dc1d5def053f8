"""Events that cannot be trained on are refused in words."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.errors import DataError
from core.events.table import EventTable
from core.unlearning.check import check_events


def weighted(events: EventTable, weight: np.ndarray) -> EventTable:
    return replace(events, columns={**events.columns, "weight": weight})


def test_a_class_of_too_few_effective_events_is_refused(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(500)
    check_events(events)
    huge = np.where(np.arange(500) == 5, 1e12, 1.0)  # event 5 is signal
    with pytest.raises(
        DataError, match=r"^N_eff of the 250 signal events is 1; at least 50 are needed to train: a few"
    ):
        check_events(weighted(events, huge))
    cancelling = np.where(np.arange(500) // 2 % 20 < 9, -1.0, 1.0)  # 45 % of each class: N_eff is 1 % of 250
    with pytest.raises(DataError, match=r"N_eff of the 250 signal events is .* negative ones cancel"):
        check_events(weighted(events, cancelling))


def test_sane_weights_are_taken(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(200)
    check_events(weighted(events, np.random.default_rng(1).uniform(0.2, 2.0, 200)))
    with pytest.raises(DataError, match=r"^49 signal events; at least 50 are needed to train$"):
        check_events(events.take(np.arange(98)))

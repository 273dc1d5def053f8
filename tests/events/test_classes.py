"""A label that is read batch by batch is refused as one that is read whole."""

import numpy as np
import pytest

from core.errors import DataError
from core.events.classes import LOOKED_AT, ClassReader


def test_batches_may_hold_one_class_each() -> None:
    classes = ClassReader("y")
    assert classes.is_signal(np.array([-1.0, -1.0])).tolist() == [False, False]
    assert classes.is_signal(np.array([1.0])).tolist() == [True]
    assert classes.is_signal(np.array([])).tolist() == []


def test_values_of_several_batches_must_be_two_classes_together() -> None:
    classes = ClassReader("y", LOOKED_AT)
    classes.is_signal(np.array([-1.0, 1.0, 1.0]))
    with pytest.raises(DataError, match=r"holds 0 \(3 events looked at\), 1 \(2 .*\), -1 \(1 .*\); choose which value"):
        classes.is_signal(np.array([0.0, 0.0, 0.0]))


def test_events_without_a_label_are_counted_among_those_looked_at() -> None:
    classes = ClassReader("y", LOOKED_AT)
    classes.is_signal(np.array([0.0, 1.0, 1.0]))
    with pytest.raises(DataError, match=r"missing in 2 of 6 events looked at; drop invalid events"):
        classes.is_signal(np.array([np.nan, 0.0, np.nan]))

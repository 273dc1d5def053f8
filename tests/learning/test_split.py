"""The split into training, validation and held-out events, and that of a training on fewer events."""

import numpy as np
import pytest

from core.errors import DataError
from core.learning.split import HELD_OUT, LEFT_OUT, TRAINING, VALIDATION, split_events


def split(n: int, most: int | None, seed: int = 1) -> np.ndarray:
    return split_events(np.arange(n) % 5 == 0, 0.5, 0.1, np.random.default_rng(seed), most)


def test_fewer_events_are_a_random_part_of_each_part_and_class() -> None:
    everything, few = split(10_000, None), split(10_000, 1000)
    is_signal = np.arange(10_000) % 5 == 0
    assert np.bincount(few).tolist() == [1000, 200, 800, 8000]
    assert [int((few[is_signal] == kind).sum()) for kind in (TRAINING, VALIDATION, HELD_OUT)] == [200, 40, 160]
    kept = few != LEFT_OUT
    assert np.array_equal(few[kept], everything[kept])  # nobody is trained on who would be held out otherwise
    drawn = np.flatnonzero(few == TRAINING)
    assert abs(drawn.mean() - 5000) < 4 * 10_000 / np.sqrt(12 * 1000)


def test_the_draw_repeats_for_one_seed_and_differs_for_another() -> None:
    assert np.array_equal(split(3000, 600), split(3000, 600))
    assert not np.array_equal(split(3000, 600), split(3000, 600, seed=2))


def test_as_many_as_there_are_leaves_no_event_out() -> None:
    assert np.array_equal(split(3000, 1500), split(3000, None))
    assert np.array_equal(split(3000, 10**9), split(3000, None))


def test_so_few_that_a_class_has_none_are_refused() -> None:
    with pytest.raises(DataError, match="train on more than 3 events"):
        split(10_000, 3)

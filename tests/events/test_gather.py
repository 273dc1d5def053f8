"""Batches laid end to end."""

import numpy as np
import pytest

from core.errors import DataError
from core.events.gather import gather


def test_batches_end_to_end(rng) -> None:
    values = rng.normal(size=100)
    batches = [{"x": values[i : i + 7], "n": np.arange(i, min(i + 7, 100))} for i in range(0, 100, 7)]
    columns = gather(batches, most=100)
    np.testing.assert_array_equal(columns["x"], values)
    np.testing.assert_array_equal(columns["n"], np.arange(100))


def test_files_of_a_folder_may_differ_in_precision() -> None:
    """A float32 file followed by a float64 one: no digit of the second is lost."""
    columns = gather([{"x": np.array([0.1], np.float32)}, {"x": np.array([0.1])}], most=2)
    assert columns["x"].dtype == np.float64
    assert columns["x"].tolist() == [float(np.float32(0.1)), 0.1]


def test_what_is_left_over_is_freed() -> None:
    columns = gather([{"x": np.ones(3)}], most=1_000_000)
    assert columns["x"].base is None
    assert len(columns["x"]) == 3


def test_empty_batches_and_none_at_all() -> None:
    assert len(gather([{"x": np.ones(0)}], most=5)["x"]) == 0
    assert gather([], most=5) == {}


def test_more_events_than_promised() -> None:
    with pytest.raises(DataError, match=r"more than the 3 events"):
        gather([{"x": np.ones(2)}, {"x": np.ones(2)}], most=3)

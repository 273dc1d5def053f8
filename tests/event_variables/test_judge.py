"""What figures are made of: edges, slices of θ, and the priority."""

import numpy as np
import pytest

from core.errors import DataError
from core.event_variables.config import PriorityConfig, SampleConfig
from core.event_variables.judge import edges_of, slices_of
from core.event_variables.priority import priority_weights


def test_edges_leave_one_percent_out_and_are_even() -> None:
    values = np.random.default_rng(1).standard_cauchy(10_000)
    edges = edges_of(values, np.ones(10_000), 50)
    assert edges.shape == (51,)
    assert np.mean((values >= edges[0]) & (values <= edges[-1])) == pytest.approx(0.99, abs=0.002)
    np.testing.assert_allclose(np.diff(edges), np.diff(edges)[0])


def test_few_values_have_a_bin_each_and_one_value_has_one() -> None:
    np.testing.assert_allclose(edges_of(np.array([0.0, 1, 2, 2]), np.ones(4), 60), [-0.5, 0.5, 1.5, 2.5])
    np.testing.assert_allclose(edges_of(np.full(4, 3.0), np.ones(4), 60), [2.5, 3.5])


def test_events_without_weight_do_not_stretch_the_edges() -> None:
    values = np.linspace(0, 1, 1001)
    assert edges_of(np.append(values, 99.0), np.append(np.ones(1001), 0.0), 10)[-1] < 1


def test_slices_are_narrow_and_rising_or_single_values() -> None:
    narrow = slices_of(np.linspace(100, 500, 100_001))
    assert [round((low + high) / 2) for low, high in narrow] == [140, 220, 300, 380, 460]
    assert all(high - low == pytest.approx(16, abs=0.1) for low, high in narrow)
    assert slices_of(np.repeat([80.0, 90.0], 9)) == [(80, 80), (90, 90)]
    assert slices_of(np.repeat(np.arange(41.0), 3)) == [(value, value) for value in (0.0, 10.0, 20.0, 30.0, 40.0)]


def test_a_flat_priority_levels_the_sample_out() -> None:
    rng = np.random.default_rng(2)
    theta, weights = 100 * np.sqrt(rng.random(50_000)), rng.uniform(0.5, 1.5, 50_000)
    found = weights * priority_weights(theta, weights, PriorityConfig(priority="flat"))
    filled = np.histogram(theta, 10, (0, 100), weights=found)[0]
    np.testing.assert_allclose(filled / filled.mean(), 1, atol=0.08)
    assert found.sum() == pytest.approx(weights.sum())


def test_a_gaussian_priority_is_one_whatever_the_sample() -> None:
    theta = 100 * np.sqrt(np.random.default_rng(3).random(200_000))
    config = PriorityConfig(priority="gaussian", priority_centre=40.0, priority_width=10.0)
    found = priority_weights(theta, np.ones(200_000), config)
    mean = np.average(theta, weights=found)
    assert mean == pytest.approx(40, abs=0.3)
    assert np.sqrt(np.average((theta - mean) ** 2, weights=found)) == pytest.approx(10, abs=0.2)


def test_a_priority_where_no_event_is_gets_refused() -> None:
    config = PriorityConfig(priority="gaussian", priority_centre=1e9, priority_width=1.0)
    with pytest.raises(DataError, match="no event has a θ near the priority"):
        priority_weights(np.linspace(0, 1, 10), np.ones(10), config)


def test_config_fields_of_a_sample_carry_title_and_help() -> None:
    for name, field in SampleConfig.model_fields.items():
        assert field.title, name
        assert field.description, name

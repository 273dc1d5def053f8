"""Profiles and samples of a pair: those of numpy and scipy, with weights as repetition and holes left open."""

import numpy as np
import pytest
from scipy.stats import binned_statistic

from core.errors import DataError
from core.events.table import Column, EventTable, Roles
from core.information.profile import profile, sample_pair


def table(weights=None, **columns) -> EventTable:
    columns = {name: np.asarray(values) for name, values in columns.items()}
    if weights is None:
        return EventTable("toy", columns)
    return EventTable("toy", columns | {"w": np.asarray(weights)}, Roles(weight="w"))


@pytest.fixture
def pair(rng):
    x = rng.exponential(size=5000)
    return {"x": x, "y": np.sin(x) + 0.3 * rng.normal(size=5000)}


def test_means_errors_and_quantiles_are_those_of_scipy_and_numpy(pair) -> None:
    found = profile(table(**pair), "x", "y", bins=10)
    assert len(found.mean) == 10

    def oracle(statistic):
        return binned_statistic(pair["x"], pair["y"], statistic, found.edges).statistic

    assert found.mean == pytest.approx(oracle("mean"))
    assert found.error == pytest.approx(oracle("std") / np.sqrt(oracle("count")))
    for values, share in ((found.low, 0.16), (found.median, 0.5), (found.high, 0.84)):
        expected = oracle(lambda y, share=share: np.quantile(y, share, method="inverted_cdf"))
        np.testing.assert_array_equal(values, expected)
    assert found.place == pytest.approx(binned_statistic(pair["x"], pair["x"], "mean", found.edges).statistic)


def test_bins_hold_equally_many_events(pair) -> None:
    found = profile(table(**pair), "x", "y", bins=10)
    assert np.ptp(np.histogram(pair["x"], found.edges)[0]) <= 1


def test_a_whole_weight_counts_as_so_many_events(rng) -> None:
    """All but the error, for which repeated events are more events than weighted ones."""
    x, y, w = rng.integers(0, 4, 400), rng.normal(size=400), rng.integers(1, 5, 400)
    weighted = profile(table(w, x=x, y=y), "x", "y")
    repeated = profile(table(x=np.repeat(x, w), y=np.repeat(y, w)), "x", "y")
    for name in ("mean", "median", "low", "high", "place", "edges"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name))
    n_events, n_effective = (
        np.array([f(w[x == code]) for code in range(4)]) for f in (np.sum, lambda v: v.sum() ** 2 / (v**2).sum())
    )
    assert weighted.error == pytest.approx(repeated.error * np.sqrt(n_events / n_effective))


def test_the_error_is_the_scatter_of_the_mean(rng) -> None:
    x = np.repeat(np.arange(400), 50)
    w = rng.uniform(0.2, 2.0, len(x))
    found = profile(table(w, x=x % 250, y=rng.normal(size=len(x))), "x", "y", bins=255)
    assert np.std(found.mean / found.error) == pytest.approx(1.0, rel=0.15)


def test_negative_weights_are_subtracted(rng) -> None:
    """Events that are added and subtracted again leave the profile of the others."""
    x, y = rng.integers(0, 3, 900), rng.normal(size=900)
    twice = np.concatenate([np.arange(900), np.arange(100), np.arange(100)])
    weights = np.concatenate([np.ones(1000), -np.ones(100)])
    found = profile(table(weights, x=x[twice], y=y[twice]), "x", "y")
    expected = profile(table(x=x, y=y), "x", "y")
    assert found.mean == pytest.approx(expected.mean)
    assert found.median == pytest.approx(expected.median, abs=0.1)


def test_bins_that_cancel_are_empty() -> None:
    """In bin 1 the weights sum to nothing, in bin 2 the variance is below zero: a mean would lie outside the events."""
    x = [0, 0, 1, 1, 2, 2, 2]
    found = profile(table([1, 1, 1, -1, 1, 1, -0.9], x=x, y=[0.0, 2.0, 1.0, 5.0, 0.0, 0.1, 9.0]), "x", "y")
    for values in (found.mean, found.error, found.median, found.low, found.high):
        assert np.isfinite(values).tolist() == [True, False, False]
    assert found.mean[0] == 1.0


def test_missing_values_and_sentinels_have_no_place(pair) -> None:
    x, y = pair["x"].copy(), pair["y"].copy()
    x[:100], y[100:300], y[300:400] = np.nan, -999.0, np.inf
    events = table(x=x, y=y)
    found = profile(events, "x", "y")
    assert (found.n_events, found.n_left_out, found.n_effective) == (5000, 400, 4600)
    assert np.all(np.abs(found.mean) < 2)
    sample = sample_pair(events, "x", "y", size=5000, rng=np.random.default_rng(0))
    assert (len(sample.x), sample.n_left_out) == (4600, 400)
    assert sample.y.min() > -900 and np.isfinite(sample.x).all()


def test_a_value_of_few_has_a_bin(rng) -> None:
    x = rng.choice([2, 3, 5], 300)
    found = profile(table(x=x, y=1.0 * x), "x", "y")
    assert found.discrete
    assert found.mean.tolist() == [2, 3, 5]
    assert found.edges.tolist() == [1.5, 2.5, 4.0, 6.0]


def test_a_constant_has_one_bin() -> None:
    found = profile(table(x=np.full(4, 7.0), y=np.arange(4.0)), "x", "y")
    assert found.mean.tolist() == [1.5]


def test_the_classes_are_kept_apart(toy_table) -> None:
    events = toy_table(4000)
    signal = sample_pair(events, "mass", "leaking", event_class="signal", rng=np.random.default_rng(0))
    assert set(signal.x) <= set(events["mass"][events.is_signal])
    assert profile(events, "mass", "leaking", event_class="signal").n_events == 2000


@pytest.mark.parametrize("draw", [profile, lambda *a: sample_pair(*a, rng=np.random.default_rng(0))])
def test_without_a_value_there_is_nothing_to_draw(draw) -> None:
    with pytest.raises(DataError, match="none of 3 all events has a finite value of both x and y"):
        draw(table(x=[np.nan] * 3, y=[0.0, 1.0, 2.0]), "x", "y")


def test_the_sample_is_drawn_without_repetition_and_always_the_same(pair) -> None:
    one, other = (sample_pair(table(**pair), "x", "y", rng=np.random.default_rng(0)) for _ in range(2))
    assert len(np.unique(one.x)) == 2000
    np.testing.assert_array_equal(one.x, other.x)
    assert not one.is_weighted


def test_all_events_are_drawn_where_they_are_few() -> None:
    sample = sample_pair(table(x=np.arange(50), y=np.arange(50)), "x", "y", rng=np.random.default_rng(0))
    assert sorted(sample.x) == list(range(50))


def test_events_are_drawn_in_proportion_to_the_size_of_their_weight(rng) -> None:
    """Systematic sampling: the number drawn of each group is its share of Σ|w|, to within one."""
    group = rng.permutation(np.repeat([0, 1, 2], 10_000))
    weights = np.array([1.0, 3.0, -4.0])[group]
    sample = sample_pair(table(weights, x=group, y=np.arange(30_000)), "x", "y", size=800, rng=rng)
    assert len(sample.x) == 800 == len(np.unique(sample.y))
    assert np.bincount(sample.x.astype(int)) == pytest.approx([100, 300, 400], abs=40)
    np.testing.assert_array_equal(sample.is_negative, sample.x == 2)
    assert sample.is_weighted


def test_every_event_is_as_likely_as_it_weighs() -> None:
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    events = table(weights, x=np.arange(4), y=np.arange(4))
    drawn = [sample_pair(events, "x", "y", size=2, rng=np.random.default_rng(seed)).x for seed in range(3000)]
    assert np.bincount(np.concatenate(drawn).astype(int)) / 3000 == pytest.approx(2 * weights / 10, abs=0.03)


def test_what_cannot_be_drawn_is_refused() -> None:
    events = table(np.zeros(3), x=np.arange(3), y=np.arange(3))
    with pytest.raises(DataError, match="weights of all 3 all events are 0"):
        sample_pair(events, "x", "y", rng=np.random.default_rng(0))
    with pytest.raises(DataError, match="a sample of 0 events; allowed: 1 or more"):
        sample_pair(events, "x", "y", size=0, rng=np.random.default_rng(0))


def test_tables_name_columns_with_their_unit(pair) -> None:
    events = EventTable("toy", pair, described={"x": Column("x", "m", "GeV")})
    columns = profile(events, "x", "y").table()
    assert {"x_low [GeV]", "y_mean", "y_mean_error"} <= set(columns)
    drawn = sample_pair(events, "x", "y", rng=np.random.default_rng(0)).table()
    assert list(drawn) == ["x [GeV]", "y", "has_negative_weight", "event_class"]

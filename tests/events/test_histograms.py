"""Histograms of one column: areas, errors, bins and the separation of classes."""

import numpy as np
import pytest

from core.errors import DataError
from core.events.histograms import Shape, class_histogram, separation
from core.events.table import Column, EventTable, Roles


def labelled(x, label, **columns) -> EventTable:
    roles = Roles(label="label", weight="w" if "w" in columns else None)
    return EventTable("toy", {"x": np.asarray(x), "label": np.asarray(label), **columns}, roles)


def test_matches_numpy_with_weights_of_both_signs(rng: np.random.Generator) -> None:
    n = 5000
    x, label = rng.normal(size=n), rng.integers(0, 2, n)
    w = rng.choice([1.0, -0.3], n, p=[0.9, 0.1]) * rng.uniform(0.5, 2, n)
    histogram = class_histogram(labelled(x, label, w=w), "x", bins=20)
    for key, chosen in (("signal", label == 1), ("background", label == 0)):
        inside = chosen & (x >= histogram.edges[0]) & (x <= histogram.edges[-1])
        density, _ = np.histogram(x[inside], histogram.edges, weights=w[inside], density=True)
        squares, _ = np.histogram(x[inside], histogram.edges, weights=w[inside] ** 2)
        shape = histogram.shapes[key]
        np.testing.assert_allclose(shape.density, density, rtol=1e-12)
        np.testing.assert_allclose(
            shape.error, np.sqrt(squares) / w[inside].sum() / np.diff(histogram.edges), rtol=1e-12
        )
        assert shape.n_events == chosen.sum()
        assert shape.n_effective == pytest.approx(w[chosen].sum() ** 2 / (w[chosen] ** 2).sum())


def test_error_is_the_spread_over_repeated_samples(rng: np.random.Generator) -> None:
    densities, errors = [], []
    for _ in range(200):
        x = np.append(rng.uniform(size=1000), [0.0, 1.0])
        w = rng.exponential(size=1002)
        shape = class_histogram(EventTable("t", {"x": x, "w": w}, Roles(weight="w")), "x", bins=10).shapes["all"]
        densities.append(shape.density[4])
        errors.append(shape.error[4])
    assert np.mean(errors) == pytest.approx(np.std(densities), rel=0.2)


def test_bins_span_the_central_events_and_the_rest_is_counted(rng: np.random.Generator) -> None:
    x = np.append(rng.normal(size=9995), np.full(5, 1e6))
    histogram = class_histogram(EventTable("t", {"x": x}), "x")
    assert len(histogram.edges) == 51
    assert histogram.edges[-1] < 10
    assert histogram.n_outside == np.sum((x < histogram.edges[0]) | (x > histogram.edges[-1]))


@pytest.mark.parametrize(("dtype", "n_values"), [(np.int64, 7), (np.float32, 7), (bool, 2)])
def test_whole_numbers_have_a_bin_each(dtype: type, n_values: int, rng: np.random.Generator) -> None:
    x = rng.integers(0, n_values, 1000).astype(dtype)
    histogram = class_histogram(EventTable("t", {"x": x}), "x")
    assert histogram.is_discrete
    np.testing.assert_allclose(histogram.edges, np.arange(n_values + 1) - 0.5)
    np.testing.assert_allclose(histogram.shapes["all"].density, np.bincount(x.astype(int)) / 1000)


def test_bins_of_many_whole_numbers_hold_equally_many(rng: np.random.Generator) -> None:
    """Bins whose width is no whole number hold now one value, now two: a comb."""
    histogram = class_histogram(EventTable("t", {"x": rng.integers(0, 137, 1000)}), "x")
    width = np.diff(histogram.edges)
    assert not histogram.is_discrete
    assert (width == width[0]).all() and width[0] == round(width[0]) and len(width) <= 50
    assert histogram.edges[0] % 1 == 0.5


def test_missing_values_are_counted_and_left_out() -> None:
    x = np.array([0.5, np.nan, np.inf, -np.inf, 0.25, 0.75])
    histogram = class_histogram(labelled(x, [1, 1, 0, 0, 0, 1]), "x", bins=2)
    assert histogram.n_missing == 3
    assert [histogram.shapes[key].n_events for key in ("signal", "background")] == [2, 1]
    assert np.sum(histogram.shapes["signal"].density * np.diff(histogram.edges)) == pytest.approx(1)


@pytest.mark.parametrize("value", [0.0, 3.0, -2.5, 1e12, 1e300])
def test_a_constant_is_one_bin_around_it(value: float) -> None:
    histogram = class_histogram(EventTable("t", {"x": np.full(10, value)}), "x")
    assert len(histogram.edges) == 2
    assert histogram.edges[0] < value < histogram.edges[1]
    assert histogram.n_outside == 0


def test_rare_values_beside_a_spike_are_still_seen() -> None:
    """Where the central events are constant, the bins span all of them."""
    histogram = class_histogram(EventTable("t", {"x": np.append(np.zeros(100_000), [0.5, 1.5])}), "x")
    assert histogram.edges[0] == 0 and histogram.edges[-1] == 1.5


def test_words_and_classes_follow_the_table() -> None:
    column = Column("x", "m_J", "GeV")
    table = EventTable("t", {"x": np.arange(4.0), "y": np.array([0, 0, 1, 1])}, described={"x": column})
    assert class_histogram(table, "x").column is column
    assert set(class_histogram(table, "x").shapes) == {"all"}
    assert set(class_histogram(table.with_roles(Roles(label="y")), "x").shapes) == {"signal", "background"}


def test_weight_column_counts_each_event_once() -> None:
    w = np.array([1.0, 1.0, 3.0, 3.0])
    histogram = class_histogram(EventTable("t", {"w": w}, Roles(weight="w")), "w")
    np.testing.assert_allclose(histogram.shapes["all"].density, [0.5, 0, 0.5])


def test_separation_of_known_shapes() -> None:
    """Shares (.5, .5) and (1, 0): ½ (.25/1.5 + .25/.5) = 1/3."""
    edges = np.array([0.0, 2.0, 3.0])

    def shape(*shares: float) -> Shape:
        return Shape(np.array(shares) / np.diff(edges), np.zeros(2), 10, 10.0)

    assert separation(shape(0.5, 0.5), shape(1, 0), edges) == pytest.approx(1 / 3)
    assert separation(shape(0, 1), shape(1, 0), edges) == pytest.approx(1)
    assert separation(shape(0.3, 0.7), shape(0.3, 0.7), edges) == 0
    assert 0 <= separation(shape(1.2, -0.2), shape(0.5, 0.5), edges) <= 1


def test_separation_needs_both_classes() -> None:
    assert np.isnan(class_histogram(labelled([0.0, 1.0], [1, 1]), "x").separation)
    assert np.isnan(class_histogram(EventTable("t", {"x": np.arange(3.0)}), "x").separation)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.full(3, np.nan), "column 'x' has no finite value among 3 events; at least one is needed"),
        (np.array(["a", "b", "c"]), "column 'x' holds <U1 values; numbers are needed"),
    ],
)
def test_columns_without_numbers_are_refused(values: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match="^" + message + "$"):
        class_histogram(EventTable("t", {"x": values}), "x")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, np.nan, 1.0, 1.0], "1 of 4 weights are NaN or infinite; allowed: finite weights"),
        ([np.inf, -np.inf, 1.0, 1.0], "2 of 4 weights are NaN or infinite; allowed: finite weights"),
        ([1.0, 1.0, 0.0, 0.0], "the weights of 2 background events sum to 0; a positive sum is needed"),
        ([1.0, -2.0, 1.0, 1.0], "the weights of 2 signal events sum to -1; a positive sum is needed"),
    ],
)
def test_weights_that_leave_no_histogram_are_refused(weights: list[float], message: str) -> None:
    table = labelled([0.1, 0.2, 0.3, 0.4], [1, 1, 0, 0], w=np.array(weights))
    with pytest.raises(DataError, match="^" + message + "$"):
        class_histogram(table, "x")
    assert class_histogram(table, "w").shapes["signal"].n_events <= 2, "the weight itself can still be looked at"

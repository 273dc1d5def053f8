"""Codes follow the boundaries, and the boundaries suit continuous, discrete, mixed and missing values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import DataError
from core.information.boundaries import point_masses
from core.information.quantise import SAMPLE_SIZE, Bins, _spread, find_bins, quantise

any_floats = arrays(np.float32, st.integers(1, 200), elements=st.floats(width=32, allow_nan=True, allow_infinity=True))


@given(any_floats, st.integers(2, 40), st.sampled_from(["equal_frequency", "equal_width"]))
def test_codes_count_the_boundaries_at_or_below_a_value(values, bins, rule):
    """numpy.searchsorted is the oracle, for all floats; NaN has the code after the last."""
    found = find_bins(values, bins=bins, rule=rule)
    expected = np.searchsorted(found.boundaries, values, side="right")
    expected[np.isnan(values)] = found.n_codes
    assert np.array_equal(found.encode(values), expected)
    assert np.all(np.diff(found.boundaries) > 0)
    assert found.n_codes <= bins


@given(any_floats)
def test_a_variable_of_few_values_gets_one_code_a_value(values):
    """Infinities, neighbouring floats, signed zeros and denormal numbers included."""
    distinct = np.unique(values[~np.isnan(values)] + np.float32(0))
    codes = find_bins(values, bins=255).encode(values)
    known = ~np.isnan(values)
    assert np.array_equal(codes[known], np.searchsorted(distinct, values[known]))


@pytest.mark.parametrize(
    "dtype", [np.bool_, np.int8, np.uint16, np.int32, np.int64, np.float16, np.float32, np.float64]
)
def test_every_numeric_type_is_coded_alike(dtype, rng):
    values = rng.integers(0, 2, 500).astype(dtype)
    assert np.array_equal(quantise({"x": values}).codes[0], values.astype(np.uint8))


@pytest.mark.parametrize("weighted", [False, True])
def test_equal_frequency_shares_the_weights_evenly(weighted, rng):
    """Each of 16 codes holds a sixteenth of abs(weights), to the weight of the largest event."""
    values, weights = rng.normal(size=40_000), rng.normal(1.0, 2.0, 40_000) if weighted else np.ones(40_000)
    codes = quantise({"x": values}, bins=16, weights=weights if weighted else None).codes[0]
    shares = np.bincount(codes, np.abs(weights)) / np.abs(weights).sum()
    assert shares == pytest.approx(np.full(16, 1 / 16), abs=2 * np.abs(weights).max() / np.abs(weights).sum())


def test_the_subsample_sees_every_event_of_a_periodic_file(rng):
    """Signal and background in turns, or in blocks: a fixed stride could see one of them only."""
    n = 8 * SAMPLE_SIZE
    for order in (np.arange(n) % 2, np.arange(n) % 8 == 0, np.arange(n) < n // 2):
        values = rng.normal(size=n) + 3.0 * order
        shares = np.bincount(quantise({"x": values}, bins=32).codes[0], minlength=32) / n
        assert shares == pytest.approx(np.full(32, 1 / 32), rel=0.1)


def test_a_rare_signal_keeps_its_label():
    """Nine signal events among a million, which the subsample does not see, still have a code of their own."""
    label = np.zeros(1_000_000, np.int8)
    label[np.setdiff1d(np.arange(77_777, 77_800), _spread(1_000_000))[:9]] = 1
    assert np.bincount(quantise({"label": label}).codes[0]).tolist() == [999_991, 9]


@pytest.mark.parametrize("mass", [-999.0, 0.0, 3.5])
def test_a_point_mass_has_a_code_to_itself(mass, rng):
    """A sentinel or a threshold value below, within or above the others; the rest shares the other codes evenly."""
    values = np.concatenate([np.full(20_000, mass), rng.uniform(-1.0, 2.0, 20_000)])
    codes = quantise({"x": values}, bins=32).codes[0]
    own = np.unique(codes[values == mass])
    assert len(own) == 1
    assert not np.any(codes[values != mass] == own[0])
    rest = np.bincount(codes[values != mass])
    assert np.count_nonzero(rest) >= 16
    assert rest.max() <= 40_000 / 32 + 1


@pytest.mark.parametrize("rule", ["equal_frequency", "equal_width"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
def test_rare_sentinels_and_missing_values_have_codes_of_their_own(rule, dtype, weighted, rng):
    """-999 and -9999 in half a percent of the events each, pT = 0, a value within the others, and NaN."""
    values = rng.exponential(30.0, 60_000).astype(dtype)
    odd = {-9999.0: 300, -999.0: 300, 0.0: 2000, 20.0: 500, np.nan: 400}
    start = 0
    for value, n in odd.items():
        values[start : start + n] = value
        start += n
    weights = rng.uniform(0.5, 2.0, len(values)) if weighted else None
    found = quantise({"x": values}, bins=32, rule=rule, weights=weights)
    codes = found.codes[0]
    assert found.bins[0].n_codes <= 32
    own = {value: np.unique(codes[np.isnan(values) if np.isnan(value) else values == value]) for value in odd}
    for value, code in own.items():
        assert len(code) == 1
        others = ~np.isnan(values) if np.isnan(value) else values != value
        assert not np.any(codes[others] == code[0])
    if rule == "equal_frequency":
        rest = np.bincount(codes[start:], None if weights is None else weights[start:])
        assert rest.max() <= 1.1 * rest.sum() / 20


def test_counters_and_rounded_numbers_have_no_point_masses(rng):
    """Neighbours as full as a value itself: codes are shared evenly, as far as whole values allow."""
    for values in (rng.poisson(60.0, 50_000), rng.normal(size=50_000).round(2), rng.geometric(0.02, 50_000)):
        ordered = np.sort(values.astype(np.float64))
        assert len(point_masses(ordered, None, most=8)) == 0
        assert len(point_masses(ordered, np.ones(len(ordered)), most=8)) == 0


def test_few_bins_are_not_spent_on_point_masses(rng):
    values = rng.normal(size=10_000)
    for i, value in enumerate((-5.0, -3.0, 0.0, 3.0, 5.0)):
        values[500 * i : 500 * i + 100 + 50 * i] = value
    for bins in (2, 3, 4, 8, 16):
        found = find_bins(values, bins=bins)
        assert found.n_codes <= bins
        assert np.all(np.diff(found.boundaries) > 0)
    assert point_masses(np.sort(values), None, most=2).tolist() == [3.0, 5.0]


def test_a_value_that_the_sample_missed_leaves_weighted_bins_intact(rng):
    """The sample has exactly B values, all events have one more."""
    values = np.repeat(np.arange(4.0), 50_000)
    values[np.setdiff1d(np.arange(100), _spread(len(values)))[0]] = 9.0
    found = find_bins(values, bins=4, weights=np.ones(len(values)))
    assert found.encode(np.arange(4.0)).tolist() == [0, 1, 2, 3]


def test_missing_and_infinite_values_keep_their_place(rng):
    values = rng.normal(size=1000)
    values[:3] = np.nan, np.inf, -np.inf
    codes = quantise({"x": values}, bins=8)
    assert codes.codes[0, :3].tolist() == [8, 7, 0]
    assert codes.n_bins.tolist() == [9]
    assert quantise({"x": np.full(5, np.nan)}).codes[0].tolist() == [1] * 5


def test_equal_width_divides_the_finite_range_evenly():
    values = np.append(np.linspace(0.0, 10.0, 1001), np.inf)
    assert find_bins(values, bins=5, rule="equal_width").boundaries == pytest.approx([2.0, 4.0, 6.0, 8.0])
    huge = 3.4e37 * np.linspace(-10.0, 10.0, 1001, dtype=np.float32)
    assert find_bins(huge, bins=4, rule="equal_width").boundaries == pytest.approx([-1.7e38, 0.0, 1.7e38])


def test_integer_weights_move_boundaries_as_repeated_events_do(rng):
    values, weights = rng.normal(size=5000), rng.integers(1, 5, 5000)
    repeated = find_bins(np.repeat(values, weights))
    assert np.array_equal(find_bins(values, weights=weights.astype(float)).boundaries, repeated.boundaries)


def test_bins_of_one_batch_code_the_next(rng):
    """Boundaries found once serve batch after batch: streaming needs no second pass."""
    values = rng.normal(size=1000).astype(np.float32)
    found = find_bins(values)
    whole = found.encode(values)
    assert np.array_equal(np.concatenate([found.encode(values[:300]), found.encode(values[300:])]), whole)
    assert Bins(found.boundaries).encode(values.astype(np.float64)).tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"x": np.arange(3.0)}, {"bins": 1}, "1 bins; allowed: 2 to 255"),
        ({"x": np.arange(3.0)}, {"bins": 256}, "256 bins; allowed: 2 to 255"),
        (
            {"x": np.arange(3.0)},
            {"rule": "knuth"},
            "unknown binning rule 'knuth'; allowed: equal_frequency, equal_width",
        ),
        ({"x": np.array(["a", "b"])}, {}, r"x has type <U1 and shape \(2,\); allowed: one number an event"),
        ({"x": np.zeros((2, 2))}, {}, r"x has type float64 and shape \(2, 2\); allowed: one number an event"),
        ({"x": np.array([])}, {}, "allowed: at least one column with at least one event"),
        ({}, {}, "^no variables; allowed: at least one column of numbers$"),
        ({"x": np.zeros(2), "y": np.zeros(3)}, {}, "columns of unequal length {'x': 2, 'y': 3}"),
    ],
)
def test_bad_input_is_named(columns, options, message):
    with pytest.raises(DataError, match=message):
        quantise(columns, **options)

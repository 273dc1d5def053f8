"""Estimates hit known truths within their stated errors, weighted or not."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import mutual_info_score

from core.errors import DataError
from core.information.counts import count_pairs
from core.information.estimate import Estimate, pair_information, suitable_bins
from core.information.estimate import estimate_mi as estimate_by
from core.information.measures import entropies, mutual_information
from core.information.quantise import quantise

PLUG_IN = "none"


def estimate_mi(x, y, **options) -> Estimate:
    return estimate_by(x, y, "binned", **options)


def normal_pair(rng, rho, n):
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def binned_truth(rho, bins):
    """Compute I of a bivariate normal cut into equally probable bins: P(y in bin | x) averaged over each bin of x."""
    edges = np.concatenate([[-np.inf], norm.ppf(np.arange(1, bins) / bins), [np.inf]])
    nodes = 400
    x = norm.ppf((np.arange(bins * nodes) + 0.5) / (bins * nodes))
    given_x = np.diff(norm.cdf((edges - rho * x[:, None]) / np.sqrt(1 - rho**2)), axis=1)
    return float(mutual_information(entropies(given_x.reshape(bins, nodes, bins).sum(axis=1))))


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.9])
def test_bivariate_normals_have_their_known_information(rho, rng):
    """I = -½ log(1 - ρ²): four standard errors around the value of 32 bins, which lose at most 4 % of it."""
    estimate = estimate_mi(*normal_pair(rng, rho, 200_000))
    truth, binned = -0.5 * np.log(1 - rho**2), binned_truth(rho, 32)
    assert estimate.value == pytest.approx(binned, abs=4 * estimate.error)
    assert 0.96 * truth <= binned <= truth + 1e-9
    assert estimate.low < estimate.value < estimate.high
    assert estimate.estimator == "binned equal-frequency, B = 32, Miller-Madow"


def counted_error(x, y, bins, weights=None):
    """Return the standard error of the counts, without what bins lose."""
    return float(
        pair_information(count_pairs(quantise({"x": x, "y": y}, bins=bins, weights=weights), weights)).error[0]
    )


@pytest.mark.parametrize("name", ["binned", "equal_width", "knuth"])
@pytest.mark.parametrize("rho", [0.3, 0.9])
def test_the_interval_of_bins_covers_what_the_variables_share(name, rho, rng):
    """Bins lose ten percent of a strong dependence of 1000 events, and the error says so: 68 % or more are inside."""
    truth = -0.5 * np.log(1 - rho**2)
    found = [estimate_by(*normal_pair(rng, rho, 1000), name) for _ in range(25)]
    assert np.mean([each.low <= truth <= each.high for each in found]) > 0.6
    assert all(abs(each.value - truth) < 3 * each.error for each in found)


def test_bins_of_a_point_mass_or_of_a_discrete_variable_are_not_joined(rng):
    """The error of a table of all values is that of its counts; half the events at (0, 0) have a cell of their own."""
    x = rng.integers(0, 8, 3000)
    y = (x + rng.integers(0, 2, 3000)) % 8
    assert estimate_mi(x, y).error == counted_error(x, y, 32)
    x, y = normal_pair(rng, 0.9, 10_000)
    x[::2], y[::2] = 0.0, 0.0
    assert estimate_mi(x, y).error < 0.04


def test_as_many_bins_as_suit_the_events(rng):
    """By default the null level of independent variables is not counted as information, whatever their number."""
    for n, bins in ((100, 4), (1000, 10), (20_000, 32)):
        found = estimate_by(*rng.normal(size=(2, n)), "equal_width")
        assert f"B = {bins}," in found.estimator
        assert abs(found.value) < 5 * found.error + 0.02


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
@pytest.mark.parametrize("n", [3000, 12_000])
def test_the_correction_removes_the_bias_and_the_error_is_the_scatter(rho, n, rng):
    """Thirty samples: their mean is the truth of the binned variables, their scatter is the error of the counts."""
    runs = [normal_pair(rng, rho, n) for _ in range(30)]
    values = np.array([estimate_mi(x, y, bins=12).value for x, y in runs])
    stated = np.mean([counted_error(x, y, 12) for x, y in runs])
    scatter = values.std(ddof=1)
    assert values.mean() == pytest.approx(binned_truth(rho, 12), abs=4 * scatter / np.sqrt(30) + 0.001)
    assert 0.7 < stated / scatter < (2.0 if rho == 0.0 else 1.4)
    uncorrected = np.mean([estimate_mi(x, y, bins=12, correction=PLUG_IN).value for x, y in runs])
    assert uncorrected - values.mean() > 0.5 * 11**2 / (2 * n)


def test_at_independence_the_uncorrected_estimate_is_at_the_null_level(rng):
    """(B - 1)²/2N_eff, with N_eff and not N: lognormal weights halve it or worse."""
    x, y = rng.normal(size=(2, 100_000))
    weights = rng.lognormal(0.0, 0.8, 100_000)
    counts = count_pairs(quantise({"x": x, "y": y}, weights=weights), weights)
    found = pair_information(counts, PLUG_IN)
    value, null = float(mutual_information(found.entropies)[0]), float(found.null_level[0])
    assert counts.n_effective < 0.6 * 100_000
    assert null == pytest.approx(31**2 / (2 * counts.n_effective))
    assert value == pytest.approx(null, abs=5 * np.sqrt(2 * 31**2) / (2 * counts.n_effective))
    assert value > 1.3 * 31**2 / (2 * 100_000)
    corrected = float(mutual_information(pair_information(counts).entropies)[0])
    assert corrected == pytest.approx(0.0, abs=5 * np.sqrt(2 * 31**2) / (2 * counts.n_effective))


def test_the_plug_in_estimate_is_that_of_scikit_learn(rng):
    x, y = normal_pair(rng, 0.5, 3000)
    codes = quantise({"x": x, "y": y}, bins=10)
    assert estimate_mi(x, y, bins=10, correction=PLUG_IN).value == pytest.approx(
        mutual_info_score(*codes.codes), abs=1e-12
    )


def test_monotone_maps_change_nothing(rng):
    """Codes of equal frequency know ranks only: units, logarithms and heavy tails do not matter."""
    x, y = normal_pair(rng, 0.7, 5000)
    assert estimate_mi(np.exp(3 * x), -(y**3)).value == pytest.approx(estimate_mi(x, y).value, abs=2e-3)
    assert estimate_mi(np.exp(3 * x), y**3).value == pytest.approx(estimate_mi(x, y).value, abs=1e-12)


def test_integer_weights_equal_repeated_events(rng):
    x, y = normal_pair(rng, 0.5, 2000)
    weights = rng.integers(1, 4, 2000)
    weighted = estimate_mi(x, y, weights=weights.astype(float), bins=32, correction=PLUG_IN)
    repeated = estimate_mi(np.repeat(x, weights), np.repeat(y, weights), bins=32, correction=PLUG_IN)
    assert weighted.value == pytest.approx(repeated.value, abs=1e-12)
    assert weighted.n_effective < repeated.n_effective


def test_scaling_all_weights_changes_nothing(rng):
    x, y = normal_pair(rng, 0.5, 2000)
    weights = rng.uniform(0.5, 2.0, 2000)
    first, second = (estimate_mi(x, y, weights=scale * weights) for scale in (1.0, 1e-6))
    assert second.value == pytest.approx(first.value)
    assert second.error == pytest.approx(first.error)


@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_negative_weights_leave_the_density_and_its_information(rho, rng):
    """Signs drawn at random (15 % negative, as at next-to-leading order) only cost statistics: N_eff = 0.49 N."""
    x, y = normal_pair(rng, rho, 60_000)
    signs = np.where(rng.random(60_000) < 0.15, -1.0, 1.0)
    estimate = estimate_mi(x, y, weights=signs, bins=16)
    assert estimate.n_effective == pytest.approx(0.49 * 60_000, rel=0.05)
    assert estimate.value == pytest.approx(binned_truth(rho, 16), abs=4 * estimate.error)
    assert counted_error(x, y, 16, signs) > 1.2 * counted_error(x, y, 16)


def test_cancelled_events_leave_no_information(rng):
    """Related events of weight +1 and -1 cancel exactly; the independent ones that stay share nothing."""
    x, y = rng.normal(size=(2, 40_000))
    z = np.repeat(rng.normal(size=10_000), 2)
    weights = np.append(np.ones(40_000), np.tile([1.0, -1.0], 10_000))
    estimate = estimate_mi(np.append(x, z), np.append(y, z), weights=weights, bins=8)
    assert estimate.value == pytest.approx(0.0, abs=0.003)
    assert estimate_mi(np.append(x, z), np.append(y, z), bins=8).value > 0.1


def test_a_missing_value_can_carry_information():
    """NaN has a code of its own: whether a second jet has a pT at all tells how many jets there are."""
    n_jets = 1 + np.arange(1000) % 2
    second_pt = np.where(n_jets == 1, np.nan, 30.0)
    assert estimate_mi(n_jets, second_pt, correction=PLUG_IN).value == pytest.approx(np.log(2))


def test_weights_that_leave_too_much_in_negative_cells_are_refused(rng):
    x, y = rng.normal(size=(2, 2000))
    signs = np.where(rng.random(2000) < 0.4, -1.0, 1.0)
    message = (
        r"\d+\.\d% of the weight of x and y lies in cells whose weights sum to less than nothing; allowed: at most 5%"
    )
    with pytest.raises(DataError, match=message):
        estimate_mi(x, y, bins=32, weights=signs)


def test_a_rare_negative_code_does_not_matter(rng):
    """One event of weight -1 with the only ten jets among 1000: a tenth of the codes, a thousandth of the weight."""
    n_jets, x = rng.integers(0, 9, 1000), rng.normal(size=1000)
    weights = np.ones(1000)
    n_jets[0], weights[0] = 10, -1.0
    without = estimate_mi(n_jets[1:], x[1:], bins=10)
    assert estimate_mi(n_jets, x, weights=weights, bins=10).value == pytest.approx(without.value, abs=0.005)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(9), r"weights of shape \(9,\); allowed: one for each of the 10 events"),
        (np.array([np.inf, *9 * [1.0]]), "1 of 10 weights are NaN or infinite; allowed: finite weights"),
        (np.zeros(10), "the event weights sum to 0; allowed: a positive sum"),
    ],
)
def test_bad_weights_are_named(weights, message, rng):
    with pytest.raises(DataError, match=message):
        estimate_mi(*rng.normal(size=(2, 10)), weights=weights)


def test_an_unknown_correction_is_named(rng):
    with pytest.raises(DataError, match="correction of binned is 'grassberger'"):
        estimate_mi(*rng.normal(size=(2, 10)), correction="grassberger")


def test_bins_without_an_effective_number_are_the_fewest():
    """An infinite weight leaves N_eff undefined; the counting then names the weight, so this must not fail first."""
    assert suitable_bins(float("nan")) == suitable_bins(0.0) == suitable_bins(-1.0) == 4
    assert suitable_bins(float("inf")) == 32

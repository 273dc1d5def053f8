"""Estimators hit known truths: normals, S-shaped and periodic curves, labels, mixtures, and other people's code."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial import cKDTree
from scipy.special import gammaln
from scipy.stats import norm
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

from core.errors import DataError
from core.information.estimate import estimate_mi
from core.information.estimators._neighbours import counts_within, neighbours_in_plane, neighbours_in_space
from core.information.estimators._sample import kind_of
from core.information.estimators._scores import ordinal_scores, tied_scores
from core.information.estimators._splitting import independent_blocks
from core.information.estimators.knuth import knuth_bins

RHOS = [0.0, 0.3, 0.6, 0.9, 0.99]
ROOT = np.array([0])


def normal_pair(rng: np.random.Generator, rho: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def truth(rho: float) -> float:
    return float(-0.5 * np.log(1 - rho**2))


@pytest.mark.parametrize("rho", RHOS)
@pytest.mark.parametrize("name", ["ksg1", "ksg2", "gaussian_copula", "mixed"])
def test_neighbours_and_copula_find_the_information_of_normals(name: str, rho: float, rng: np.random.Generator) -> None:
    """At 4000 events: 4 standard errors, and a bias of 0.02 that neighbours have where the density changes fastest."""
    found = estimate_mi(*normal_pair(rng, rho, 4000), name)
    assert found.value == pytest.approx(truth(rho), abs=4 * found.error + (0.02 if rho > 0.8 else 0.0))
    assert found.error < 0.03


@pytest.mark.parametrize("rho", RHOS)
def test_the_adaptive_partition_is_right_to_a_few_thousandths(rho: float, rng: np.random.Generator) -> None:
    """At 10⁵ events the statistical error of any estimator is √Var(pmi)/N = ρ/√N, 0.003 for ρ → 1."""
    found = estimate_mi(*normal_pair(rng, rho, 100_000), "adaptive")
    assert found.value == pytest.approx(truth(rho), abs=3 * rho / np.sqrt(100_000) + 1e-4)
    assert found.error == pytest.approx(rho / np.sqrt(100_000), abs=6e-4)


@pytest.mark.parametrize("name", ["ksg1", "adaptive", "gaussian_copula"])
def test_the_stated_error_is_the_scatter(name: str, rng: np.random.Generator) -> None:
    found = [estimate_mi(*normal_pair(rng, 0.6, 2000), name) for _ in range(40)]
    scatter, stated = np.std([e.value for e in found]), np.mean([e.error for e in found])
    assert 0.7 < stated / scatter < 1.5


def test_independent_variables_share_nothing_at_all(rng: np.random.Generator) -> None:
    """Tests of the first blocks: out of 40 samples of independent variables, one in ten is divided by chance."""
    found = [estimate_mi(*rng.normal(size=(2, 1000)), "adaptive").value for _ in range(40)]
    assert np.count_nonzero(found) <= 8
    assert max(found) < 0.03


@pytest.mark.parametrize("n", [300, 5000])
@pytest.mark.parametrize("k", [1, 3, 8])
def test_kraskov_1_is_scikit_learn_s(n: int, k: int, rng: np.random.Generator) -> None:
    """On the same normal scores; scikit-learn's noise of 10⁻¹⁰ decides exact ties of distances its own way."""
    x, y = normal_pair(rng, 0.7, n)
    scores = [ordinal_scores(values, rng) for values in (x, y)]
    oracle = mutual_info_regression(scores[0][:, None], scores[1], n_neighbors=k, random_state=0)[0]
    assert estimate_mi(x, y, "ksg1", k=k).value == pytest.approx(oracle, abs=3 / n)


def test_the_label_estimate_is_scikit_learn_s(rng: np.random.Generator) -> None:
    label = rng.integers(0, 3, 2000)
    x = label + rng.normal(size=2000)
    oracle = mutual_info_classif(ordinal_scores(x, rng)[:, None], label, n_neighbors=3, random_state=0)[0]
    assert estimate_mi(x, label, "mixed").value == pytest.approx(oracle, abs=2e-3)


@pytest.mark.parametrize("boxes", [False, True])
@pytest.mark.parametrize("rho", [0.0, 0.999])
def test_the_grid_finds_the_neighbours_that_the_tree_finds(boxes: bool, rho: float, rng: np.random.Generator) -> None:
    """Crowded on a line and sparse in the tails: counts agree event by event."""
    x, y = normal_pair(rng, rho, 3000)
    x[:5] *= 10
    for k in (1, 4):
        grid = neighbours_in_plane(x, y, k, boxes=boxes)
        tree = neighbours_in_space(x[:, None], y[:, None], k, boxes=boxes)
        np.testing.assert_array_equal(grid, tree)


def test_counts_within_a_radius_are_those_of_a_comparison_of_all_pairs(rng: np.random.Generator) -> None:
    values, radii = rng.integers(0, 9, 200).astype(float), rng.integers(1, 4, 200).astype(float)
    distance = np.abs(values[:, None] - values)
    for closed, near in ((True, distance <= radii[:, None]), (False, distance < radii[:, None])):
        np.testing.assert_array_equal(counts_within(values[:, None], radii, closed=closed), near.sum(axis=1) - 1)
        pairs = np.repeat(values[:, None], 2, axis=1)
        np.testing.assert_array_equal(counts_within(pairs, radii, closed=closed), near.sum(axis=1) - 1)


SEPARATIONS = [0.0, 2 / 9, 4 / 9, 2 / 3, 8 / 9, 10 / 9, 4 / 3, 14 / 9, 16 / 9, 2.0]
SHARED = [0.0, 0.0241, 0.0901, 0.1829, 0.2859, 0.3855, 0.4725, 0.5427, 0.5955, 0.6327]


def label_truth(separation: float) -> float:
    """Compute I(label; x) = h(x) - h(x|label) of x ~ N(±ε, 1) by integration."""

    def density(x: float) -> float:
        return float((norm.pdf(x - separation) + norm.pdf(x + separation)) / 2)

    whole = quad(lambda x: -density(x) * np.log(density(x)), -10, 10)[0]
    return float(whole - 0.5 * np.log(2 * np.pi * np.e))


@pytest.mark.parametrize(("separation", "shared"), [*zip(SEPARATIONS, SHARED, strict=True)])
def test_a_label_and_a_shifted_normal_share_what_integration_says(
    separation: float, shared: float, rng: np.random.Generator
) -> None:
    assert label_truth(separation) == pytest.approx(shared, abs=2e-4)
    label = np.where(rng.random(20_000) < 0.5, 1, -1)
    x = rng.normal(size=20_000) + separation * label
    for name in ("mixed", "binned", "adaptive", "auto"):
        assert estimate_mi(label, x, name).value == pytest.approx(shared, abs=0.015), name


@pytest.mark.parametrize("name", ["mixed", "adaptive"])
def test_a_multiplicity_beside_a_uniform_variable(name: str, rng: np.random.Generator) -> None:
    """Gao and others' example: x of m values, y uniform in x … x + 2 has I = log m - (m - 1)/m log 2."""
    x = rng.integers(0, 5, 10_000)
    y = rng.uniform(x, x + 2)
    assert estimate_mi(x, y, name).value == pytest.approx(np.log(5) - 0.8 * np.log(2), abs=0.025)


@pytest.mark.parametrize("name", ["mixed", "adaptive"])
def test_a_mixture_of_points_and_a_normal(name: str, rng: np.random.Generator) -> None:
    """Half the events at (0, 0), half normal with ρ = 0.9: log 2 for the halves and half the normal's information."""
    x, y = normal_pair(rng, 0.9, 10_000)
    x[::2], y[::2] = 0.0, 0.0
    assert kind_of(x) == "mixed"
    assert estimate_mi(x, y, name).value == pytest.approx(np.log(2) + truth(0.9) / 2, abs=0.03)


@pytest.mark.parametrize("name", ["adaptive", "ksg1", "ksg2"])
@pytest.mark.parametrize(("curve", "noise"), [(np.cos, 0.1), (np.square, 0.3), (lambda x: np.cos(6 * x), 0.5)])
def test_dependence_without_correlation_is_seen(name: str, curve, noise: float, rng: np.random.Generator) -> None:
    """y = f(x) + noise: I = h(y) - h(noise), h(y) from a fine histogram of 2·10⁶ events."""
    x = rng.uniform(-np.pi, np.pi, 20_000)
    y = curve(x) + noise * rng.normal(size=x.size)
    many = curve(rng.uniform(-np.pi, np.pi, 2_000_000)) + noise * rng.normal(size=2_000_000)
    counts, edges = np.histogram(many, 500)
    p = counts[counts > 0] / counts.sum()
    expected = -(p @ np.log(p)) + np.log(edges[1] - edges[0]) - 0.5 * np.log(2 * np.pi * np.e * noise**2)
    found = estimate_mi(x, y, name)
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.05
    assert found.value == pytest.approx(expected, abs=4 * found.error + 0.03 * expected)


def test_blocks_cover_every_event_once_and_equal_marginals_make_the_product(rng: np.random.Generator) -> None:
    counts = np.histogram2d(*normal_pair(rng, 0.8, 20_000), bins=64)[0]
    blocks = independent_blocks(counts, counts, ROOT, ROOT)
    assert blocks[:, 0].sum() == counts.sum()
    assert len(blocks) > 50
    product = np.outer(np.full(64, 40.0), np.full(64, 10.0))
    assert len(independent_blocks(product, product, ROOT, ROOT)) == 1


def test_a_checkerboard_that_the_quadrants_do_not_show_is_found() -> None:
    """4 × 4 fields, alternately full: all four quadrants hold the same, I = log 2."""
    counts = np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.full((8, 8), 20.0))
    blocks = independent_blocks(counts, counts, ROOT, ROOT)
    filled = blocks[blocks[:, 0] > 0]
    p = filled[:, 0] / counts.sum()
    assert p @ np.log(p * counts.sum() ** 2 / (filled[:, 2] * filled[:, 3])) == pytest.approx(np.log(2))


def test_weights_in_negative_blocks_are_refused(rng: np.random.Generator) -> None:
    x, y = normal_pair(rng, 0.9, 20_000)
    weights = np.where(np.abs(x - y) > 0.6, -1.0, 1.0)
    with pytest.raises(DataError, match=r"% of the weight lies in cells whose weights sum to less than nothing"):
        estimate_mi(x, y, "adaptive", weights=weights)


def test_scores_are_normal_quantiles_and_ties_share_or_are_broken(rng: np.random.Generator) -> None:
    values = np.array([5.0, 1.0, 5.0, 9.0])
    np.testing.assert_allclose(tied_scores(values), norm.ppf([0.5, 0.125, 0.5, 0.875]))
    np.testing.assert_allclose(np.sort(ordinal_scores(values, rng)), norm.ppf([0.125, 0.375, 0.625, 0.875]))
    np.testing.assert_allclose(
        tied_scores(values, np.array([1.0, 2.0, 1.0, 0.0]))[:3], tied_scores(np.array([5.0, 1.0, 5.0, 1.0]))[:3]
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_knuth_s_posterior_is_that_of_histograms(weighted: bool, rng: np.random.Generator) -> None:
    x = rng.normal(size=3000)
    weights = rng.choice([1.0, 2.0, -0.2], 3000) if weighted else np.ones(3000)

    def posterior(bins: int) -> float:
        counts = np.histogram(x, bins, weights=weights)[0].clip(0) * weights.sum() / (weights**2).sum()
        n = counts.sum()
        own = n * np.log(bins) + gammaln(bins / 2) - bins * gammaln(0.5) - gammaln(n + bins / 2)
        return float(own + gammaln(counts + 0.5).sum())

    assert knuth_bins(x, weights if weighted else None) == max(range(2, 129), key=posterior)


def test_knuth_s_rule_takes_more_bins_where_there_is_more_to_see(rng: np.random.Generator) -> None:
    """Ten even peaks need about a hundred bins, a uniform density needs none; the number grows with the events."""
    peaks = rng.integers(0, 10, 20_000) + 0.1 * rng.normal(size=20_000)
    assert knuth_bins(rng.uniform(size=20_000)) <= 4
    assert knuth_bins(rng.normal(size=500)) < knuth_bins(rng.normal(size=20_000)) < knuth_bins(peaks)
    assert knuth_bins(np.full(10, 3.0)) == 2


def test_the_copula_error_is_exact_in_many_dimensions(rng: np.random.Generator) -> None:
    """Four components that share one factor with x: I = -½ log(1 - R²), R² by the regression of x on all."""
    common = rng.normal(size=5000)
    y = common[:, None] + rng.normal(size=(5000, 4))
    found = estimate_mi(common, y, "gaussian_copula")
    assert found.value == pytest.approx(-0.5 * np.log(1 - 0.8), abs=4 * found.error)
    with pytest.raises(DataError, match="a component of x or y follows from the others"):
        estimate_mi(common, np.column_stack([y, y[:, 0]]), "gaussian_copula")


def test_trees_agree_with_scipy_on_the_kth_neighbour(rng: np.random.Generator) -> None:
    """n_x of events strictly nearer than the k-th neighbour, counted one by one in three dimensions."""
    x, y = rng.normal(size=(100, 2)), rng.normal(size=(100, 1))
    radius = cKDTree(np.hstack([x, y])).query(np.hstack([x, y]), 4, p=np.inf)[0][:, 3]
    expected = (np.abs(x[:, None] - x).max(axis=2) < radius[:, None]).sum(axis=1) - 1
    np.testing.assert_array_equal(neighbours_in_space(x, y, 3, boxes=False)[0], expected)

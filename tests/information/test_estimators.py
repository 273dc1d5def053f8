"""What every registered estimator must do, whoever wrote it, and what it must refuse."""

import numpy as np
import pytest

from core.errors import DataError
from core.information.estimate import Estimate, estimate_mi
from core.information.estimators.estimator import ESTIMATORS

NAMES = [entry.name for entry in ESTIMATORS]
estimators = pytest.mark.parametrize("name", NAMES)


def having(capability: str) -> list[str]:
    return [entry.name for entry in ESTIMATORS if getattr(entry.item, capability)]


def lacking(capability: str) -> list[str]:
    return [name for name in NAMES if name not in having(capability)]


def normal_pair(rng: np.random.Generator, rho: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def fine_waves(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Make a dependence too fine for the blocks of few events, which neighbours see."""
    x = rng.uniform(size=n)
    return x, np.sin(150 * x) + 0.01 * rng.normal(size=n)


def parabola(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Make a dependence that no normal distribution has."""
    x = rng.normal(size=n)
    return x, x**2 + 0.5 * rng.normal(size=n)


def pair_of_columns(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.column_stack(parabola(rng, n))


def test_all_classic_estimators_are_registered() -> None:
    binned, neighbours = {"adaptive", "binned", "equal_width", "knuth"}, {"extrapolated", "ksg1", "ksg2", "mixed"}
    assert binned | neighbours | {"gaussian_copula"} <= set(NAMES)


@estimators
def test_an_estimate_is_finite_repeatable_and_says_how_it_was_made(name: str, rng: np.random.Generator) -> None:
    x, y = normal_pair(rng, 0.5, 3000)
    first, second = (estimate_mi(x, y, name) for _ in range(2))
    assert isinstance(first, Estimate)
    assert first == second
    assert 0 < first.error < 0.1
    assert first.low < first.value < first.high
    assert first.n_effective == 3000
    assert len(first.estimator) > 10


@estimators
def test_assumptions_and_limits_are_sentences(name: str) -> None:
    entry = ESTIMATORS[name]
    for text in (entry.item.assumes, entry.item.limits, entry.summary):
        assert text[0].isupper()
        assert text.endswith(".")
    assert entry.reference


@estimators
def test_options_carry_title_help_and_bounds(name: str) -> None:
    for field, info in ESTIMATORS[name].item.config.model_fields.items():
        assert info.title, field
        assert info.description, field
        if info.annotation in (int, float):
            assert info.metadata, f"{field} has no bounds"


@estimators
def test_dependent_variables_share_more_than_independent_ones(name: str, rng: np.random.Generator) -> None:
    x, y = normal_pair(rng, 0.8, 10_000)
    dependent, independent = (estimate_mi(x, other, name) for other in (y, rng.permutation(y)))
    assert dependent.value > independent.value + 10 * dependent.error
    assert dependent.value == pytest.approx(-0.5 * np.log(1 - 0.64), abs=0.05)


@estimators
def test_exchanging_the_variables_changes_little(name: str, rng: np.random.Generator) -> None:
    """Not at all, but for neighbours at exactly the same distance."""
    x, y = normal_pair(rng, 0.8, 4000)
    tolerance = 1e-3 if name == "ksg2" else 1e-9
    assert estimate_mi(x, y, name).value == pytest.approx(estimate_mi(y, x, name).value, abs=tolerance)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("equal_width", "knuth")])
def test_rising_maps_change_nothing(name: str, rng: np.random.Generator) -> None:
    """Units, logarithms and heavy tails do not matter to estimators that know ranks only."""
    x, y = normal_pair(rng, 0.7, 3000)
    assert estimate_mi(np.exp(4 * x), y**3 - 7, name).value == pytest.approx(estimate_mi(x, y, name).value, abs=1e-12)


@pytest.mark.parametrize("name", having("takes_weights"))
def test_weights_of_two_are_events_that_come_twice(name: str, rng: np.random.Generator) -> None:
    """The bias correction uses N_eff, which repetition doubles and weights do not: the difference is below 1/N_eff."""
    x, y = np.round(rng.normal(size=(2, 4000)), 0 if ESTIMATORS[name].item.takes_point_masses else 9)
    y = y + x
    repeats = rng.integers(1, 4, 4000)
    weighted = estimate_mi(x, y, name, weights=repeats.astype(float))
    x, y = np.repeat(x, repeats), np.repeat(y, repeats)
    if name == "gaussian_copula":  # repeated values are refused: a tiny shift separates them
        x, y = x + 1e-9 * np.arange(len(x)), y + 1e-9 * np.arange(len(x))
    repeated = estimate_mi(x, y, name)
    assert weighted.value == pytest.approx(repeated.value, abs=0.006)
    assert weighted.n_effective < 4000 < repeated.n_effective


@pytest.mark.parametrize("name", having("takes_weights"))
def test_weights_restore_the_density_that_sampling_distorted(name: str, rng: np.random.Generator) -> None:
    """A wider normal, weighted to a standard one, has the information of the standard one."""
    x = 1.5 * rng.normal(size=40_000)
    y = 0.8 * x + 0.6 * rng.normal(size=40_000)
    weights = np.exp(-(x**2) / 2 + (x / 1.5) ** 2 / 2)
    found = estimate_mi(x, y, name, weights=weights)
    assert found.value == pytest.approx(-0.5 * np.log(1 - 0.64), abs=4 * found.error + 0.02)
    assert estimate_mi(x, y, name).value > found.value + 0.1


@pytest.mark.parametrize("name", having("takes_negative_weights"))
def test_negative_weights_leave_the_information(name: str, rng: np.random.Generator) -> None:
    x, y = normal_pair(rng, 0.8, 60_000)
    signs = np.where(rng.random(60_000) < 0.1, -1.0, 1.0)
    options = {"bins": {"binned": 12, "equal_width": 24}[name]} if name in ("binned", "equal_width") else {}
    found = estimate_mi(x, y, name, weights=signs, **options)
    assert found.value == pytest.approx(-0.5 * np.log(1 - 0.64), abs=4 * found.error + 0.03)
    assert found.n_effective == pytest.approx(0.64 * 60_000, rel=0.05)


@pytest.mark.parametrize("name", having("takes_missing"))
def test_whether_a_value_is_missing_is_information(name: str, rng: np.random.Generator) -> None:
    """A second jet's pT is missing where there is no second jet."""
    n_jets = rng.integers(1, 3, 4000)
    second_pt = np.where(n_jets == 1, np.nan, rng.exponential(30.0, 4000))
    assert estimate_mi(n_jets, second_pt, name).value == pytest.approx(np.log(2), abs=0.02)


@pytest.mark.parametrize("name", having("takes_vectors"))
def test_a_vector_is_a_list_of_columns(name: str, rng: np.random.Generator) -> None:
    """Three dimensions of d = 3 normals with ρ = .5 each: I = -3/2 log(1 - ρ²)."""
    x, y = normal_pair(rng, 0.5, 12_000)
    x, y = x.reshape(-1, 3), y.reshape(-1, 3)
    found = estimate_mi(x, y, name)
    assert found.value == pytest.approx(-1.5 * np.log(1 - 0.25), abs=4 * found.error + 0.03)
    assert estimate_mi(x[:, :1], y[:, :1], name).value == pytest.approx(estimate_mi(x[:, 0], y[:, 0], name).value)


@pytest.mark.parametrize("name", lacking("takes_weights"))
def test_weights_are_refused_with_the_names_of_those_that_take_them(name: str, rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match=rf"{name} takes no event weights; allowed: adaptive, binned"):
        estimate_mi(*rng.normal(size=(2, 100)), name, weights=np.ones(100))


@pytest.mark.parametrize("name", [n for n in having("takes_weights") if n in lacking("takes_negative_weights")])
def test_negative_weights_are_refused(name: str, rng: np.random.Generator) -> None:
    weights = np.array([-1.0, *99 * [1.0]])
    with pytest.raises(
        DataError, match=rf"1 of 100 weights are negative, which {name} does not take; allowed: adaptive"
    ):
        estimate_mi(*rng.normal(size=(2, 100)), name, weights=weights)


@pytest.mark.parametrize("name", lacking("takes_missing"))
def test_missing_values_are_refused(name: str, rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(2, 100))
    x[:3] = np.nan
    with pytest.raises(DataError, match=rf"3 of 100 events .* which {name} does not take; allowed: adaptive, binned"):
        estimate_mi(x, y, name)


@pytest.mark.parametrize("name", lacking("takes_point_masses"))
def test_repeated_values_are_refused(name: str, rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(2, 200))
    x[:60] = -999.0
    with pytest.raises(DataError, match=rf"values of x repeat .* {name} does not take; allowed: adaptive, .*mixed"):
        estimate_mi(x, y, name)


@pytest.mark.parametrize("name", lacking("takes_vectors"))
def test_vectors_are_refused(name: str, rng: np.random.Generator) -> None:
    message = rf"x and y have 2 and 1 dimensions, {name} takes one each; allowed: extrapolated, gaussian_copula"
    with pytest.raises(DataError, match=message):
        estimate_mi(rng.normal(size=(100, 2)), rng.normal(size=100), name)


@pytest.mark.parametrize("name", [n for n in NAMES if ESTIMATORS[n].item.least_events > 10])
def test_too_few_events_are_refused(name: str, rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match=rf"10 effective events; {name} needs at least 20"):
        estimate_mi(*rng.normal(size=(2, 10)), name)


@pytest.mark.parametrize("name", ["extrapolated", "ksg1", "ksg2", "mixed", "gaussian_copula"])
def test_variables_that_follow_from_one_another_are_refused(name: str, rng: np.random.Generator) -> None:
    """Neighbours would return ψ(n) and a difference of ψ(k), with an error of zero."""
    x = rng.normal(size=400)
    with pytest.raises(DataError, match="follow"):
        estimate_mi(x, np.exp(x), name)
    found = estimate_mi(x, -(x**3))
    assert "in the order of the other" in found.estimator
    assert 3 < found.value < np.log(255) + 0.5


def test_a_refusal_names_only_those_that_take_all_of_the_sample(rng: np.random.Generator) -> None:
    """Weighted vectors with a label: only networks take them, and negative weights or NaN nobody."""
    x, y = rng.normal(size=(500, 2)), rng.integers(0, 2, 500)
    weights = rng.uniform(0.5, 1.0, 500)
    with pytest.raises(DataError, match=r"allowed: classifier, classifier_bce, infonce, mine, mine_f, smile$"):
        estimate_mi(x, y, "mixed", weights)
    with pytest.raises(DataError, match="allowed: gaussian_copula, classifier, "):
        estimate_mi(x, x[:, 0] + rng.normal(size=500), "ksg1", weights)
    weights[0] = -1.0
    with pytest.raises(DataError, match="no estimator takes such variables of several dimensions"):
        estimate_mi(x, y, "gaussian_copula", weights)


def test_unknown_names_options_and_shapes_are_named(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(2, 100))
    with pytest.raises(DataError, match=r"unknown estimator 'ksg3'; allowed: auto, adaptive, binned, .*ksg1, ksg2"):
        estimate_mi(x, y, "ksg3")
    with pytest.raises(DataError, match="ksg1 has no option 'bins'; allowed: k"):
        estimate_mi(x, y, "ksg1", bins=3)
    with pytest.raises(DataError, match="k of ksg1 is 0: input should be greater than or equal to 1"):
        estimate_mi(x, y, "ksg1", k=0)
    with pytest.raises(DataError, match="x has 99 events and y has 100"):
        estimate_mi(x[1:], y)
    with pytest.raises(DataError, match=r"x has type <U1 and shape \(3,\); allowed: numbers"):
        estimate_mi(np.array(["a", "b", "c"]), np.arange(3))
    with pytest.raises(DataError, match="k = 50 neighbours among 40 events; allowed: at most 39"):
        estimate_mi(x[:40], y[:40], "ksg1", k=50)


@pytest.mark.parametrize(
    ("make", "expected", "reason"),
    [
        (lambda r: (r.normal(size=500), r.normal(size=500), None), "Gaussian", "nothing tells the 500 events"),
        (lambda r: (*normal_pair(r, 0.99, 5000), None), "Gaussian", "nothing tells the 5,000 events"),
        (lambda r: (*parabola(r, 500), None), "Kraskov 1, k = 8", "only 500 events"),
        (lambda r: (r.normal(size=25), r.normal(size=25), None), "Kraskov 1, k = 8", "only 25 events"),
        (lambda r: (*parabola(r, 20_000), None), "adaptive", "20,000 events are enough"),
        (lambda r: (*fine_waves(r, 20_000), None), "Kraskov 1, k = 3", "structure that is too fine"),
        (lambda r: (r.normal(size=500), r.normal(size=500), r.random(500)), "adaptive", "events are weighted"),
        (lambda r: (r.normal(size=500), r.integers(0, 2, 500), None), "mixed", "repeat and there are only 500 events"),
        (lambda r: (r.normal(size=100_001), r.integers(0, 2, 100_001), None), "adaptive", "variable repeat"),
        (lambda r: (r.integers(0, 50, 500), r.integers(0, 50, 500), None), "adaptive", "variable repeat"),
        (lambda r: (r.integers(0, 5, 500), r.integers(0, 2, 500), None), "binned", "both variables are discrete"),
        (lambda r: (np.append(r.normal(size=499), np.nan), r.normal(size=500), None), "adaptive", "missing"),
        (lambda r: (r.normal(size=(500, 2)), r.normal(size=500), None), "Gaussian", "nothing tells the 500 events"),
        (
            lambda r: (np.stack(parabola(r, 500), 1), r.normal(size=500), None),
            "Kraskov 1 extrapolated, k = 3",
            "only 500 events",
        ),
        (lambda r: (pair_of_columns(r, 20_001), r.normal(size=20_001), None), "Kraskov 1, k = 3, on", "dimensions"),
        (lambda r: (r.normal(size=(500, 2)), r.integers(0, 2, 500), None), "mixed", "values that repeat"),
        (lambda r: (r.normal(size=(500, 2)), r.normal(size=500), r.random(500)), "Gaussian", "weights in several"),
    ],
)
def test_the_automatic_choice_fits_the_data_and_says_why(make, expected, reason, rng: np.random.Generator) -> None:
    x, y, weights = make(rng)
    words = estimate_mi(x, y, weights=weights).estimator
    assert words.startswith(expected)
    assert reason in words.split("; automatic, because ")[1]

"""Toys of sets: what is called exact is exact."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.ensembles.information import exact_information, information_curve
from core.ensembles.toys import (
    exact_auc,
    exact_roc,
    gaussian_sets,
    gaussian_sets_spec,
    two_gaussians,
    two_gaussians_spec,
)
from core.errors import DataError
from core.events.spec import load_events


@pytest.mark.parametrize("size", [1, 4])
def test_the_exact_area_is_that_of_the_exact_ratio(size: int, rng: np.random.Generator) -> None:
    events = two_gaussians(40_000, 0.3, rng)
    ratio = [np.asarray(events["log_ratio"])[events.is_signal == kind].reshape(-1, size).sum(1) for kind in (1, 0)]
    label = np.repeat([1, 0], [len(part) for part in ratio])
    assert roc_auc_score(label, np.concatenate(ratio)) == pytest.approx(exact_auc(0.3, size), abs=0.008)


def test_the_exact_curve_has_the_exact_area() -> None:
    curve = exact_roc(0.4, 3)
    signal, background = ([0.0, *each] for each in (curve.signal_efficiency, curve.background_efficiency))
    assert np.trapezoid(signal, background) == pytest.approx(exact_auc(0.4, 3), abs=1e-3)


def test_the_ratio_is_that_of_the_densities(rng: np.random.Generator) -> None:
    events = two_gaussians(100, 0.7, rng)
    x = np.asarray(events["x"])
    np.testing.assert_allclose(events["log_ratio"], ((x + 0.7) ** 2 - (x - 0.7) ** 2) / 2)


def test_sets_share_their_parameter_and_scatter_around_it(rng: np.random.Generator) -> None:
    events = gaussian_sets(500, 20, rng, low=2, high=3)
    theta, x = (np.asarray(events[name]).reshape(500, 20) for name in ("theta", "x"))
    assert (np.ptp(theta, axis=1) == 0).all()
    assert 2 <= theta.min() < theta.max() <= 3
    assert (x - theta).std() == pytest.approx(1, abs=0.03)


def test_written_toys_load_as_they_were_drawn(tmp_path: Path) -> None:
    events = load_events(two_gaussians_spec(50, 0.1, 3, tmp_path))
    np.testing.assert_allclose(events["log_ratio"], 0.2 * np.asarray(events["x"]))
    sets = load_events(gaussian_sets_spec(5, 4, 3, tmp_path))
    np.testing.assert_allclose(sets["theta"], gaussian_sets(5, 4, np.random.default_rng(3))["theta"])


@pytest.mark.parametrize(
    ("epsilon", "nats"),
    [(0, 0), (2 / 9, 0.0240), (4 / 9, 0.0896), (6 / 9, 0.183), (8 / 9, 0.287), (2, 0.632)],
)
def test_exact_information_is_the_published_one(epsilon: float, nats: float) -> None:
    assert exact_information(epsilon) == pytest.approx(nats, abs=0.0015)


def test_the_information_of_a_label_is_estimated() -> None:
    *_, curve = information_curve(8_000, seed=1, epsilons=(0.0, 1.0))
    assert (abs(curve.estimate - curve.exact) < 3 * curve.error + 0.01).all()
    assert curve.epsilon.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda rng: two_gaussians(0, 0.1, rng), "number of events is 0"),
        (lambda rng: two_gaussians(5, -1, rng), "shift is -1; allowed: 0 or more"),
        (lambda rng: exact_auc(float("nan")), "shift is nan"),
        (lambda rng: gaussian_sets(0, 5, rng), "0 sets of 5 events"),
        (lambda rng: gaussian_sets(5, 5, rng, 1, 1), "the first must be smaller"),
        (lambda rng: exact_information(-1), "ε is -1"),
    ],
)
def test_impossible_toys_are_refused(make: object, words: str, rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match=words):
        make(rng)  # type: ignore[operator]

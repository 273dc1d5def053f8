"""Sets of N events by the sum of log likelihood ratios, against the closed form of two Gaussians."""

from math import erf, sqrt

import numpy as np
import pytest

from core.errors import DataError
from core.events.table import EventTable, Roles
from core.guide.sets import efficiencies_of_sets, gain_of_sets, weak_feature
from core.guide.words import sets_words
from core.information.relevance import Relevance, relevance


def gaussians(n: int, distance: float, rng: np.random.Generator) -> EventTable:
    label = np.arange(n) % 2
    return EventTable(
        "gaussians", {"x": rng.normal(distance * label, 1.0), "label": label}, Roles(features=("x",), label="label")
    )


def test_the_area_of_n_gaussian_events_is_the_closed_form(rng: np.random.Generator) -> None:
    """AUC = Φ(√N d/√2) for means that differ by d: the sum of log ratios is Gaussian, with √N the distance."""
    d, table = 0.6, gaussians(200_000, 0.6, rng)
    found = gain_of_sets(table, relevance(table, ["x"], "label"), rng)
    assert [curve.size for curve in found.curves] == [1, 3, 10]
    for curve in found.curves:
        exact = (1 + erf(sqrt(curve.size) * d / 2)) / 2
        assert curve.auc.value == pytest.approx(exact, abs=0.004 + 3 * curve.auc.error)
        assert 0 < curve.auc.error < 0.005
    assert found.n_fit == found.n_held_out == 60_000


def test_the_sum_of_two_is_the_convolution() -> None:
    """Of cells with log ratios 0 and 1 and signal shares 0.2 and 0.8, the sum of two has 0.04, 0.32 and 0.64."""
    signal, background = efficiencies_of_sets(np.array([0.0, 1.0]), np.array([0.2, 0.8]), np.array([0.8, 0.2]), size=2)
    assert np.unique(signal.round(9)).tolist() == [0.0, 0.64, 0.96, 1.0]
    assert np.unique(background.round(9)).tolist() == [0.0, 0.04, 0.36, 1.0]


def test_the_error_is_that_of_the_held_out_events(rng: np.random.Generator) -> None:
    """The spread of areas over samples is what each of them states as its error, within a factor."""
    tables = [gaussians(4000, 0.6, rng) for _ in range(8)]
    found = [
        gain_of_sets(each, relevance(each, ["x"], "label", bins=10), rng, sizes=(3,), replicas=20) for each in tables
    ]
    spread = np.std([each.curves[0].auc.value for each in found])
    stated = np.mean([each.curves[0].auc.error for each in found])
    assert 0.5 < spread / stated < 2.0


def test_the_words_say_why_a_variable_is_taken(rng: np.random.Generator) -> None:
    """Two Gaussians of distance d tell about d²/8 nats: of 1.5 and 0.6 the second is nearer to 0.05."""
    label = np.arange(40_000) % 2
    columns = {"far": rng.normal(1.5 * label), "near": rng.normal(0.6 * label), "label": label}
    table = EventTable("two", columns, Roles(features=("far", "near"), label="label"))
    found = gain_of_sets(table, relevance(table, ["far", "near"], "label"), rng, sizes=(1,), replicas=2)
    words = sets_words(found)[1]
    assert found.feature == "near" and "Of 2 features, far tells most, 0.2" in words
    assert "near is taken since it comes nearest to 0.05" in words
    alone = gain_of_sets(table, relevance(table, ["far"], "label"), rng, sizes=(1,), replicas=2)
    assert "the only feature" in sets_words(alone)[1]


def test_a_weak_variable_is_taken_and_useless_ones_never() -> None:
    values = np.array([0.4, 0.06, 0.001])
    told = Relevance("y", "the label", True, 0.7, ("strong", "weak", "noise"), ("s", "w", "n"), values,
                     np.array([0.01, 0.005, 0.01]), np.zeros(3))  # fmt: skip
    assert weak_feature(told) == "weak"
    noise = Relevance("y", "the label", True, 0.7, ("noise",), ("n",), values[2:], np.array([0.01]), np.zeros(1))
    with pytest.raises(DataError, match="no feature tells anything about the label"):
        weak_feature(noise)

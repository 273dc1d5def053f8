"""The difference of two matrices: values, errors, p-values, and what it says."""

import math

import numpy as np
import pytest

from core.errors import DataError
from core.events.table import EventTable, Roles
from core.information.difference import InformationDifference, difference_sentence, information_difference
from core.information.estimated import estimated_matrix
from core.information.matrix import information_matrix

NAMES = ["x", "y", "z"]


def classes(rng: np.random.Generator, rho: float, n: int = 4000) -> EventTable:
    """Make signal in which x and y have correlation ``rho`` beside background in which all are independent."""
    label = np.arange(n) % 2
    x, y, z = rng.normal(size=(3, n))
    y = np.where(label == 1, rho * x + math.sqrt(1 - rho**2) * y, y)
    return EventTable("toy", {"x": x, "y": y, "z": z, "label": label}, Roles(features=("x", "y", "z"), label="label"))


def compared(table: EventTable) -> InformationDifference:
    signal, background = (
        information_matrix(table, NAMES, event_class=each, bins=8) for each in ("signal", "background")
    )
    return information_difference(signal, background)


def test_it_is_signal_minus_background_with_the_error_of_both(rng: np.random.Generator) -> None:
    found = compared(classes(rng, 0.8))
    signal, background = found.signal, found.background
    np.testing.assert_array_equal(found.mi, signal.mi - background.mi)
    assert found.mi_error[0, 1] == pytest.approx(math.sqrt(signal.mi_error[0, 1] ** 2 + background.mi_error[0, 1] ** 2))
    np.testing.assert_array_equal(found.measure("pearson"), signal.pearson - background.pearson)
    assert found.measure("mi")[0, 1] == pytest.approx(-0.5 * math.log(1 - 0.64), abs=0.08)  # 8 bins lose some


def test_the_p_value_is_that_of_a_normal_deviate(rng: np.random.Generator) -> None:
    found = compared(classes(rng, 0.25))
    z = abs(found.mi[0, 1]) / found.mi_error[0, 1]
    assert found.p_value[0, 1] == pytest.approx(math.erfc(z / math.sqrt(2)))
    assert np.isnan(np.diag(found.p_value)).all()
    assert found.discoveries().tolist() == [[False, True, False], [True, False, False], [False, False, False]]


def test_the_q_value_is_that_of_benjamini_and_hochberg(rng: np.random.Generator) -> None:
    """q of the i-th smallest of n p-values is the least of n p_j / j over j from i on."""
    found = compared(classes(rng, 0.1))
    i, j = np.triu_indices(3, 1)
    p = np.sort(found.p_value[i, j])
    expected = np.minimum.accumulate((3 * p / [1, 2, 3])[::-1])[::-1]
    np.testing.assert_allclose(np.sort(found.q_value[i, j]), expected)
    np.testing.assert_array_equal(found.q_value, found.q_value.T)


def test_equal_classes_rarely_differ() -> None:
    """Of independent samples of one distribution at most 5 % have p < 0.05: errors are never too small."""
    small = [
        compared(classes(np.random.default_rng(seed), 0.0, 2000)).p_value[np.triu_indices(3, 1)] < 0.05
        for seed in range(40)
    ]
    assert np.mean(small) <= 0.05


def test_order_turns_everything(rng: np.random.Generator) -> None:
    found = compared(classes(rng, 0.8))
    turned = found.take([2, 0, 1])
    assert turned.names == turned.signal.names == turned.background.names == ("z", "x", "y")
    for name in ("mi", "mi_error", "p_value", "q_value"):
        assert getattr(turned, name)[1, 2] == getattr(found, name)[0, 1]
    np.testing.assert_array_equal(turned.mi, turned.signal.mi - turned.background.mi)


def test_estimates_are_compared_as_counts_are(rng: np.random.Generator) -> None:
    table = classes(rng, 0.8)
    signal, background = (estimated_matrix(table, NAMES, "adaptive", event_class=e) for e in ("signal", "background"))
    found = information_difference(signal, background)
    assert found.mi[0, 1] == signal.mi[0, 1] - background.mi[0, 1] > 0.4
    assert found.estimator == signal.estimator
    with pytest.raises(DataError, match=r"measure 'iqr' of an estimate; allowed: mi, r_i, pearson, spearman"):
        found.measure("iqr")


def test_variables_must_be_the_same(rng: np.random.Generator) -> None:
    found = compared(classes(rng, 0.8))
    with pytest.raises(DataError, match=r"signal of x, y, z and background of y, x, z; allowed: the same"):
        information_difference(found.signal, found.background.take([1, 0, 2]))


def test_constants_differ_in_nothing(rng: np.random.Generator) -> None:
    table = EventTable(
        "toy", {"x": np.ones(100), "y": np.zeros(100), "label": np.arange(100) % 2}, Roles(label="label")
    )
    signal, background = (information_matrix(table, ["x", "y"], event_class=e) for e in ("signal", "background"))
    found = information_difference(signal, background)
    assert np.isnan(found.p_value).all() and not found.discoveries().any()
    assert difference_sentence(found).startswith("No pair shares more")


def test_the_sentence_names_the_pair_the_class_and_the_error(rng: np.random.Generator) -> None:
    found = compared(classes(rng, 0.8))
    said = difference_sentence(found)
    assert said.startswith("x and y share 0.") and " ± 0." in said
    assert "more in signal than in background" in said
    other = information_difference(found.background, found.signal)
    assert "more in background than in signal" in difference_sentence(other)


def test_too_few_effective_events_of_a_class_are_refused(rng: np.random.Generator) -> None:
    """Three events give all errors away: each pair would differ."""
    found = compared(classes(rng, 0.8))
    few = classes(rng, 0.8, n=6)
    small, large = (information_matrix(few, NAMES, event_class=e, bins=4) for e in ("signal", "background"))
    with pytest.raises(DataError, match=r"^3 effective signal events; allowed: 20 or more of each class$"):
        information_difference(small, found.background)
    with pytest.raises(DataError, match="3 effective background events"):
        information_difference(found.signal, large)

"""The held-out classifier finds the information of sets whose truth is known, and says how well."""

import numpy as np
import pytest

from core.errors import DataError
from core.evaluation import joint_information as module
from core.evaluation.joint_information import joint_information
from core.events.table import EventTable, Roles


@pytest.fixture(autouse=True)
def short_training(monkeypatch):
    """Smooth truths are learned in few steps."""
    monkeypatch.setattr(module, "FEWEST_STEPS", 300)


def binary_entropy(p):
    return -p * np.log(p) - (1 - p) * np.log(1 - p)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    n = 16_000
    label = np.arange(n) % 2
    first = rng.integers(0, 2, n)
    second = np.where(rng.random(n) < 0.1, 1 - (first ^ label), first ^ label)
    columns = {
        "first": first * 2.0 + 0.3 * rng.random(n),
        "second": np.exp(5.0 * second),
        "shifted": rng.normal(size=n) + label,
        "noise": rng.standard_cauchy(n),
        "missing": np.where(rng.random(n) < np.where(label == 1, 0.8, 0.2), np.nan, rng.normal(size=n)),
        "label": label,
        "weight": rng.choice([1.0, -1.0], n, p=[0.95, 0.05]) * np.where(label == 1, 1e-3, 1.0),
    }
    return EventTable("toy", columns, Roles(label="label"))


def test_two_variables_tell_together_what_neither_tells_alone(table):
    truth = np.log(2) - binary_entropy(0.1)
    found = joint_information(table, ["first", "second"])
    assert found.value == pytest.approx(truth, abs=3 * found.error + 0.005)
    assert 0.004 < found.error < 0.02
    assert found.ceiling == np.log(2)
    assert abs(joint_information(table, ["second"]).value) < 0.005


def test_a_gaussian_shift_is_measured_in_full(table):
    """I = ln 2 - E[ln(1 + exp(-t))] with t the log likelihood ratio, by numerical integration."""
    x = np.linspace(-9, 10, 20_001)
    density = np.exp(-((x - 1) ** 2) / 2) / np.sqrt(2 * np.pi)
    truth = np.log(2) - np.trapezoid(density * np.log1p(np.exp(-(x - 0.5))), x)
    found = joint_information(table, ["shifted"])
    assert found.value == pytest.approx(truth, abs=3 * found.error + 0.002)


def test_that_a_value_is_missing_is_information(table):
    truth = np.log(2) - binary_entropy(0.2)
    found = joint_information(table, ["missing"])
    assert found.value == pytest.approx(truth, abs=3 * found.error + 0.005)


def test_noise_tells_nothing_and_adds_nothing(table):
    assert abs(joint_information(table, ["noise"]).value) < 0.005
    alone, beside = (joint_information(table, names) for names in (["shifted"], ["shifted", "noise"]))
    assert beside.value == pytest.approx(alone.value, abs=0.006)


def test_weights_of_both_signs_and_rare_signal_leave_the_value(table):
    """The weights do not depend on x, so the truth is that of the unweighted events."""
    plain = joint_information(table, ["shifted"])
    weighted = joint_information(table.with_roles(Roles(label="label", weight="weight")), ["shifted"])
    assert weighted.value == pytest.approx(plain.value, abs=0.02)
    assert weighted.error == pytest.approx(plain.error / 0.9, rel=0.15)  # N_eff = 0.81 N


def test_one_seed_one_result(table):
    few = table.take(np.arange(2000))
    assert joint_information(few, ["shifted"], seed=2) == joint_information(few, ["shifted"], seed=2)
    assert joint_information(few, ["shifted"], seed=2).value != joint_information(few, ["shifted"], seed=3).value


def test_what_cannot_be_measured_is_refused(table):
    with pytest.raises(DataError, match="no variable"):
        joint_information(table, [])
    with pytest.raises(DataError, match="no column 'gone'"):
        joint_information(table, ["gone"])
    with pytest.raises(DataError, match="no label column"):
        joint_information(table.with_roles(Roles()), ["noise"])

"""What an EventTable accepts and how it is cut."""

import numpy as np
import pytest

from core.errors import DataError
from core.events import Column, EventTable, Roles, effective_number


@pytest.fixture
def table() -> EventTable:
    columns = {"x": np.array([1.0, 2.0, 3.0]), "label": np.array([1, 0, 1]), "w": np.array([1.0, -1.0, 2.0])}
    return EventTable("toy", columns, Roles(features=("x",), label="label", weight="w"))


@pytest.mark.parametrize(
    ("columns", "roles", "said"),
    [
        ({}, Roles(), "toy has no columns"),
        ({"x": np.zeros(2), "y": np.zeros(3)}, Roles(), "unequal length"),
        ({"x": np.zeros(2)}, Roles(features=("y",)), "no column 'y'; there are: x"),
        ({"x": np.array(["a", "b"])}, Roles(), "column 'x' holds <U1 values"),
        ({"x": np.zeros((2, 2))}, Roles(), r"column 'x' .* shape \(2, 2\)"),
    ],
)
def test_bad_tables_are_refused(columns, roles: Roles, said: str) -> None:
    with pytest.raises(DataError, match=said):
        EventTable("toy", columns, roles)


def test_classes_and_masks(table: EventTable) -> None:
    assert table.of_class("signal")["x"].tolist() == [1, 3]
    assert table.of_class("background")["x"].tolist() == [2]
    assert table.of_class("all") is table
    assert table.take(np.array([2, 0]))["x"].tolist() == [3, 1]
    with pytest.raises(DataError, match=r"unknown event class 'qcd'"):
        table.of_class("qcd")  # type: ignore[arg-type]


def test_effective_number_of_weighted_events(table: EventTable) -> None:
    assert table.n_effective == pytest.approx((1 - 1 + 2) ** 2 / 6)
    assert effective_number(np.array([])) == 0
    assert effective_number(np.full(7, 3.0)) == pytest.approx(7)


def test_what_the_label_says_of_all_events_is_worked_out_once() -> None:
    """Each is found by hand, and is the very same object when it is asked for again."""
    labelled = EventTable(
        "t", {"y": np.array([1.0, 0.0, 0.0, 0.0]), "w": np.array([2.0, 1.0, 3.0, 2.0])}, Roles(label="y", weight="w")
    )
    assert labelled.label_counts == ({0.0: 3, 1.0: 1}, 0)
    assert labelled.label_counts is labelled.label_counts
    assert labelled.signal_share == pytest.approx(2 / 8)
    assert labelled.n_effective == pytest.approx(8**2 / 18)
    assert labelled.balanced_n_effective == pytest.approx(effective_number(labelled.balanced_weights))


@pytest.mark.parametrize("label", [[0, 0], [1.0, 1.0], [-1, -1], [True, False], np.array([0, 1], np.uint8)])
def test_one_class_or_two_are_told_apart(label) -> None:
    values = np.asarray(label)
    found = EventTable("t", {"y": values}, Roles(label="y")).is_signal
    assert found.dtype == np.bool_ and found.tolist() == [value == 1 for value in values.tolist()]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ([0.0, np.nan, 1.0], r"label 'y' is missing in 1 of 3 events; drop invalid events"),
        ([345, 410470, 364100], r"holds 345 \(1 events\), 364100 .*, 410470 .*; choose which value is signal"),
        ([1, 2, 2], r"holds 2 \(2 events\), 1 \(1 events\); choose"),
        ([7, 7], r"holds 7 \(2 events\); choose"),
        ([-1, 0, 1], r"choose which value is signal"),
        ([0.2, 0.7], r"choose which value is signal"),
    ],
)
def test_labels_that_tell_no_classes_make_none(label, said: str) -> None:
    """They would be background as far as they are missing or small, and signal otherwise."""
    refused = EventTable("t", {"y": np.asarray(label)}, Roles(label="y"))
    for look in (lambda: refused.is_signal, lambda: refused.of_class("background"), refused.balanced):
        with pytest.raises(DataError, match=said):
            look()


def test_fingerprint_tells_values_and_names_apart(table: EventTable) -> None:
    other = EventTable("toy", {**table.columns, "x": np.array([1.0, 2.0, 3.5])}, table.roles)
    renamed = EventTable("toy", {"z": table["x"], "label": table["label"], "w": table["w"]})
    assert len({table.fingerprint, other.fingerprint, renamed.fingerprint}) == 3
    assert table.fingerprint == EventTable("another name", dict(table.columns)).fingerprint


def test_roles_of_columns(table: EventTable) -> None:
    roles = Roles(features=("a", "b"), label="y", protected=("m", "a"), weight="w")
    assert roles.used() == ("a", "b", "m", "y", "w")
    assert [roles.of(name) for name in ("b", "y", "m", "w", "z")] == [
        "feature",
        "label",
        "protected",
        "weight",
        "ignore",
    ]
    assert table.with_roles(Roles()).is_weighted is False


def test_columns_without_words_are_called_by_their_name(table: EventTable) -> None:
    assert table.describe("x").axis == "x"
    assert Column("m", unit="GeV").axis == "m [GeV]"

"""Whether a table can train a classifier, and what is said when it cannot."""

import numpy as np
import pytest

from core.errors import DataError
from core.events import DatasetSpec, EventTable, Roles, label_values, load_events, require_labelled
from core.events.labels import as_signal, without_refused_label


def table(label: object, name: str | None = "y") -> EventTable:
    return EventTable("toy", {"y": np.asarray(label)}, Roles(label=name))


@pytest.mark.parametrize(
    "label", [[0, 1, 1], [0.0, 1.0], [-1, 1], np.array([True, False]), np.array([0, 1], np.float32)]
)
def test_two_classes_pass(label) -> None:
    require_labelled(table(label))


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ([1, 1, 1], "label 'y' is 1 in all 3 events; both classes are needed"),
        ([0.0, np.nan, 1.0], "label 'y' is missing in 1 of 3 events"),
        ([0, 1, 2, 2], r"label 'y' holds 2 \(2 events\), 0 \(1 events\), 1 \(1 events\); choose which value is signal"),
        ([1, 2], r"holds 1 \(1 events\), 2 \(1 events\); choose"),
        (np.linspace(0, 1, 50), r"\(1 events\), …; choose"),
    ],
)
def test_other_labels_are_explained(label, said: str) -> None:
    with pytest.raises(DataError, match=said):
        require_labelled(table(label))


def test_no_label() -> None:
    with pytest.raises(DataError, match=r"toy has no label column"):
        require_labelled(table([0, 1], name=None))


@pytest.mark.parametrize("label", [[1, 1], [0, 1], [-1, -1]])
def test_only_a_label_that_tells_no_classes_is_left_out(label) -> None:
    kept = table(label)
    assert without_refused_label(kept) is kept
    for refused in (table([0, 1, 2]), table([0.0, np.nan])):
        found = without_refused_label(refused)
        assert found.roles.label is None and found["y"] is refused["y"]


@pytest.mark.parametrize(
    ("written", "expected"), [("true", [1, 0, 1]), ("True", [1, 0, 1]), ("false", [0, 1, 0]), ("0", [0, 1, 0])]
)
def test_the_signal_value_of_booleans_may_be_a_word(parquet, written: str, expected: list[int]) -> None:
    path = parquet({"flag": [True, False, True], "x": [1.0, 2.0, 3.0]})
    events = load_events(DatasetSpec(path=str(path), roles=Roles(features=("x",), label="flag"), signal_value=written))
    assert events.is_signal.tolist() == [bool(each) for each in expected]


def test_truth_is_no_code_of_a_process() -> None:
    with pytest.raises(DataError, match=r"signal value 'true' is text, but the label holds numbers"):
        as_signal(np.array([1.0, 345.0]), "true")
    assert as_signal(np.array([1.0, np.nan]), "true").tolist() == pytest.approx([1.0, np.nan], nan_ok=True)


def test_values_are_counted_across_batches(parquet) -> None:
    path = parquet({"kind": ["b", "a", None] * 60_000 + ["a"], "n": [1, 2, 2] * 60_000 + [2], "x": [0.0] * 180_001})
    assert label_values(path, "kind") == {"a": 60_001, "b": 60_000}
    assert label_values(path, "n") == {2.0: 120_001, 1.0: 60_000}

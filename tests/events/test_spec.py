"""Loading by specification: derived columns, selections, labels, invalid events, limits, round trip."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from core.errors import DataError
from core.events import DatasetSpec, Roles, load_events, stream_events


@pytest.fixture
def path(parquet) -> str:
    return str(
        parquet(
            {
                "x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
                "y": [0.0, np.nan, 1.0, np.inf, 2.0, 3.0],
                "label": [0, 1, 0, 1, 0, 1],
                "kind": ["bkg", "sig", "bkg", "sig", None, "other"],
                "code": [3, 4, 3, 5, 5, 5],
                "signed": [-1, 1, -1, 1, -1, 1],
                "good": [True, False, True, False, True, False],
                "Muon_pt": [[10.0], [], [30.0, 5.0], [40.0], [1.0, 2.0, 3.0], []],
            }
        )
    )


def test_a_stored_specification_loads_the_same_events(path: str) -> None:
    spec = DatasetSpec(
        path=path,
        name="mine",
        roles=Roles(features=("x", "r"), label="kind", protected=("Muon_pt[0]",)),
        derived={"r": "x / 2", "s": "r + 1"},
        selection="x > 1.5 and s < 3.5",
        signal_value="sig",
        drop_invalid=True,
    )
    again = DatasetSpec.model_validate_json(spec.model_dump_json())
    assert again == spec
    assert load_events(again).fingerprint == load_events(spec).fingerprint
    assert load_events(spec).name == "mine"


def test_a_specification_is_frozen_and_knows_its_fields(path: str) -> None:
    with pytest.raises(ValidationError):
        DatasetSpec.model_validate({"path": path, "rolls": {}})
    with pytest.raises(ValidationError):
        DatasetSpec(path=path).path = "other"  # type: ignore[misc]


def test_numbers_and_text_stay_apart_as_signal_value() -> None:
    for value in ("1", 1.0, "sig"):
        spec = DatasetSpec(path="a", signal_value=value)
        assert DatasetSpec.model_validate_json(spec.model_dump_json()).signal_value == value


def test_derived_columns_may_use_lists_booleans_and_earlier_ones(path: str) -> None:
    spec = DatasetSpec(
        path=path, derived={"lead": "Muon_pt[0] * 2", "several": "Muon_pt.count > 1", "both": "lead * several * good"}
    )
    table = load_events(spec)
    assert list(table.columns) == ["lead", "several", "both"]
    np.testing.assert_array_equal(table["lead"], [20, np.nan, 60, 80, 2, np.nan])
    np.testing.assert_array_equal(table["several"], [0, 0, 1, 0, 1, 0])
    np.testing.assert_array_equal(table["both"], [0, np.nan, 60, 0, 2, np.nan])
    assert table.describe("lead").description == "Muon_pt[0] * 2"


def test_selection_keeps_the_events_that_meet_it(path: str) -> None:
    table = load_events(DatasetSpec(path=path, selection="2 < x < 6 and not good"), extra_columns=["x"])
    np.testing.assert_array_equal(table["x"], [4])
    assert load_events(DatasetSpec(path=path, selection="  "), extra_columns=["x"]).n_events == 6


def test_selection_sees_the_label_as_it_is_in_the_file(path: str) -> None:
    spec = DatasetSpec(path=path, roles=Roles(label="code"), signal_value=5, selection="code != 3")
    np.testing.assert_array_equal(load_events(spec)["code"], [0, 1, 1, 1])


@pytest.mark.parametrize("size", [1, 4, 100])
def test_streams_hold_the_same_events_as_the_table(path: str, size: int) -> None:
    spec = DatasetSpec(path=path, roles=Roles(features=("x",)), derived={"z": "x * x"}, selection="x != 3")
    table = load_events(spec, extra_columns=["Muon_pt.count"])
    batches = list(stream_events(spec, size, extra_columns=["Muon_pt.count"]))
    assert all(0 < len(batch["x"]) <= size for batch in batches)
    for name in ("x", "z", "Muon_pt.count"):
        np.testing.assert_array_equal(np.concatenate([batch[name] for batch in batches]), table[name])


def test_selection_that_keeps_nothing(path: str) -> None:
    with pytest.raises(DataError, match=r"selection 'x > 100' leaves none of the 6 events"):
        load_events(DatasetSpec(path=path, selection="x > 100"), extra_columns=["x"])


def test_invalid_events_are_dropped_when_asked(path: str) -> None:
    spec = DatasetSpec(path=path, roles=Roles(features=("x", "y")))
    assert load_events(spec).n_events == 6
    dropped = load_events(spec.model_copy(update={"drop_invalid": True}))
    np.testing.assert_array_equal(dropped["x"], [1, 3, 5, 6])


def test_dropping_looks_at_columns_with_a_role_only(path: str) -> None:
    spec = DatasetSpec(path=path, roles=Roles(features=("x",)), drop_invalid=True)
    assert load_events(spec, extra_columns=["y"]).n_events == 6


def test_dropping_all_events_is_a_data_error(parquet) -> None:
    path = parquet({"x": [1.0, np.nan], "y": [np.nan, 1.0]})
    with pytest.raises(DataError, match=r"dropping events with invalid values leaves none of the 2 events"):
        load_events(DatasetSpec(path=str(path), roles=Roles(features=("x", "y")), drop_invalid=True))


@pytest.mark.parametrize(
    ("label", "signal_value", "expected"),
    [
        ("label", None, [0, 1, 0, 1, 0, 1]),
        ("label", 0, [1, 0, 1, 0, 1, 0]),
        ("label", "1", [0, 1, 0, 1, 0, 1]),
        ("good", None, [1, 0, 1, 0, 1, 0]),
        ("signed", None, [-1, 1, -1, 1, -1, 1]),
        ("code", 5, [0, 0, 0, 1, 1, 1]),
    ],
)
def test_labels_become_whole_numbers(path: str, label: str, signal_value, expected: list[int]) -> None:
    table = load_events(DatasetSpec(path=path, roles=Roles(label=label), signal_value=signal_value))
    assert table[label].dtype == np.int8
    np.testing.assert_array_equal(table[label], expected)


def test_text_labels_without_choice_list_their_values(path: str) -> None:
    said = r"label 'kind' holds bkg \(2 events\), sig \(2 events\), other \(1 events\); choose which value is signal"
    with pytest.raises(DataError, match=said):
        load_events(DatasetSpec(path=path, roles=Roles(label="kind")))


def test_text_labels_with_choice(path: str) -> None:
    """A missing label stays missing; it is no background."""
    spec = DatasetSpec(path=path, roles=Roles(label="kind"), signal_value="sig")
    np.testing.assert_array_equal(load_events(spec)["kind"], [0, 1, 0, 1, np.nan, 0])
    np.testing.assert_array_equal(
        load_events(spec.model_copy(update={"drop_invalid": True}))["kind"], np.array([0, 1, 0, 1, 0])
    )


def test_a_signal_value_that_no_event_has(path: str) -> None:
    with pytest.raises(DataError, match=r"no event has signal value 'signal': label 'kind' holds bkg \(2 events\)"):
        load_events(DatasetSpec(path=path, roles=Roles(label="kind"), signal_value="signal"))
    with pytest.raises(DataError, match=r"no event has signal value 9.0: label 'code' holds 5 \(3 events\)"):
        load_events(DatasetSpec(path=path, roles=Roles(label="code"), signal_value=9))
    with pytest.raises(DataError, match=r"signal value 'sig' is text, but the label holds numbers"):
        load_events(DatasetSpec(path=path, roles=Roles(label="code"), signal_value="sig"))


def test_a_derived_label(path: str) -> None:
    spec = DatasetSpec(path=path, roles=Roles(features=("x",), label="is_five"), derived={"is_five": "code == 5"})
    np.testing.assert_array_equal(load_events(spec).is_signal, [False, False, False, True, True, True])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "no column of events.parquet has a role; choose at least one feature"),
        ({"roles": {"features": ["X"]}}, "no column 'X'; did you mean 'x'"),
        ({"derived": {"z": "xx + 1"}}, "expression 'xx [+] 1': events.parquet has no column 'xx'"),
        ({"derived": {"half": "x / 2", "z": "hald + 1"}}, "no column 'hald'; did you mean 'half'"),
        ({"derived": {"x": "y + 1"}}, "derived column 'x' needs a name that is not empty and not a column"),
        ({"derived": {" ": "y + 1"}}, "derived column ' ' needs a name"),
        ({"derived": {"z": "kind == 3"}}, "expression 'kind == 3' uses column 'kind', which holds text"),
        ({"derived": {"z": "Muon_pt + 1"}}, r"holds a list for each event; take one of: Muon_pt.count, Muon_pt\[0\]"),
        ({"derived": {"z": "later + 1", "later": "x"}}, "no column 'later'"),
        ({"selection": "x + 1", "roles": {"features": ["x"]}}, "for true or false"),
        ({"selection": "q > 1", "roles": {"features": ["x"]}}, "expression 'q > 1': events.parquet has no column 'q'"),
        ({"roles": {"features": ["kind"]}}, "column 'kind' holds text; only the label may"),
    ],
)
def test_wrong_specifications(path: str, changes: dict[str, object], said: str) -> None:
    with pytest.raises(DataError, match=said):
        load_events(DatasetSpec.model_validate({"path": path, **changes}))


def test_batch_size_must_be_positive(path: str) -> None:
    with pytest.raises(DataError, match=r"batch size is 0"):
        next(stream_events(DatasetSpec(path=path), 0, extra_columns=["x"]))


def test_words_of_elements_come_from_their_list(tmp_path: Path) -> None:
    words = {"unit": "GeV", "description": "muon momenta"}
    schema = pa.schema([pa.field("pt", pa.list_(pa.float32()), metadata=words)])
    pq.write_table(pa.table([pa.array([[1.0]], pa.list_(pa.float32()))], schema=schema), tmp_path / "a.parquet")
    table = load_events(DatasetSpec(path=str(tmp_path / "a.parquet")), extra_columns=["pt[0]", "pt.count"])
    assert table.describe("pt[0]").axis == "pt[0] [GeV]"
    assert table.describe("pt.count").axis == "pt.count"


def test_reading_reports_how_far_it_is_and_can_be_stopped(tmp_path, monkeypatch) -> None:
    pq.write_table(pa.table({"x": np.arange(100.0)}), tmp_path / "a.parquet")
    spec = DatasetSpec(path=str(tmp_path / "a.parquet"), roles=Roles(features=("x",)), selection="x < 50")
    monkeypatch.setattr("core.events.plan._MOST_EVENTS", 30)
    told: list[tuple[int, int]] = []
    assert load_events(spec, report=lambda *each: told.append(each)).n_events == 50
    assert told == [(30, 100), (60, 100), (90, 100), (100, 100)], "events read, whether or not they pass"

    def stop(done: int, total: int) -> None:
        if done > 50:
            raise InterruptedError(done)

    with pytest.raises(InterruptedError, match="60"):
        load_events(spec, report=stop)

"""Odd events and columns: found, counted, and put into sentences."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events import (
    DatasetSpec,
    EventTable,
    Roles,
    drop_invalid,
    load_events,
    plan,
    quality_of_file,
    quality_report,
)
from core.events.oddities import ValueTally, count_duplicates, sentinels


def texts(table: EventTable, severity: str | None = None) -> list[str]:
    return [finding.text for finding in quality_report(table).findings if severity in (None, finding.severity)]


def test_clean_events_have_no_findings(rng) -> None:
    label = np.arange(100) % 2
    table = EventTable("toy", {"x": rng.normal(size=100), "label": label}, Roles(features=("x",), label="label"))
    report = quality_report(table)
    assert report.findings == ()
    assert (report.n_events, report.n_invalid, report.n_duplicates, report.n_effective) == (100, 0, 0, 100)
    x = report.columns[0]
    assert (x.n_unique, x.minimum, x.maximum) == (100, table["x"].min(), table["x"].max())
    assert [(c.value, c.n_events, c.sum_of_weights) for c in report.classes] == [(0, 50, 50), (1, 50, 50)]


def test_missing_and_infinite_values_are_counted(rng) -> None:
    x, y = rng.normal(size=(2, 50))
    x[:5] = np.nan
    y[3:10] = [np.inf, -np.inf, np.inf, np.inf, np.inf, np.inf, np.inf]
    report = quality_report(EventTable("toy", {"x": x, "y": y}))
    assert (report.columns[0].n_missing, report.columns[0].n_infinite) == (5, 0)
    assert (report.columns[1].n_missing, report.columns[1].n_infinite) == (0, 7)
    assert report.n_invalid == 10
    assert [f.text for f in report.findings] == [
        "x is missing in 5 of 50 events (10.0 %)",
        "y is infinite in 7 of 50 events (14.0 %)",
    ]


def test_empty_and_constant_columns(rng) -> None:
    columns = {"x": rng.normal(size=9), "none": np.full(9, np.nan), "five": np.append(np.full(8, 5.0), np.nan)}
    report = quality_report(EventTable("toy", columns))
    assert [column.is_empty for column in report.columns] == [False, True, False]
    assert [column.is_constant for column in report.columns] == [False, False, True]
    assert report.findings[0].severity == "error"
    assert "none has no finite value in any of 9 events" in report.findings[0].text
    assert "five is 5 wherever it has a value: no information in it" in texts(EventTable("toy", columns), "warning")


def test_columns_of_whole_numbers() -> None:
    report = quality_report(EventTable("toy", {"n": np.array([1, 2, 2], np.int8), "b": np.array([True, False, True])}))
    assert [column.n_unique for column in report.columns] == [2, 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [-999.0, -99.0, 9999.0, -1e10, -999.9, float(np.finfo(np.float32).max)])
def test_sentinels_outside_the_bulk_are_found(rng, dtype, value: float) -> None:
    values = np.sort(np.append(rng.exponential(5.0, 1000), [value] * 3).astype(dtype))
    assert sentinels(values) == {float(dtype(value)): 3}


def test_several_sentinels_do_not_hide_each_other(rng) -> None:
    values = np.sort(np.concatenate([rng.uniform(size=1000), [-999.0] * 600, [-99.0] * 5, [-1.0] * 50]))
    assert sentinels(values) == {-999.0: 600, -99.0: 5, -1.0: 50}


@pytest.mark.parametrize(
    "values",
    [
        np.repeat([-1.0, 0.0, 1.0, 2.0], 50),
        np.repeat([-1.0, 1.0], 50),
        np.append(np.linspace(-2000, 2000, 4001), [-999.0, 999.0]),
        np.append(np.linspace(0, 1, 100), [-999.0]),
        np.append(np.repeat(np.arange(0.0, 3000.0), 3), np.repeat(999.0, 2)),
        np.repeat(-999.0, 100),
        np.array([]),
    ],
    ids=["jet charge", "charge", "positions", "one outlier", "whole GeV", "nothing else", "no values"],
)
def test_values_that_only_look_like_sentinels_are_left(values: np.ndarray) -> None:
    assert sentinels(np.sort(values)) == {}


def test_heavy_integer_tails_are_no_sentinels(rng) -> None:
    """A spectrum in whole GeV has events at 999 GeV, far above its bulk, but at 998 and 1000 GeV too."""
    spectrum = np.floor(20 * (1 + rng.pareto(1.0, 200_000)))
    assert (spectrum == 999).sum() > 1
    assert sentinels(np.sort(spectrum)) == {}


def test_the_last_of_a_falling_number_of_jets_is_no_sentinel(rng) -> None:
    n_jets = np.repeat(np.arange(10), [9000, 5000, 2000, 600, 150, 40, 12, 6, 4, 2])
    assert sentinels(n_jets) == {}


def test_sentinels_get_a_sentence_and_labels_and_weights_none(rng) -> None:
    x = np.append(rng.uniform(size=96), [-999.0] * 4)
    weight = np.append(rng.uniform(0.9, 1.1, size=50), [-1.0] * 50)
    label = np.arange(100) % 2
    table = EventTable("toy", {"x": x, "w": weight, "y": label}, Roles(features=("x",), weight="w", label="y"))
    report = quality_report(table)
    assert report.columns[0].sentinels == {-999.0: 4}
    assert report.columns[1].sentinels == {}
    assert "x is -999 in 4 events (4.0 %), far from all others: is it “no value”?" in texts(table)


def test_copies_are_counted_against_numpy(rng) -> None:
    columns = [
        rng.integers(0, 4, 300).astype(float),
        rng.integers(0, 4, 300),
        rng.integers(0, 4, 300).astype(np.float32),
    ]
    different = len(np.unique(np.stack([np.asarray(c, float) for c in columns]), axis=1).T)
    assert count_duplicates(columns) == 300 - different > 0


def test_copies_tell_columns_apart() -> None:
    """(1, 2) and (2, 1) are different events."""
    assert count_duplicates([np.array([1.0, 2.0]), np.array([2.0, 1.0])]) == 0
    assert texts(EventTable("t", {"x": np.array([1.0, 2.0, 1.0])})) == [
        "1 of 3 events (33.3 %) are exact copies of others"
    ]


def test_negative_weights_and_classes(rng) -> None:
    weight = np.array([1.0, 1.0, -1.0, 2.0])
    columns = {"x": rng.normal(size=4), "w": weight, "y": np.array([0, 1, 1, 0])}
    table = EventTable("toy", columns, Roles(features=("x",), label="y", weight="w"))
    report = quality_report(table)
    assert report.negative_share == 0.25
    assert report.n_effective == pytest.approx(9 / 7)
    assert "25.0 % of the events have negative weights; N_eff is 1 of 4" in texts(table, "info")
    assert "the weights of the 2 events of class 1 sum to 0; a positive sum is needed" in texts(table, "error")


def test_a_label_that_cannot_be_trained_on_is_an_error() -> None:
    table = EventTable("toy", {"x": np.arange(3.0), "y": np.ones(3)}, Roles(features=("x",), label="y"))
    assert "label 'y' is 1 in all 3 events; both classes are needed" in texts(table, "error")


def test_dropping_keeps_the_good_events() -> None:
    columns = {"x": np.array([1.0, np.nan, 3.0, 4.0]), "y": np.array([1.0, 1.0, np.inf, 2.0]), "z": np.full(4, np.nan)}
    table = EventTable("toy", columns, Roles(features=("x", "y")))
    kept, n_dropped = drop_invalid(table)
    assert n_dropped == 2 == quality_report(table).n_invalid
    assert kept["x"].tolist() == [1, 4]
    assert drop_invalid(kept) == (kept, 0)


def test_dropping_everything_names_the_column_to_blame() -> None:
    columns = {"x": np.array([1.0, 2.0, np.nan]), "none": np.full(3, np.nan)}
    with pytest.raises(DataError, match=r"ignore column 'none', which has a value in 0 only"):
        drop_invalid(EventTable("toy", columns))


@pytest.mark.parametrize("n", [1, 7, 1000])
def test_a_file_in_batches_has_the_report_of_its_events_at_once(n: int, rng, tmp_path, monkeypatch) -> None:
    columns = {
        "x": np.append(rng.exponential(5.0, 990), [-999.0] * 7 + [np.nan, np.inf, 3.0]).astype(np.float32),
        "k": rng.integers(0, 5, 1000),
        "w": rng.normal(1.0, 0.8, 1000),
        "y": rng.integers(0, 2, 1000),
    }
    columns = {name: np.append(values, values[:20]) for name, values in columns.items()}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    spec = DatasetSpec(path=str(tmp_path / "a.parquet"), roles=Roles(features=("x", "k"), label="y", weight="w"))
    at_once = quality_report(load_events(spec))
    monkeypatch.setattr(plan, "_MOST_EVENTS", n)
    told: list[tuple[int, int]] = []
    in_batches = quality_of_file(spec, lambda done, total: told.append((done, total)))
    assert in_batches.findings == at_once.findings
    assert in_batches.columns == at_once.columns
    assert (in_batches.n_duplicates, in_batches.n_invalid) == (at_once.n_duplicates, at_once.n_invalid) == (20, 2)
    assert in_batches.n_effective == pytest.approx(at_once.n_effective)
    assert told[-1] == (1020, 1020)
    assert len(told) == -(-1020 // n)


def test_values_are_tallied_alike_in_batches_of_any_size(rng) -> None:
    values = np.concatenate([rng.normal(size=5000), [-999.0] * 30, [-99.0] * 3, np.arange(80.0), [np.nan] * 4])
    rng.shuffle(values)
    whole, parts = ValueTally(), ValueTally()
    whole.add(values)
    for part in np.array_split(values, 97):
        parts.add(part)
    for tally in (whole, parts):
        assert tally.sentinels() == {-999.0: 30, -99.0: 3}
        assert (tally.n_events, tally.n_missing, tally.minimum, tally.maximum) == (5117, 4, -999, 79)
        assert tally.n_unique == len(np.unique(values[np.isfinite(values)]))


def test_a_spike_of_any_value_at_the_end_of_a_column_of_many_values_is_found(rng) -> None:
    values = rng.uniform(20, 60, size=2000)
    assert sentinels(np.append(values, [-55.0] * 40)) == {-55.0: 40}
    assert sentinels(np.append(values, [-55.0] * 15)) == {}, "under 1 % it may be a tail"
    assert sentinels(np.append(values, [0.0] * 900)) == {}, "a spike at the edge, less than a width away"
    assert sentinels(np.append(rng.integers(0, 3, 2000), [22] * 900)) == {}, "codes of few values"


def test_a_signal_value_that_no_event_has_is_refused(tmp_path) -> None:
    pq.write_table(pa.table({"x": np.arange(4.0), "y": [0, 1, 2, 2]}), tmp_path / "a.parquet")
    spec = DatasetSpec(path=str(tmp_path / "a.parquet"), roles=Roles(features=("x",), label="y"), signal_value=7)
    with pytest.raises(DataError, match="no event has signal value"):
        quality_of_file(spec)


@pytest.mark.parametrize("bad", [[np.nan], [np.inf, -np.inf]])
def test_weights_that_are_no_numbers_leave_no_n_eff(bad: list[float], rng) -> None:
    weight = np.append(np.ones(100 - len(bad)), bad)
    table = EventTable("toy", {"x": rng.normal(size=100), "w": weight}, Roles(features=("x",), weight="w"))
    assert np.isnan(quality_report(table).n_effective)
    told = f"{len(bad)} of 100 weights are NaN or infinite, so N_eff is unknown; drop these events"
    assert told in texts(table, "error")


def test_a_weight_that_outweighs_all_others_is_told(rng) -> None:
    weight = np.where(np.arange(1000) == 5, 1e12, 1.0)
    table = EventTable("toy", {"x": rng.normal(size=1000), "w": weight}, Roles(features=("x",), weight="w"))
    assert "N_eff is 1 of 1,000: a few weights outweigh all others" in texts(table, "warning")
    even = EventTable(
        "toy", {"x": rng.normal(size=1000), "w": rng.uniform(0.5, 2, 1000)}, Roles(features=("x",), weight="w")
    )
    assert texts(even) == []


def test_copies_need_a_column_beside_label_and_weight() -> None:
    label = np.arange(100) % 2
    assert quality_report(EventTable("toy", {"y": label}, Roles(label="y"))).n_duplicates == 0
    assert quality_report(EventTable("toy", {"y": label, "n": label}, Roles(label="y"))).n_duplicates == 98

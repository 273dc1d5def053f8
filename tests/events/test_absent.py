"""Values that mean "no value" are read as missing where a data set says so, and nowhere else."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from core.errors import DataError
from core.events import DatasetSpec, Roles, load_events, quality_report, stream_events
from core.events.absent import absent_sentence, quick_suspects, suspects, with_missing

ROLES = Roles(features=("x", "n", "pt[0]", "twice"), label="y", weight="w", protected=("m",))


@pytest.fixture
def path(tmp_path, rng):
    columns = {
        "x": np.append(rng.uniform(size=96), [-999.0] * 4).astype(np.float32),
        "n": np.append(np.arange(98) % 5, [-1, -999]),
        "m": np.append(rng.uniform(80, 100, size=99), -999.0),
        "y": np.where(np.arange(100) % 2, 1, -1),
        "w": np.append(np.ones(99), -1.0),
        "pt": pa.array([[-999.0, 30.0] if k < 3 else [20.0 + k] for k in range(100)]),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    return str(tmp_path / "a.parquet")


def n_missing(path: str, **options) -> dict[str, int]:
    events = load_events(DatasetSpec(path=path, roles=ROLES, derived={"twice": "2 * x"}, **options))
    return {name: n for name in events.columns if (n := int(np.isnan(events[name]).sum()))}


def test_nothing_is_missing_unless_it_is_said(path) -> None:
    assert n_missing(path) == {}


def test_a_value_of_a_column_is_missing_there_and_in_what_is_derived_of_it(path) -> None:
    assert n_missing(path, missing={"x": (-999.0,)}) == {"x": 4, "twice": 4}
    assert n_missing(path, missing={"n": (-999.0, -1.0), "pt": (-999.0,)}) == {"n": 2, "pt[0]": 3}
    assert n_missing(path, missing={"twice": (-1998.0,)}) == {"twice": 4}


def test_a_value_of_all_columns_spares_label_and_weight(path) -> None:
    """The label is -1 for background, and one weight is."""
    found = n_missing(path, missing={"*": (-999.0, -1.0)})
    assert found == {"x": 4, "n": 2, "m": 1, "pt[0]": 3, "twice": 4}


def test_what_is_missing_can_be_dropped_and_selected(path) -> None:
    spec = DatasetSpec(path=path, roles=ROLES, derived={"twice": "2 * x"}, missing={"*": (-999.0,)}, drop_invalid=True)
    kept = load_events(spec)
    assert kept.n_events == 93  # 4 of x with that of n and m among them, and 3 of pt
    assert sum(len(batch["x"]) for batch in stream_events(spec, 17)) == 93


def test_a_value_of_single_precision_is_recognised(tmp_path) -> None:
    pq.write_table(pa.table({"x": np.array([-999.9, 1.0, 2.0], np.float32)}), tmp_path / "a.parquet")
    spec = DatasetSpec(path=str(tmp_path / "a.parquet"), roles=Roles(features=("x",)), missing={"x": (-999.9,)})
    assert np.isnan(load_events(spec)["x"]).tolist() == [True, False, False]


def test_an_unknown_column_is_refused_with_near_matches(path) -> None:
    with pytest.raises(DataError, match="no column 'nn'"):
        n_missing(path, missing={"nn": (-999.0,)})


def test_only_finite_numbers_mean_no_value() -> None:
    with pytest.raises(ValidationError):
        DatasetSpec(path="a", missing={"x": (float("nan"),)})


def test_a_data_set_that_says_nothing_is_named_as_ever() -> None:
    """Its JSON names what runs and links recorded before: nothing may appear in it."""
    assert "missing" not in DatasetSpec(path="a").model_dump_json()
    spec = DatasetSpec(path="a", missing={"x": (-999.0,)})
    assert DatasetSpec.model_validate_json(spec.model_dump_json()) == spec


def test_what_quality_suspects_is_gone_once_it_is_said(path) -> None:
    spec = DatasetSpec(path=path, roles=ROLES, derived={"twice": "2 * x"})
    found = suspects(quality_report(load_events(spec)))
    assert found[-999.0] == {"x": 4, "pt[0]": 3}
    for value, columns in found.items():
        spec = with_missing(spec, value, columns)
    report = quality_report(load_events(spec))
    assert suspects(report) == {}
    assert "x is missing in 4 of 100 events (4.0 %)" in [each.text for each in report.findings]


def test_a_quick_look_finds_them_until_they_are_missing_or_not_selected(path) -> None:
    spec = DatasetSpec(path=path, roles=ROLES.model_copy(update={"features": ("x", "pt[0]")}))
    seen = quick_suspects(spec)
    assert seen.n_events == 100
    assert seen.found == {-999.0: {"x": 4, "pt[0]": 3}}  # one event is no spike, and a label or weight none either
    said = '−999 seems to mean "no value" but is used as a number: in 4 of 100 events looked at of x, 3 of pt[0]'
    assert absent_sentence(seen) == said
    without = with_missing(spec, -999.0, ["x"])
    assert quick_suspects(without).found == {-999.0: {"pt[0]": 3}}
    assert quick_suspects(without.model_copy(update={"selection": "m < 999 and pt[0] > -1"})).found == {}
    assert absent_sentence(quick_suspects(with_missing(without, -999.0, ["pt[0]"]))) is None

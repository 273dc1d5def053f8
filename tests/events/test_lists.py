"""Lists of the same lengths have one count, whose name leads back to one of them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events import DatasetSpec, inspect_file, load_events
from core.events.lists import shared_counts


def lists(lengths) -> pa.Array:
    return pa.array([list(range(n)) for n in lengths], pa.list_(pa.float32()))


@pytest.fixture
def path(tmp_path):
    """Write jets and muons, of which one list is longer in a single event, and two lists without a common beginning."""
    lengths = np.arange(300) % 4
    longer = lengths + (np.arange(300) == 150)
    table = pa.table(
        {
            "jets_pt": lists(lengths),
            "jets_b_tag": lists(lengths),
            "Muon.pt": lists(lengths + 1),
            "Muon.eta": lists(lengths + 1),
            "Muon.odd": lists(longer + 1),
            "left": lists(lengths + 2),
            "right": lists(lengths + 2),
            "m": np.arange(300.0),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    return str(tmp_path / "a.parquet")


def test_lists_of_equal_lengths_share_one_count(path) -> None:
    """The lists that differ in one event of 300 keep counts of their own."""
    assert shared_counts(path) == {
        "jets_pt": "n_jets", "jets_b_tag": "",
        "Muon.pt": "n_Muon", "Muon.eta": "",
        "left": "left.count", "right": "",
    }  # fmt: skip


def test_menus_offer_each_count_once(path) -> None:
    summary = inspect_file(path)
    counts = [name for name in summary.with_counts(shared_counts(path)).usable if "[" not in name]
    assert counts == ["n_jets", "n_Muon", "Muon.odd.count", "left.count", "m"]
    assert "jets_b_tag.count" in summary.usable


def test_a_count_by_its_short_name_has_the_lengths_of_the_lists(path) -> None:
    spec = DatasetSpec(path=path, selection="n_jets >= 2")
    events = load_events(spec, extra_columns=["n_jets", "jets_b_tag.count", "n_Muon"])
    assert np.array_equal(events["n_jets"], events["jets_b_tag.count"])
    assert set(events["n_jets"]) == {2, 3}
    assert np.array_equal(events["n_Muon"], events["n_jets"] + 1)
    assert events.describe("n_jets").description == "Number of entries of jets_pt."


def test_a_column_of_that_name_wins_and_the_count_takes_another(tmp_path) -> None:
    table = pa.table({"jets_pt": lists([1, 2]), "jets_eta": lists([1, 2]), "n_jets": [7.0, 8.0]})
    pq.write_table(table, tmp_path / "a.parquet")
    path = str(tmp_path / "a.parquet")
    assert shared_counts(path) == {"jets_pt": "jets_pt.count", "jets_eta": ""}
    assert load_events(DatasetSpec(path=path), extra_columns=["n_jets"])["n_jets"].tolist() == [7, 8]


def test_a_name_that_would_lead_to_lists_of_other_lengths_is_not_taken(tmp_path) -> None:
    """The first list whose name begins with jets is of another group."""
    columns = {"jets_tracks": lists([3, 1]), "jets_pt": lists([1, 2]), "jets_eta": lists([1, 2])}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert shared_counts(str(tmp_path / "a.parquet")) == {"jets_pt": "jets_pt.count", "jets_eta": ""}


def test_a_file_without_such_lists_has_no_such_name(path) -> None:
    with pytest.raises(DataError, match="no column 'n_taus'"):
        inspect_file(path).find("n_taus")

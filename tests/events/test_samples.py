"""Samples: their order, their cards, and names that do not exist."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events import list_samples, sample_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    card = {
        "title": "Dimuon",
        "story": "H→μμ",
        "signal": "H→μμ",
        "background": "Drell–Yan",
        "n_signal": 1,
        "extra": [1],
    }
    for name in ("another", "dimuon", "boosted_w"):
        table = pa.table({"x": [1.0, 2.0], "label": [0, 1]})
        if name == "dimuon":
            table = table.replace_schema_metadata({"infoscope": json.dumps(card)})
        pq.write_table(table, tmp_path / f"{name}.parquet")
    (tmp_path / "dimuon.md").write_text("a card")
    return tmp_path


def test_samples_of_the_guide_come_first(folder: Path) -> None:
    assert [sample.name for sample in list_samples(folder)] == ["boosted_w", "dimuon", "another"]


def test_cards_are_read_and_may_be_missing(folder: Path) -> None:
    bare, dimuon, _ = list_samples(folder)
    assert (dimuon.title, dimuon.story, dimuon.background) == ("Dimuon", "H→μμ", "Drell–Yan")
    assert (dimuon.n_events, dimuon.n_signal) == (2, 1)
    assert (bare.title, bare.story, bare.n_signal) == ("Boosted w", "", None)


def test_no_samples(tmp_path: Path) -> None:
    assert list_samples(tmp_path) == ()


def test_paths_by_name(folder: Path) -> None:
    assert sample_path("dimuon", folder) == folder / "dimuon.parquet"
    with pytest.raises(DataError, match=r"no sample 'dimuons'; did you mean 'dimuon'"):
        sample_path("dimuons", folder)
    with pytest.raises(DataError, match=r"no sample '../dimuon'"):
        sample_path("../dimuon", folder)


def test_the_shipped_samples_are_described() -> None:
    """Whatever lies in the sample folder can be shown."""
    for sample in list_samples():
        assert sample.title
        assert sample.n_events > 0

"""A glance at a file: the label is found without a name that is guessed, and without reading all of it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.events import glance as module
from core.events.glance import glance, label_candidates, mass_candidates, weight_candidates
from core.events.source import inspect_file

N = 12_000


@pytest.fixture
def sorted_file(parquet, rng: np.random.Generator) -> Path:
    """Background first, then signal, in twelve row groups."""
    return parquet(
        {
            "charge": rng.choice([-1, 1], N),
            "pt": rng.exponential(30, N).astype(np.float32),
            "nmuon": rng.integers(0, 40, N),
            "truth_cat": np.repeat(np.array([0, 1], np.int32), N // 2),
            "process": pa.array(rng.choice(["ww", "qcd", "tt"], N)),
            "mcand": rng.normal(90, 5, N),
            "void": np.full(N, np.nan),
            "jet_pt": pa.array([[1.0]] * N),
        },
        row_group_size=N // 12,
    )


def test_the_label_of_a_sorted_file_comes_first_whatever_it_is_called(sorted_file: Path, monkeypatch) -> None:
    """Each place of the file is looked at, and few events at each."""
    monkeypatch.setattr(module, "EVENTS", 100)
    seen = glance(str(sorted_file))
    assert seen["truth_cat"].n_events == 100 * module.PLACES
    assert seen["truth_cat"].values == (0, 1)
    assert label_candidates(seen) == ("truth_cat", "charge", "process")
    assert label_candidates(seen, weight="truth_cat")[0] == "charge"
    assert seen["process"].values == ("qcd", "tt", "ww")
    assert seen["nmuon"].values == ()
    assert "void" not in seen
    assert "jet_pt" not in seen
    assert mass_candidates(inspect_file(sorted_file), seen)[0] == "mcand"
    assert 75 < seen["mcand"].low < seen["mcand"].middle < seen["mcand"].high < 105


def test_weights_are_found_by_their_name_or_by_some_negative_values(parquet, rng: np.random.Generator) -> None:
    """η is as often negative as positive, and text and positive numbers are no weights."""
    signs = np.where(np.arange(N) % 20 == 0, -1.0, 1.0)
    path = parquet(
        {"k": 2.5 * signs, "eta": rng.normal(size=N), "pt": rng.exponential(30, N), "sf_wgt": np.ones(N),
         "name": pa.array(["wgt"] * N)}
    )  # fmt: skip
    seen = glance(str(path))
    assert seen["k"].negative == pytest.approx(0.05)
    assert seen["k"].mean == pytest.approx(2.5 * 0.9)
    assert weight_candidates(seen) == ("sf_wgt", "k")
    assert weight_candidates(seen, "eta") == ("eta", "sf_wgt", "k")


def test_a_mass_named_just_so_comes_before_other_guesses(parquet, rng: np.random.Generator) -> None:
    path = parquet({name: rng.normal(9, 1, N) for name in ("x", "mcand", "m_d2", "mjj")})
    assert mass_candidates(inspect_file(path), glance(str(path)), ("m_d2", "mjj")) == ("mjj", "m_d2", "mcand", "x")


def test_elements_of_lists_can_be_looked_at(sorted_file: Path) -> None:
    assert glance(str(sorted_file), columns=["jet_pt[0]", "jet_pt.count"])["jet_pt.count"].values == (1,)


def test_both_files_and_all_files_of_a_folder_are_looked_at(parquet, text_file, tmp_path: Path) -> None:
    one, two = parquet({"x": np.zeros(9)}, "one.parquet"), parquet({"x": np.ones(9)}, "two.parquet")
    assert glance(str(one), str(two))["x"].values == (0, 1)
    (tmp_path / "set").mkdir()
    for k in range(9):
        text_file(f"x\n{k}\n", f"set/{k}.csv")
    assert glance(str(tmp_path / "set"))["x"].values == (0, 3, 5, 8)

"""``histograms``: every column that has values is written, and one without is named and left out."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

from core.events.table import EventTable

Run = Callable[..., tuple[int, str, str]]


def test_a_dead_column_is_named_and_left_out_of_the_file(run: Run, toy: EventTable, data_folder: Path) -> None:
    columns = dict(toy.columns) | {"dead": np.full(1500, np.nan), "const": np.full(1500, 0.5)}
    pq.write_table(pa.table(columns), data_folder.parent / "odd.parquet")
    options = ("--features", "clean,dead,const", "--out", "odd.root")
    code, out, err = run("histograms", "odd.parquet", *options)
    assert code == 0 and "8 histograms" in out
    assert "remark: dead has no finite value and is left out" in err
    with uproot.open(data_folder.parent / "odd.root") as file:
        names = {name.partition(";")[0].partition("/")[0] for name in file.keys()}  # noqa: SIM118
        assert names == {"clean", "const", "mass", "weight"}
        assert file["const/signal"].values().sum() != 0
    assert json.loads(run("histograms", "odd.parquet", *options, "--json")[1])["left_out"] == ["dead"]


def test_a_data_set_without_any_value_is_refused_in_words(run: Run, data_folder: Path) -> None:
    pq.write_table(pa.table({"dead": np.full(100, np.nan)}), data_folder.parent / "dead.parquet")
    code, _, err = run("histograms", "dead.parquet", "--features", "dead", "--out", "dead.root")
    assert code == 2 and "no histogram to write" in err
    assert not (data_folder.parent / "dead.root").exists()


def test_weights_and_values_that_no_file_can_hold_are_refused(run: Run, toy: EventTable, data_folder: Path) -> None:
    folder = data_folder.parent
    spoiled = {
        "inf": ({"weight": np.where(np.arange(1500) < 7, np.inf, 1.0)}, "7 of 1500 weights are NaN or infinite"),
        "zero": ({"weight": np.zeros(1500)}, "the weights of 750 signal events sum to 0; a positive sum is needed"),
        "huge": ({"clean": toy["clean"] * 1e300}, "clean has values of"),
    }
    for name, (columns, message) in spoiled.items():
        pq.write_table(pa.table(dict(toy.columns) | columns), folder / f"{name}.parquet")
        code, out, err = run("histograms", f"{name}.parquet", "--out", f"{name}.root")
        assert (code, out) == (2, "") and message in err
        assert "Warning" not in err and not (folder / f"{name}.root").exists()

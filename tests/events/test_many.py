"""Folders of CSV and of ROOT files as one data set; folders of several formats are refused."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from core.events.source import inspect_file, trees_to_choose
from core.events.spec import DatasetSpec, load_events
from core.events.table import Roles

uproot = pytest.importorskip("uproot")


def load(path: object, *names: str) -> dict[str, list[float]]:
    events = load_events(DatasetSpec(path=str(path), roles=Roles(features=names)))
    return {name: events[name].tolist() for name in names}


def write_tree(path: Path, x: np.ndarray, **more: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with uproot.recreate(path) as file:
        for tree, values in {"Events": x, **more}.items():
            file[tree] = {"x": values}
    return path


@pytest.fixture
def csv_folder(tmp_path: Path, text_file) -> Path:
    """Whole numbers in one file, fractions in the next: read as one, in the order of their names."""
    (tmp_path / "set" / "deeper").mkdir(parents=True)
    text_file("x,y\n1,2\n3,4\n", "set/a.csv")
    text_file("y;x\n0.5;0.25\n", "set/deeper/b.csv")
    text_file("not,data\n", "set/_draft.csv")
    text_file("read me", "set/notes.md")
    return tmp_path / "set"


def test_a_folder_of_csv_is_one_data_set(csv_folder: Path) -> None:
    summary = inspect_file(csv_folder)
    assert (summary.name, summary.format, summary.n_events) == ("set", "CSV", 3)
    assert summary["x"].dtype == "int64 / double"
    assert load(csv_folder, "x", "y") == {"x": [1, 3, 0.25], "y": [2, 4, 0.5]}
    assert load(f"{csv_folder}/[a-z]*.csv", "x") == {"x": [1, 3]}


def test_a_folder_of_root_files_is_one_data_set(tmp_path: Path) -> None:
    write_tree(tmp_path / "set/a.root", np.array([1, 2], np.int32))
    write_tree(tmp_path / "set/b.root", np.array([0.5, 4, 5]))
    assert inspect_file(tmp_path / "set").format == "ROOT"
    assert load(tmp_path / "set", "x") == {"x": [1, 2, 0.5, 4, 5]}
    assert trees_to_choose(tmp_path / "set") == ()


def test_a_tree_is_chosen_for_all_files_of_a_folder(tmp_path: Path) -> None:
    for k, name in enumerate("ab"):
        write_tree(tmp_path / f"set/{name}.root", np.array([1.0 + k]), Other=np.array([10.0 + k, 20.0 + k]))
    assert trees_to_choose(tmp_path / "set") == ("Events", "Other")
    assert trees_to_choose(tmp_path / "set/a.root") == ("Events", "Other")
    assert trees_to_choose(f"{tmp_path}/set/a.root:Other") == ()
    with pytest.raises(DataError, match=r"a.root holds 2 trees; choose one of"):
        inspect_file(tmp_path / "set")
    assert load(f"{tmp_path}/set:Other", "x") == {"x": [10, 20, 11, 21]}


def test_a_folder_of_several_formats_is_refused_in_words(csv_folder: Path, parquet) -> None:
    parquet({"x": [1.0], "y": [1.0]}, "set/c.parquet")
    with pytest.raises(DataError, match=r"set holds 2 CSV and 1 Parquet files; allowed: one format in a folder"):
        inspect_file(csv_folder)
    assert load(f"{csv_folder}/*.parquet", "x") == {"x": [1]}


def test_text_beside_parquet_is_no_events(parquet, text_file, tmp_path: Path) -> None:
    parquet({"x": [1.0]}, "set/c.parquet")
    text_file("how this was made", "set/README.txt")
    assert load(tmp_path / "set", "x") == {"x": [1]}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("x\n1\n", "'y' is missing in b.csv and numeric in a.csv"),
        ("x,y\n1,muon\n", "'y' is string in b.csv and numeric in a.csv"),
    ],
)
def test_files_of_a_folder_that_differ_are_named(csv_folder: Path, text_file, second: str, said: str) -> None:
    text_file(second, "set/b.csv")
    with pytest.raises(DataError, match=said):
        inspect_file(csv_folder)


def test_a_file_that_is_not_what_it_is_called_is_named(csv_folder: Path, text_file) -> None:
    text_file(b"PAR1 and more", "set/c.csv")
    with pytest.raises(DataError, match=r"c.csv is not CSV"):
        inspect_file(csv_folder)

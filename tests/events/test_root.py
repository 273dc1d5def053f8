"""ROOT: trees and ntuples written by uproot, read back."""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from core.errors import DataError
from core.events import DatasetSpec, inspect_file, load_events, stream_events
from core.events.readers.root import RootReader

JAGGED = [[1.5, 2.5], [], [3.5], [4.5, 5.5, 6.5], [7.5]]


def columns() -> dict[str, object]:
    return {
        "x": np.arange(5, dtype=np.float32),
        "n": np.arange(5) * 10,
        "good": np.array([True, False, True, True, False]),
        "Muon_pt": ak.Array(JAGGED),
    }


def write_tree(file: uproot.WritableDirectory, name: str) -> None:
    types = {"x": "float32", "n": "int64", "good": "bool", "Muon_pt": "var * float64", "p4": ("float64", (4,))}
    file.mktree(name, types)
    file[name].extend({**columns(), "p4": np.arange(20.0).reshape(5, 4)})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    with uproot.recreate(tmp_path / "tree.root") as file:
        write_tree(file, "Events")
    return tmp_path / "tree.root"


@pytest.fixture
def ntuple(tmp_path: Path) -> Path:
    with uproot.recreate(tmp_path / "ntuple.root") as file:
        file.mkrntuple(
            "Events",
            {
                **columns(),
                "process": ak.Array(["ww"] * 5),
                "jet": ak.Array([{"pt": 1.0}] * 5),
                "deep": ak.Array([[[1]]] * 5),
            },
        )
    return tmp_path / "ntuple.root"


@pytest.mark.parametrize("kind", ["tree", "ntuple"])
@pytest.mark.parametrize("size", [2, 100])
def test_values_arrive(request: pytest.FixtureRequest, kind: str, size: int) -> None:
    path = request.getfixturevalue(kind)
    assert inspect_file(path).n_events == 5
    names = ["x", "n", "good", "Muon_pt.count", "Muon_pt[1]"]
    batches = list(stream_events(DatasetSpec(path=str(path)), size, extra_columns=names))
    assert len(batches) == (3 if size == 2 else 1)
    read = {name: np.concatenate([batch[name] for batch in batches]) for name in names}
    np.testing.assert_array_equal(read["x"], np.arange(5))
    np.testing.assert_array_equal(read["n"], np.arange(5) * 10)
    np.testing.assert_array_equal(read["good"], [1, 0, 1, 1, 0])
    np.testing.assert_array_equal(read["Muon_pt.count"], [2, 0, 1, 3, 1])
    np.testing.assert_array_equal(read["Muon_pt[1]"], [2.5, np.nan, np.nan, 5.5, np.nan])
    assert (read["x"].dtype, read["n"].dtype) == (np.float32, np.float64)


def test_arrays_of_fixed_size(tree: Path) -> None:
    assert inspect_file(tree)["p4"].offers == ("p4.count", "p4[0]", "p4[1]", "p4[2]", "p4[3]")
    table = load_events(DatasetSpec(path=str(tree)), extra_columns=["p4[3]"])
    np.testing.assert_array_equal(table["p4[3]"], [3, 7, 11, 15, 19])


def test_types_that_cannot_be_used_leave_the_others(ntuple: Path) -> None:
    summary = inspect_file(ntuple)
    kinds = {column.name: column.kind for column in summary.columns}
    assert (kinds["process"], kinds["jet"], kinds["deep"], kinds["x"]) == (
        "string",
        "unsupported",
        "unsupported",
        "numeric",
    )
    np.testing.assert_array_equal(
        load_events(DatasetSpec(path=str(ntuple)), extra_columns=["jet.pt"])["jet.pt"], np.ones(5)
    )


def test_one_of_several_trees_is_chosen_after_a_colon(tmp_path: Path) -> None:
    path = tmp_path / "two.root"
    with uproot.recreate(path) as file:
        write_tree(file, "Events")
        file.mktree("extra/Runs", {"run": "int32"})
        file["extra/Runs"].extend({"run": np.array([7], np.int32)})
    with pytest.raises(DataError, match=r"holds 2 trees; choose one of: two.root:Events, two.root:extra/Runs"):
        inspect_file(path)
    assert inspect_file(f"{path}:extra/Runs").n_events == 1
    assert inspect_file(f"{path}:Events").name == "two Events"
    with pytest.raises(DataError, match=r"no tree 'Event'; did you mean 'Events'"):
        inspect_file(f"{path}:Event")


def test_a_file_without_tree(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "histogram.root") as file:
        file["h"] = np.histogram([1.0, 2.0])
    with pytest.raises(DataError, match=r"histogram.root holds no tree"):
        inspect_file(tmp_path / "histogram.root")


def test_a_tree_without_events(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "none.root") as file:
        file.mktree("Events", {"x": "float32"})
    with pytest.raises(DataError, match=r"no events"):
        inspect_file(tmp_path / "none.root")


@pytest.mark.parametrize("length", [10, 200, 1000])
def test_truncated_files(tree: Path, length: int) -> None:
    tree.write_bytes(tree.read_bytes()[:length])
    with pytest.raises(DataError, match=rf"tree.root is cut short: {min(length, 1000):,} .*; copy it again"):
        inspect_file(tree)


def test_sizes_come_from_the_branches(tree: Path) -> None:
    summary = inspect_file(tree)
    assert summary["n"].uncompressed_bytes >= 40
    assert summary["Muon_pt"].uncompressed_bytes >= 56


def test_a_file_that_lacks_its_end_is_refused_in_a_folder_too(tree: Path, tmp_path: Path) -> None:
    """The last bytes are no part of the events: without the check, the rest could be read."""
    whole = tree.read_bytes()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "f1.root").write_bytes(whole)
    (folder / "f2.root").write_bytes(whole)
    assert inspect_file(folder).n_events == 10
    (folder / "f2.root").write_bytes(whole[:-1])
    said = rf"f2.root is cut short: {len(whole) - 1:,} of {len(whole):,} bytes; copy it again"
    for path in (folder, folder / "f2.root"):
        with pytest.raises(DataError, match=said):
            inspect_file(path)


def test_a_column_that_lacks_events_is_refused(tmp_path: Path, tree: Path) -> None:
    """As the damage of one number in a branch's metadata makes it: the branch then ends before the tree does."""
    with uproot.recreate(tmp_path / "short.root") as file:
        file["Events"] = {"x": np.arange(3, dtype=np.float32)}
    reader = RootReader(tree, None)
    reader.__dict__["_branches"] = {**reader._branches, "x": RootReader(tmp_path / "short.root", None)._branches["x"]}
    with pytest.raises(DataError, match=r"'x' of tree.root holds 3 values for the events 0 to 5; the file is damaged"):
        next(reader.batches(["n", "x"], 5))

"""Parquet: files, folders and partitions; which columns and rows are read, and how values arrive."""

import datetime
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events import DatasetSpec, Limits, Roles, inspect_file, load_events, stream_events
from core.events.readers import readers
from core.events.source import open_source


def load(path: Path, *names: str) -> dict[str, np.ndarray]:
    return dict(load_events(DatasetSpec(path=str(path)), extra_columns=names).columns)


def test_summary_tells_words_types_and_sizes(tmp_path: Path) -> None:
    words = {"unit": "GeV", "title": "p_T", "description": "transverse momentum", "role": "feature"}
    schema = pa.schema(
        [pa.field("pt", pa.float32(), metadata=words), pa.field("n", pa.int64())],
        metadata={"infoscope": '{"title": "a card"}'},
    )
    pq.write_table(pa.table([pa.array([1, 2], pa.float32()), pa.array([1, 2])], schema=schema), tmp_path / "a.parquet")
    summary = inspect_file(tmp_path / "a.parquet")
    assert (summary.name, summary.format, summary.n_events) == ("a", "Parquet", 2)
    assert summary["pt"].words.axis == "p_T [GeV]"
    assert summary["pt"].words.description == "transverse momentum"
    assert (summary["pt"].dtype, summary["pt"].kind, summary["pt"].stated_role) == ("float", "numeric", "feature")
    assert summary.card == {"title": "a card"}
    assert summary.bytes_on_disk == (tmp_path / "a.parquet").stat().st_size
    described = load_events(DatasetSpec(path=str(tmp_path / "a.parquet")), extra_columns=["pt"]).describe("pt")
    assert described.axis == "p_T [GeV]"


def test_a_damaged_card_does_not_cost_the_data(tmp_path: Path) -> None:
    table = pa.table({"x": [1.0]}).replace_schema_metadata({"infoscope": "{not json"})
    pq.write_table(table, tmp_path / "a.parquet")
    assert inspect_file(tmp_path / "a.parquet").card == {}


def test_numbers_keep_their_precision_and_missing_ones_are_nan(parquet) -> None:
    path = parquet(
        {
            "single": pa.array([1.5, None], pa.float32()),
            "double": pa.array([0.1, None], pa.float64()),
            "half": pa.array(np.array([0.5, 1.5], np.float16)),
            "whole": pa.array([2**40 + 1, None], pa.int64()),
            "truth": pa.array([True, None]),
            "price": pa.array([None, 2], pa.int64()).cast(pa.decimal128(21, 2)),
            "code": pa.array([3, 4]).dictionary_encode(),
            "empty": pa.nulls(2),
        }
    )
    columns = load(path, "single", "double", "half", "whole", "truth", "price", "code", "empty")
    kinds = {name: str(values.dtype) for name, values in columns.items()}
    assert kinds == {
        "single": "float32",
        "double": "float64",
        "half": "float32",
        "whole": "float64",
        "truth": "float32",
        "price": "float64",
        "code": "float64",
        "empty": "float64",
    }
    np.testing.assert_array_equal(columns["single"], [1.5, np.nan])
    np.testing.assert_array_equal(columns["double"], [0.1, np.nan])
    np.testing.assert_array_equal(columns["whole"], [2.0**40 + 1, np.nan])
    np.testing.assert_array_equal(columns["truth"], [1, np.nan])
    np.testing.assert_array_equal(columns["price"], [np.nan, 2])
    np.testing.assert_array_equal(columns["code"], [3, 4])
    assert np.isnan(columns["empty"]).all()


@pytest.mark.parametrize("kind", [pa.list_, pa.large_list])
def test_list_columns_offer_their_elements_and_length(parquet, kind) -> None:
    path = parquet({"pt": pa.array([[1, 2, None], [], None, [4]], kind(pa.float32())), "x": [0.0] * 4})
    assert inspect_file(path)["pt"].offers == ("pt.count", "pt[0]", "pt[1]", "pt[2]", "pt[3]")
    columns = load(path, "pt.count", "pt[0]", "pt[1]", "pt[2]", "pt[17]")
    np.testing.assert_array_equal(columns["pt.count"], [3, 0, np.nan, 1])
    np.testing.assert_array_equal(columns["pt[0]"], [1, np.nan, np.nan, 4])
    np.testing.assert_array_equal(columns["pt[1]"], [2, np.nan, np.nan, np.nan])
    assert np.isnan(columns["pt[2]"]).all()
    assert np.isnan(columns["pt[17]"]).all()
    assert columns["pt[0]"].dtype == np.float32


def test_lists_of_fixed_size_offer_that_many_elements(parquet) -> None:
    path = parquet({"p": pa.array([[1, 2, 3], None, [7, 8, 9]], pa.list_(pa.int32(), 3))})
    assert inspect_file(path)["p"].offers == ("p.count", "p[0]", "p[1]", "p[2]")
    np.testing.assert_array_equal(load(path, "p[2]")["p[2]"], [3, np.nan, 9])


def test_list_elements_are_right_across_batches_and_row_groups(parquet, rng) -> None:
    """Offsets of a slice of a list array do not begin at zero."""
    lists = [rng.normal(size=rng.integers(0, 4)).tolist() for _ in range(100)]
    path = parquet({"a": lists}, row_group_size=30)
    expected = [values[1] if len(values) > 1 else np.nan for values in lists]
    streamed = [batch["a[1]"] for batch in stream_events(DatasetSpec(path=str(path)), 7, extra_columns=["a[1]"])]
    np.testing.assert_array_equal(np.concatenate(streamed), expected)


def test_a_column_named_like_an_element_wins(parquet) -> None:
    path = parquet({"pt": [[1.0], [2.0]], "pt[0]": [7.0, 8.0], "jet.pt": [3.0, 4.0]})
    columns = load(path, "pt[0]", "jet.pt")
    np.testing.assert_array_equal(columns["pt[0]"], [7, 8])
    np.testing.assert_array_equal(columns["jet.pt"], [3, 4])


def test_names_with_dots_are_no_nested_names(parquet) -> None:
    """Paths in a Parquet footer join nested names by dots, and names may hold dots themselves."""
    path = parquet({"a.b": np.zeros(10), "a": [{"b": 1, "c": [1.0]}] * 10, "c": np.zeros(10, np.float32)})
    summary = inspect_file(path)
    assert (summary["a.b"].uncompressed_bytes, summary["c"].uncompressed_bytes) == (80, 40)
    assert load(path, "a.b", "c")["c"].tolist() == [0.0] * 10


def test_types_that_cannot_be_used_are_named_and_the_others_stay_usable(parquet) -> None:
    path = parquet(
        {
            "x": [1.0],
            "jet": [{"pt": 1.0}],
            "deep": [[[1.0]]],
            "when": [datetime.datetime(2020, 1, 1)],
            "process": ["ttbar"],
            "blob": [b"abc"],
        }
    )
    summary = inspect_file(path)
    assert summary.usable == ("x",)
    assert "nested records" in summary["jet"].reason
    assert "one level deep" in summary["deep"].reason
    assert "dates" in summary["when"].reason
    assert (summary["process"].kind, summary["blob"].kind) == ("string", "unsupported")
    np.testing.assert_array_equal(load(path, "x")["x"], [1.0])
    with pytest.raises(DataError, match=r"'jet' of type struct.* cannot be used: nested records"):
        load(path, "jet")
    with pytest.raises(DataError, match=r"'process' holds text; only the label may"):
        load(path, "process")


def test_wrong_use_of_lists_says_what_to_write(parquet) -> None:
    path = parquet({"pt": [[1.0]], "x": [1.0]})
    with pytest.raises(DataError, match=r"'pt' holds a list for each event; take one of: pt.count, pt\[0\]"):
        load(path, "pt")
    with pytest.raises(DataError, match=r"'x' of type double is no list"):
        load(path, "x[0]")
    with pytest.raises(DataError, match=r"no column 'pT\[0\]'; did you mean 'pt\[0\]'"):
        load(path, "pT[0]")


def test_truncated_file(parquet, rng) -> None:
    path = parquet({"x": rng.normal(size=1000)})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"events.parquet is cut short"):
        inspect_file(path)


def test_damage_in_the_middle_is_a_data_error(parquet, rng) -> None:
    path = parquet({"x": rng.normal(size=1000)}, compression="gzip")
    content = bytearray(path.read_bytes())
    content[100:4000] = bytes(3900)
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"cannot be read as Parquet, it may be damaged"):
        load(path, "x")


def test_page_checksums_are_verified_where_a_file_has_them(parquet, rng) -> None:
    path = parquet({"x": rng.normal(size=1000)}, compression="none", write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"may be damaged"):
        load(path, "x")


def test_no_rows(parquet) -> None:
    with pytest.raises(DataError, match=r"no events \(0 rows\)"):
        inspect_file(parquet({"x": pa.array([], pa.float64())}))


def test_no_numeric_column_lists_what_there_is(parquet) -> None:
    with pytest.raises(DataError, match=r"no numeric column; there are: process \(string\)"):
        inspect_file(parquet({"process": ["a", "b"]}))


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0]), pa.array([3.0])], names=["x", "y", "x"])
    pq.write_table(table, tmp_path / "twice.parquet")
    with pytest.raises(DataError, match=r"twice.parquet has more than one column named 'x'"):
        inspect_file(tmp_path / "twice.parquet")


def test_a_folder_is_read_as_one_data_set(parquet, tmp_path: Path) -> None:
    parquet({"x": [1.0, 2.0], "n": pa.array([1, 2], pa.int32())}, "set/a.parquet")
    parquet({"n": pa.array([3], pa.int64()), "x": [3.0]}, "set/deeper/b.pq")
    (tmp_path / "set/README.md").write_text("not data")
    parquet({"other": ["draft"]}, "set/_temporary/c.parquet")
    summary = inspect_file(tmp_path / "set")
    assert (summary.name, summary.n_events) == ("set", 3)
    columns = load(tmp_path / "set", "x", "n")
    np.testing.assert_array_equal(columns["x"], [1, 2, 3])
    np.testing.assert_array_equal(columns["n"], [1, 2, 3])


def test_folder_names_of_a_partitioned_data_set_are_columns(parquet, tmp_path: Path) -> None:
    parquet({"x": [1.0, 2.0]}, "set/process=ww/label=1/a.parquet")
    parquet({"x": [3.0]}, "set/process=zz/label=0/a.parquet")
    summary = inspect_file(tmp_path / "set")
    assert (summary["label"].kind, summary["process"].kind) == ("numeric", "string")
    columns = load(tmp_path / "set", "x", "label")
    np.testing.assert_array_equal(columns["x"], [1, 2, 3])
    np.testing.assert_array_equal(columns["label"], [1, 1, 0])
    np.testing.assert_array_equal(load(tmp_path / "set", "label")["label"], [1, 1, 0])
    spec = DatasetSpec(path=str(tmp_path / "set"), roles=Roles(features=("x",), label="process"), signal_value="ww")
    np.testing.assert_array_equal(load_events(spec).is_signal, [True, True, False])


def test_folder_without_parquet(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"folder empty holds no Parquet file"):
        inspect_file(tmp_path / "empty")


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"x": [1.0]}, "'y' is missing in b.parquet and numeric in a.parquet"),
        ({"x": [1.0], "y": ["text"]}, "'y' is string in b.parquet and numeric in a.parquet"),
    ],
)
def test_files_of_a_folder_that_differ(parquet, tmp_path: Path, second, said: str) -> None:
    parquet({"x": [1.0], "y": [1.0]}, "set/a.parquet")
    parquet(second, "set/b.parquet")
    with pytest.raises(DataError, match=said):
        inspect_file(tmp_path / "set")


def test_a_damaged_file_of_a_folder_is_named(parquet, text_file, tmp_path: Path) -> None:
    path = parquet({"x": [1.0]}, "set/a.parquet")
    shutil.copy(path, tmp_path / "set/b.parquet")
    (tmp_path / "set/b.parquet").write_bytes(b"x,y\n1,2\n")
    with pytest.raises(DataError, match=r"b.parquet"):
        inspect_file(tmp_path / "set")


def test_size_is_checked_before_any_event_is_read(parquet, monkeypatch) -> None:
    """A constant column is run-length encoded: a few bytes in the file, 8 a row in memory."""
    path = parquet({"x": np.zeros(100_000), "y": np.zeros(100_000)})
    assert path.stat().st_size < 10_000
    assert inspect_file(path).uncompressed_bytes == 1_600_000

    def never(*_: object) -> None:
        raise AssertionError("events were read")

    monkeypatch.setattr(readers["Parquet"].item, "batches", never)
    spec = DatasetSpec(path=str(path), roles=Roles(features=("x", "y")))
    with pytest.raises(DataError, match=r"take 1.5 MiB in memory .* allowed: 1.0 MiB"):
        load_events(spec, limits=Limits(max_uncompressed_bytes=2**20))
    with pytest.raises(DataError, match=r"has 100,000 events; allowed: 1,000"):
        load_events(spec, limits=Limits(max_rows=1000))
    with pytest.raises(DataError, match=r"2 columns .* allowed: 1"):
        load_events(spec, limits=Limits(max_columns=1))


def test_lists_count_with_all_their_elements_for_the_size(parquet, rng) -> None:
    path = parquet({"hits": list(rng.normal(size=(20, 5000))), "x": np.zeros(20)})
    assert 800_000 <= inspect_file(path)["hits"].uncompressed_bytes < 1_100_000


def test_lists_of_fixed_size_count_with_all_their_elements(parquet) -> None:
    image = pa.array([[0.0] * 900] * 50, pa.list_(pa.float32(), 900))
    assert inspect_file(parquet({"image": image}))["image"].uncompressed_bytes == 50 * 900 * 4


def test_no_damage_to_a_footer_ends_the_process(parquet) -> None:
    """Asking pyarrow for the sizes of columns ends the process with a C++ exception for some of these."""
    path = parquet({"x": np.arange(50.0), "l": [[1.0], []] * 25}, row_group_size=20)
    content = path.read_bytes()
    for place in range(len(content) - 420, len(content) - 8):
        changed = bytearray(content)
        changed[place] = (changed[place] + 16) % 256
        path.write_bytes(bytes(changed))
        with suppress(DataError):
            inspect_file(path)


def test_only_the_needed_columns_count_for_the_size(parquet) -> None:
    path = parquet({"x": np.zeros(1000), "y": np.zeros(1000)})
    table = load_events(DatasetSpec(path=str(path)), extra_columns=["x"], limits=Limits(max_uncompressed_bytes=8500))
    assert table.n_events == 1000


def test_only_the_needed_columns_are_read(labelled, monkeypatch) -> None:
    asked = []
    reader = readers["Parquet"].item
    original = reader.batches
    monkeypatch.setattr(reader, "batches", lambda self, names, size: asked.extend(names) or original(self, names, size))
    spec = DatasetSpec(
        path=str(labelled), roles=Roles(features=("twice",)), derived={"twice": "2 * pt"}, selection="eta > 0"
    )
    assert set(load_events(spec).columns) == {"twice"}
    assert sorted(asked) == ["eta", "pt"]


def test_batches_hold_no_more_than_asked_and_stream(parquet) -> None:
    """Streaming 32 MB of one row group allocates a few MB: never the whole column."""
    n = 1_000_000
    path = parquet({f"x{i}": np.arange(n, dtype=np.float64) for i in range(4)}, row_group_size=n, use_dictionary=False)
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    most = total = 0
    for batch in open_source(path).batches(["x0", "x1", "x2", "x3"], 10_000):
        assert len(batch["x0"]) <= 10_000
        total += len(batch["x0"])
        most = max(most, pool.bytes_allocated() - before)
    assert total == n
    assert most < 12_000_000

"""Two files as one table, signal and background: the same events as one file with a label column."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events.allowed import load_allowed
from core.events.composed import ComposedReader, left_out
from core.events.labels import label_values
from core.events.roles import guess_roles, roles_from_guesses
from core.events.source import inspect_file, open_source
from core.events.spec import DatasetSpec, load_events, stream_events
from core.events.table import EventTable, Roles
from core.information.matrix import information_matrix
from core.information.partition import find_source
from core.information.streaming import matrix_of_file
from core.jobs.datasets import recall, remember
from core.settings import Settings

N_SIGNAL, N_BACKGROUND = 1300, 2100
ROLES = Roles(features=("pt", "n", "jets.count", "jets[0]"), protected=("m",), label="is_signal", weight="w")


def columns(rng: np.random.Generator, n: int, shift: float) -> dict[str, pa.Array]:
    jets = [rng.normal(50, 9, k).astype(np.float32).tolist() for k in rng.integers(0, 4, n)]
    return {
        "pt": pa.array(rng.exponential(30.0 + shift, n)),
        "n": pa.array(rng.integers(0, 9, n)),
        "m": pa.array(rng.normal(90 + shift, 10, n)),
        "w": pa.array(rng.uniform(0.5, 2, n)),
        "jets": pa.array(jets, pa.list_(pa.float32())),
    }


@pytest.fixture
def pair(tmp_path: Path, rng: np.random.Generator) -> tuple[Path, Path, Path]:
    """A signal and a background file of unlike types, and one file with the events of both and a label."""
    signal, background = columns(rng, N_SIGNAL, 10.0), columns(rng, N_BACKGROUND, 0.0)
    background["pt"] = background["pt"].cast(pa.float32())
    background["n"] = background["n"].cast(pa.float64())
    background["jets"] = background["jets"].cast(pa.large_list(pa.float64()))
    types = {"pt": pa.float64(), "n": pa.float64(), "jets": pa.list_(pa.float64())}
    both = {
        name: pa.concat_arrays([each[name].cast(types.get(name, each[name].type)) for each in (signal, background)])
        for name in signal
    }
    label = np.repeat(np.array([1, 0], np.int8), [N_SIGNAL, N_BACKGROUND])
    paths = tuple(tmp_path / f"{name}.parquet" for name in ("signal", "background", "both"))
    extra = pa.array(rng.normal(size=N_SIGNAL))
    for path, table in zip(paths, ({**signal, "truth": extra}, background, {**both, "is_signal": label}), strict=True):
        pq.write_table(pa.table(table), path, row_group_size=400)
    return paths  # type: ignore[return-value]


def composed(pair: tuple[Path, Path, Path], **more: object) -> DatasetSpec:
    return DatasetSpec(path=str(pair[0]), background=str(pair[1]), roles=ROLES).model_copy(update=more)


def same(one: EventTable, other: EventTable) -> None:
    assert list(one.columns) == list(other.columns)
    for name, values in one.columns.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)
        assert values.dtype == other[name].dtype, name


def test_two_files_are_event_by_event_one_file_with_a_label(pair: tuple[Path, Path, Path]) -> None:
    """Also under a derived column and a selection, in memory and streamed; so that all that follows is equal."""
    for more in ({}, {"derived": {"r": "pt / m"}, "selection": "m > 85 and n > 2"}):
        spec = composed(pair, **more)
        alone = spec.model_copy(update={"path": str(pair[2]), "background": None})
        same(load_events(spec), load_events(alone))
        assert load_events(spec).fingerprint == load_events(alone).fingerprint
        for one, other in zip(stream_events(spec, 400), stream_events(alone, 400), strict=False):
            assert {name: each.dtype for name, each in one.items()}.keys() == other.keys()
        read = [np.concatenate([b["pt"] for b in stream_events(each, 333)]) for each in (spec, alone)]
        np.testing.assert_array_equal(*read)


def test_their_matrices_are_equal_in_memory_and_streamed(pair: tuple[Path, Path, Path]) -> None:
    spec = composed(pair)
    alone = spec.model_copy(update={"path": str(pair[2]), "background": None})
    one, other = (information_matrix(load_events(each), bins=8) for each in (spec, alone))
    assert one.names == other.names
    np.testing.assert_array_equal(one.mi, other.mi)
    one, other = (matrix_of_file(each, bins=8, max_bytes=0) for each in (spec, alone))
    np.testing.assert_allclose(one.mi, other.mi, rtol=1e-12)


def test_a_cluster_is_refused_a_pair_in_words(pair: tuple[Path, Path, Path]) -> None:
    source = find_source(composed(pair), None, "all")
    assert sum(part.n_rows for part in source.parts) == N_SIGNAL + N_BACKGROUND
    with pytest.raises(
        DataError, match=r"background.parquet is a pair of Parquet files; allowed on a cluster: Parquet at one"
    ):
        source.to_send()


def test_the_label_is_guessed_and_what_only_one_file_has_is_said(pair: tuple[Path, Path, Path]) -> None:
    summary = inspect_file(*pair[:2])
    roles = roles_from_guesses(guess_roles(summary))
    assert (roles.label, roles.weight, roles.protected) == ("is_signal", "w", ("m",))
    assert roles.features == ("pt", "n")
    assert left_out(summary) == {"truth": "only in signal.parquet"}
    assert guess_roles(summary)["truth"].reason == "left out: only in signal.parquet"
    assert summary.n_events == N_SIGNAL + N_BACKGROUND
    assert summary.name == "signal and background"
    assert label_values(pair[0], "is_signal", str(pair[1])) == {0.0: N_BACKGROUND, 1.0: N_SIGNAL}
    with pytest.raises(DataError, match=r"'truth' .* cannot be used: only in signal.parquet"):
        load_events(composed(pair, roles=Roles(features=("truth",))))


def test_two_files_have_no_column_that_neither_holds(pair: tuple[Path, Path, Path]) -> None:
    with pytest.raises(DataError, match=r"^signal\.parquet and background\.parquet have no column 'q'"):
        inspect_file(*pair[:2]).find("q")


def test_the_label_takes_no_name_that_a_file_has(parquet) -> None:
    one = parquet({"x": [1.0, 2.0], "is_signal": [1, 1]}, "one.parquet")
    two = parquet({"x": [3.0], "is_signal_2": [5]}, "two.parquet")
    roles = roles_from_guesses(guess_roles(inspect_file(one, two)))
    assert roles.label == "is_signal_3"
    events = load_events(DatasetSpec(path=str(one), background=str(two), roles=roles))
    assert events.is_signal.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (("mcweight", "genweight"), ("event_weight", [2.0, 3.0, 5.0])),
        (("weight", None), ("event_weight", [2.0, 3.0, 1.0])),
        ((None, None), (None, None)),
    ],
)
def test_each_file_has_its_own_weights(parquet, weights, expected) -> None:
    """Data have none beside Monte Carlo: they count 1 each."""
    paths = []
    for k, (name, values) in enumerate(zip(weights, ([2.0, 3.0], [5.0]), strict=True)):
        columns = {"x": np.arange(float(len(values)))} | ({name: values} if name else {})
        paths.append(parquet(columns, f"{k}.parquet"))
    roles = roles_from_guesses(guess_roles(inspect_file(*paths)))
    assert roles.weight == expected[0]
    events = load_events(DatasetSpec(path=str(paths[0]), background=str(paths[1]), roles=roles))
    assert expected[1] is None or events.weights.tolist() == expected[1]


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (("mcweight", "genweight"), None),
        (("weight", None), "weight of 0.parquet, 1 for 1.parquet"),
        ((None, "w"), "1 for 0.parquet, w of 1.parquet"),
        (("w", "w"), None),
        ((None, None), None),
    ],
)
def test_what_is_made_says_of_what_and_weights_of_one_file_are_told(parquet, weights, told) -> None:
    paths = [
        parquet({"x": np.arange(2.0)} | ({name: [2.0, 3.0]} if name else {}), f"{k}.parquet")
        for k, name in enumerate(weights)
    ]
    guesses = guess_roles(inspect_file(*paths))
    assert guesses["is_signal"].reason == "1 for events of 0.parquet, 0 for those of 1.parquet"
    assert told is None or guesses["event_weight"].reason == told
    reader = open_source(*paths)
    assert isinstance(reader, ComposedReader)
    assert reader.one_sided(roles_from_guesses(guesses).weight) == told
    assert reader.one_sided("is_signal") is None and reader.one_sided(None) is None


def test_formats_may_differ(parquet, text_file) -> None:
    spec = DatasetSpec(
        path=str(parquet({"x": np.array([1, 2]), "flag": [True, False]}, "s.parquet")),
        background=str(text_file("flag,x\n1,0.5\n0,7\n", "b.csv")),
        roles=Roles(features=("x", "flag"), label="is_signal"),
    )
    events = load_events(spec)
    assert events["x"].tolist() == [1, 2, 0.5, 7]
    assert events["flag"].tolist() == [1, 0, 1, 0]
    assert inspect_file(*spec.files).format == "Parquet and CSV"


def test_wrong_pairs_are_refused_in_words(parquet, text_file, tmp_path: Path) -> None:
    one = parquet({"x": [1.0]}, "set/one.parquet")
    other = parquet({"y": [1.0]}, "other.parquet")
    text = text_file("x\nmuon\n", "text.csv")
    with pytest.raises(DataError, match=r"one.parquet is given twice; signal and background must be different"):
        inspect_file(one, f"{tmp_path}/set/../set/one.parquet")
    with pytest.raises(DataError, match=r"one.parquet lies in the folder set"):
        inspect_file(tmp_path / "set", one)
    with pytest.raises(DataError, match=r"no column of numbers in common: one.parquet has x and other.parquet has y"):
        inspect_file(one, other)
    with pytest.raises(DataError, match=r"text.csv has no numeric column"):
        inspect_file(one, text)
    mixed = text_file("x,z\nmuon,1\n", "mixed.csv")
    with pytest.raises(DataError, match=r"'x' is numeric in one.parquet and string in mixed.csv"):
        inspect_file(one, mixed)
    with pytest.raises(DataError, match="there is no file or folder"):
        inspect_file(one, tmp_path / "none.parquet")


def test_pages_read_neither_file_from_elsewhere(parquet, tmp_path: Path, monkeypatch) -> None:
    inside, outside = parquet({"x": [1.0]}, "in/a.parquet"), parquet({"x": [1.0]}, "out/a.parquet")
    now = Settings(tmp_path / "data", tmp_path / "samples", data_root=str(tmp_path / "in"))
    monkeypatch.setattr("core.events.allowed.settings", lambda: now)
    for files in ((inside, outside), (outside, inside)):
        spec = DatasetSpec(path=str(files[0]), background=str(files[1]), roles=Roles(features=("x",)))
        with pytest.raises(DataError, match="may not be read by pages"):
            load_allowed(spec)


def test_a_data_set_of_one_file_is_written_as_before(tmp_path: Path) -> None:
    """Links of before keep their names, and what was kept before is read."""
    spec = DatasetSpec(path="dimuon.parquet", roles=Roles(features=("pt",), label="label"))
    text = (
        '{"path":"dimuon.parquet","name":null,"roles":{"features":["pt"],"label":"label","protected":[],"weight":null},'
        '"derived":{},"selection":null,"drop_invalid":false,"signal_value":null}'
    )
    assert spec.model_dump_json() == text
    assert "background" not in spec.model_dump(mode="json")
    assert DatasetSpec.model_validate_json(text) == spec
    two = spec.model_copy(update={"background": "b.parquet"})
    assert json.loads(two.model_dump_json())["background"] == "b.parquet"
    assert recall(remember(two, tmp_path), tmp_path) == two
    assert remember(two, tmp_path) != remember(spec, tmp_path)
    assert (spec.title, two.title) == ("dimuon.parquet", "dimuon.parquet and b.parquet")

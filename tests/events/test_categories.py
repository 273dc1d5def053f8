"""Protected columns of text: codes in alphabetical order, the same however the file is read."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.errors import DataError
from core.events import DatasetSpec, Roles, load_events, stream_events
from core.information.streaming import matrix_of_file

GENERATORS = ["pythia", "herwig", "sherpa"] * 40
ROLES = Roles(features=("x",), protected=("generator",), label="y")


def columns(generator: object) -> dict[str, object]:
    n = len(GENERATORS)
    return {"x": np.arange(float(n)), "y": np.arange(n) % 2, "generator": generator}


@pytest.mark.parametrize("as_written", [pa.array, lambda texts: pa.array(texts).dictionary_encode()])
def test_text_becomes_codes_in_alphabetical_order_with_their_names(parquet, as_written) -> None:
    path = parquet(columns(as_written(GENERATORS)))
    table = load_events(DatasetSpec(path=str(path), roles=ROLES))
    assert table["generator"].dtype == np.int8
    np.testing.assert_array_equal(table["generator"], [1, 0, 2] * 40)
    words = table.describe("generator")
    assert words.labels == ("herwig", "pythia", "sherpa")
    assert words.description == "Codes: 0 herwig, 1 pythia, 2 sherpa."


def test_csv_is_read_alike(text_file) -> None:
    path = text_file("x,generator,y\n" + "".join(f"{i},{name},{i % 2}\n" for i, name in enumerate(GENERATORS)))
    table = load_events(DatasetSpec(path=str(path), roles=ROLES))
    np.testing.assert_array_equal(table["generator"], [1, 0, 2] * 40)


def test_codes_do_not_depend_on_batches_or_the_selection(parquet) -> None:
    """The first batches and the selected events lack herwig: the codes of the others stay."""
    path = str(parquet(columns(sorted(GENERATORS, reverse=True))))
    spec = DatasetSpec(path=path, roles=ROLES, selection="x < 80")
    table = load_events(spec)
    assert set(table["generator"].tolist()) == {1, 2}
    assert table.describe("generator").labels[2] == "sherpa"
    streamed = np.concatenate([batch["generator"] for batch in stream_events(spec, 7)])
    np.testing.assert_array_equal(streamed, table["generator"])


def test_missing_text_is_a_missing_value(parquet) -> None:
    path = str(parquet(columns([None, *GENERATORS[1:]])))
    spec = DatasetSpec(path=path, roles=ROLES)
    assert np.isnan(load_events(spec)["generator"][0])
    assert load_events(spec.model_copy(update={"drop_invalid": True}))["generator"].tolist() == [0, 2] + [1, 0, 2] * 39


def test_21_values_are_refused_and_20_are_not(parquet) -> None:
    allowed = str(parquet(columns([f"tune {i % 20:02}" for i in range(120)]), "few.parquet"))
    assert load_events(DatasetSpec(path=allowed, roles=ROLES))["generator"].max() == 19
    path = str(parquet(columns([f"tune {i % 21:02}" for i in range(120)]), "many.parquet"))
    said = r"protected column 'generator' holds more than 20 different texts \('tune 00', .*…\); allowed: at most 20"
    with pytest.raises(DataError, match=said):
        load_events(DatasetSpec(path=path, roles=ROLES))


def test_text_of_any_other_role_is_refused_or_left_alone(parquet) -> None:
    path = str(parquet(columns(GENERATORS)))
    both = Roles(features=("x", "generator"), protected=("generator",))
    with pytest.raises(DataError, match="'generator' holds text; only the label may, or a protected variable of"):
        load_events(DatasetSpec(path=path, roles=both))
    assert list(load_events(DatasetSpec(path=path, roles=Roles(features=("x",)))).columns) == ["x"]


def test_a_streamed_matrix_equals_that_of_the_loaded_file(parquet) -> None:
    path: Path = parquet(columns(GENERATORS))
    spec = DatasetSpec(path=str(path), roles=ROLES)
    loaded, streamed = (matrix_of_file(spec, bins=8, max_bytes=size) for size in (1 << 30, 0))
    assert loaded.names == streamed.names == ("x", "generator", "y")
    np.testing.assert_allclose(streamed.mi, loaded.mi)

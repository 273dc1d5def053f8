"""Tables as files: what is read back is what was written, with its meaning."""

from io import BytesIO, StringIO

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.tables.described import described, to_csv, to_parquet, unit_of, with_unit


@pytest.fixture
def frame() -> pd.DataFrame:
    values = [1 / 3, np.nan, 1e-300, np.inf]
    columns = {
        "name": ["a", "b,c", "π", ""],
        "x [GeV]": values,
        "n": [1, 2, 3, 4],
        "taken": pd.array([1, None, 3, None]),
    }
    return described(columns, "What this is.", {"x [GeV]": "a number", "absent": "not there"})


def test_csv_keeps_every_digit(frame: pd.DataFrame) -> None:
    back = pd.read_csv(StringIO(to_csv(frame)), keep_default_na=False, na_values={"x [GeV]": "", "taken": ""})
    np.testing.assert_array_equal(back["x [GeV]"], frame["x [GeV]"])
    assert back["name"].tolist() == ["a", "b,c", "π", ""]
    assert back["taken"].tolist()[0] == 1 and back["taken"].isna().tolist() == [False, True, False, True]


def test_parquet_keeps_values_types_units_and_words(frame: pd.DataFrame) -> None:
    back = pq.read_table(BytesIO(to_parquet(frame)))
    pd.testing.assert_frame_equal(back.to_pandas(), frame, check_dtype=False)
    assert [str(field.type) for field in back.schema][1:] == ["double", "int64", "int64"]
    assert back.schema.field("x [GeV]").metadata == {b"unit": b"GeV", b"description": b"a number"}
    assert back.schema.field("n").metadata is None
    assert back.schema.metadata[b"description"] == b"What this is."


def test_a_table_without_words_is_written_too() -> None:
    back = pq.read_table(BytesIO(to_parquet(pd.DataFrame({"x": [1.5]}))))
    assert back.to_pydict() == {"x": [1.5]}


def test_units_stand_in_names() -> None:
    assert unit_of(with_unit("x", "1/GeV")) == "1/GeV"
    assert unit_of(with_unit("x", "")) == ""

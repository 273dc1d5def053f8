"""CSV: types, delimiters, and errors that name the row."""

import numpy as np
import pytest

from core.errors import DataError
from core.events import DatasetSpec, inspect_file, load_events, stream_events


def load(path, *names: str) -> dict[str, np.ndarray]:
    return dict(load_events(DatasetSpec(path=str(path)), extra_columns=names).columns)


def test_types_are_inferred_and_numbers_are_double(text_file) -> None:
    path = text_file("pt,n,good,process\n1.5,2,true,ww\n,3,false,zz\n")
    summary = inspect_file(path)
    assert (summary.name, summary.format, summary.n_events) == ("events", "CSV", 2)
    assert [column.kind for column in summary.columns] == ["numeric", "numeric", "boolean", "string"]
    columns = load(path, "pt", "n", "good")
    np.testing.assert_array_equal(columns["pt"], [1.5, np.nan])
    np.testing.assert_array_equal(columns["n"], [2, 3])
    np.testing.assert_array_equal(columns["good"], [1, 0])
    assert columns["n"].dtype == np.float64


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(text_file, delimiter: str) -> None:
    path = text_file(f"x{delimiter}y\n1{delimiter}2\n", "events.txt")
    np.testing.assert_array_equal(load(path, "y")["y"], [2])


def test_marks_blank_lines_and_spaces_do_no_harm(text_file) -> None:
    path = text_file('\ufeff\n "x" , y\r\n1,2\r\n\r\n3,4\r\n\r\n')
    assert inspect_file(path).n_events == 2
    np.testing.assert_array_equal(load(path, "x")["x"], [1, 3])


def test_a_column_of_whole_numbers_may_turn_real_later(text_file) -> None:
    """pyarrow alone takes the type from the first block and then refuses 1.5."""
    path = text_file("x,y\n" + "1,2\n" * 1_200_000 + "1.5,2\n")
    assert path.stat().st_size > 2**22
    columns = load(path, "x")
    assert columns["x"].sum() == 1_200_001.5


def test_infinities_and_nan_are_numbers(text_file) -> None:
    np.testing.assert_array_equal(load(text_file("x\ninf\n-inf\nnan\n1\n"), "x")["x"], [np.inf, -np.inf, np.nan, 1])


def test_batches_are_no_larger_than_asked(text_file) -> None:
    path = text_file("x\n" + "\n".join(map(str, range(1000))) + "\n")
    batches = [batch["x"] for batch in stream_events(DatasetSpec(path=str(path)), 64, extra_columns=["x"])]
    assert max(map(len, batches)) == 64
    np.testing.assert_array_equal(np.concatenate(batches), np.arange(1000))


def test_bad_value_far_down_names_row_and_column(text_file) -> None:
    path = text_file("z,x,y\n" + "0,1,2\n" * 800_000 + "0,1,oops\n")
    with pytest.raises(DataError, match=r"row 800002 of events.csv, column 'y': .*'oops'.* above hold numbers"):
        load(path, "y", "x")


def test_row_of_wrong_length_is_named(text_file) -> None:
    with pytest.raises(DataError, match=r"row 3 of events.csv has 3 values; the header names 2 columns"):
        load(text_file("x,y\n1,2\n3,4,5\n"), "x")


def test_one_bad_value_makes_a_column_text_and_the_rest_stays(text_file) -> None:
    path = text_file("x,y\n1,2\noops,3\n")
    assert inspect_file(path).usable == ("y",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n\n", "events.csv is empty; a line of column names"),
        ("x,y\n", r"no events \(0 rows\)"),
        ("x,y", r"no events \(0 rows\)"),
        ("x,y,x\n1,2,3\n", "more than one column named 'x'"),
        ("x,,y\n1,2,3\n", "column 2 of events.csv has no name"),
        ("1.5,2\n3,4\n", "begins with numbers"),
        ("name,kind\na,b\n", r"no numeric column; there are: name \(string\), kind \(string\)"),
        (b"x,y\n1,\xff\xfe\xfa\xfb\xfc\n2,3\n", "is not CSV: a CSV file is plain text in UTF-8"),
        (b"PK\x03\x04\x00\x00", "is not CSV"),
    ],
)
def test_bad_files(text_file, content: str | bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        inspect_file(text_file(content))


def test_letters_that_are_no_utf8_cost_their_column_only(text_file) -> None:
    path = text_file(b"x,y\n" + b"1,abc\n" * 2000 + "2,é\n".encode("latin1"))
    with pytest.raises(DataError, match=r"column 'y' .* text must be in UTF-8"):
        load(path, "x", "y")
    assert len(load(path, "x")["x"]) == 2001


def test_a_header_without_end_is_refused(text_file) -> None:
    with pytest.raises(DataError, match=r"a line of over"):
        inspect_file(text_file("x," * 600_000))


def test_a_character_cut_by_the_first_look_is_no_damage(text_file) -> None:
    """The format is told from the first 4,096 bytes, which may end within a letter of several bytes."""
    for shift in range(4):
        path = text_file("x,y" + " " * shift + "\n" + "1,é\n" * 2000)
        assert inspect_file(path).format == "CSV"

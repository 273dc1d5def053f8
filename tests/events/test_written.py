"""Numbers that were read as text are told with what to mend; text that is none is left."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.events import DatasetSpec, Roles, quality_of_file
from core.events.written import written_sentences


def spec_of(path: Path, text: str, **roles: object) -> DatasetSpec:
    path.write_text(text)
    return DatasetSpec(path=str(path), roles=Roles(**roles))


def test_decimals_with_a_comma_are_told_with_an_example(tmp_path: Path) -> None:
    rows = "\n".join(f"{100 + k},25;1.23{k % 10},5;{k % 2};a{k}" for k in range(50))
    spec = spec_of(tmp_path / "a.csv", f"m;pt;label;name\n{rows}\n", label="label")
    assert written_sentences(spec) == ("m, pt hold text such as '100,25': write decimals with a point",)


def test_a_bad_value_among_numbers_is_named(tmp_path: Path) -> None:
    values = [f"{k / 8}" for k in range(40)]
    values[7], values[9], values[11] = "bad", "", "NA"  # the empty ones are missing, not bad
    spec = spec_of(tmp_path / "a.csv", "x,y\n" + "\n".join(f"{each},1.5" for each in values) + "\n", features=("y",))
    told = "x holds numbers but for 1 value ('bad') and is read as text: correct it or leave it empty"
    assert written_sentences(spec) == (told,)
    assert told in [finding.text for finding in quality_of_file(spec).findings]
    assert written_sentences(spec, most_bytes=10) == (), "a large text file would have its lines counted once more"


def test_several_bad_values_are_counted(tmp_path: Path) -> None:
    values = ["-1.5e3"] * 30 + ["bad", "worse"]
    spec = spec_of(tmp_path / "a.csv", "x,y\n" + "\n".join(f"{each},1.5" for each in values) + "\n", features=("y",))
    (told,) = written_sentences(spec)
    assert "but for 2 values, such as 'bad', and is read as text: correct them" in told


def test_names_roles_and_numbers_are_left(tmp_path: Path) -> None:
    words = ["ttbar", "Z", "345"] * 10
    spec = spec_of(tmp_path / "a.csv", "x,process\n" + "\n".join(f"1.5,{each}" for each in words) + "\n")
    assert written_sentences(spec) == ()
    columns = {"code": pa.array(["1", "2"] * 5).dictionary_encode(), "x": np.arange(10.0)}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    of_text = DatasetSpec(path=str(tmp_path / "a.parquet"), roles=Roles(features=("x",)))
    assert written_sentences(of_text) == ("code is read as text, though the 10 values looked at are numbers",)
    labelled = of_text.model_copy(update={"roles": Roles(features=("x",), label="code")})
    assert written_sentences(labelled) == ()


def test_copies_are_not_counted_where_only_the_label_is_read(tmp_path: Path) -> None:
    rows = "\n".join(f"{k},25;{k % 2}" for k in range(50))
    report = quality_of_file(spec_of(tmp_path / "a.csv", f"m;label\n{rows}\n", label="label"))
    assert report.n_duplicates == 0
    assert not any("copies" in finding.text for finding in report.findings)

"""Unknown files are read in a process of their own: its end, its greed and its slowness are sentences."""

import io
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import uproot

from core.errors import DataError
from core.events import DatasetSpec, Limits, Roles, keep_upload, label_values, load_events, probe
from core.events.readers.csv import CsvReader

ROOT = Path(__file__).parents[2]
CSV = b"x,y\n1,2\n"


def test_a_good_upload_passes_and_a_damaged_one_is_told(tmp_path: Path, parquet) -> None:
    assert keep_upload(io.BytesIO(CSV), "a.csv", tmp_path / "u").read_bytes() == CSV
    content = bytearray(parquet({"x": np.random.default_rng(1).normal(size=2000)}, compression="gzip").read_bytes())
    content[100:4000] = bytes(3900)
    with pytest.raises(DataError, match=r"a.parquet cannot be read as Parquet, it may be damaged"):
        keep_upload(bytes(content), "a.parquet", tmp_path / "u")


def test_greed_is_bounded(tmp_path: Path, parquet) -> None:
    """200 GB of text in 48 kB: one value, stored once and named in every row."""
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, np.int32)), pa.array(["x" * 1_000_000]))
    path = parquet({"a": np.zeros(200_000), "label": text}, store_schema=False)
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"events.parquet (cannot be read|holds more than it says)"):
        probe.probe(path, Limits())


GREEDY_RECURSION = """
import mmap, sys
from core.events.probe import with_bounded_memory

class Node:
    def __getattr__(self, name):
        return sorted([self, self], key=lambda node: getattr(node, name + "x"))  # through C, which takes the stack

def work():
    taken, size = [], 2**24
    while size >= mmap.PAGESIZE:
        try:
            taken.append(mmap.mmap(-1, size))
        except OSError:
            size //= 2
    try:
        Node().a
    except (RecursionError, MemoryError) as problem:
        sys.stdout.write(type(problem).__name__)

with_bounded_memory(2**27, work)
"""


def test_recursion_without_memory_is_an_error_not_the_end_of_the_process() -> None:
    """Stacks grow as they are used, and a process whose stack may not grow is ended by the kernel."""
    command = [sys.executable, "-c", GREEDY_RECURSION]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) in [(0, "RecursionError"), (0, "MemoryError")]


def test_the_end_of_the_process_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_PROGRAM", "import os; os.kill(os.getpid(), 11)")
    with pytest.raises(DataError, match=r"a.csv is damaged: reading it ended the process .*SIGSEGV"):
        probe.probe(tmp_path / "a.csv", Limits())
    monkeypatch.setattr(probe, "_PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr(probe, "_PATIENCE", -probe.SECONDS + 0.2)
    with pytest.raises(DataError, match=r"a.csv takes more than 0 s to be looked at"):
        probe.probe(tmp_path / "a.csv", Limits())


def test_no_setting_or_secret_reaches_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hush")
    monkeypatch.setattr(probe, "_PROGRAM", "import json, os; print(json.dumps({'problem': ' '.join(os.environ)}))")
    with pytest.raises(DataError) as told:
        probe.probe(tmp_path / "a.csv", Limits())
    assert "SECRET_TOKEN" not in str(told.value)


def test_a_file_that_holds_more_than_it_says_is_refused_while_it_is_read(
    text_file, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text has no size in the metadata of CSV: two columns of 40 bytes here, of 10 kB in truth."""
    path = text_file("x,name\n" + f"1,{'a' * 1000}\n" * 10)
    probe.read_through(path, Limits(max_uncompressed_bytes=20_000))
    with pytest.raises(DataError, match=r"holds more than it says: over 4.9 KiB were read"):
        probe.read_through(path, Limits(max_uncompressed_bytes=5000))


def test_every_tree_of_a_root_file_is_looked_at_and_one_good_one_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        file.mktree("empty", {"x": np.dtype("f8")})
        file.mktree("good", {"x": np.dtype("f8")})
        file["good"].extend({"x": np.zeros(5)})
    probe.read_through(path, Limits(max_rows=5))
    with pytest.raises(DataError, match="has no events"):
        probe.read_through(path, Limits(max_rows=4))


def test_reading_through_ends_in_time(text_file, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    batches = CsvReader.batches

    def counted(self: CsvReader, columns: list[str], size: int):
        for batch in batches(self, columns, 1):
            read.append(1)
            yield batch

    monkeypatch.setattr(CsvReader, "batches", counted)
    probe.read_through(text_file("x,y\n" + "1,2\n" * 50), Limits(), seconds=-1.0)
    assert len(read) == 1


def test_text_stored_as_codes_is_never_written_out(parquet) -> None:
    """The label of 131,072 events and one text of a megabyte: counted, and made 0 and 1, in a few megabytes."""
    n = 1 << 17
    text = pa.DictionaryArray.from_arrays(pa.array((np.arange(n) % 2).astype(np.int32)), ["x" * 1_000_000, "y"])
    path = str(parquet({"a": np.zeros(n), "label": text}))
    tracemalloc.start()
    assert label_values(path, "label") == {"x" * 1_000_000: n // 2, "y": n // 2}
    spec = DatasetSpec(path=path, roles=Roles(features=("a",), label="label"), signal_value="y")
    assert load_events(spec).is_signal.sum() == n // 2
    coded = DatasetSpec(path=path, roles=Roles(features=("a",), protected=("label",)))
    assert load_events(coded)["label"].sum() == n // 2
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000
    assert pa.default_memory_pool().bytes_allocated() < 100_000_000

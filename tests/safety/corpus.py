"""Files as damage and malice make them: mutants of small good files, and files written by hand, all from one seed."""

import gzip
import io
import struct
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

N = 40
"""Events of a good file."""


class Midnight(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Midnight":
        return cls(2026, 1, 1, tzinfo=tz)


def parquet(columns: dict[str, object], **options: object) -> bytes:
    """Return columns as the bytes of a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def root(fill: Callable[[uproot.WritableDirectory], None], compression: object = None) -> bytes:
    """Return the bytes of a ROOT file, which keeps a name and times: the same at every call, or a defect hides."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "a.root"
        patch.setattr("datetime.datetime", Midnight)
        with uproot.recreate(path, compression=compression, uuid_function=lambda: uuid.UUID(int=1)) as file:
            fill(file)
        return path.read_bytes()


@cache
def good_files() -> dict[str, tuple[bytes, ...]]:
    """Return suffix → good files of that format, in several layouts."""
    rng = np.random.default_rng(1)
    numbers = {"pt": rng.exponential(30, N).astype(np.float32), "n": np.arange(N), "label": np.arange(N) % 2}
    mixed = {
        **numbers,
        "process": ["signal", "background"] * (N // 2),
        "hits": pa.array([[1.0, 2.0], []] * (N // 2), pa.list_(pa.float32())),
        "jet": [{"pt": 1.0, "eta": [2.0]}] * N,
        "code": pa.array(["a", "b"] * (N // 2)).dictionary_encode(),
        "price": pa.array([1, None] * (N // 2), pa.decimal128(9, 2)),
        "vector": pa.array([[1, 2, 3]] * N, pa.list_(pa.int16(), 3)),
        "good": [True, None] * (N // 2),
    }
    lists = ak.Array([[1.0, 2.0], []] * (N // 2))
    branches = {"pt": "float32", "n": "int64", "hits": "var * float64"}
    values = {"pt": numbers["pt"], "n": numbers["n"], "hits": lists}

    def tree(file: uproot.WritableDirectory) -> None:
        file.mktree("Events", branches).extend(values)

    lines = [f"{i / 3:.4f},{i},process {i},{'true' if i % 2 else 'false'}" for i in range(N)]
    text = "\n".join(["pt,n,name,good", *lines]) + "\n"
    return {
        ".parquet": (
            parquet(numbers, row_group_size=15),
            parquet(mixed, compression="zstd"),
            parquet(mixed, compression="none", data_page_version="2.0", use_dictionary=False),
            parquet(numbers, compression="gzip", write_page_checksum=True),
            parquet({"pt": numbers["pt"]}, compression="snappy", use_byte_stream_split=True, use_dictionary=False),
        ),
        ".csv": (text.encode(), text.replace(",", ";").encode(), text.replace("\n", "\r\n").encode("utf-8-sig")),
        ".root": (
            root(tree, uproot.ZLIB(1)),
            root(tree),
            root(tree, uproot.LZ4(1)),
            root(lambda file: file.mkrntuple("Events", values)),
        ),
    }  # fmt: skip


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a file with some of its bytes flipped, cut, repeated, moved, overwritten, or a number in it made huge."""
    changed = bytearray(content)
    n = len(changed)
    # Half of the damage falls on the last or first 400 bytes: footers and headers hold all counts and offsets.
    low, high = [(0, n), (0, n), (max(n - 400, 0), n), (0, min(400, n))][int(rng.integers(4))]
    place = int(rng.integers(low, high))
    match int(rng.integers(9)):
        case 0:
            for k in rng.integers(low, high, rng.integers(1, 4)):
                changed[k] ^= 1 << int(rng.integers(8))
        case 1:
            for k in rng.integers(low, high, rng.integers(1, 20)):
                changed[k] = int(rng.integers(256))
        case 2:
            del changed[place:]
        case 3:
            stop = int(rng.integers(place, high)) + 1
            changed[place:place] = changed[place:stop]
        case 4:
            changed[place : place + 30] = rng.bytes(min(30, n - place))
        case 5:
            del changed[place : place + int(rng.integers(1, 60))]
        case 6:
            width = int(rng.choice([2, 4, 8]))
            changed[place : place + width] = rng.choice([b"\xff", b"\x7f", b"\x80", b"\x00"]) * width
        case 7:
            size = int(rng.integers(1, 40))
            other = int(rng.integers(0, n))
            changed[place : place + size] = changed[other : other + size]
        case _:
            order = str(rng.choice(["<I", ">I", "<Q", ">Q"]))
            huge = int(rng.choice([2**31 - 1, 2**31, 2**30, 10**9, 0, 1]))
            changed[place : place + struct.calcsize(order)] = struct.pack(order, huge)
    return bytes(changed)


def mutants(suffix: str, n: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of n mutants of the good files of a format."""
    rng = np.random.default_rng([seed, *suffix.encode()])
    good = good_files()[suffix]
    for k in range(n):
        content = good[k % len(good)]
        for _ in range(int(rng.integers(1, 3))):
            content = mutated(content, rng) or b"\0"
        yield f"mutant-{seed}-{k}{suffix}", content


def written_csv() -> Iterator[tuple[str, bytes]]:
    """Yield CSV files that no honest program writes, and some that one does."""
    wide = ",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join(["1"] * 10_000) + "\n"
    cases: dict[str, bytes] = {
        "no_bytes": b"",
        "one_nul": b"\0",
        "header_only": b"a,b\n",
        "mark_only": b"\xef\xbb\xbf",
        "mark_and_header": b"\xef\xbb\xbfa,b\n1,2\n",
        "ragged": b"a,b\n1,2\n3\n4,5,6\n",
        "quote_never_closed": b'a,b\n1,"2\n3,4\n' * 50,
        "quotes_with_lines": b'a,b\n1,"x\ny"\n2,"z"\n',
        "quotes_in_names": b'"a ""x""","b,c"\n1,2\n',
        "not_a_number_words": b"a,b,c\nnan,inf,-inf\nNaN,Infinity,1e999\nNA,,null\n",
        "too_large_numbers": b"a,b\n" + b"9" * 4000 + b",1\n2,3\n",
        "text_after_numbers": b"a,b\n" + b"1,2\n" * 3000 + b"x,y\n",
        "numbers_after_nothing": b"a,b\n" + b",\n" * 3000 + b"1,2\n",
        "bytes_that_are_no_text": b"a,b\n" + b"1,2\n" * 2000 + b"\xff\xfe,3\n",
        "latin": "größe,b\n1,2\n".encode("latin-1"),
        "two_bytes_a_character": "a,b\n1,2\n".encode("utf-16"),
        "carriage_returns": b"a,b\r1,2\r3,4\r",
        "nul_later": b"a,b\n" + b"1,2\n" * 3000 + b"\0,\0\n",
        "name_twice": b"a,a\n1,2\n",
        "name_missing": b"a,\n1,2\n",
        "numbers_as_names": b"1,2\n3,4\n",
        "ten_thousand_columns": wide.encode(),
        "only_commas": b"," * 100_000 + b"\n",
        "a_million_names": b"a," * 500_000 + b"b\n1\n",
        "line_of_two_megabytes": b"a" * 2_000_000 + b"\n1\n",
        "value_of_two_megabytes": b"a,b\n1," + b"x" * 2_000_000 + b"\n",
        "value_of_ten_megabytes": b"a,b\n1,2\n3," + b"x" * 10_000_000 + b"\n",
        "blank_lines": b"\n" * 5000 + b"a,b\n\n\n1,2\n\n",
        "gzip": gzip.compress(b"a,b\n1,2\n", mtime=0),
        "gzip_bomb": gzip.compress(bytes(10_000_000), mtime=0),
        "formula": b"a,b\n=cmd|' /C calc'!A0,1\n",
        "controls": bytes(range(1, 32)) + b",b\n1,2\n",
        "dates": b"a,b\n2020-01-01,1\n2021-01-01,2\n",
        "surrogate": b"a\xed\xa0\x80,b\n1,2\n",
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("a.csv"), bytes(10_000_000), zipfile.ZIP_DEFLATED)
    cases["zip_bomb"] = archive.getvalue()
    for name, content in cases.items():
        yield f"{name}.csv", content


def written_parquet() -> Iterator[tuple[str, bytes]]:
    """Yield Parquet files with odd types, bombs, and footers that lie."""
    n = 200_000
    bomb = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array(["x" * 1_000_000]))
    lists = pa.ListArray.from_arrays(pa.array([0, 4_000_000], pa.int32()), pa.array(np.zeros(4_000_000, np.int8)))
    tables: dict[str, dict[str, object]] = {
        "no_rows": {"a": pa.array([], pa.float64())},
        "no_columns": {},
        "text_bomb": {"a": np.zeros(n), "label": bomb},
        "list_bomb": {"a": [1.0], "hits": lists},
        "constant_bomb": {"a": np.zeros(3_000_000)},
        "ten_thousand_columns": {f"c{i}": [1.0] for i in range(10_000)},
        "nothing_but_missing": {"a": pa.nulls(5), "b": pa.array([None] * 5, pa.float32())},
        "not_finite": {"a": [np.nan, np.inf, -np.inf], "m": [1e308, -1e308, 5e-324]},
        "large_integers": {"a": pa.array([2**64 - 1, 0], pa.uint64()), "b": pa.array([2**63 - 1, -(2**63)])},
        "large_decimals": {"a": pa.array([None, None], pa.decimal256(76, 2)), "b": [1.0, 2.0]},
        "times": {"a": pa.array([0, 1], pa.timestamp("ns")), "b": pa.array([0, 1], pa.duration("s")), "c": [1, 2]},
        "maps": {"a": pa.array([[("x", 1)], []], pa.map_(pa.string(), pa.int32())), "b": [1, 2]},
        "lists_of_lists": {"a": [[[1.0]], [[]]], "b": [1, 2]},
        "empty_names": {"": [1.0], "\0": [2.0], "a.b[0]": [3.0]},
        "bytes": {"a": [b"\xff", b""], "b": [1, 2]},
        "codes": {"a": pa.array([1.5, 2.5, 1.5]).dictionary_encode(), "label": pa.array(["x", "y", "x"])},
    }
    for name, columns in tables.items():
        yield f"{name}.parquet", parquet(columns)
    yield "dense_text_bomb.parquet", parquet(tables["text_bomb"], store_schema=False)
    deep = pa.schema([pa.field("a", pa.float64(), metadata={"role": "label"})], {"infoscope": "[" * 100_000})
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1.0, 0.0]}).cast(deep), sink)
    yield "deep_card.parquet", sink.getvalue()
    twice = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], ["a", "a"]), twice)
    yield "name_twice.parquet", twice.getvalue()
    good = good_files()[".parquet"][0]
    for size in (0, 1, 2**31 - 1, 2**31, 2**32 - 1, len(good), len(good) - 8):
        yield f"footer_of_{size}.parquet", good[:-8] + struct.pack("<I", size) + b"PAR1"
    for name, content in {"mark": b"PAR1", "marks": b"PAR1PAR1", "sealed": b"PARE" + good[4:-4] + b"PARE"}.items():
        yield f"{name}.parquet", content
    # The number of rows is a zigzag varint in the footer: 40 → 80.
    for place in [k for k in range(len(good) - 600, len(good) - 8) if good[k] == 2 * N]:
        yield f"rows_at_{place}.parquet", good[:place] + b"\xfe\xff\xff\xff\xff\x1f" + good[place + 1 :]


def written_root() -> Iterator[tuple[str, bytes]]:
    """Yield ROOT files without a tree, with odd branches, and with numbers that lie."""

    def counts(file: uproot.WritableDirectory) -> None:
        file["counts"] = np.histogram(np.zeros(3))

    def empty_trees(file: uproot.WritableDirectory) -> None:
        for k in range(12):
            file.mktree(f"deep/{'er/' * k}tree", {"x": np.dtype("f4")})

    def zeros(file: uproot.WritableDirectory) -> None:
        file.mktree("Events", {"x": np.dtype("f8")}).extend({"x": np.zeros(1_000_000)})

    yield "no_tree.root", root(counts)
    yield "many_empty_trees.root", root(empty_trees)
    yield "zeros.root", root(zeros, uproot.ZLIB(9))
    good = good_files()[".root"][0]
    yield "mark.root", b"root"
    yield "mark_and_zeros.root", b"root" + bytes(5000)
    yield "mark_and_ones.root", b"root" + b"\xff" * 5000
    entries = struct.pack(">q", N)
    places = [k for k in range(len(good) - 8) if good[k : k + 8] == entries]
    for place in places[:8]:
        for huge in (2**62, -1, 10**9, 0):
            yield f"entries_{huge}_at_{place}.root", good[:place] + struct.pack(">q", huge) + good[place + 8 :]


def corpus() -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every file, the same ones at every call."""
    yield from written_csv()
    yield from written_parquet()
    yield from written_root()
    for suffix, n in {".csv": 150, ".parquet": 220, ".root": 130}.items():
        yield from mutants(suffix, n, seed=7)

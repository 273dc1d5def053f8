"""Time all pairs of a Parquet file, batch by batch and in memory: python -m benchmarks.streaming --help."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.memory import MEGABYTE, current_bytes, peak_bytes
from benchmarks.report import parser, publish, seconds, section
from core.events.spec import DatasetSpec, load_events, stream_events
from core.events.table import Roles
from core.information import information_matrix, warm
from core.information.counts import count_pairs
from core.information.quantise import quantise
from core.information.streaming import BATCH, count_file, find_coding

WARM_EVENTS = 4096


def write_file(path: Path, n_events: int, n_variables: int, chunk: int = 1_000_000) -> None:
    """Write float32 variables that share a common part, a million events at a time."""
    rng = np.random.default_rng(1)
    schema = pa.schema([(f"v{i}", pa.float32()) for i in range(n_variables)])
    with pq.ParquetWriter(path, schema, use_dictionary=False) as file:
        for start in range(0, n_events, chunk):
            n = min(chunk, n_events - start)
            common = rng.standard_normal(n, dtype=np.float32)
            columns = [common + rng.standard_normal(n, dtype=np.float32) for _ in range(n_variables)]
            file.write_table(pa.table(columns, schema=schema))


def read_only(spec: DatasetSpec) -> None:
    """Read every batch and do nothing with it: no way through the file is faster."""
    for _ in stream_events(spec, BATCH):
        pass


def stream(spec: DatasetSpec) -> None:
    """Go through the file twice, and compute every measure."""
    count_file(spec, find_coding(spec)).matrix()


def in_memory(spec: DatasetSpec) -> None:
    """Load all events, and compute every measure."""
    information_matrix(load_events(spec))


TASKS: dict[str, Callable[[DatasetSpec], None]] = {"read": read_only, "stream": stream, "memory": in_memory}


def measure(task: str, spec: DatasetSpec, few: DatasetSpec) -> dict[str, float]:
    """Return the time of a task, and by how many megabytes it makes the memory of this process grow."""
    warm()
    TASKS[task](few)
    before = current_bytes()
    start = time.perf_counter()
    TASKS[task](spec)
    return {"seconds": time.perf_counter() - start, "megabytes": (peak_bytes() - before) / MEGABYTE}


def stages(spec: DatasetSpec) -> dict[str, float]:
    """Return the time of each stage of both ways."""
    times = {}

    def timed(name: str, call: Callable[[], object]) -> object:
        start = time.perf_counter()
        found = call()
        times[name] = time.perf_counter() - start
        return found

    coding = timed("first pass: read and sample", lambda: find_coding(spec))
    timed("second pass: read, code, count, Pearson's r", lambda: count_file(spec, coding))  # type: ignore[arg-type]
    events = timed("load into memory", lambda: load_events(spec))
    codes = timed("code", lambda: quantise(events.columns))  # type: ignore[attr-defined]
    timed("count", lambda: count_pairs(codes))  # type: ignore[arg-type]
    return times


def in_a_process(task: str, folder: Path) -> dict[str, float]:
    """Run a task in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.streaming", "--measure", task, "--folder", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def specification(path: Path) -> DatasetSpec:
    """Make every column of a file a feature."""
    return DatasetSpec(path=str(path), roles=Roles(features=tuple(pq.read_schema(path).names)))


def compare(folder: Path, n_events: int, n_variables: int, *, loaded: bool) -> tuple[list[str], list[list[str]]]:
    """Time and weigh both ways, each in a process of its own; what does not fit in memory is only streamed."""
    path = folder / "events.parquet"
    write_file(path, n_events, n_variables)
    write_file(folder / "few.parquet", WARM_EVENTS, n_variables)
    found = {task: in_a_process(task, folder) for task in TASKS if loaded or task != "memory"}
    titles = {
        "read": "reading the batches alone",
        "stream": "**streamed**, every measure, error and Pearson's r",
        "memory": "loaded, the same",
    }
    rows = [
        [
            title,
            seconds(found[task]["seconds"]),
            f"{n_events / found[task]['seconds'] / 1e6:.3g} M",
            f"{found[task]['megabytes']:.0f} MB",
        ]
        for task, title in titles.items()
        if task in found
    ]
    notes = [
        f"N = {n_events:,} events × {n_variables} float32 variables in Parquet ({path.stat().st_size / 1e6:,.0f} MB), "
        f"{n_variables * (n_variables - 1) // 2} pairs, B = 32; one run each in a process of its own.",
        "Memory is what the process grows by at its peak, above the imported program and its compiled kernels.",
    ]
    if loaded:
        warm()
        parts = "; ".join(f"{name} {seconds(value)}" for name, value in stages(specification(path)).items())
        notes.append(f"Where the time goes: {parts}.")
    return notes, rows


def main() -> None:
    """Print the section, and with --write keep it."""
    options = parser(__doc__)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--variables", type=int, default=20)
    options.add_argument("--streamed", action="store_true", help="do not load the events, which need not fit in memory")
    options.add_argument("--measure", choices=list(TASKS), help="print the time and memory of one task")
    options.add_argument("--folder", type=Path, help="where the files of --measure are")
    chosen = options.parse_args()
    if chosen.measure:
        folder = chosen.folder
        few = specification(folder / "few.parquet")
        print(json.dumps(measure(chosen.measure, specification(folder / "events.parquet"), few)))
        return
    with tempfile.TemporaryDirectory() as folder:
        notes, rows = compare(Path(folder), chosen.events, chosen.variables, loaded=not chosen.streamed)
    header = ["all pairs from a file", "time", "events a second", "memory"]
    title = f"From a file of {chosen.events:,} events, in memory or not"
    publish(section(title, notes, header, rows, "numpy", "numba", "pyarrow"), write=chosen.write)


if __name__ == "__main__":
    main()

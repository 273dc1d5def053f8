"""Time all pairs of a data set on one and two workers, and model more: python -m benchmarks.cluster --help."""

from __future__ import annotations

import math
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

from benchmarks.report import median_seconds, parser, publish, seconds, section
from benchmarks.streaming import write_file
from core.cluster.matrix import FAN_IN, SPARE, count_on_cluster
from core.events.readers._pieces import Part
from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.information.coding import Coding, merged
from core.information.partition import Source, count_part, find_source, sample_part
from core.information.quantise import SAMPLE_SIZE
from core.information.streaming import stream_matrix
from core.information.tally import Tally, add_up

EMPTY_TASKS = 1000
SENT_BYTES = 2**25
FURTHER = (8, 32, 128, 512)
MANY = 10**10


@dataclass(frozen=True)
class Costs:
    """Hold what the model is made of, as measured on one worker.

    Args:
        sample: time to read and sample a part [s].
        count: time to read, code and count a part [s].
        merge_samples: time to merge the samples of all parts [s].
        add_tallies: time to add eight tallies [s].
        task: time that the scheduler and its client spend on a task [s].
        rate: bytes a second from one process to another.
        sample_bytes: size of what all samples together hold.
        tally_bytes: size of one tally.
        coding: time to choose the boundaries [s].
    """

    sample: float
    count: float
    merge_samples: float
    add_tallies: float
    task: float
    rate: float
    sample_bytes: float
    tally_bytes: float
    coding: float

    def predicted(self, n_parts: int, workers: int) -> float:
        """Return the time of both passes.

        A pass takes what its busiest worker does, or what the scheduler does if that is more. Then the last results
        go up the tree of additions, level by level; what is below overlaps with the work.
        """
        levels = tree(n_parts)
        n_tasks = n_parts + sum(levels)
        # However many parts there are, their samples have as many events together: each level handles all of them.
        merging = sum(self.merge_samples / min(n, workers) for n in levels)
        adding = sum(levels) * self.add_tallies / workers
        fetching = (self.sample_bytes + len(levels) * FAN_IN * self.tally_bytes) / self.rate if workers > 1 else 0.0
        return (
            max(math.ceil(n_parts / workers) * self.sample + merging, n_tasks * self.task)
            + self.coding
            + max(math.ceil(n_parts / workers) * self.count + adding, n_tasks * self.task)
            + 2 * len(levels) * self.task
            + fetching
            + (self.sample_bytes / SPARE + self.tally_bytes) / self.rate
        )

    def moved(self, n_parts: int, workers: int) -> float:
        """Return how many bytes go from one process to another: what is not added up where it was counted."""
        away = 1 - 1 / workers
        return self.sample_bytes * (1 + away) + self.tally_bytes * (1 + away * (n_parts + sum(tree(n_parts)) - 1))


def tree(n_parts: int) -> list[int]:
    """Return how many tasks each level of additions has."""
    levels = []
    while n_parts > 1:
        n_parts = math.ceil(n_parts / FAN_IN)
        levels.append(n_parts)
    return levels


def write_files(folder: Path, n_events: int, n_variables: int, n_files: int) -> DatasetSpec:
    """Write the events in equal files, of the same values in each."""
    for i in range(n_files):
        write_file(folder / f"part{i:04}.parquet", n_events // n_files, n_variables)
    names = tuple(pq.read_schema(folder / "part0000.parquet").names)
    return DatasetSpec(path=str(folder), roles=Roles(features=names))


@contextmanager
def workers(n: int) -> Iterator[Client]:
    """Start workers of one thread each, so that two of them have twice the cores of one."""
    options = {"n_workers": n, "threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0}
    one_thread = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with LocalCluster(**options, env=one_thread) as cluster, Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(n)
        yield client


def timed(call: Callable[[], object]) -> float:
    """Return how long a call takes where it is called."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def counted(source: Source, part: Part, coding: Coding) -> Tally:
    """Count one part."""
    *_, (_, tally) = count_part(source, part, coding)
    if tally is None:
        raise ValueError("the part is empty")
    return tally


def measured_costs(client: Client, spec: DatasetSpec) -> Costs:
    """Measure each cost by itself, on one worker."""

    def on_worker(call: Callable[[], object]) -> float:
        return float(client.submit(median_seconds, call, pure=False).result())

    source = find_source(spec, None, "all")
    part, sent = source.parts[0], source.to_send()
    below = min(2**64 - 1, SPARE * SAMPLE_SIZE * 2**64 // source.n_rows)
    sample = sample_part(source, part, 0, below=below)
    samples = [sample_part(source, each, 0, below=below) for each in source.parts[:FAN_IN]]
    coding = merged(samples).coding(source.names, source.titles, "all", 32, "equal_frequency")
    tally = counted(source, part, coding)
    before = time.perf_counter()
    client.gather([client.submit(int, i, pure=False) for i in range(EMPTY_TASKS)])
    task = (time.perf_counter() - before) / EMPTY_TASKS
    data = client.submit(partial(np.zeros, SENT_BYTES, np.uint8), pure=False)
    data.done() or client.submit(len, data, pure=False).result()
    return Costs(
        sample=on_worker(partial(sample_part, sent, part, 0, below=below)),
        count=on_worker(partial(counted, sent, part, coding)),
        merge_samples=median_seconds(partial(merged, samples)) * len(source.parts) / len(samples),
        add_tallies=median_seconds(partial(add_up, [tally] * FAN_IN)),
        task=task,
        rate=SENT_BYTES / timed(data.result),
        sample_bytes=len(pickle.dumps(sample)) * len(source.parts),
        tally_bytes=len(pickle.dumps(tally)),
        coding=timed(lambda: merged(samples).coding(source.names, source.titles, "all", 32, "equal_frequency")),
    )


def last_tally(passes: Iterator[object]) -> Tally:
    """Drain both passes."""
    *_, last = passes
    return last.tally  # type: ignore[attr-defined]


def same_bits(one: Tally, other: Tally) -> bool:
    """Return whether two tallies are the same to the last bit."""
    mine, theirs = ((each.counts.sum_w.tobytes(), each.moments.tobytes()) for each in (one, other))
    return mine == theirs


def compare(spec: DatasetSpec, n_events: int, n_files: int) -> tuple[list[str], list[list[str]]]:
    """Time the single process and one and two workers, and set the model beside them."""
    here: list[Tally] = []
    alone = timed(lambda: here.append(last_tally(stream_matrix(spec))))
    n_parts, rows, equal = len(find_source(spec, None, "all").parts), [], True
    rows.append([f"one process, {os.cpu_count()} threads, no cluster", seconds(alone), "", "", ""])
    with workers(1) as client:
        last_tally(count_on_cluster(client, spec))  # loads and compiles what the workers need
        costs = measured_costs(client, spec)
    for n in (1, 2):
        with workers(n) as client:
            last_tally(count_on_cluster(client, spec))
            found: list[Tally] = []
            took = timed(lambda: found.append(last_tally(count_on_cluster(client, spec))))  # noqa: B023
        equal = equal and same_bits(found[0], here[0])
        model = costs.predicted(n_parts, n)
        name = f"{n} worker{'s' if n > 1 else ''} of one thread"
        moved = f"{costs.moved(n_parts, n) / 1e6:,.0f} MB"
        rows.append([name, seconds(took), seconds(model), f"{took / model - 1:+.0%}", moved])
    many = MANY // n_events * n_parts
    for n in FURTHER:
        model, moved = costs.predicted(many, n), costs.moved(many, n)
        rows.append([f"model: 10¹⁰ events, {n} workers", "", seconds(model), "", f"{moved / 1e9:,.1f} GB"])
    same = "the same to the last bit" if equal else "**different**"
    notes = [
        f"N = {n_events:,} events × {len(spec.roles.features)} float32 variables in {n_files} Parquet files, {n_parts} "
        "parts; two passes, boundaries from a sample of 10⁵ events, all pairs, B = 32.",
        f"The answers of one process, of one worker and of two are {same}.",
        f"A part takes {seconds(costs.sample)} to sample and {seconds(costs.count)} to count on one thread; to "
        f"merge all samples takes {seconds(costs.merge_samples)}, to add eight tallies "
        f"{seconds(costs.add_tallies)}, an empty task "
        f"{seconds(costs.task)}. A tally has {costs.tally_bytes / 1e6:.2g} MB, all samples together "
        f"{costs.sample_bytes / 1e6:.3g} MB; processes exchange {costs.rate / 1e6:,.0f} MB/s.",
        "Model of a pass: the larger of (parts of the busiest worker × time of a part) and (tasks × time of an empty "
        "task), then the levels of the tree of additions. It leaves out that workers share a memory, disk or network.",
        f"So a worker wants {events_read(n_events, n_parts, costs)} from the storage, and from "
        f"{costs.count / costs.task:,.0f} workers on the scheduler is the limit.",
    ]
    return notes, rows


def events_read(n_events: int, n_parts: int, costs: Costs) -> str:
    """Return how many events a second one worker reads in a pass."""
    return f"{n_events / n_parts / costs.count / 1e6:.2g} M events/s"


def main() -> None:
    """Print the section, and with --write keep it."""
    options = parser(__doc__)
    options.add_argument("--events", type=int, default=20_000_000)
    options.add_argument("--variables", type=int, default=20)
    options.add_argument("--files", type=int, default=20)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spec = write_files(Path(folder), chosen.events, chosen.variables, chosen.files)
        notes, rows = compare(spec, chosen.events, chosen.files)
    header = ["all pairs of a partitioned data set", "measured", "model", "difference", "moved"]
    publish(section("On the workers of a cluster", notes, header, rows, "dask", "numba", "pyarrow"), write=chosen.write)


if __name__ == "__main__":
    main()

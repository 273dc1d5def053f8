"""Fixed-size shards of a class, so that a result depends on seed and size but never on the number of workers."""

from __future__ import annotations

import multiprocessing
import sys
import time
import zlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from .sample import Process, Rows, Sample

SHARD_ROWS = 2000
NAMES = ("boosted_w", "dimuon", "radiative_b", "resonance")


@dataclass(frozen=True)
class Task:
    """Shard `index` of class `label`: `rows` rows, cached under `folder`."""

    sample: str
    label: int
    index: int
    rows: int
    seed: int
    folder: Path

    @property
    def path(self) -> Path:
        """Where the finished shard lies."""
        return self.folder / f"{self.sample}-{self.label}-{self.index:04d}-{self.rows}-seed{self.seed}.npz"


def load(name: str) -> Sample:
    """The sample definition called `name`."""
    return import_module(f".{name}", __package__).SAMPLE


def plan(name: str, events: int, seed: int, folder: Path, signal: int | None = None) -> list[Task]:
    """Tasks for `events` rows of each class, or `signal` of the signal; interleaved so that the ETA is honest."""
    rows = {0: events, 1: events if signal is None else signal}
    tasks = [
        Task(name, label, i, min(SHARD_ROWS, n - start), seed, folder)
        for label, n in rows.items()
        for i, start in enumerate(range(0, n, SHARD_ROWS))
    ]
    return sorted(tasks, key=lambda task: (task.index / rows[task.label], task.label))


def split_rows(processes: tuple[Process, ...], rows: int) -> list[int]:
    """Rows per process by share; the first process takes the rounding."""
    counts = [round(p.share * rows) for p in processes]
    counts[0] += rows - sum(counts)
    return counts


def run_process(sample: Sample, process: Process, rows: int, seed: np.random.SeedSequence) -> tuple[Rows, list[float]]:
    """`rows` selected rows of one process, with [σ in pb, generated, selected] for the normalisation."""
    from .pythia import Generator

    generator = Generator(process, int(seed.generate_state(1)[0]) % 899_999_999 + 1)
    rng = np.random.default_rng(seed)
    parts: list[Rows] = []
    selected = 0
    for events in generator.batches():
        part = sample.select(events, rng)
        selected += len(part[sample.protected])
        parts.append(part)
        if selected >= rows:
            break
    merged = {k: np.concatenate([p[k] for p in parts])[:rows].astype(np.float32) for k in parts[0]}
    return merged, [generator.sigma_pb, generator.generated, selected]


def make(task: Task) -> float:
    """Make and store one shard; returns the seconds it took (0 when it was there already)."""
    if task.path.exists():
        return 0.0
    start = time.time()
    sample = load(task.sample)
    processes = sample.processes[task.label]
    root = np.random.SeedSequence(task.seed, spawn_key=(zlib.crc32(task.sample.encode()), task.label, task.index))
    results = []
    for process, rows, seed in zip(
        processes, split_rows(processes, task.rows), root.spawn(len(processes)), strict=True
    ):
        if rows:
            results.append((*run_process(sample, process, rows, seed), processes.index(process)))
    merged = {k: np.concatenate([r[0][k] for r in results]) for k in results[0][0]}
    lengths = [len(r[0][sample.protected]) for r in results]
    merged["process"] = np.repeat([r[2] for r in results], lengths).astype(np.int8)
    book = np.array([[r[2], *r[1]] for r in results])
    partial = task.path.with_suffix(".part.npz")
    np.savez(partial, book=book, **merged)
    partial.rename(task.path)
    return time.time() - start


def _progress(done: int, total: int, start: float) -> None:
    spent = time.time() - start
    left = spent / done * (total - done)
    print(f"\r{done}/{total} shards · {spent:.0f} s · {left:.0f} s to go ", end="", file=sys.stderr, flush=True)


def make_all(tasks: list[Task], workers: int) -> None:
    """Make every missing shard on `workers` processes, with progress on stderr."""
    missing = [t for t in tasks if not t.path.exists()]
    if not missing:
        return
    start = time.time()
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        for done, _ in enumerate(pool.imap_unordered(make, missing), 1):
            _progress(done, len(missing), start)
    print(file=sys.stderr)


def collect(tasks: list[Task], label: int) -> tuple[Rows, np.ndarray]:
    """All rows of a class, and its book: one line [process, σ in pb, generated, selected] per shard and process."""
    shards = [dict(np.load(t.path)) for t in tasks if t.label == label]
    books = np.concatenate([s.pop("book") for s in shards])
    return {k: np.concatenate([s[k] for s in shards]) for k in shards[0]}, books

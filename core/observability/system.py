"""The state of one installation: devices, queue, store, memory, disk and versions."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from core.jobs.manifest import commit, processor, versions
from core.memory import memory_bytes
from core.settings import Settings
from core.store.address import address_of, file_of, shown
from core.store.run import LIVE, Run
from core.store.store import RunStore


@dataclass(frozen=True)
class Device:
    """Describe something that trains.

    Args:
        name: what it calls itself.
        kind: as a run asks for it, such as cpu or cuda:0.
        cores: processor cores that this process may use; 0 for a GPU, whose cores are no choice.
        total_bytes: memory of its own [bytes]; 0 for a processor.
        free_bytes: what is free of it [bytes].
    """

    name: str
    kind: str
    cores: int
    total_bytes: int = 0
    free_bytes: int = 0


@dataclass(frozen=True)
class Queue:
    """Hold the runs that are not over.

    Args:
        running: those that train, oldest first.
        queued: those that wait, oldest first.
        epochs_per_second: pace of all running trainings together.
        here: ids of those that this process trains.
        places: running run → machine and number of the process that trains it.
    """

    running: tuple[Run, ...]
    queued: tuple[Run, ...]
    epochs_per_second: float
    here: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Store:
    """Describe the run store.

    Args:
        kind: SQLite or PostgreSQL.
        address: where it is, without a password.
        n_bytes: size on disk [bytes]; None where a server keeps it.
        runs: number of runs of each status; deleted ones are not counted.
        n_epochs: recorded epochs of these runs.
    """

    kind: str
    address: str
    n_bytes: int | None
    runs: Mapping[str, int]
    n_epochs: int

    @property
    def n_runs(self) -> int:
        """Return the number of runs."""
        return sum(self.runs.values())


@dataclass(frozen=True)
class Memory:
    """Hold what is in memory, in bytes.

    Args:
        process: of this process.
        total: of the machine, or what its container may take.
        available: what programs can still take of it.
    """

    process: int
    total: int
    available: int


@dataclass(frozen=True)
class Disk:
    """Hold the room on the disk of the data folder, in bytes."""

    folder: str
    total: int
    free: int


@dataclass(frozen=True)
class Machine:
    """Hold what is known without the run store, at one moment.

    Args:
        devices: the processor, then GPUs.
        memory: of process and machine.
        disk: of the data folder.
        versions: name → version of the program and what it is made of, with the commit where one is known.
        process: number of the process.
        threads: of the process.
        uptime: seconds since the process began.
    """

    devices: tuple[Device, ...]
    memory: Memory
    disk: Disk
    versions: Mapping[str, str]
    process: int
    threads: int
    uptime: float


@dataclass(frozen=True)
class System(Machine):
    """Hold the state of an installation at one moment.

    Args:
        queue: what trains and what waits.
        store: the run store.
    """

    queue: Queue
    store: Store


def system_state(store: RunStore, chosen: Settings) -> System:
    """Look at the installation.

    Args:
        store: the run store.
        chosen: where data and store are.

    Raises:
        DataError: the store does not answer.
    """
    runs = store.runs()
    held = store.holders()
    queue = replace(
        queue_of(runs),
        here=frozenset(run for run, process in held.items() if process == store.process),
        places={run: f"{process.host.partition('/')[0]}, process {process.number}" for run, process in held.items()},
    )
    return System(**vars(machine_state(chosen)), queue=queue, store=_store(runs, chosen.database_url))


def machine_state(chosen: Settings) -> Machine:
    """Look at machine and process, and not at the run store.

    Args:
        chosen: where the data are.
    """
    this = psutil.Process()
    return Machine(
        devices=devices(),
        memory=memory(),
        disk=disk(chosen.data),
        versions=versions() | {name: str(value) for name, value in commit().items() if name == "commit" and value},
        process=this.pid,
        threads=this.num_threads(),
        uptime=max(time.time() - this.create_time(), 0.0),
    )


def devices() -> tuple[Device, ...]:
    """Return the processor and every GPU that torch can use; GPUs are unknown until something has imported torch."""
    found = [Device(processor(), "cpu", usable_cores())]
    torch = _imported("torch")  # its import takes seconds, which no look at the system is worth
    if torch is not None and torch.cuda.is_available():
        for k in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(k)
            found.append(Device(torch.cuda.get_device_name(k), f"cuda:{k}", 0, total, free))
    return tuple(found)


def _imported(name: str) -> Any:
    """Return a module whose import has ended, else None: another thread may be in the middle of it."""
    module = sys.modules.get(name)
    return None if getattr(getattr(module, "__spec__", None), "_initializing", False) else module


def usable_cores() -> int:
    """Return how many processor cores this process may use, which a container can limit."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def queue_of(runs: Sequence[Run]) -> Queue:
    """Return what trains and what waits among runs; a pace counts from the start of each run."""
    live = sorted((run for run in runs if run.status in LIVE), key=lambda run: run.created)
    running = tuple(run for run in live if run.status == "running")
    pace = sum(run.epoch / run.seconds for run in running if run.seconds > 0)
    return Queue(running, tuple(run for run in live if run.status == "queued"), pace)


def memory() -> Memory:
    """Return the memory of this process and of the machine, or of the container where one sets a limit."""
    own, total = int(psutil.Process().memory_info().rss), memory_bytes()
    return Memory(own, total, min(int(psutil.virtual_memory().available), max(total - own, 0)))


def disk(folder: Path) -> Disk:
    """Return the room on the disk of a folder, or of the nearest one above that exists."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    room = shutil.disk_usage(place)
    return Disk(str(folder), room.total, room.free)


def _store(runs: Sequence[Run], url: str) -> Store:
    address = address_of(url)
    file = file_of(address)
    kept = dict(Counter(str(run.status) for run in runs))
    n_epochs = sum(run.epoch for run in runs)
    if file is None:
        return Store("PostgreSQL", shown(address), None, kept, n_epochs)
    parts = (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm")))
    return Store("SQLite", str(file), sum(_size(part) for part in parts), kept, n_epochs)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # the write-ahead log comes and goes
        return 0

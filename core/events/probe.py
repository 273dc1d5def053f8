"""A look at an unknown file in a process of its own, whose end or greed harms nobody.

The libraries that read Parquet and ROOT trust what a file says of itself: a damaged or malicious one may make them take
all memory, run for hours or end the process. So a file that a user brings is first read through here.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import core
from core.errors import DataError
from core.events.plan import batch_size
from core.events.source import open_source
from core.events.spec import Limits

MOST_MEMORY = 2 * 2**30
"""What reading batch by batch may take beyond the libraries, however large the file is [bytes]."""
_LEAST_MEMORY = 2**29
_MEMORY_PER_BYTE = 16
SECONDS = 30.0
"""After this time the rest of a good file is left to be checked when it is loaded."""
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Arrow's other pools reserve a gigabyte at the start, which a limit that is set later does not count."""
_STACK = 2**25
"""Enough for the deepest recursion that Python allows [bytes]."""
_PATIENCE = 30.0
_PROGRAM = f"from {__name__} import main; main()"

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def probe(path: Path, limits: Limits) -> None:
    """Read a file through in a process of its own, and check it against the limits.

    The process may take 512 MiB and sixteen times the file's size of memory beyond its libraries, at most 2 GiB. It
    reads for 30 s; what a large file holds beyond that is checked when it is loaded.

    Args:
        path: a Parquet, CSV or ROOT file.
        limits: what the file may hold.

    Raises:
        DataError: the file cannot be read, holds too much, or ended the process that read it.
    """
    command = [sys.executable, "-c", _PROGRAM, str(path), json.dumps(vars(limits))]
    home = Path(core.__file__).parents[1]
    environment = {**ENVIRONMENT, "PATH": os.defpath}
    try:
        done = subprocess.run(  # nosec B603 # no shell; this Python, and a path that was made here
            command,
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS + _PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise DataError(
            f"{path.name} takes more than {SECONDS + _PATIENCE:.0f} s to be looked at; it may be damaged"
        ) from problem
    except OSError as problem:
        log.error("the interpreter %s cannot be started to look at files: %s", sys.executable, problem)
        raise DataError(f"the server cannot look at files: {problem.strerror}; tell its administrator") from problem
    if done.returncode:
        how = signal.Signals(-done.returncode).name if done.returncode < 0 else f"exit code {done.returncode}"
        raise DataError(f"{path.name} is damaged: reading it ended the process that looked at it ({how})")
    said = json.loads(done.stdout)
    if said["problem"]:
        raise DataError(str(said["problem"]))


def read_through(path: Path, limits: Limits, *, seconds: float = SECONDS) -> None:
    """Read the columns of every table of a file that can be used, as loading does, and keep nothing.

    Args:
        path: a Parquet, CSV or ROOT file.
        limits: what the file may hold, all columns together.
        seconds: when to stop; the rest of the file is then taken as good.

    Raises:
        DataError: no table can be read, or one holds too much.
    """
    end = time.monotonic() + seconds
    tables = open_source(path).tables()
    problems = []
    for tree in tables:
        try:
            _read_table(path, tree, limits, end)
        except DataError as problem:
            problems.append(problem)
    if len(problems) == len(tables):
        raise problems[0]


def _read_table(path: Path, tree: str | None, limits: Limits, end: float) -> None:
    reader = open_source(path if tree is None else f"{path}:{tree}")
    summary = reader.summary()
    limits.check(summary, [column.name for column in summary.columns])
    names = [column.name for column in summary.columns if column.kind != "unsupported"]
    n_bytes = 0
    for batch in reader.batches(names, batch_size(summary, names)):
        n_bytes += sum(array.nbytes for array in batch.values())
        limits.check_read(summary, n_bytes)
        if time.monotonic() > end:
            return


def with_bounded_memory(n_bytes: int, work: Callable[[], Result]) -> Result:
    """Do work while this process may take that much memory beyond what it has; it leaves no image of it when it ends.

    The work is done in a thread, whose stack is reserved as a whole: where no memory is left, the stack of the main
    thread could not grow, and a file whose records name one another would end the process by recursion.

    Args:
        n_bytes: what it may take [bytes].
        work: what to do.

    Returns:
        What the work returned; what it raises is raised.
    """
    usual = threading.stack_size(_STACK)
    with ThreadPoolExecutor(1, initializer=_bound_memory, initargs=(n_bytes,)) as thread:
        done = thread.submit(work)
    threading.stack_size(usual)
    return done.result()


def _bound_memory(n_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statm = Path("/proc/self/statm")
    if statm.exists():  # elsewhere than on Linux the limit counts what is mapped, not what is used, or nothing at all
        pages = int(statm.read_text().split()[0])
        most = pages * resource.getpagesize() + n_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    """Read the file that the first argument names within the limits of the second, and write what was wrong with it."""
    path, limits = sys.argv[1:]
    if path.lower().endswith(".root"):
        import uproot  # noqa: F401  (its memory is not that of the file)
    most = min(_LEAST_MEMORY + _MEMORY_PER_BYTE * Path(path).stat().st_size, MOST_MEMORY)
    problem = ""
    try:
        with_bounded_memory(most, lambda: read_through(Path(path), Limits(**json.loads(limits))))
    except DataError as found:
        problem = str(found)
    sys.stdout.write(json.dumps({"problem": problem}))

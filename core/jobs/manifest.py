"""What repeats a run: its request, what it read, and what it ran on."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
import psutil

import core
from core.errors import DataError
from core.events.portable import portable
from core.events.table import EventTable
from core.store.run import Run

LIBRARIES = ("torch", "numpy", "numba", "scipy", "pandas", "pyarrow", "pydantic", "SQLAlchemy", "safetensors")
"""Libraries whose version can change a result."""
COMMIT = "INFOSCOPE_COMMIT"
"""Environment variable that names the commit where the program is no git checkout, as in its container."""


def manifest(run: Run, events: EventTable) -> dict[str, Any]:
    """Return what is needed to repeat a run, as plain values.

    Args:
        run: the run; when it has not finished, the present moment is its end.
        events: what it was trained on.

    Returns:
        run, when it was asked for, first begun and ended, seconds of training, command, request, full config, seed,
        data (name, files by names that hold in every installation, rows, columns, content hash), versions, machine,
        device, threads and commit.
    """
    from core.jobs.command import command_line

    return {
        "run": run.id,
        "created": _moment(run.created),
        "started": _moment(run.began or run.started),
        "finished": _moment(run.finished or time.time()),
        "seconds": round(run.seconds, 1),
        "command": command_line(run.request),
        "request": run.request.model_dump(mode="json"),
        "config": dict(run.config),
        "seed": run.request.seed,
        "data": {
            "name": events.name,
            "files": list(portable(run.request.dataset).files),
            "events": events.n_events,
            "columns": {name: str(values.dtype) for name, values in events.columns.items()},
            "fingerprint": events.fingerprint,
        },
        "versions": versions(),
        "machine": {
            "system": platform.platform(),
            "processor": processor(),
            "cores": os.cpu_count(),
            "memory_bytes": psutil.virtual_memory().total,
        },
        "device": device_words(run.request.device),
        "threads": {"torch": _threads(run.request.device), "numba": numba.get_num_threads()},
        **commit(),
    }


def versions() -> dict[str, str]:
    """Return the versions of the program, of Python and of the libraries that compute."""
    found = {name: version(name) for name in LIBRARIES}
    return {"infoscope": core.__version__, "python": platform.python_version(), **found}


def device_words(asked: str) -> dict[str, str]:
    """Return the device that a request asks for, the one it stands for on this machine, and its name.

    Example:
        >>> device_words("cpu")["used"]
        'cpu'
    """
    import torch

    from core.learning.device import choose_device

    try:
        device = choose_device(asked)
    except DataError:
        return {"asked": asked}
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else processor()
    return {"asked": asked, "used": str(device), "name": name}


@lru_cache(maxsize=1)
def commit() -> dict[str, Any]:
    """Return the commit of the program and whether files were changed since; None where nothing tells.

    INFOSCOPE_COMMIT comes first, which an image is built with; else a git checkout is asked.
    """
    named = os.environ.get(COMMIT)
    if named:
        return {"commit": named, "changed": False}
    head = _git("rev-parse", "HEAD")
    return {"commit": head, "changed": bool(_git("status", "--porcelain", "--untracked-files=no")) if head else None}


@lru_cache(maxsize=1)
def processor() -> str:
    """Return what the processor calls itself, or its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _threads(asked: str) -> int | None:
    """Return with how many threads torch trains on a device; None where the device is gone."""
    import torch

    from core.learning.device import choose_device, few_threads

    try:
        with few_threads(choose_device(asked)):
            return torch.get_num_threads()
    except DataError:
        return None


def _git(*words: str) -> str | None:
    folder = Path(core.__file__).parents[1]
    if not (folder / ".git").exists():  # a checkout further up is another program's
        return None
    # It is this very program's folder, though another user may own it, as where a service runs what root installed.
    command = ["git", "--no-optional-locks", "-c", f"safe.directory={folder}", "-C", str(folder), *words]
    try:
        answer = subprocess.run(  # nosec B603 # git and words of this file, no shell
            command, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _moment(seconds: float | None) -> str | None:
    """Return a moment as ISO 8601 with its offset from UTC, None where there is none."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(seconds))

"""The memory of this process, for benchmarks that run each measurement in a process of its own."""

from __future__ import annotations

import re
import resource
from pathlib import Path

MEGABYTE = 2**20
STATUS = Path("/proc/self/status")


def current_bytes() -> int:
    """Return the memory that this process holds, and start measuring its peak anew where Linux lets it."""
    if not STATUS.exists():
        return peak_bytes()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def peak_bytes() -> int:
    """Return the largest memory that this process has held."""
    if STATUS.exists():  # Linux hands the peak of the parent down in ru_maxrss
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _status(field: str) -> int:
    return 1024 * int(re.search(rf"{field}:\s+(\d+) kB", STATUS.read_text(encoding="ascii"))[1])  # type: ignore[index]

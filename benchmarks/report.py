"""What the benchmarks share: medians, the machine in words, and sections of RESULTS.md."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADING = "# Results\n\nWritten by `make bench`. Every section names its machine; ratios compare times of one run.\n"
REPEATS = 3


def median_seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median wall-clock time of a call that has been made once before."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def section(
    title: str, notes: Sequence[str], header: Sequence[str], rows: Sequence[Sequence[str]], *packages: str
) -> str:
    """Return a section in Markdown: what was measured, where and with which versions, and the table."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    lines = [
        f"## {title}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d} · {machine()} · Python {platform.python_version()}, {versions}",
    ]
    lines += ["", *(f"- {note}" for note in notes), ""]
    lines += [*(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Return processor, cores and load of this machine."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", cpuinfo.read_text(encoding="utf-8")) if cpuinfo.exists() else None
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    return f"{found[1].strip() if found else platform.machine()}, {os.cpu_count()} cores, {load}"


def seconds(value: float) -> str:
    """Write a time with three figures in a handy unit."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1:
            return f"{value * factor:,.3g} {unit}" if value < 1000 else f"{value:,.0f} s"
    return f"{value * 1e9:.3g} ns"


def publish(text: str, *, write: bool) -> None:
    """Print a section and, on request, put it into RESULTS.md in place of an earlier one of the same title."""
    print(text)
    if write:
        title = text.split("\n", 1)[0]
        old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEADING
        parts = [part for part in re.split(r"(?m)^(?=## )", old) if part.split("\n", 1)[0] != title]
        RESULTS.write_text("\n".join(part.rstrip() + "\n" for part in [*parts, text]), encoding="utf-8")


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return the options that every benchmark has."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--write", action="store_true", help=f"put the section into {RESULTS.name}")
    return options

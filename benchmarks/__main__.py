"""All benchmarks, one after the other, each in a process of its own: ``make bench``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HELPERS = ("__init__", "__main__", "estimation_cases", "memory", "report")

for path in sorted(Path(__file__).parent.glob("*.py")):
    if path.stem not in HELPERS:
        subprocess.run([sys.executable, "-m", f"benchmarks.{path.stem}", "--write"], check=True)

"""The first installation: what it tells while it takes its minutes, and that a failure is one."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts.server import ROOT

PIP = """#!/bin/sh
# Stands for the Python of an environment: recent, and with a pip that says what pip says.
case "$*" in *"pip install"*) ;; *) exit 0 ;; esac
cat <<'SAID'
Collecting numpy==2.3.4 (from -r requirements.txt (line 3))
  Downloading numpy-2.3.4-cp311-manylinux_x86_64.whl.metadata (62 kB)
  Using cached scipy-1.16.2-cp311-manylinux_x86_64.whl.metadata (61 kB)
Downloading https://index.example.org/numpy-2.3.4-cp311-manylinux_x86_64.whl (16.9 MB)
Using cached scipy-1.16.2-cp311-manylinux_x86_64.whl (35.9 MB)
Requirement already satisfied: pip in /somewhere
Installing collected packages: numpy, scipy
Successfully installed numpy-2.3.4 scipy-1.16.2
SAID
echo "ERROR: as asked" >&2
exit ${FAILS:-0}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PIP)
    python.chmod(0o755)
    (tmp_path / "requirements.txt").write_text("numpy==2.3.4\n")
    return tmp_path


def installed(folder: Path, fails: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", ROOT / "scripts" / "environment.sh", "venv", "requirements.txt"],
        cwd=folder, env={**os.environ, "FAILS": str(fails)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_it_names_each_package_with_its_size_and_says_how_long_it_took(folder: Path) -> None:
    done = installed(folder)
    said = [line for line in done.stderr.splitlines() if "ERROR" not in line]
    assert (done.returncode, done.stdout) == (0, "")
    assert said[:-1] == [
        "Installing requirements.txt into venv; the first time takes some minutes.",
        "  numpy-2.3.4-cp311-manylinux_x86_64.whl (16.9 MB)",
        "  scipy-1.16.2-cp311-manylinux_x86_64.whl (35.9 MB), kept from before",
        "  Unpacking all of them.",
    ]
    assert said[-1].startswith("Installed in ")
    again = installed(folder)
    assert (again.returncode, again.stderr) == (0, "")


def test_what_fails_is_said_and_is_not_taken_for_installed(folder: Path) -> None:
    failed = installed(folder, fails=1)
    assert failed.returncode != 0
    assert "ERROR: as asked" in failed.stderr
    assert "Installed in" not in failed.stderr
    assert installed(folder).stderr.startswith("Installing requirements.txt")

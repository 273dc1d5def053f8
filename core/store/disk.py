"""Whether the folder of runs, links and uploads takes anything: asked before something is lost, not after."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from core.numbers import format_number

LEAST = 1_000_000
"""A disk with fewer bytes free is full: a run's files and the database's log need about as much."""


def why_unwritable(folder: Path) -> str:
    """Return why nothing can be kept in a folder that is there or is to be made; empty where it can.

    Args:
        folder: such as the data folder.

    Returns:
        What is the matter, where, and what mends it.
    """
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        return f"{there} is a file: nothing can be kept in {folder}; name another folder in INFOSCOPE_DATA"
    if not os.access(there, os.W_OK | os.X_OK):
        return (
            f"nothing can be written to {folder}: {there} is read-only for this program; let the account that runs it "
            "write there, or name another folder in INFOSCOPE_DATA"
        )
    try:
        free = shutil.disk_usage(there).free
    except OSError:  # a disk that does not tell may take it all the same
        return ""
    if free >= LEAST:
        return ""
    left = f"{format_number(free / 1e6)} MB are" if free else "nothing is"
    return f"the disk of {folder} is full: {left} free there; make room on it"

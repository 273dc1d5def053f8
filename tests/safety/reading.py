"""Read files whose names come in line by line, as pages do, and say of each what came of it."""

import json
import signal
import sys
import traceback
import warnings
from pathlib import Path

import uproot  # noqa: F401  (its memory is not that of a file)

from core.errors import DataError
from core.events import DatasetSpec, Limits, guess_roles, inspect_file, load_events, roles_from_guesses
from core.events.probe import read_through, with_bounded_memory

MEMORY = 2**29
"""What all reading may take beyond the libraries [bytes]."""
SECONDS = 10
"""Processor time after which the process is ended."""
LIMITS = Limits(max_uncompressed_bytes=2**28)


def read(path: Path) -> str:
    """Return "events" or what the DataError says."""
    try:
        read_through(path, LIMITS)
        summary = inspect_file(path)
        roles = roles_from_guesses(guess_roles(summary))
        load_events(DatasetSpec(path=str(path), roles=roles), extra_columns=summary.usable[:20], limits=LIMITS)
    except DataError as problem:
        return f"refused: {problem}"
    return "events"


def answer() -> None:
    """Answer each name with a line of JSON."""
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # whose signal ends the process
        try:
            said = read(Path(line.rstrip("\n")))
        except BaseException:
            said = f"defect: {traceback.format_exc(limit=-4)}"
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with_bounded_memory(MEMORY, answer)

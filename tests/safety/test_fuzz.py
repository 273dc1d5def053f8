"""Over 500 damaged, malicious and odd files: each gives events or one sentence, and none ends the process."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from core.events.probe import ENVIRONMENT
from tests.safety.corpus import corpus, good_files

ROOT = Path(__file__).parents[2]


class Reading:
    """A process that reads files, with bounded memory and processor time; started again after its end."""

    def __init__(self) -> None:
        self.process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.safety.reading"]
        pipe = subprocess.PIPE
        environment = {**os.environ, **ENVIRONMENT}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
        )

    def what_comes_of(self, path: Path) -> str:
        """Return "events", "refused: …", "defect: …" or how the process ended."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer:
            return str(json.loads(answer))
        ended = self.end()
        self.process = self._started()
        return f"ended the process: {ended}"

    def end(self) -> int:
        """Let the process see the end of its input, and return how it ended."""
        self.process.communicate()
        return self.process.returncode


def test_every_file_gives_events_or_a_sentence_within_bounded_memory_and_time(tmp_path: Path) -> None:
    reading, outcomes, wrong = Reading(), Counter[str](), []
    for name, content in corpus():
        path = tmp_path / name
        path.write_bytes(content)
        said = reading.what_comes_of(path)
        outcomes[said.split(":")[0]] += 1
        if not said.startswith(("events", "refused: ")):
            wrong.append(f"{name}: {said}")
        path.unlink()
    assert reading.end() == 0
    assert wrong == []
    assert outcomes.total() >= 500
    assert min(outcomes["events"], outcomes["refused"]) >= 50


def test_the_good_files_are_the_same_at_every_call_so_that_what_a_mutant_does_can_be_seen_again() -> None:
    assert good_files.__wrapped__() == good_files()

"""Which programs live, and which ended."""

import os
import subprocess
import sys
import weakref

import pytest

from core.store import lease
from core.store.lease import BEAT, LEASE, Heart, Watch, born, this_process


def test_a_process_is_named_by_its_number_and_its_start() -> None:
    me = this_process()
    assert (me.number, me.born) == (os.getpid(), born(os.getpid()))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert born(other.pid) not in (None, "", me.born)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert born(other.pid) is None, "a zombie does no work"
    assert born(other.pid) is None


def test_without_a_process_table_of_files_the_start_is_known_too(
    tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS."""
    monkeypatch.setattr(lease, "PROC", tmp_path)
    assert float(born(os.getpid()) or "nan") == float(born(os.getpid()) or "nan") > 1e9


def watched(*looks: tuple[float, int]) -> list[set[str]]:
    """Watch one run: (seconds after the last look, count of beats)."""
    now = 0.0
    watch = Watch(clock=lambda: now)
    found = []
    for seconds, beat in looks:
        now += seconds
        found.append(watch.silent({"run": beat}))
    return found


def test_a_program_that_is_silent_for_a_minute_has_ended() -> None:
    n = int(LEASE / BEAT)
    assert watched(*[(BEAT, 5)] * (n + 1)) == [set()] * n + [{"run"}]
    assert watched(*[(BEAT, beat) for beat in range(3 * n)]) == [set()] * 3 * n


def test_a_watcher_that_slept_starts_no_panic() -> None:
    """A night of a closed laptop counts as one look, and a beat after it as life."""
    assert watched((BEAT, 5), (BEAT, 5), (30_000.0, 5), (BEAT, 6)) == [set()] * 4


class Body:
    beats = 0

    def beat(self) -> None:
        self.beats += 1


def test_a_heart_ends_with_its_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT", 0.001)
    body = Body()
    heart = Heart(body)
    heart.start()
    heart.start()
    thread = heart._thread
    assert thread is not None
    while not body.beats:
        thread.join(0.001)
    gone = weakref.ref(body)
    del body
    thread.join(10)
    assert not thread.is_alive()
    assert gone() is None

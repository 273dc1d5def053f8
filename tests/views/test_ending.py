"""The server's end in the middle of a training."""

import subprocess
import sys

import pytest
from streamlit.runtime.runtime import Runtime, RuntimeState

from scripts.server import ROOT
from views.parts.frame import ending

SERVER = """
import atexit, logging, threading
import torch
from streamlit.runtime.runtime import Runtime, RuntimeState
from views.parts.frame import ending

logging.basicConfig(level="INFO", format="%(message)s")
atexit.register(print, "what came before was done")
server = Runtime.__new__(Runtime)
server._state = RuntimeState.STOPPED
Runtime._instance = server
began = threading.Event()

def train():
    net = torch.nn.Linear(8, 8)
    while True:
        net(torch.ones(64, 8)).sum().backward()
        began.set()

torch.set_num_threads(1)
threading.Thread(target=train, daemon=True).start()
began.wait()
ending.end_well()
"""


def test_a_stop_within_a_training_ends_well_and_leaves_nothing_undone() -> None:
    """Without it Python unwinds the thread within torch, and C++ aborts the process."""
    command = [sys.executable, "-c", SERVER]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "what came before was done\n")
    assert done.stderr == "the server was stopped; runs that train go on at the next start\n"


@pytest.mark.parametrize("state", [None, RuntimeState.ONE_OR_MORE_SESSIONS_CONNECTED])
def test_what_is_no_stopped_server_keeps_its_own_end(
    state: RuntimeState | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test, or a server that fails, has a status of its own."""
    server = Runtime.__new__(Runtime)
    server._state = state or RuntimeState.INITIAL
    monkeypatch.setattr(Runtime, "_instance", server if state else None)
    left: list[int] = []
    monkeypatch.setattr(ending.os, "_exit", left.append)
    ending._end()
    assert left == []

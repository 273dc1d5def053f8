"""How the server ends: a stop in the middle of a training is an end like any other, and not a crash."""

from __future__ import annotations

import atexit
import logging
import os
import sys

from streamlit.runtime.runtime import Runtime, RuntimeState

log = logging.getLogger(__name__)


def end_well() -> None:
    """See to it that a server which is asked to stop ends with 0, whatever its threads compute.

    Python would end threads that are within torch by unwinding them, which C++ answers with "terminate called without
    an active exception" and 134. Nothing is lost by leaving them where they are: files are renamed when they are whole,
    and a run goes on from its last state at the next start.
    """
    atexit.unregister(_end)
    atexit.register(_end)


def _end() -> None:
    """End the process at once where the server was stopped; anything else that ends takes its way and its status."""
    if not _is_stopped():
        return
    log.info("the server was stopped; runs that train go on at the next start")
    atexit.unregister(_end)
    atexit._run_exitfuncs()  # what others want to have done before: children, folders of their own, logs
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _is_stopped() -> bool:
    server = Runtime._instance
    return isinstance(server, Runtime) and server.state in (RuntimeState.STOPPING, RuntimeState.STOPPED)

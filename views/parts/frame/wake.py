"""Open the dashboard once as a browser does: ``python -m views.parts.frame.wake [PORT]``, after a server's start.

Workers and metrics begin with the first session, and runs that a server left then go on. To fetch a page is no session.
"""

import argparse
import os
import sys
import time

from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidHandshake
from websockets.sync.client import ClientConnection, connect

PATIENCE = 120.0
"""A server that does not answer is asked again for so many seconds; its first page may take as long."""


def wake(port: int = 8501, patience: float = PATIENCE) -> None:
    """Open a session on a port of this machine and let it draw its first page.

    Raises:
        OSError: nothing answered in time.
    """
    end = time.monotonic() + patience
    with _opened(port, end) as session:
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        session.send(asked.SerializeToString())
        answer = ForwardMsg()
        while answer.WhichOneof("type") != "script_finished":
            answer.ParseFromString(bytes(session.recv(max(end - time.monotonic(), 0.0), decode=False)))


def _opened(port: int, end: float) -> ClientConnection:
    while True:
        try:
            return connect(f"ws://localhost:{port}{_path()}/_stcore/stream", proxy=None, max_size=None)
        except (OSError, InvalidHandshake):  # it starts
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def _path() -> str:
    """Return the path that the server's pages are under, as environment or config.toml say; empty for none."""
    asked = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH") or config.get_option("server.baseUrlPath")
    path = str(asked).strip("/")
    return f"/{path}" if path else ""


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m views.parts.frame.wake", description=__doc__)
    options.add_argument("port", type=int, nargs="?", default=8501, help="of the server on this machine")
    port = options.parse_args().port
    try:
        wake(port)
    except OSError as problem:
        sys.exit(f"port {port} does not answer: {problem}")

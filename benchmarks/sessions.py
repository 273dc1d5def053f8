"""Load the dashboard with many sessions while two trainings run: page times, errors, and what the trainings lose."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from benchmarks.report import parser, publish, seconds, section
from core.cli.dataset import dataset_spec
from core.jobs.datasets import remember
from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.store.store import LIVE, RunStore
from scripts.server import running_dashboard
from views.parts.frame.users import COOKIE, key_of

SAMPLE = "boosted_w"
PAGES = ("information", "unlearn")
SESSIONS = 20
WATCHING = (2, 20)
"""How many of the sessions have a live run open; one for each training is what its owners do."""
ROUNDS, PAUSE = 6, 10.0
"""Each session reloads both pages so many times, and waits so many seconds after each."""
ALONE = 60.0
"""Seconds for which the trainings are timed without a session, before and after."""


@dataclass
class Tally:
    """Collect what the sessions of one measurement see: seconds of each reload by page, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


class Tab:
    """Speak to the server as a browser's tab does: load a page once, then refresh its live parts when they are due.

    Args:
        connection: an open websocket.
        page: of the dashboard.
        query: of the page's link.
        tally: takes what goes wrong.
    """

    def __init__(self, connection: ClientConnection, page: str, query: str, tally: Tally) -> None:
        self._connection, self._page, self._query, self._tally = connection, page, query, tally
        self._live: dict[str, float] = {}
        self._run("")

    def stay(self, pause: float) -> None:
        """Look at the page for some seconds; its live parts are refreshed meanwhile."""
        end = time.perf_counter() + pause
        due = {part: time.perf_counter() + interval for part, interval in self._live.items()}
        while (now := time.perf_counter()) < end:
            part = min(due, key=due.__getitem__, default=None)
            if part is None or due[part] > end:
                time.sleep(end - now)
                return
            time.sleep(max(due[part] - now, 0))
            self._run(part)
            due[part] = time.perf_counter() + self._live[part]

    def _run(self, part: str) -> None:
        request = BackMsg()
        request.rerun_script.query_string = self._query
        request.rerun_script.page_name = self._page
        if part:
            request.rerun_script.fragment_id = part
            request.rerun_script.is_auto_rerun = True
        self._connection.send(request.SerializeToString())
        while not self._is_done(ForwardMsg.FromString(self._connection.recv(timeout=60))):
            pass

    def _is_done(self, message: ForwardMsg) -> bool:
        element = message.delta.new_element
        if element.HasField("exception"):
            self._tally.errors.append(f"{self._page}: {element.exception.type}: {element.exception.message}")
        if element.HasField("alert") and element.alert.format == Alert.ERROR:
            self._tally.errors.append(f"{self._page}: {element.alert.body}")
        if message.auto_rerun.fragment_id:
            self._live[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        if message.WhichOneof("type") != "script_finished":
            return False
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self._tally.errors.append(f"{self._page}: the script has an error")
        return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


def load(address: str, data: str, runs: Sequence[str], watching: int, rounds: int) -> Tally:
    """Let all sessions reload both pages again and again; the first ones open a live run on the page that trains."""
    stream, tally = f"{address.replace('http', 'ws', 1)}/_stcore/stream", Tally()

    def user(k: int) -> None:
        time.sleep(PAUSE * k / SESSIONS)
        for page in PAGES * rounds:
            watches = page == "unlearn" and k < watching
            query = f"data={data}&run={runs[k % len(runs)]}" if watches else f"data={data}"
            begin = time.perf_counter()
            try:
                with connect(
                    stream, subprotocols=["streamlit"], max_size=None,
                    additional_headers={"Cookie": f"{COOKIE}={token(k)}"},
                ) as connection:  # fmt: skip
                    tab = Tab(connection, page, query, tally)
                    tally.times[page].append(time.perf_counter() - begin)
                    tab.stay(PAUSE)
            except (OSError, TimeoutError, WebSocketException) as problem:
                tally.errors.append(f"{page}: {problem!r}")

    with ThreadPoolExecutor(SESSIONS) as users:
        list(users.map(user, range(SESSIONS)))
    return tally


def token(k: int) -> str:
    """Return what tells the browser of one user from the others."""
    return f"{k:032x}"


@contextmanager
def trainings(store: RunStore) -> Iterator[list[str]]:
    """Let the DisCo run of one user and the baseline of another train for as long as the context lasts."""
    requests = [
        RunRequest(method=method, dataset=dataset_spec(SAMPLE), config={"epochs": 5000})
        for method in ("disco", "baseline")
    ]
    runs = [
        store.add(request, check_request(request), key_of(token(k)), waiting=True).id
        for k, request in enumerate(requests)
    ]
    while not all(store.get(run).epoch > 2 for run in runs):
        time.sleep(0.2)
    try:
        yield runs
    finally:
        for run in runs:
            store.stop(run)
        while store.runs(LIVE):
            time.sleep(0.2)


def pace(store: RunStore, runs: Sequence[str], begin: float, end: float) -> float:
    """Return the epochs a second of runs between two moments [s since 1970], the mean of each against its own."""
    total = 0.0
    for run in runs:
        started = store.get(run).started or 0.0
        times = [each.seconds + started for each in store.history(run)]
        inside = [at for at in times if begin <= at <= end]
        total += (len(inside) - 1) / (inside[-1] - inside[0])
    return total


def measure(address: str, store: RunStore, data: str, watching: int, *, rounds: int, alone: float) -> list[list[str]]:
    """Measure the pace alone, under load and alone again, and return the rows of the table."""
    load(address, data, (), 0, 1)  # what is computed once for all sessions
    with trainings(store) as runs:
        moments = [time.time()]
        time.sleep(alone)
        moments.append(time.time())
        tally = load(address, data, runs, watching, rounds)
        moments.append(time.time())
        time.sleep(alone)
        moments.append(time.time())
        before, under, after = (pace(store, runs, *pair) for pair in pairwise(moments))
    for error in sorted(set(tally.errors)):
        print(f"{tally.errors.count(error)} × {error}")
    slowed = 1 - under / ((before + after) / 2)
    return [
        [
            str(watching), {"unlearn": "Train"}.get(page, page.capitalize()), str(len(times)),
            seconds(statistics.median(times)), seconds(statistics.quantiles(times, n=20)[-1]),
            str(sum(error.startswith(page) for error in tally.errors)), f"{100 * slowed:.0f} %",
        ]
        for page, times in sorted(tally.times.items())
    ]  # fmt: skip


def main() -> None:
    """Measure with each number of watching sessions."""
    options = parser(__doc__)
    options.add_argument("--quick", action="store_true", help="a round or two, to see that it works")
    asked = options.parse_args()
    rounds, alone = (1, 10.0) if asked.quick else (ROUNDS, ALONE)
    rows = []
    os.environ["INFOSCOPE_USERS"] = "browsers"
    with TemporaryDirectory() as folder, running_dashboard(Path(folder)) as address:
        data = remember(dataset_spec(SAMPLE), Path(folder) / "datasets")
        store = RunStore(f"sqlite:///{Path(folder) / 'runs.sqlite'}")
        for watching in WATCHING:
            rows += measure(address, store, data, watching, rounds=rounds, alone=alone)
    notes = [
        f"{SESSIONS} users, each of whom loads Information and Train of {SAMPLE} {rounds} times in turn, each "
        f"time on a new websocket, and stays {PAUSE:g} s, with the live parts refreshed as a browser asks for them. "
        "From opening the websocket to the end of the page's script. One user's DisCo run and another's baseline "
        "train in the same process.",
        "Some users have a live run open on Train, whose figures are drawn anew each second; the others see the form.",
        "Slowed: the trainings' pace under load against their pace alone before and after. The clients run on the same "
        "cores and are part of the load.",
        "Goals: no error, 95 % of the reloads within 1 s, trainings slowed by less than 20 %.",
    ]
    header = ["watching", "page", "reloads", "median", "95 %", "errors", "trainings slowed"]
    publish(section("Dashboard: many sessions", notes, header, rows, "streamlit", "torch"), write=asked.write)


if __name__ == "__main__":
    main()

"""Time the dashboard: from its start to the first page, and reruns of a page while runs train in the same process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.report import parser, publish, seconds, section
from core.cli.dataset import dataset_spec
from core.jobs.datasets import remember
from core.store.store import LIVE, RunStore
from scripts.server import opened_browser, running_dashboard

SAMPLE = "boosted_w"
STARTS, RERUNS, SESSIONS = 5, 15, (1, 10)
PAUSE = 2.0
"""Seconds between two clicks of one user; the sidebar looks for runs as often."""


def first_page(browser: Browser) -> tuple[float, float]:
    """Start a server and return the seconds until the first page shows its title, and all of its figures."""
    with TemporaryDirectory() as folder:
        begin = time.perf_counter()
        with running_dashboard(Path(folder)) as address:
            page = browser.new_page(base_url=address)
            page.goto("/")
            page.get_by_role("heading", level=1).wait_for()
            title = time.perf_counter() - begin
            page.locator(".infolayer").nth(2).wait_for(state="attached")
            figures = time.perf_counter() - begin
            page.close()
            return title, figures


class Session:
    """Speak to the server as the browser of one user does, who has the Information page open.

    Args:
        connection: an open websocket.
        key: names the data set in the page's link.
    """

    def __init__(self, connection: ClientConnection, key: str) -> None:
        self._connection = connection
        self._query = f"data={key}"
        self._toggle = self._sidebar = ""
        self._ordered = True
        self.rerun()

    def rerun(self, *, sidebar: bool = False) -> float:
        """Flip "Order by similarity", or let the sidebar look for runs; return the seconds until the server is done."""
        request = BackMsg()
        request.rerun_script.query_string = self._query
        request.rerun_script.page_name = "information"
        if self._toggle:
            request.rerun_script.widget_states.widgets.add(id=self._toggle, bool_value=self._ordered)
        if sidebar:
            request.rerun_script.fragment_id = self._sidebar
            request.rerun_script.is_auto_rerun = True
        begin = time.perf_counter()
        self._connection.send(request.SerializeToString())
        while not self._is_done(ForwardMsg.FromString(self._connection.recv())):
            pass
        return time.perf_counter() - begin

    def _is_done(self, message: ForwardMsg) -> bool:
        checkbox = message.delta.new_element.checkbox
        if checkbox.label == "Order by similarity":
            self._toggle = checkbox.id
        if message.auto_rerun.fragment_id:
            self._sidebar = message.auto_rerun.fragment_id
        ends = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        return message.WhichOneof("type") == "script_finished" and message.script_finished in ends

    def use(self) -> list[float]:
        """Click every two seconds, as a busy user does, and return the seconds that each rerun takes."""
        return [self.click() for _ in range(RERUNS)]

    def click(self) -> float:
        """Click once, let the sidebar look for runs and rest; return the seconds that the rerun of the click takes."""
        self._ordered = not self._ordered
        taken = self.rerun()
        time.sleep(PAUSE / 2)
        self.rerun(sidebar=True)
        time.sleep(PAUSE / 2)
        return taken


def reruns(address: str, key: str, n_sessions: int) -> list[float]:
    """Return the seconds of all reruns of several users at once."""
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"

    def user(k: int) -> list[float]:
        with connect(stream, subprotocols=["streamlit"], max_size=None) as connection:
            session = Session(connection, key)
            time.sleep(PAUSE * k / n_sessions)
            return session.use()

    with ThreadPoolExecutor(n_sessions) as users:
        return [taken for times in users.map(user, range(n_sessions)) for taken in times]


@contextmanager
def training(browser: Browser, address: str, data: Path, key: str, *, baseline: bool) -> Iterator[None]:
    """Let a DisCo run, with its baseline if asked, train for as long as the context lasts."""
    page = browser.new_page(base_url=address)
    page.goto(f"/unlearn?data={key}")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("5000")
    epochs.press("Enter")
    if not baseline:
        page.get_by_text("Train the baseline beside it").click()
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".chart-figure .infolayer").first.wait_for(state="attached")
    page.close()
    yield
    store = RunStore(f"sqlite:///{data / 'runs.sqlite'}")
    for run in store.runs(LIVE):
        store.stop(run.id)
    while store.runs(LIVE):
        time.sleep(0.1)


def main() -> None:
    """Measure starts, then reruns without and with a training."""
    options = parser(__doc__).parse_args()
    with opened_browser() as browser, TemporaryDirectory() as folder:
        starts = [first_page(browser) for _ in range(STARTS)]
        rows = [
            [what, seconds(statistics.median(times)), seconds(max(times)), goal]
            for what, times, goal in zip(("title", "all figures"), zip(*starts, strict=True), ("4 s", ""), strict=True)
        ]
        notes = [
            f"From the start of the server's process until Chromium shows the first page, {STARTS} starts; "
            "the browser is open and its cache is empty of this page."
        ]
        header = ["first page", "median", "longest", "goal"]
        publish(section("Dashboard: first page", notes, header, rows, "streamlit"), write=options.write)

        with running_dashboard(Path(folder)) as address:
            key = remember(dataset_spec(SAMPLE), Path(folder) / "datasets")
            taken = {("nothing", n): reruns(address, key, n) for n in SESSIONS}
            for trains, baseline in (("DisCo", False), ("DisCo and its baseline", True)):
                with training(browser, address, Path(folder), key, baseline=baseline):
                    taken |= {(trains, n): reruns(address, key, n) for n in SESSIONS}
    rows = [
        [trains, str(n), seconds(statistics.median(times)), seconds(statistics.quantiles(times, n=20)[-1]), "300 ms"]
        for (trains, n), times in taken.items()
    ]
    notes = [
        f"Information page of {SAMPLE}: each session flips “Order by similarity” every {PAUSE:g} s and lets the "
        f"sidebar look for runs in between; from request on the websocket to end of script, {RERUNS} reruns a session."
    ]
    header = ["what trains", "sessions", "median", "95 %", "goal (95 %)"]
    publish(section("Dashboard: reruns of a page", notes, header, rows, "streamlit", "torch"), write=options.write)


if __name__ == "__main__":
    main()

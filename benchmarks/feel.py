"""Time what a user feels in Chromium, with other sessions and a training beside: pages, the matrix, the λ slider.

python -m benchmarks.feel --help
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from urllib.parse import urlsplit

from playwright.sync_api import Page
from websockets.sync.client import connect

from benchmarks.dashboard import PAUSE, Session, training
from benchmarks.report import parser, publish, seconds, section
from core.cli.dataset import dataset_spec
from core.jobs.datasets import remember
from scripts.server import AT_REST, opened_browser, running_dashboard

SAMPLE = "boosted_w"
SESSIONS = 10
ROUNDS, SWITCHES, MOVES = 3, 20, 20
THINKING = 1.0
"""Seconds between two actions of the user who is timed."""
GOALS = {"page switch": 0.4, "measure of the matrix": 0.2, "λ slider": 0.3}
SIGN = 0.2
TIMER = """isDone => {
  const shown = () => document.querySelector("[data-testid=stMain]");
  const time = (window.felt = {});
  const begin = event => {
    if (time.start !== undefined || !event.isTrusted) return;
    time.start = performance.now();
    const observer = new MutationObserver(() => {
      time.sign ??= performance.now();
      observer.disconnect();
    });
    const all = { subtree: true, childList: true, characterData: true, attributeFilter: ["style"] };
    observer.observe(document.body, all);
    const look = () => {
      if (isDone(shown())) time.done = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  };
  for (const kind of ["click", "keydown"]) window.addEventListener(kind, begin, { capture: true, once: true });
}"""
Felt = tuple[float, float]
"""Seconds from a click or key until the first change on the screen, and until all is there."""


def felt(page: Page, action: Callable[[], None], is_done: str) -> Felt:
    """Time an action of a user.

    Args:
        page: of the user.
        action: clicks or presses a key.
        is_done: JavaScript, true once the answer is whole.
    """
    time.sleep(THINKING)
    page.evaluate(f"({TIMER})(main => {is_done})")
    action()
    page.wait_for_function("window.felt.done !== undefined")
    return tuple(page.evaluate("[felt.sign ?? felt.done, felt.done].map(moment => (moment - felt.start) / 1000)"))


def page_switches(page: Page, rounds: int) -> list[Felt]:
    """Open all pages in turn by their links; the first round, which computes what is then kept, does not count."""
    links = page.get_by_test_id("stSidebarNavLink")
    times = []
    for turn in range(rounds + 1):
        for link in links.all():
            path = urlsplit(str(link.get_attribute("href"))).path
            opened = f'location.pathname === "{path}" && main.querySelector("h1") && {AT_REST}'
            found = felt(page, link.click, opened)
            if turn:
                times.append(found)
                print(f"{path}: {seconds(found[0])}, {seconds(found[1])}")
    return times


def measure_switches(page: Page, n: int) -> list[Felt]:
    """Switch the measure of the matrix to and fro; the title of the figure tells that it is drawn."""
    times = []
    open_page(page, "Information")
    menu = page.get_by_role("combobox", name="Measure").first
    menu.wait_for()
    titles = ("Mutual information", "Symmetric uncertainty")
    for k in range(n + 1):
        title = titles[(k + 1) % 2]
        page.wait_for_timeout(500)
        menu.click()
        option = page.get_by_role("option").get_by_text(title, exact=False).first
        drawn = f'main.querySelector(".js-plotly-plot .gtitle")?.textContent.startsWith("{title}")'
        found = felt(page, option.click, drawn)
        if k:
            times.append(found)
    return times


def train_slider(page: Page) -> None:
    """Train the λ slider that is moved later."""
    open_page(page, "Tune")
    page.get_by_role("button", name="Train the slider").click()
    page.get_by_text("you are here").first.wait_for(timeout=600_000)


def slider_moves(page: Page, n: int) -> list[Felt]:
    """Move λ by the arrow keys; all four figures follow, and the first of them tells when."""
    open_page(page, "Tune")
    page.get_by_text("you are here").first.wait_for()
    thumb = page.get_by_test_id("stMain").get_by_role("slider").first
    thumb.focus()
    written = '[...document.querySelectorAll(".chart-figure .infolayer")].map(node => node.textContent).join()'
    times = []
    for k in range(n + 1):
        page.evaluate(f"window.written = {written}")
        step = "ArrowLeft" if k % 10 < 5 else "ArrowRight"
        times.append(felt(page, partial(page.keyboard.press, step), f"{written} !== window.written"))
    return times[1:]


def open_page(page: Page, title: str) -> None:
    """Open a page by its link."""
    page.get_by_test_id("stSidebarNavLink").get_by_text(title, exact=True).click()
    page.wait_for_timeout(2000)


@contextmanager
def others(address: str, key: str, n: int) -> Iterator[None]:
    """Let other users click on the Information page for as long as the context lasts."""
    stream, end = f"{address.replace('http', 'ws', 1)}/_stcore/stream", Event()

    def user(k: int) -> None:
        with connect(stream, subprotocols=["streamlit"], max_size=None) as connection:
            session = Session(connection, key)
            time.sleep(PAUSE * k / n)
            while not end.is_set():
                session.click()

    with ThreadPoolExecutor(n) as users:
        clicking = [users.submit(user, k) for k in range(n)]
        try:
            yield
        finally:
            end.set()
            for each in clicking:
                each.result()


def use(page: Page, rounds: int) -> dict[str, list[Felt]]:
    """Do each kind of action many times."""
    return {
        "λ slider": slider_moves(page, MOVES),
        "measure of the matrix": measure_switches(page, SWITCHES),
        "page switch": page_switches(page, rounds),
    }


def row(what: str, beside: str, times: list[Felt]) -> list[str]:
    """Return a row of the table."""
    signs, wholes = zip(*times, strict=True)
    tail = (seconds(statistics.quantiles(each, n=20)[-1]) for each in (signs, wholes))
    sign, whole = tail
    return [what, beside, str(len(times)), sign, seconds(statistics.median(wholes)), whole, seconds(GOALS[what])]


def main() -> None:
    """Measure alone, then with the other sessions and a training."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=ROUNDS, help="how often each page is opened")
    asked = options.parse_args()
    rows = []
    with TemporaryDirectory() as folder, running_dashboard(Path(folder)) as address, opened_browser() as browser:
        key = remember(dataset_spec(SAMPLE), Path(folder) / "datasets")
        page = browser.new_page(base_url=address, viewport={"width": 1440, "height": 900})
        page.goto(f"/information?data={key}")
        train_slider(page)
        rows += [row(what, "nothing", times) for what, times in use(page, asked.rounds).items()]
        with training(browser, address, Path(folder), key, baseline=False), others(address, key, SESSIONS - 1):
            beside = f"{SESSIONS - 1} sessions, DisCo"
            rows += [row(what, beside, times) for what, times in use(page, asked.rounds).items()]
    notes = [
        f"One user of Chromium at 1440 × 900 with {SAMPLE} loaded: from the click or key, as the browser notes it, to "
        "the first change on the screen, and until all is there: no script runs, nothing is stale, every figure drawn. "
        f"All pages in turn, each opened {asked.rounds} times after a first; the measure of the "
        "matrix to and fro; λ by arrow keys until the figures changed.",
        f"Beside it: nothing, or {SESSIONS - 1} other sessions that click on Information every {PAUSE:g} s while a "
        "DisCo run trains in the same process. Browser, clients and server share the cores.",
        f"Goal of the first change: {seconds(SIGN)}.",
    ]
    header = ["action", "beside it", "times", "first change, 95 %", "whole, median", "whole, 95 %", "goal (95 %)"]
    publish(section("Dashboard: how it feels", notes, header, rows, "streamlit", "torch"), write=asked.write)


if __name__ == "__main__":
    main()

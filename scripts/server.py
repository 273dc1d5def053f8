"""A running dashboard and a browser to look at it: what browser tests, screenshots and timings share."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.browser import MISSING, installed_browser

ROOT = Path(__file__).parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AT_REST = """document.querySelector("[data-test-script-state=notRunning]")
  && !document.querySelector("[data-testid=stSkeleton], [data-testid=stSpinner], [data-stale=true]")
  && [...document.querySelectorAll(".chart-figure")].every(node => node.querySelector(".infolayer")
    || node.getBoundingClientRect().top > innerHeight || node.getBoundingClientRect().bottom < 0)"""
"""JavaScript, true once no script runs, nothing is stale and each figure in sight is drawn."""
CELL = """(figure, pair) => {
  const points = figure._fullData.find(trace => trace.type === "scatter" && trace.customdata);
  const k = points.customdata.findIndex(cell => cell[0] === pair[0] && cell[1] === pair[1]);
  const { left, top } = figure.getBoundingClientRect(), { xaxis, yaxis } = figure._fullLayout;
  return [left + xaxis._offset + xaxis.d2p(points.x[k]), top + yaxis._offset + yaxis.d2p(points.y[k])];
}"""


@contextmanager
def running_dashboard(data: Path, script: Path = ROOT / "app.py") -> Iterator[str]:
    """Start the dashboard, or another script, on a free port with its own data folder; yield its address and end it."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "INFOSCOPE_DATA": str(data), "PYTHONPATH": str(ROOT)}
    data.mkdir(parents=True, exist_ok=True)
    log_file = data / f"server-{port}.log"
    with log_file.open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://localhost:{port}"
            _wait_until_healthy(address, server, log_file)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Launch, headless, the browser that INFOSCOPE_BROWSER names, or one found on this machine."""
    executable = installed_browser()
    if executable is None:
        raise RuntimeError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def click_cell(page: Page, row: str, column: str) -> None:
    """Click the cell of two variables in the matrix of the Information page."""
    matrix = page.locator(".js-plotly-plot", has_text="utual information").first
    matrix.locator(".infolayer").wait_for(state="attached")
    matrix.scroll_into_view_if_needed()
    page.mouse.click(*matrix.evaluate(CELL, [row, column]))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"the dashboard did not start within {seconds:.0f} s:\n{log.read_text()}")

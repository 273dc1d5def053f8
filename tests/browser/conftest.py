"""A running dashboard, a real browser and toy files, shared by the journeys of this folder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from core.events.table import EventTable
from scripts.server import ROOT, opened_browser, running_dashboard

PATIENCE = 60_000
"""Milliseconds that a browser waits before a test fails; the machine may be busy with other tests."""
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder in which the dashboard keeps its runs and uploads."""
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture(scope="session")
def dashboard(kept: Path) -> Iterator[str]:
    """Start the dashboard and yield its address."""
    with running_dashboard(kept) as address:
        yield address


@pytest.fixture(scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the page that a test file holds as its SCRIPT, alone, and yield its address."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "page.py").write_text(request.module.SCRIPT)
    shutil.copytree(ROOT / "static", folder / "static")
    with running_dashboard(folder / "data", folder / "page.py") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Launch the browser."""
    with opened_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def window(browser: Browser, dashboard: str) -> Iterator[BrowserContext]:
    """Open one user's browser window of 1440×900; relative addresses start at the front page."""
    with browser.new_context(base_url=dashboard, viewport={"width": 1440, "height": 900}) as window:
        window.set_default_timeout(PATIENCE)
        yield window


@pytest.fixture
def other_window(browser: Browser, dashboard: str) -> Iterator[BrowserContext]:
    """Open another user's browser window, which knows nothing of the first."""
    with browser.new_context(base_url=dashboard, viewport={"width": 1440, "height": 900}) as window:
        window.set_default_timeout(PATIENCE)
        yield window


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """Open a tab; the browser must have nothing to complain of when the test is over."""
    complaints: list[str] = []
    page = window.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: _is_complaint(message) and complaints.append(message.text))
    yield page
    page.close()
    assert complaints == []


def _is_complaint(message: ConsoleMessage) -> bool:
    """Tell errors from Streamlit's search for its own address beneath a deep link, which ends in a 404 or two."""
    return message.type == "error" and "/_stcore/" not in message.location["url"]


@pytest.fixture(scope="session")
def toy_file(tmp_path_factory: pytest.TempPathFactory, toy_table: Callable[..., EventTable]) -> Path:
    """Write a few thousand toy events with all roles to Parquet."""
    path = tmp_path_factory.mktemp("files") / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(4000).columns)), path)
    return path


@pytest.fixture(scope="session")
def unlabelled_file(toy_file: Path) -> Path:
    """Write the same events without their label."""
    path = toy_file.with_name("unlabelled.parquet")
    pq.write_table(pq.read_table(toy_file).drop_columns(["label"]), path)
    return path

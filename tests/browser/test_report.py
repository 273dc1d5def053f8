"""A report opens from a file without a network and draws its figures in the reader's colours, without a complaint."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect

from core.events.table import EventTable
from core.exports.report import report_html
from core.exports.run_figures import figures_of
from core.figures.palette import PALETTES
from core.store.request import RunRequest
from tests.exports.finished import SHORT, finished, written

WIDTHS = {"light": 1440, "dark": 390}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, toy_table: Callable[..., EventTable]) -> tuple[Path, int]:
    """Write the report of a run and return its file and the number of its figures."""
    data = tmp_path_factory.mktemp("report")
    results = finished(data, RunRequest(dataset=written(toy_table(1500), data / "uploads"), config=SHORT))
    path = data / "report.html"
    path.write_text(report_html(results), encoding="utf-8")
    return path, len(figures_of(results))


@pytest.mark.parametrize("mode", WIDTHS)
def test_a_report_opens_offline(mode: str, report: tuple[Path, int], browser: Browser) -> None:
    path, n_figures = report
    complaints: list[str] = []
    asked: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with browser.new_context(
        offline=True, color_scheme=mode, viewport={"width": WIDTHS[mode], "height": 844}
    ) as window:
        page = window.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        expect(page.locator(".plot .main-svg").first).to_be_visible()
        assert page.locator(".plot:has(.main-svg)").count() == n_figures
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[mode]
        paper = page.evaluate("document.querySelector('.plot').layout.template.layout.paper_bgcolor")
        assert paper == PALETTES[mode].paper
    assert complaints == []
    assert asked == [path.as_uri()]

"""A report opens from a file without a network and draws its figures in the reader's colours, without a complaint."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect

from core.events.table import EventTable
from core.exports.report import report_html
from core.exports.run_figures import figures_of
from core.figures.palette import PALETTES
from core.store.request import RunRequest
from tests.exports.finished import SHORT, finished, written

WIDTHS = {"light": 1440, "dark": 390}
A4 = 718
"""What a sheet of paper is wide between its margins, as the browser counts [px]."""
BROKEN = r"""() => {
  const number = /(?<!\w)[−-]?\d[\d.,]*( ± [\d.,]+)?( × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?( (%|nats|GeV|events)(?!\w))?(?!\w)/gu;
  const broken = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) for (const found of texts.currentNode.data.matchAll(number)) {
    const range = document.createRange();
    range.setStart(texts.currentNode, found.index);
    range.setEnd(texts.currentNode, found.index + found[0].length);
    const lines = new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
    if (lines.size > 1 && !texts.currentNode.parentElement.closest("code, svg")) broken.push(found[0]);
  }
  return broken;
}"""
"""Returns the numbers of a page that are broken over lines."""


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


@pytest.mark.parametrize(("width", "medium"), [(1440, "screen"), (390, "screen"), (A4, "print")])
def test_no_number_is_broken_over_lines_nor_cut_off(
    width: int, medium: Literal["screen", "print"], report: tuple[Path, int], browser: Browser
) -> None:
    with browser.new_context(offline=True, viewport={"width": width, "height": 844}) as window:
        page = window.new_page()
        page.emulate_media(media=medium)
        page.goto(report[0].as_uri())
        assert page.locator("span.number").count() > 20
        assert page.evaluate(BROKEN) == []
        cut_off = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth).length"
        assert medium == "screen" or page.evaluate(cut_off) == 0

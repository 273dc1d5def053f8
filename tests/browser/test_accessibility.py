"""Everyone can use it: every page passes axe in light and dark, and the whole journey goes by keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Locator, Page, expect

from core.store.store import LIVE, RunStore
from scripts.server import AT_REST, ROOT

PAGES = dict(re.findall(r'st\.Page\("views/(\w+)\.py", title="([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8")))
"""File of each page of the navigation → its title."""
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SEVERE = {"serious", "critical"}
NAVIGATION = '[data-testid="stSidebarNavItems"]'
NOT_OURS = {
    "list": (NAVIGATION, "Streamlit puts the sections of its navigation as div into ul"),
    "listitem": (f"{NAVIGATION} > div > li", "Streamlit puts the sections of its navigation as div into ul"),
}
"""Rule → elements that Streamlit makes and we cannot mend, and why."""
IN_DARK = {"Data", "Information", "Train", "Scan", "Many events", "Runs", "System", "Guide"}
"""Pages that are looked at in the dark too; between them they have every kind of widget."""
AXE = """([runOnly, exceptions]) => axe.run({ exclude: [[".main-svg"]] }, { resultTypes: ["violations"], runOnly })
    .then(({ violations }) => violations.flatMap(({ id, impact, nodes }) => nodes
        .filter(({ target }) => !document.querySelector(target.at(-1))?.matches(exceptions[id]?.[0] ?? ":not(*)"))
        .map(({ html, failureSummary }) => ({ id, impact, html, failureSummary }))))"""
FOCUSED = """() => {
    const node = document.activeElement, { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(node);
    if (node.tagName === "INPUT") return true; // its frame changes colour
    return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
}"""


def violations(page: Page, **rules: Any) -> list[dict[str, str]]:
    """Return what axe finds serious or critical, but for what is not ours; figures have names, and tested colours."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(AXE, [rules or {"type": "tag", "values": STANDARD}, NOT_OURS])
    return [each for each in found if each["impact"] in SEVERE]


def unnamed_figures(page: Page) -> int:
    """Count figures without a sentence that says what they show."""
    labels = page.locator(".chart-figure").evaluate_all("all => all.map(each => each.ariaLabel)")
    return sum(not label or not label.endswith(".") for label in labels)


def settle(page: Page) -> None:
    page.wait_for_function(AT_REST)


def open_page(page: Page, title: str) -> None:
    """Open a page from the navigation and wait until its own question stands on top."""
    question = page.locator("h1").inner_text()
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(f"^{title}$"))
    if link.get_attribute("aria-current") != "page":
        link.click()
        page.wait_for_function("question => document.querySelector('h1')?.innerText !== question", arg=question)
    settle(page)


def in_dark(page: Page) -> None:
    """Change to the dark theme; figures are drawn anew by the server."""
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'")
    settle(page)


def in_light(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme === 'light'")


def tab_to(page: Page, target: Locator, most: int = 200) -> None:
    """Press Tab until an element has the keyboard; it must be seen to have it."""
    expect(target).to_be_visible()
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        passed.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText.slice(0, 9)"))
        if target.evaluate("node => node === document.activeElement"):
            assert page.evaluate(FOCUSED), "nothing shows where the keyboard is"
            return
    raise AssertionError(f"Tab does not reach {target}, but {passed}")


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)


def turn(page: Page, key: str, question: str) -> None:
    page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text(question)
    settle(page)


@pytest.fixture(scope="module")
def tab(window: BrowserContext, toy_file: Path) -> Iterator[Page]:
    """Open one tab with the toy events, which goes from page to page."""
    tab = window.new_page()
    tab.emulate_media(color_scheme="light")
    tab.goto("/")
    tab.locator("input[type=file]").set_input_files(toy_file)
    expect(tab.get_by_test_id("stSidebar")).to_contain_text("4,000 events")
    settle(tab)
    yield tab
    tab.close()


@pytest.mark.parametrize("title", PAGES.values())
def test_page_has_no_severe_violation_in_light_and_dark(tab: Page, title: str) -> None:
    open_page(tab, title)
    assert violations(tab) == []
    assert unnamed_figures(tab) == 0
    if title in IN_DARK:
        in_dark(tab)
        assert violations(tab, type="rule", values=["color-contrast"]) == []
        in_light(tab)


def test_first_page_without_data_has_no_severe_violation(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    page.locator(".chart-figure .infolayer").first.wait_for(state="attached")
    settle(page)
    assert violations(page) == []
    assert unnamed_figures(page) == 0


def test_keys_turn_pages_and_find_columns_but_leave_letters_to_whoever_types(tab: Page) -> None:
    open_page(tab, "Data")
    turn(tab, "n", "Which variables share information?")
    turn(tab, "p", "What is in my file, and which column is what?")
    tab.keyboard.press("/")
    expect(tab.get_by_test_id("search-input")).to_be_focused()
    tab.keyboard.press("Escape")
    open_page(tab, "Information")
    tab.keyboard.press("/")
    variables = tab.get_by_role("combobox", name="Variables")
    expect(variables).to_be_focused()
    tab.keyboard.type("nn")
    tab.wait_for_timeout(300)
    expect(variables).to_be_focused()
    tab.keyboard.press("Escape")
    variables.blur()


def test_a_question_mark_lists_the_keys_and_they_can_be_turned_off(tab: Page) -> None:
    open_page(tab, "Runs")
    tab.keyboard.press("?")
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_role("cell", name="next page")).to_be_visible()
    assert violations(tab) == []
    listens = dialog.get_by_role("checkbox", name="Listen to these keys")
    listens.uncheck()
    tab.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    question = tab.locator("h1").inner_text()
    tab.keyboard.press("n")
    tab.get_by_test_id("stSidebar").get_by_role("button", name="Keyboard").click()
    listens.check()
    tab.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert tab.locator("h1").inner_text() == question


def test_keyboard_leads_from_a_sample_to_its_training(page: Page) -> None:
    page.goto("/")
    tab_to(page, button(page, "Use this sample").first)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("CURRENT DATA")
    if "/information" not in page.url:
        tab_to(page, button(page, "Next: Information"))
        page.keyboard.press("Enter")
    tab_to(page, button(page, re.compile("^Train without")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Can a classifier forget")
    tab_to(page, button(page, "Train"))


def test_keyboard_starts_pauses_and_stops_a_training_whose_page_has_no_severe_violation(tab: Page, kept: Path) -> None:
    open_page(tab, "Train")
    tab_to(tab, tab.get_by_role("spinbutton", name="Epochs"))
    tab.keyboard.press("Control+a")
    tab.keyboard.type("20000")
    tab.keyboard.press("Enter")
    tab_to(tab, tab.get_by_role("checkbox", name="Train the baseline beside it"))
    tab.keyboard.press("Space")
    settle(tab)
    try:
        tab.keyboard.press("Control+Enter")
        tab.locator(".chart-figure .infolayer").nth(3).wait_for(state="attached")
        assert violations(tab) == []
        assert unnamed_figures(tab) == 0
        tab_to(tab, tab.get_by_role("button", name="Pause").first)
        tab.keyboard.press("Space")
        expect(tab.locator(".chart-figure.is-paused")).to_have_count(tab.locator(".chart-figure").count())
        tab.keyboard.press("Control+Backspace")
        expect(tab.get_by_text(re.compile(r" · stopped · "))).to_be_visible()
    finally:
        store = RunStore(f"sqlite:///{kept / 'runs.sqlite'}")
        for run in store.runs(LIVE):
            store.stop(run.id)
    settle(tab)
    assert violations(tab) == []
    in_dark(tab)
    assert violations(tab, type="rule", values=["color-contrast"]) == []

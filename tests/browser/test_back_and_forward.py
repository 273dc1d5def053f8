"""The link holds what is seen: Back, Forward, a reload and a second browser show the same view of the same data."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from scripts.server import click_cell

VIEW = r"/information\?data=.*&class=signal&measure=nmi"


def upload(page: Page, file: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_test_id("stSidebar")).to_contain_text(file.name)


def open_page(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page).to_have_url(re.compile(rf"/{name.lower()}\?data="))


def option(page: Page, key: str, name: str) -> Locator:
    return page.locator(f".st-key-{key}").get_by_role("radio", name=name, exact=True)


def matrix_is_seen(page: Page) -> None:
    """The signal's matrix of the normalised information, in the link, in the controls and in the figure."""
    expect(page).to_have_url(re.compile(VIEW))
    expect(option(page, "class", "signal")).to_be_checked()
    expect(page.locator(".st-key-measure").get_by_role("combobox")).to_have_value(re.compile("NMI"))
    figure = page.locator(".js-plotly-plot", has_text="Normalised mutual information").filter(has_text="signal")
    expect(figure.first).to_be_visible()


def pair_is_seen(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/pair\?data=.*&x=(mass|leaking)&y=(mass|leaking)"))
    expect(page.locator(".js-plotly-plot", has_text="Joint density")).to_have_count(2)


def test_back_leads_from_a_pair_to_the_matrix_as_it_was_and_forward_to_the_pair_again(
    page: Page, toy_file: Path, other_window: BrowserContext
) -> None:
    page.goto("/")
    upload(page, toy_file)
    open_page(page, "Information")
    option(page, "class", "signal").click()
    expect(page).to_have_url(re.compile("class=signal"))
    page.locator(".st-key-measure").get_by_role("combobox").click()
    page.get_by_role("option", name=re.compile("NMI")).click()
    matrix_is_seen(page)
    matrix = page.url
    click_cell(page, "mass", "leaking")
    pair_is_seen(page)
    option(page, "map", "PMI").click()
    expect(page).to_have_url(re.compile("map=pmi"))
    pair = page.url
    page.go_back()  # one step, whatever was chosen in between
    matrix_is_seen(page)
    page.go_forward()
    pair_is_seen(page)
    expect(option(page, "map", "PMI")).to_be_checked()
    assert page.url == pair
    page.go_back()
    matrix_is_seen(page)
    page.reload()
    matrix_is_seen(page)
    assert page.url == matrix
    other = other_window.new_page()
    other.goto(matrix)
    matrix_is_seen(other)
    expect(other.get_by_test_id("stSidebar")).to_contain_text(toy_file.name)
    other.goto(matrix.replace("measure=nmi", "measure=taste"))
    expect(other.get_by_test_id("stAlert").filter(has_text="taste")).to_be_visible()
    expect(other.get_by_test_id("stException")).to_have_count(0)
    expect(other).not_to_have_url(re.compile("measure="))


def test_back_leads_to_the_data_that_were_seen_before_however_fast(
    page: Page, toy_file: Path, unlabelled_file: Path
) -> None:
    """Back and Forward are pressed before the pages between are drawn: late words of the server change no entry."""
    page.goto("/")
    upload(page, toy_file)
    open_page(page, "Geometry")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Data", exact=True).click()
    page.get_by_text("Choose other data").click()
    upload(page, unlabelled_file)
    open_page(page, "Geometry")
    newest = page.url
    seen: list[str] = []
    for _ in range(2):
        page.go_back()
        page.go_back()
        expect(page.get_by_test_id("stSidebar")).to_contain_text(toy_file.name)
        seen.append(page.url)
        page.go_forward()
        page.go_forward()
        expect(page.get_by_test_id("stSidebar")).to_contain_text(unlabelled_file.name)
        assert page.url == newest
    assert seen[0] == seen[1] != newest
    assert [url.split("?")[0] for url in seen] == [newest.split("?")[0]] * 2

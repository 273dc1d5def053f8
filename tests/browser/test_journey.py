"""What a user does, in a real browser against a real server."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from core.store.store import LIVE, RunStore
from scripts.server import click_cell, running_dashboard

CURVES = "figure => JSON.stringify(figure._fullData.map(trace => Array.from(trace.y ?? [])))"


def upload(page: Page, file: Path) -> None:
    page.goto("/")
    page.locator("input[type=file]").set_input_files(file)


def run_id(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["run"][0]


def open_page(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()


def sidebar(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def live_figure(page: Page, title: str) -> Locator:
    figure = page.locator(".chart-figure.js-plotly-plot", has_text=title)
    expect(figure).to_be_visible()
    return figure


def wait_for_new_curves(page: Page, figure: Locator, old: str) -> None:
    page.wait_for_function(f"([figure, old]) => ({CURVES})(figure) !== old", arg=[figure.element_handle(), old])


def no_traceback(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Traceback")).to_have_count(0)


@pytest.fixture(scope="module")
def toy_link(window: BrowserContext, toy_file: Path) -> str:
    """Upload the toy events once and return the link that names them."""
    page = window.new_page()
    upload(page, toy_file)
    expect(page).to_have_url(re.compile("data="))
    link = page.url
    page.close()
    return link


@pytest.fixture
def toy_page(page: Page, toy_link: str) -> Page:
    """Open the uploaded toy events."""
    page.goto(toy_link)
    expect(sidebar(page)).to_contain_text("4,000 events")
    return page


@pytest.fixture
def run_page(toy_page: Page, kept: Path) -> Iterator[Page]:
    """Start a DisCo training of the toy events that outlasts every test, and stop it in the end."""
    open_page(toy_page, "Train")
    toy_page.get_by_role("spinbutton", name="Epochs").fill("20000")
    toy_page.keyboard.press("Enter")
    toy_page.get_by_text("Train the baseline beside it").click()
    press(toy_page, "Train")
    expect(toy_page.get_by_text(re.compile(r"DisCo.*epoch \d+ of 20000"))).to_be_visible()
    yield toy_page
    store = RunStore(f"sqlite:///{kept / 'runs.sqlite'}")
    for run in store.runs(LIVE):
        store.stop(run.id)


def test_an_uploaded_parquet_file_becomes_the_data_with_its_roles_guessed(toy_page: Page) -> None:
    for words in ("toy.parquet", "3 features · protected: mass", "label: label · weight: weight"):
        expect(sidebar(toy_page)).to_contain_text(words)


def test_a_click_on_a_cell_of_the_matrix_shows_what_the_pair_shares(toy_page: Page) -> None:
    open_page(toy_page, "Information")
    click_cell(toy_page, "mass", "leaking")
    expect(toy_page).to_have_url(re.compile(r"/pair\?.*x=(mass|leaking)"))
    expect(toy_page.get_by_role("heading", name="What do these two know of each other, and where?")).to_be_visible()
    expect(toy_page.locator(".js-plotly-plot", has_text="Joint density")).to_have_count(2)
    no_traceback(toy_page)


def test_a_trained_slider_moves_all_figures_at_once(toy_page: Page) -> None:
    open_page(toy_page, "Tune")
    toy_page.get_by_role("spinbutton", name="Epochs").fill("3")
    toy_page.keyboard.press("Enter")
    press(toy_page, "Train the slider")
    front = toy_page.locator(".chart-figure", has_text="you are here")
    expect(front).to_be_visible()
    auc = toy_page.get_by_test_id("stMetricValue").nth(1)
    before = auc.inner_text()
    toy_page.get_by_role("slider").first.focus()
    for _ in range(12):
        toy_page.keyboard.press("ArrowRight")
    expect(auc).not_to_have_text(before)
    no_traceback(toy_page)


def test_live_figures_change_in_place_and_keep_their_zoom_while_the_form_is_used(run_page: Page) -> None:
    figures = [live_figure(run_page, title) for title in ("Loss", "before and after")]
    loss = figures[0]
    for figure in figures:
        figure.evaluate("figure => { figure.isTheSame = true }")
    loss.scroll_into_view_if_needed()
    box = loss.locator(".nsewdrag").first.bounding_box()
    run_page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
    run_page.mouse.down()
    run_page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2, steps=5)
    run_page.mouse.up()
    zoom = loss.evaluate("figure => figure._fullLayout.xaxis.range")
    assert 3500 < zoom[0] < 4500 and 11500 < zoom[1] < 12500  # of an axis from 0 to 20,000 epochs
    run_page.get_by_text("More options").click()
    hidden = run_page.get_by_role("textbox", name="Hidden layers")
    for text in ("8", "8, 8"):
        hidden.fill(text)
        hidden.press("Enter")
        for figure in figures:
            wait_for_new_curves(run_page, figure, figure.evaluate(CURVES))
        expect(hidden).to_have_value(text)
    assert loss.evaluate("figure => figure._fullLayout.xaxis.range") == zoom
    assert all(figure.evaluate("figure => figure.isTheSame") for figure in figures)


def test_a_stopped_run_is_still_there_after_a_reload_and_on_a_server_that_just_started(
    run_page: Page, other_window: BrowserContext, dashboard: str, kept: Path
) -> None:
    expect(run_page.get_by_text(re.compile(r"DisCo.*epoch [1-9]\d* of 20000"))).to_be_visible()  # there is a network
    press(run_page, "Stop")
    stopped = run_page.get_by_text(re.compile(r"DisCo.*stopped · \d+ of 20000 epochs"))
    expect(stopped).to_be_visible()
    said, link = stopped.inner_text(), run_page.url
    run_page.reload()
    expect(run_page.get_by_text(said)).to_be_visible()
    expect(run_page.get_by_text("Background rejection at 50 %").first).to_be_visible()
    live_figure(run_page, "Loss")
    assert run_page.url == link
    no_traceback(run_page)
    other = other_window.new_page()
    with running_dashboard(kept) as fresh:
        other.goto(link.replace(dashboard, fresh))
        expect(other.get_by_text(said)).to_be_visible()
        expect(sidebar(other)).to_contain_text("4,000 events")
        expect(other.get_by_text("Page not found")).to_have_count(0)


def test_another_browser_follows_the_same_live_run_by_its_link(run_page: Page, other_window: BrowserContext) -> None:
    other = other_window.new_page()
    other.goto(run_page.url)
    expect(other.get_by_text(re.compile(rf"{run_id(run_page)} · epoch \d+ of 20000"))).to_be_visible()
    loss = live_figure(other, "Loss")
    wait_for_new_curves(other, loss, loss.evaluate(CURVES))
    press(other, "Stop")
    expect(run_page.get_by_text(re.compile(f"{run_id(run_page)} · stopped"))).to_be_visible()


def test_runs_are_listed_and_a_deleted_one_comes_back(run_page: Page) -> None:
    name = run_id(run_page)
    open_page(run_page, "Runs")
    table = run_page.get_by_test_id("stDataFrame")
    row = table.locator("tr", has_text=name)
    expect(row).to_have_count(1)
    table.locator(".dvn-scroller").click(position={"x": 20, "y": 35 * int(row.get_attribute("aria-rowindex")) - 17})
    press(run_page, "Delete")
    expect(row).to_have_count(0)
    press(run_page, "Undo")
    expect(row).to_have_count(1)
    no_traceback(run_page)


def test_a_text_file_that_calls_itself_parquet_is_refused_in_a_sentence(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "notes.parquet"
    file.write_text("these are no events\n")
    upload(page, file)
    expect(page.get_by_test_id("stAlert")).to_contain_text("not Parquet")
    no_traceback(page)


def test_training_without_a_label_asks_for_it(page: Page, unlabelled_file: Path) -> None:
    upload(page, unlabelled_file)
    expect(sidebar(page)).to_contain_text("label: none")
    open_page(page, "Train")
    expect(page.get_by_test_id("stAlert").filter(has_text="1 for signal")).to_be_visible()
    expect(page.get_by_role("link", name="Choose the label")).to_be_visible()
    no_traceback(page)


def test_training_without_a_protected_variable_is_refused_in_a_sentence(toy_page: Page) -> None:
    open_page(toy_page, "Train")
    toy_page.get_by_role("button", name="Clear all").click()
    expect(toy_page.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    expect(toy_page.get_by_test_id("stAlert").filter(has_text="protected").first).to_be_visible()
    no_traceback(toy_page)

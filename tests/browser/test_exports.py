"""Figures and tables taken along from a real browser: each file arrives and is what its name says."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pandas as pd
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from core.figures.palette import PALETTES
from scripts.server import AT_REST

SCRIPT = """
import numpy as np
import streamlit as st
from core.events.histograms import class_histogram
from core.events.table import Column, EventTable, Roles
from core.figures.histograms import histogram_figure
from core.figures.losses import losses_figure
from core.tables.histograms import histogram_table
from views.parts.charts.charts import chart, table
from views.parts.assets import source
from views.parts.frame.alone import alone
from views.parts.frame.state import mode

st.html(f"<style>{source('frame/page.css')}</style><div style='height: 5rem'></div>")
rng = np.random.default_rng(1)
columns = {"mass": rng.exponential(50, 4000), "label": np.arange(4000) % 2}
events = EventTable("toy", columns, Roles(label="label"), {"mass": Column("mass", "m_J", "GeV")})
histogram = class_histogram(events, "mass")
chart(histogram_figure(histogram, mode()), "mass", table=lambda: histogram_table(histogram))
table(histogram_table(histogram), "bins", "bins")

def redraw():
    st.session_state.epochs = st.session_state.get("epochs", 2) + 1
    epochs = range(1, st.session_state.epochs + 1)
    rows = [{"classification": 1 / e, "validation_classification": 1.1 / e} for e in epochs]
    chart(losses_figure(epochs, rows, 100, mode=mode()), "loss")

if "live" in st.query_params:
    alone(redraw, every=0.5)()
st.button("Draw again")
"""
PATIENCE = 60_000
"""Milliseconds that a browser waits before a test fails; the machine may be busy with other tests."""
DARK_PAPER, LIGHT_PAPER = "rgb(16, 19, 22)", "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """Open a window; its tabs share what was loaded."""
    with browser.new_context(viewport={"width": 1000, "height": 1600}, color_scheme="light") as window:
        window.set_default_timeout(PATIENCE)
        yield window


@pytest.fixture(scope="module")
def tab(window: BrowserContext, address: str) -> Page:
    """Open that page and wait for its figure."""
    tab = window.new_page()
    tab.goto(address)
    tab.wait_for_selector(".st-key-mass .infolayer")
    return tab


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """Lend that page; its menu is closed again, and the server has heard of it: else it would close the next one."""
    yield tab
    tab.keyboard.press("Escape")
    expect(on_screen(tab)).to_have_count(0)
    tab.wait_for_timeout(300)
    tab.wait_for_function(AT_REST)


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, page: Page) -> Iterator[Page]:
    """Lend that page in either theme."""
    drawn_in(page, request.param)
    yield page
    page.keyboard.press("Escape")
    drawn_in(page, "light")


def drawn_in(page: Page, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme)
    page.get_by_role("button", name="Draw again").click()
    paper = PALETTES[theme].paper
    page.wait_for_function(f"document.querySelector('.chart-figure')._fullLayout.paper_bgcolor === '{paper}'")


def opened_menu(page: Page, key: str) -> None:
    page.locator(f".st-key-export-{key} button").click()
    expect(on_screen(page).get_by_role("button", name="SVG")).to_be_visible()


def on_screen(page: Page) -> Locator:
    return page.get_by_role("group", name="As on screen")


def taken(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("button", name=button, exact=True).last.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def words_of(svg: Path) -> str:
    return plain("".join(ElementTree.parse(svg).getroot().itertext()))


def plain(text: str) -> str:
    """Drop what plotly puts around indices."""
    return text.replace("\N{ZERO WIDTH SPACE}", "")


def test_near_the_lower_end_of_the_window_all_of_a_menu_is_in_sight(page: Page) -> None:
    """Beneath the button is room for a third of it: it opens upwards, and nothing in it must be scrolled."""
    button = page.locator(".st-key-export-mass button").bounding_box()
    assert button is not None
    height = round(button["y"]) + 150
    page.set_viewport_size({"width": 1000, "height": height})
    opened_menu(page, "mass")
    menu = page.get_by_test_id("stPopoverBody")
    page.wait_for_function("menu => menu.scrollHeight <= menu.clientHeight + 1", arg=menu.element_handle())
    box = menu.bounding_box()
    assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height
    page.set_viewport_size({"width": 1000, "height": 1600})


def test_a_figure_becomes_vectors_and_pixels_in_light_colours(themed: Page, tmp_path: Path) -> None:
    opened_menu(themed, "mass")
    svg = taken(themed, "SVG", tmp_path)
    assert svg.name == "mass-histogram.svg"
    assert "mJ · separation" in words_of(svg) and "density [1/GeV]" in words_of(svg)
    assert LIGHT_PAPER in svg.read_text() and DARK_PAPER not in svg.read_text()
    png = taken(themed, "PNG", tmp_path).read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert width > 1000 and height == 250 * 3


def test_dark_colours_are_kept_when_asked_for(themed: Page, tmp_path: Path) -> None:
    opened_menu(themed, "mass")
    light = themed.get_by_label("in light colours")
    if themed.evaluate("matchMedia('(prefers-color-scheme: light)').matches"):
        expect(light).to_be_hidden()
        return
    light.uncheck()
    assert DARK_PAPER in taken(themed, "SVG", tmp_path).read_text()
    light.check()


def test_a_figure_for_a_paper_is_as_wide_as_asked_for(page: Page, tmp_path: Path) -> None:
    """The server draws it in light colours: PDF, and pixels of one column or of the page at 600 dots per inch."""
    opened_menu(page, "mass")
    wide = {}
    for name in ("Column, 86 mm", "Page, 178 mm"):
        page.get_by_role("radio", name=name).click()
        expect(page.get_by_role("radio", name=name)).to_be_checked()
        with page.expect_download() as started:
            page.locator(".st-key-paper-png-mass button").click()
        started.value.save_as(tmp_path / f"{name}.png")
        wide[name] = struct.unpack(">I", (tmp_path / f"{name}.png").read_bytes()[16:20])[0]
    assert wide == {"Column, 86 mm": 2031, "Page, 178 mm": 4204}
    with page.expect_download() as started:
        page.locator(".st-key-paper-pdf-mass button").click()
    started.value.save_as(tmp_path / started.value.suggested_filename)
    assert (tmp_path / "mass-histogram.pdf").read_bytes()[:5] == b"%PDF-"


def test_the_keyboard_opens_the_menu_goes_through_it_and_leaves_it(page: Page) -> None:
    """Tab stays in the menu, arrow keys go through it too, and Escape gives the focus back."""
    opener = page.locator(".st-key-export-mass button").first
    menu = page.get_by_role("dialog", name="Export", exact=True)
    for key in ("Enter", "Space"):
        opener.press(key)
        expect(menu.locator(":focus")).to_have_count(1)
        expect(menu.get_by_role("button", name="LaTeX", exact=True)).to_be_visible()
        on_screen(page).get_by_role("button", name="JSON").focus()
        page.keyboard.press("Tab" if key == "Enter" else "ArrowDown")
        page.keyboard.press("Shift+Tab" if key == "Enter" else "ArrowUp")
        expect(on_screen(page).get_by_role("button", name="JSON")).to_be_focused()
        menu.get_by_role("button", name="LaTeX", exact=True).focus()
        page.keyboard.press("Tab")
        expect(menu.locator(":focus")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        expect(opener).to_be_focused()


def test_a_figure_as_json_is_what_plotly_reads(page: Page, tmp_path: Path) -> None:
    opened_menu(page, "mass")
    found = json.loads(taken(page, "JSON", tmp_path).read_text())
    assert plain(found["layout"]["title"]["text"]).startswith("m<sub>J</sub> · separation")
    assert {trace.type for trace in go.Figure(found).data} == {"scatter"}


def test_a_page_opens_offline_and_draws_with_the_zoom_of_the_screen(
    page: Page, browser: Browser, tmp_path: Path
) -> None:
    area = page.locator(".st-key-mass .nsewdrag").first.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 0.3 * area["width"], area["y"] + area["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + area["height"] / 2, steps=5)
    page.mouse.up()
    figure = "document.querySelector('.st-key-mass .js-plotly-plot')"
    page.wait_for_function(f"{figure}.layout.xaxis.range?.[0] > 20")
    zoomed = page.evaluate(f"{figure}.layout.xaxis.range")
    opened_menu(page, "mass")
    file = taken(page, "HTML", tmp_path)
    with browser.new_context(offline=True) as window:
        alone = window.new_page()
        complaints: list[str] = []
        alone.on("pageerror", lambda error: complaints.append(str(error)))
        alone.on("requestfailed", lambda request: complaints.append(request.url))
        alone.goto(file.as_uri())
        alone.wait_for_selector("#figure .infolayer")
        assert "mJ · separation" in plain(alone.locator("#figure .gtitle").text_content())
        assert alone.evaluate("document.querySelector('#figure').layout.xaxis.range") == pytest.approx(zoomed)
        assert complaints == []


def test_the_numbers_of_a_figure_are_those_of_the_table(page: Page, tmp_path: Path) -> None:
    files = {}
    for ending in ("csv", "parquet", "tex"):
        with page.expect_download() as started:
            page.locator(f".st-key-{ending}-bins button").click()
        files[ending] = tmp_path / f"bins.{ending}"
        assert started.value.suggested_filename == files[ending].name
        started.value.save_as(files[ending])
    opened_menu(page, "mass")
    csv, parquet = taken(page, "CSV", tmp_path), taken(page, "Parquet", tmp_path)
    assert (csv.name, parquet.name) == ("mass-histogram.csv", "mass-histogram.parquet")
    assert taken(page, "LaTeX", tmp_path).read_text() == files["tex"].read_text()
    frames = [pd.read_csv(csv), pd.read_parquet(parquet), pd.read_csv(files["csv"]), pd.read_parquet(files["parquet"])]
    assert list(frames[0])[:3] == ["low [GeV]", "high [GeV]", "signal [1/GeV]"]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0], check_exact=True)


def test_a_live_figure_is_taken_while_it_is_redrawn(window: BrowserContext, address: str, tmp_path: Path) -> None:
    page = window.new_page()
    page.goto(f"{address}/?live=yes")
    page.wait_for_selector(".st-key-loss .infolayer")
    opened_menu(page, "loss")
    drawn = "document.querySelector('.st-key-loss .chart-figure').data[0].x.length"
    page.wait_for_function(f"{drawn} > {page.evaluate(drawn)}")
    svg, png = taken(page, "SVG", tmp_path), taken(page, "PNG", tmp_path)
    assert "Loss" in words_of(svg)
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert taken(page, "HTML", tmp_path).stat().st_size > 1_000_000
    page.close()


def test_a_missing_script_is_told(page: Page) -> None:
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.evaluate("[window.kept, window.infoscopePlotly] = [window.infoscopePlotly, undefined]")
    opened_menu(page, "mass")
    on_screen(page).get_by_role("button", name="SVG").click()
    expect(page.get_by_role("status").filter(has_text="static/plotly.min.js is missing")).to_be_visible()
    page.unroute("**/plotly.min.js")
    page.evaluate("window.infoscopePlotly = window.kept")

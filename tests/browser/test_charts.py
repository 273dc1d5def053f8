"""A live figure in a real browser: redrawn in place, with its zoom, its theme and its width."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

SCRIPT = """
import streamlit as st
from core.figures.losses import losses_figure

from views.parts.charts.charts import chart
from views.parts.frame.alone import alone

st.session_state.setdefault("epochs", 2)
second, large = st.checkbox("second"), st.checkbox("large")
if st.checkbox("can be stopped"):
    st.button("Stop", key="stop-it")

def redraw():
    st.session_state.epochs += 1
    epochs = range(1, st.session_state.epochs + 1)
    least = 1e4 if large else 0
    rows = [{"classification": least + 1 / e, "validation_classification": least + 1.1 / e} for e in epochs]
    figure = losses_figure(epochs, rows, 100, mode="dark" if st.context.theme.type == "dark" else "light")
    for name in ("first", "second") if second else ("first",):
        chart(figure, key=name)

alone(redraw, every=0.5)()
"""
FIRST = "document.querySelector('.chart-figure')"
EPOCHS = f"{FIRST}.data[0].x.length"
ROOM = f"{FIRST}._fullLayout._size.l"
WINDOW = {"width": 1000, "height": 1200}
DRAWN = "[...document.querySelectorAll('.chart-figure')].map(figure => Boolean(figure.querySelector('.infolayer')))"


@pytest.fixture(scope="module")
def small_window(browser: Browser) -> Iterator[BrowserContext]:
    """Open a window; its tabs share what was loaded."""
    with browser.new_context(viewport=WINDOW, color_scheme="light") as window:
        yield window


@pytest.fixture
def live(small_window: BrowserContext, address: str) -> Iterator[Page]:
    """Open that page and wait for the figure."""
    page = small_window.new_page()
    page.goto(address)
    page.wait_for_selector(".chart-figure .main-svg")
    yield page
    page.close()


def wait_for_new_data(page: Page, points: int = 2) -> None:
    page.wait_for_function(f"{EPOCHS} >= {page.evaluate(EPOCHS) + points}")


def drag(page: Page, *, release: bool = True) -> None:
    """Draw a zoom box over the middle of the upper panel."""
    area = page.locator(".chart-figure .nsewdrag").first.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 0.3 * area["width"], area["y"] + 0.3 * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 0.7 * area["height"], steps=5)
    if release:
        page.mouse.up()


def test_new_data_is_drawn_into_the_same_node_without_a_blank_frame(live: Page) -> None:
    live.evaluate(f"""() => {{
        const node = {FIRST};
        node.mark = "mine";
        window.blank = 0;
        const look = () => {{
            if (!node.querySelector(".scatterlayer .js-line")?.getAttribute("d")) window.blank++;
            requestAnimationFrame(look);
        }};
        look();
    }}""")
    wait_for_new_data(live, 4)
    assert live.evaluate(f"{FIRST}.mark") == "mine"
    assert live.evaluate("window.blank") == 0
    assert "at epoch" in live.locator(".chart-figure").first.get_attribute("aria-label")


def test_zoom_survives_new_data(live: Page) -> None:
    drag(live)
    live.wait_for_function(f"{FIRST}.layout.xaxis.range[0] > 20")
    zoomed = live.evaluate(f"{FIRST}.layout.xaxis.range")
    wait_for_new_data(live)
    assert live.evaluate(f"{FIRST}.layout.xaxis.range") == zoomed


def test_a_drag_is_not_cut_short_by_new_data(live: Page) -> None:
    """New data waits for the mouse button, then comes at once."""
    drag(live, release=False)
    before = live.evaluate(EPOCHS)
    live.wait_for_timeout(1600)
    assert live.locator(".chart-figure .zoombox").count() == 1
    assert live.evaluate(EPOCHS) == before
    live.mouse.up()
    live.wait_for_function(f"{EPOCHS} > {before} + 1 && {FIRST}.layout.xaxis.range[0] > 20")


def test_theme_and_width_are_followed_in_place(live: Page) -> None:
    live.evaluate(f"{FIRST}.mark = 'mine'")
    live.emulate_media(color_scheme="dark")
    live.wait_for_function(f"{FIRST}._fullLayout.paper_bgcolor === '#101316'")
    live.set_viewport_size({"width": 360, "height": 800})
    live.wait_for_function(f"{FIRST}.querySelector('.main-svg').getBoundingClientRect().width < 360")
    assert live.evaluate(f"{FIRST}.mark") == "mine"
    assert live.evaluate("document.documentElement.scrollWidth") <= 360


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Loss against epoch").first.get_by_role("button", name=name)


def test_curves_are_smoothed_by_the_keyboard_over_what_was_recorded(live: Page) -> None:
    """Each epoch counts half as much as the next one; the values stay faint beneath and follow new data."""
    slider = live.get_by_role("slider", name="Smooth").first
    slider.focus()
    for _ in range(10):
        live.keyboard.press("ArrowRight")
    expect(slider).to_have_value("0.5")
    wait_for_new_data(live)
    traces = live.evaluate(f"""{FIRST}._fullData.map(({{ y, opacity, showlegend }}) =>
        ({{ y: Array.from(y), opacity, showlegend }}))""")
    assert [trace["opacity"] for trace in traces] == [1, 1, 0.3, 0.3]
    assert [trace["showlegend"] for trace in traces[2:]] == [False, False]
    recorded = 1 / np.arange(1, len(traces[2]["y"]) + 1)
    assert traces[2]["y"] == pytest.approx(recorded.tolist())
    means = [np.average(recorded[:n], weights=0.5 ** np.arange(n, 0, -1)) for n in range(1, len(recorded) + 1)]
    assert traces[0]["y"] == pytest.approx(means)
    slider.press("Home")
    live.wait_for_function(f"{FIRST}.data.length === 2")


def test_a_log_axis_stays_with_new_data_and_in_the_other_theme(live: Page) -> None:
    drag(live)
    live.wait_for_function(f"{FIRST}.layout.xaxis.range[0] > 20")
    zoomed = live.evaluate(f"{FIRST}.layout.xaxis.range")
    button(live, "Log axis").press("Enter")
    expect(button(live, "Log axis")).to_have_attribute("aria-pressed", "true")
    live.wait_for_function(f"{FIRST}._fullLayout.yaxis.type === 'log'")
    live.emulate_media(color_scheme="dark")
    live.wait_for_function(f"{FIRST}._fullLayout.paper_bgcolor === '#101316'")
    wait_for_new_data(live)
    assert live.evaluate(f"{FIRST}._fullLayout.yaxis.type") == "log"
    low, high = live.evaluate(f"{FIRST}._fullLayout.yaxis.range")
    assert low < -0.5 and high == pytest.approx(np.log10(1.1), abs=0.2)
    assert live.evaluate(f"{FIRST}.layout.xaxis.range") == zoomed
    button(live, "Log axis").press("Enter")
    live.wait_for_function(f"{FIRST}._fullLayout.yaxis.type === 'linear'")


def test_a_pause_holds_all_figures_and_going_on_shows_the_newest(live: Page) -> None:
    """Only where something can be stopped, there is something to pause."""
    live.get_by_text("second", exact=True).click()
    live.wait_for_function("document.querySelectorAll('.chart-figure .infolayer').length >= 2")
    expect(button(live, "Pause")).to_have_count(0)
    live.get_by_text("can be stopped").click()
    button(live, "Pause").press("Enter")
    figures = live.locator(".chart-figure")
    expect(figures.nth(0)).to_have_attribute("aria-label", re.compile(r"^Paused\. Loss against epoch"))
    expect(figures.nth(1)).to_have_class(re.compile("is-paused"))
    lengths = "[...document.querySelectorAll('.chart-figure')].map(figure => figure.data[0].x.length)"
    live.wait_for_timeout(800)  # for a draw under way
    held = live.evaluate(lengths)
    live.wait_for_timeout(1600)
    assert live.evaluate(lengths) == held
    button(live, "Pause").press("Enter")
    live.wait_for_function(f"{lengths}.every((length, i) => length >= {held}[i] + 3)")
    expect(button(live, "Pause")).to_have_attribute("aria-pressed", "false")


def test_only_figures_in_sight_are_drawn(live: Page) -> None:
    """The second one stands far below a small window; scrolling to it draws it, and the first then waits."""
    live.set_viewport_size({"width": 1000, "height": 300})
    live.add_style_tag(content=".chart-figure { margin-bottom: 2000px }")
    live.get_by_text("second", exact=True).click()
    live.locator(".chart-figure").nth(1).wait_for()
    wait_for_new_data(live)
    assert live.evaluate(DRAWN) == [True, False]
    live.locator(".chart-figure").nth(1).scroll_into_view_if_needed()
    live.wait_for_function(f"{DRAWN}[1]")
    second = "document.querySelectorAll('.chart-figure')[1].data[0].x.length"
    held, seen = live.evaluate(EPOCHS), live.evaluate(second)
    live.wait_for_function(f"{second} >= {seen} + 2")
    assert live.evaluate(EPOCHS) == held
    live.locator(".chart-figure").nth(0).scroll_into_view_if_needed()
    live.wait_for_function(f"{EPOCHS} > {held}")


def test_labels_that_grow_get_the_room_that_they_need(live: Page) -> None:
    """Margins of the first draw are kept, as measuring takes most of the time, until a label would be cut."""
    wait_for_new_data(live)
    kept = live.evaluate(ROOM)
    live.get_by_text("large", exact=True).click()
    live.wait_for_function(f"{ROOM} > {kept}")
    cut = f"""[...{FIRST}.querySelectorAll(".ytick text")].map(label =>
        {FIRST}.getBoundingClientRect().left - label.getBoundingClientRect().left)"""
    assert max(live.evaluate(cut)) <= 1
    wide = live.evaluate(ROOM)
    live.get_by_text("large", exact=True).click()
    live.wait_for_function(f"{ROOM} < {wide}")


def test_figures_share_one_script_and_end_with_their_node(live: Page) -> None:
    live.get_by_text("second", exact=True).click()
    live.wait_for_function("document.querySelectorAll('.chart-figure .infolayer').length >= 2")
    assert live.locator("script[src*=plotly]").count() == 1
    live.evaluate("window.gone = document.querySelectorAll('.chart-figure')[1]")
    live.get_by_text("second", exact=True).click()
    live.wait_for_function("!window.gone.isConnected && !window.gone._fullLayout")
    wait_for_new_data(live)


def test_a_missing_script_is_told(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(address)
    page.get_by_text("static/plotly.min.js is missing").wait_for()
    page.unroute("**/plotly.min.js")
    page.wait_for_selector(".chart-figure .main-svg")
    page.close()

"""On a phone, the page that was chosen is seen."""

from playwright.sync_api import Browser, expect


def test_the_sidebar_closes_once_a_page_is_chosen(browser: Browser, dashboard: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as window:
        page = window.new_page()
        page.goto(f"{dashboard}/guide")
        page.wait_for_function("window.infoscopeNarrow")
        page.get_by_test_id("stExpandSidebarButton").tap()
        page.get_by_test_id("stSidebarNavLink").get_by_text("Runs", exact=True).tap()
        expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport()

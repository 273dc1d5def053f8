"""What tells from outside whether a running dashboard is well."""

import re
import urllib.request

from playwright.sync_api import Page, expect


def test_the_health_address_answers(dashboard: str) -> None:
    with urllib.request.urlopen(f"{dashboard}/_stcore/health", timeout=10) as answer:
        assert (answer.status, answer.read()) == (200, b"ok")


def test_the_system_page_looks_again_by_itself(page: Page) -> None:
    page.goto("/system")
    uptime = page.get_by_test_id("stMetric").filter(has_text="Uptime").get_by_test_id("stMetricValue")
    expect(uptime).to_have_text(re.compile(r"\d+ (s|min)"))
    expect(uptime).not_to_have_text(uptime.inner_text())
    expect(page.get_by_role("heading", name="Run store")).to_be_visible()

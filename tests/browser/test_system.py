"""What tells from outside whether a running dashboard is well."""

import re
import socket
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from views.parts.frame.wake import wake


def test_the_health_address_answers(dashboard: str) -> None:
    with urllib.request.urlopen(f"{dashboard}/_stcore/health", timeout=10) as answer:
        assert (answer.status, answer.read()) == (200, b"ok")


def test_waking_ends_when_the_first_page_is_drawn_and_says_when_nothing_answers(dashboard: str) -> None:
    wake(int(dashboard.rpartition(":")[2]), patience=60)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        with pytest.raises(OSError, match="refused"):
            wake(free.getsockname()[1], patience=0)


def test_a_server_under_a_path_is_waked_there(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refused(address: str, **_options: object) -> None:
        asked.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr("views.parts.frame.wake.connect", refused)
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "/group/infoscope/")
    with pytest.raises(OSError, match="refused"):
        wake(8501, patience=0)
    assert asked == ["ws://localhost:8501/group/infoscope/_stcore/stream"]


def test_the_system_page_looks_again_by_itself(page: Page) -> None:
    page.goto("/system")
    uptime = page.get_by_test_id("stMetric").filter(has_text="Uptime").get_by_test_id("stMetricValue")
    expect(uptime).to_have_text(re.compile(r"\d+ (s|min)"))
    expect(uptime).not_to_have_text(uptime.inner_text())
    expect(page.get_by_role("heading", name="Run store")).to_be_visible()

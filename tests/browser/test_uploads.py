"""Uploads on bad days: 2 GB are refused before they are sent, and a browser that goes away leaves nothing."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from core.settings import Settings

SMALL = {"name": "small.csv", "mimeType": "text/csv", "buffer": b"x,y,label\n1,2,0\n3,4,1\n"}


@pytest.fixture
def put(page: Page) -> Request:
    """Upload a small file and return how the browser sent it."""
    page.goto("/")
    with page.expect_request(lambda request: request.method == "PUT" and "upload_file" in request.url) as sent:
        page.locator("input[type=file]").set_input_files(SMALL)
    expect(page.get_by_text("check the roles")).to_be_visible()
    return sent.value


def started(put: Request, n_bytes: int, body: bytes) -> socket.socket:
    """Begin the same request with a body of that length, of which only the first part is sent."""
    address = urlsplit(put.url)
    headers = {**put.all_headers(), "content-length": str(n_bytes), "host": address.netloc, "connection": "close"}
    words = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if not name.startswith(":"))
    line = socket.create_connection((address.hostname or "", address.port or 80), timeout=30)
    line.sendall(f"PUT {address.path} HTTP/1.1\r\n{words}\r\n".encode() + body)
    return line


def test_a_file_over_the_limit_is_refused_by_the_browser_in_words(page: Page, tmp_path: Path, kept: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(Settings.max_upload_bytes + 1)  # takes no room on the disk
    before = sorted(kept.glob("uploads/*"))
    page.goto("/")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("File must be 2.0GB or smaller")).to_be_visible()
    assert sorted(kept.glob("uploads/*")) == before


def test_a_request_over_the_limit_is_refused_before_its_body_is_sent(put: Request) -> None:
    with started(put, Settings.max_upload_bytes + 2**20 + 1, b"") as line:
        assert b" 413 " in line.recv(200)


def test_a_browser_that_goes_away_in_the_middle_leaves_nothing(page: Page, put: Request, kept: Path) -> None:
    before = sorted(kept.glob("uploads/*"))
    with started(put, 10**6, b"x,y\n" + b"1,2\n" * 1000) as line:
        line.shutdown(socket.SHUT_RDWR)
    page.goto("/")
    expect(page.locator("input[type=file]")).to_be_attached()
    assert sorted(kept.glob("uploads/*")) == before
    assert list((kept / "uploads").glob(".draft-*")) == []

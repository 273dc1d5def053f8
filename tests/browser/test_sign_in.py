"""Signing in, in a browser: against a provider of OpenID Connect that the tests start."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scripts import server

USERS = (
    {"sub": "ann", "name": "Ann Smith", "email": "ann@example.org"},
    {"sub": "ben", "name": "Ben Meyer", "email": "ben@example.org"},
)
SECRETS = """
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "of-the-tests-and-of-nothing-else"
client_id = "infoscope"
client_secret = "known-to-all"
server_metadata_url = "http://localhost:{provider}/.well-known/openid-configuration"
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def provider() -> Iterator[int]:
    """Start a provider that knows two users; yield its port."""
    port = free_port()
    users = [part for claims in USERS for part in ("--user-claims", json.dumps(claims))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--host", "localhost", "--port", str(port), *users]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                socket.create_connection(("localhost", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def guarded(provider: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a dashboard that demands to sign in; yield its address."""
    folder, port = tmp_path_factory.mktemp("guarded"), free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(SECRETS.format(port=port, provider=provider))
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
            patch.setattr(server, "_free_port", lambda: port)
            address = running.enter_context(server.running_dashboard(folder / "data"))
        yield address


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open windows that know nothing of one another."""
    windows: list[BrowserContext] = []

    def opened(address: str) -> Page:
        windows.append(browser.new_context(base_url=address, viewport={"width": 1440, "height": 900}))
        windows[-1].set_default_timeout(60_000)
        return windows[-1].new_page()

    yield opened
    for window in windows:
        window.close()


DATA = "What is in my file"


def sign_in(page: Page, name: str, shown: str = DATA) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(shown))


def test_each_user_signs_in_and_has_uploads_and_runs_of_their_own(
    visit: Callable[[str], Page], guarded: str, toy_file: Path
) -> None:
    ann, ben = visit(guarded), visit(guarded)
    ann.goto("/information")  # a link past the front page of a server that nobody has visited yet
    expect(ann.get_by_role("heading", level=1)).to_have_text("Infoscope")
    expect(ann.get_by_role("link", name="Information")).to_have_count(0)
    sign_in(ann, "ann", shown="Which variables share information")
    expect(ann).to_have_url(f"{guarded}/information")
    ann.get_by_role("link", name="Data", exact=True).click()
    expect(ann.get_by_test_id("stSidebar")).to_contain_text("Ann Smith")
    ann.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(toy_file)
    expect(ann.get_by_test_id("stSidebar")).to_contain_text("toy.parquet")
    ann.get_by_role("link", name="Train").click()
    ann.get_by_role("spinbutton", name="Epochs").fill("2")
    ann.get_by_role("spinbutton", name="Epochs").press("Enter")
    ann.get_by_role("button", name="Train", exact=True).click()
    expect(ann.get_by_text(re.compile(r"run \d{6}-\d{4}-")).first).to_be_visible()
    ann.reload()  # the identity survives
    ann.get_by_role("link", name="Runs").click()
    expect(ann.get_by_test_id("stDataFrame").first).to_be_visible()

    ben.goto("/")
    sign_in(ben, "ben")
    expect(ben.get_by_test_id("stSidebar")).to_contain_text("Ben Meyer")
    expect(ben.get_by_text("Your own file: Parquet, CSV or ROOT")).to_be_visible()
    expect(ben.get_by_text("toy.parquet")).to_have_count(0)
    ben.get_by_role("link", name="Runs").click()
    expect(ben.get_by_text("No runs yet")).to_be_visible()
    ben.get_by_text("Runs of all users").click()
    expect(ben.get_by_text("No runs yet")).to_be_visible()

    ann.get_by_role("button", name="Sign out").click()
    ann.get_by_role("button", name="End session").click()  # the provider asks
    expect(ann.get_by_role("button", name="Sign in")).to_be_visible()
    expect(ann.get_by_text("Ann Smith")).to_have_count(0)
    ann.goto("/runs")
    expect(ann.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_refused_sign_in_says_so_and_the_link_is_still_followed_after_the_next(
    visit: Callable[[str], Page], guarded: str
) -> None:
    page = visit(guarded)
    page.goto("/guide?topic=1")
    refused = page.get_by_role("alert").filter(has_text="the provider refused it")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(refused).to_be_hidden()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Deny", exact=True).click()
    expect(refused).to_be_visible()
    sign_in(page, "ben", shown="How do I read this")
    expect(page).to_have_url(re.compile(r"/guide\?topic=1"))


def test_the_dashboard_listens_on_this_machine_alone(guarded: str) -> None:
    """Another address of the loopback network reaches servers that listen on all addresses, and no others."""
    port = int(guarded.rpartition(":")[2])
    socket.create_connection(("127.0.0.1", port), timeout=10).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=10)


def test_where_nobody_signs_in_a_browser_is_known_again_and_others_see_nothing_of_it(
    visit: Callable[[str], Page], toy_file: Path, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INFOSCOPE_USERS", "browsers")
        with server.running_dashboard(tmp_path) as address:
            page, other = visit(address), visit(address)
            page.goto("/")
            page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(toy_file)
            expect(page.get_by_test_id("stSidebar")).to_contain_text("toy.parquet")
            for tab in (page, page.context.new_page()):
                tab.goto("/")
                expect(tab.get_by_test_id("stMain").get_by_text("toy.parquet")).to_be_visible()
            (cookie,) = [each for each in page.context.cookies() if each["name"] == "infoscope_browser"]
            assert cookie["expires"] > time.time() + 300 * 24 * 3600
            assert cookie["value"] not in page.content().replace(f"infoscope_browser={cookie['value']}", "")
            other.goto("/")
            expect(other.get_by_text("Your own file: Parquet, CSV or ROOT")).to_be_visible()
            expect(other.get_by_text("toy.parquet")).to_have_count(0)

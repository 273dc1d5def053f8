"""What breaks outside the program's pages mends itself in a real browser, and says so in the reader's words."""

from playwright.sync_api import Browser, WebSocketRoute, expect

ASKED = "**/_stcore/h*"  # health and host-config, before a socket is opened


def test_a_page_that_could_not_be_drawn_is_loaded_anew_with_its_view(browser: Browser, dashboard: str) -> None:
    """Streamlit takes everything from the screen where a message of its own does not fit."""
    with browser.new_context() as window:
        page = window.new_page()
        page.goto(f"{dashboard}/guide?idea=sculpting")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_be_visible()
        page.wait_for_function("window.infoscopeRecovery")
        page.evaluate("document.getElementById('root').replaceChildren()")
        expect(heading).to_be_visible()
        assert "idea=sculpting" in page.url


def test_a_page_whose_content_was_cleared_is_loaded_anew(browser: Browser, dashboard: str) -> None:
    """A slow browser clears what is drawn where a part is answered that the new page has not."""
    with browser.new_context() as window:
        page = window.new_page()
        page.goto(f"{dashboard}/guide?idea=sculpting")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_be_visible()
        page.wait_for_function(
            "window.infoscopeRecovery && document.querySelector('[data-test-script-state=notRunning]')"
        )
        page.evaluate("document.querySelector('[data-testid=stMain]').replaceChildren()")
        expect(heading).to_be_visible(timeout=30_000)
        assert "idea=sculpting" in page.url


def test_a_server_that_is_away_is_told_without_its_commands_and_the_page_comes_back(
    browser: Browser, dashboard: str
) -> None:
    with browser.new_context() as window:
        page = window.new_page()
        sockets: list[WebSocketRoute] = []

        def let_through(socket: WebSocketRoute) -> None:
            socket.connect_to_server()
            sockets.append(socket)

        page.route_web_socket("**/_stcore/stream", let_through)
        page.goto(dashboard)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text("Use this sample").first).to_be_visible()
        page.route(ASKED, lambda asked: asked.abort())
        sockets[-1].close()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("This page comes back by itself")
        expect(dialog.get_by_text("streamlit run")).to_be_hidden()
        page.unroute(ASKED)
        expect(dialog).to_have_count(0)

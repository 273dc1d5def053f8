"""Draw the pictures of README.md and the user guide: python -m scripts.screenshots --help."""

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from scripts.server import AT_REST, ROOT, click_cell, opened_browser, running_dashboard

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
TRAINING_MILLISECONDS = 600_000


def begin(page: Page) -> None:
    """Open the sample, as a new user does: one click leads to its matrix."""
    page.goto("/")
    page.locator(".st-key-use-boosted_w button").click()
    page.wait_for_url("**/information*", timeout=TRAINING_MILLISECONDS)
    settle(page)


def data(page: Page) -> None:
    go_to(page, "")
    settle(page)
    page.locator(".st-key-data-view button", has_text="Signal against background").click()


def information(page: Page) -> None:
    go_to(page, "information")


def pair(page: Page) -> None:
    go_to(page, "information")
    click_cell(page, "d2", "jet_mass")
    page.wait_for_url("**/pair*")
    page.get_by_text("Joint density").first.wait_for()


def ranking(page: Page) -> None:
    go_to(page, "ranking")
    page.get_by_text("All numbers, in nats").wait_for(timeout=TRAINING_MILLISECONDS)


def geometry(page: Page) -> None:
    go_to(page, "geometry")


def train(page: Page) -> None:
    go_to(page, "unlearn")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text(" · done · ").wait_for(timeout=TRAINING_MILLISECONDS)
    page.get_by_text("RUNNING").wait_for(state="detached", timeout=TRAINING_MILLISECONDS)
    page.reload()  # with the finished baseline


def tune(page: Page) -> None:
    go_to(page, "tune")
    page.get_by_role("button", name="Train the slider").click()
    page.get_by_text("you are here").first.wait_for(timeout=TRAINING_MILLISECONDS)


def scan(page: Page) -> None:
    go_to(page, "scan")
    settle(page)
    page.get_by_role("spinbutton", name="Seeds").fill("1")
    page.get_by_role("spinbutton", name="Seeds").press("Enter")
    settle(page)
    page.get_by_role("button", name="Start the scan").click()
    stop = page.get_by_role("button", name="Stop all")
    stop.wait_for(timeout=TRAINING_MILLISECONDS)
    stop.wait_for(state="detached", timeout=3 * TRAINING_MILLISECONDS)


def compare(page: Page) -> None:
    go_to(page, "compare")
    for _ in range(2):
        settle(page)
        page.get_by_role("combobox").first.click()
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def abcd(page: Page) -> None:
    go_to(page, "abcd")
    settle(page)
    page.get_by_role("button", name="Train both").click()
    page.get_by_text("Predicted / true").first.wait_for(timeout=TRAINING_MILLISECONDS)


def disentangle(page: Page) -> None:
    train_on(page, "disentangle")


def event_variables(page: Page) -> None:
    train_on(page, "event_variables")


def ensembles(page: Page) -> None:
    train_on(page, "ensembles")


def calibration(page: Page) -> None:
    train_on(page, "calibration")


def runs(page: Page) -> None:
    go_to(page, "runs")


def system(page: Page) -> None:
    go_to(page, "system")


def guide(page: Page) -> None:
    go_to(page, "guide")
    page.locator(".st-key-idea button", has_text="Sculpting").click()
    page.get_by_role("button", name="Show me").wait_for(timeout=TRAINING_MILLISECONDS)


EXPLORE: tuple[Callable[[Page], None], ...] = (data, information, pair, ranking, geometry)
UNLEARN: tuple[Callable[[Page], None], ...] = (train, tune, scan, compare, abcd)
LEARN: tuple[Callable[[Page], None], ...] = (disentangle, event_variables, ensembles, calibration)
RUNS: tuple[Callable[[Page], None], ...] = (runs, system, guide)


def go_to(page: Page, name: str) -> None:
    """Open another page with the same data."""
    page.goto(f"/{name}?{page.url.partition('?')[2]}")


def train_on(page: Page, name: str) -> None:
    """Start the default training of a page and wait for its end."""
    go_to(page, name)
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text(" · done · ").wait_for(timeout=TRAINING_MILLISECONDS)
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")


def settle(page: Page) -> None:
    """Wait until nothing moves: no script runs, and every figure is drawn."""
    page.mouse.move(0, 0)
    for _ in range(2):  # what the first look found still may be followed by figures
        page.wait_for_function(f'document.fonts.status === "loaded" && {AT_REST}')
        page.wait_for_timeout(700)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--dark", action="store_true", help="in the dark theme")
    options.add_argument("--phone", action="store_true", help="on a narrow screen")
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures", metavar="FOLDER")
    options.add_argument("--only", nargs="*", metavar="PAGE", help="some of them")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, running_dashboard(Path(folder)) as address, opened_browser() as browser:
        page = browser.new_page(
            base_url=address,
            viewport=PHONE if chosen.phone else DESK,
            color_scheme="dark" if chosen.dark else "light",
        )
        begin(page)
        for visit in (*EXPLORE, *UNLEARN, *LEARN, *RUNS):
            if chosen.only and visit.__name__ not in chosen.only:
                continue
            visit(page)
            settle(page)
            path = chosen.out / f"{visit.__name__}.png"
            page.screenshot(path=path)
            print(f"{path} ({path.stat().st_size // 1000} kB)")


if __name__ == "__main__":
    main()

"""Find the browser that the tests and the screenshots drive; `python -m scripts.browser` installs one if need be."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
MISSING = """No browser: the tests drive the pages in a real one. Do one of these, then run again:
    install Chromium or Google Chrome (Debian: apt install chromium; macOS: brew install --cask chromium)
    set INFOSCOPE_BROWSER to the path of its executable"""


def installed_browser() -> str | None:
    """Return the path of a Chromium that runs: INFOSCOPE_BROWSER, else one on this machine, else None."""
    named = os.environ.get("INFOSCOPE_BROWSER")
    if named:
        return named if _runs(named) else None
    on_path = [shutil.which(command) for command in COMMANDS]
    folders = [Path("/Applications"), Path.home() / "Applications"]
    on_macos = [str(folder / name) for folder in folders for name in APPLICATIONS]
    return next((path for path in (*on_path, *on_macos, _playwrights()) if path and _runs(path)), None)


def _playwrights() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _runs(path: str) -> bool:
    """Return whether the browser answers; Ubuntu's chromium-browser may be a stub that only asks for a snap."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install() -> None:
    """Install Debian's Chromium when root, else let Playwright download its own; what they say goes to stderr."""
    is_root = os.geteuid() == 0
    if is_root and shutil.which("apt-get"):
        print("Installing Chromium by apt-get.", file=sys.stderr)
        _try(["apt-get", "update", "-qq"])
        _try(["apt-get", "install", "-qq", "--yes", "--no-install-recommends", "chromium"])
    if installed_browser() is None:
        print("Downloading Playwright's Chromium.", file=sys.stderr)
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        _try([*command, "--with-deps"] if is_root else command)


def _try(command: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout).strip()}", file=sys.stderr)


def main() -> int:
    """Print the browser's path, installing one first when there is none; fail when that does not help."""
    if installed_browser() is None and not os.environ.get("INFOSCOPE_BROWSER"):
        _install()
    browser = installed_browser()
    print(browser or MISSING, file=sys.stdout if browser else sys.stderr)
    return 0 if browser else 1


if __name__ == "__main__":
    sys.exit(main())

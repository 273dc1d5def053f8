"""Find the browser that the tests and the screenshots drive; `python -m scripts.browser` installs one if need be."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
PLAYWRIGHT = (sys.executable, "-m", "playwright")
PLAYWRIGHTS_OWN = """from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)"""
MISSING = """No browser: the tests drive the pages in a real one. Do one of these, then run again:
    install Chromium or Google Chrome (Debian: apt install chromium libatomic1; macOS: brew install --cask chromium)
    set INFOSCOPE_BROWSER to the path of its executable"""


def installed_browser() -> str | None:
    """Return the path of a Chromium that runs: INFOSCOPE_BROWSER, else one on this machine, else None."""
    named = os.environ.get("INFOSCOPE_BROWSER")
    candidates = [named] if named else _candidates()
    return next((path for path in candidates if _output(path, "--version") is not None), None)


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, COMMANDS))
    for folder in (Path("/Applications"), Path.home() / "Applications"):
        yield from (str(folder / name) for name in APPLICATIONS)
    yield _output(sys.executable, "-c", PLAYWRIGHTS_OWN) or ""


def _output(*command: str) -> str | None:
    """Return what a command prints; None when it fails, as Ubuntu's stub of chromium-browser does."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _is_ready() -> bool:
    return installed_browser() is not None and _output(*PLAYWRIGHT, "--version") is not None


def _install() -> None:
    """Install Debian's Chromium when root, else let Playwright download its own."""
    is_root = os.geteuid() == 0
    if is_root and shutil.which("apt-get"):
        _try("apt-get", "update", "-qq")
        _try("apt-get", "install", "-qq", "--yes", "--no-install-recommends", "chromium", "libatomic1")
    if not _is_ready():
        _try(*PLAYWRIGHT, "install", "chromium", *(["--with-deps"] if is_root else []))


def _try(*command: str) -> None:
    print(f"Looking for a browser: {' '.join(command)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print("\n".join((done.stderr or done.stdout).strip().splitlines()[-5:]), file=sys.stderr)


def main() -> int:
    """Print the browser's path, installing one first when there is none; fail when that does not help."""
    if not _is_ready() and not os.environ.get("INFOSCOPE_BROWSER"):
        _install()
    if not _is_ready():
        print(MISSING, file=sys.stderr)
        return 1
    print(installed_browser())
    return 0


if __name__ == "__main__":
    sys.exit(main())

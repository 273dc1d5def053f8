"""Check what the program is installed from: exact pins, the versions that they name, and known weaknesses.

Known weaknesses are asked of the advisory database through pip-audit. Where the database cannot be reached, or knows
none of the packages, that is said and is no error.
"""

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("requirements.txt", "requirements-dev.txt")
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==(?P<version>[\w.+!]+)(?:\s*;.*)?")
_SECONDS = 60.0
_ASK_AGAIN = {"known": 24 * 3600.0, "unknown": 3600.0}


def read_pins(lines: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return package → version of the lines of a requirements file, and the lines that pin nothing exactly."""
    pins: dict[str, str] = {}
    loose = []
    for line in (line.partition("#")[0].strip() for line in lines):
        found = _PIN.fullmatch(line)
        if found:
            pins[found["name"]] = found["version"]
        elif line and not line.startswith("-r "):
            loose.append(line)
    return pins, loose


def wrong_pins(pins: Mapping[str, str]) -> list[str]:
    """Return what is installed in another version than its pin, or not at all."""
    wrong = []
    for name, pinned in pins.items():
        try:
            # torch's CPU build has the version 2.13.0+cpu.
            installed = version(name).partition("+")[0]
        except PackageNotFoundError:
            installed = "missing"
        if installed != pinned.partition("+")[0]:
            wrong.append(f"{name} is pinned to {pinned} and {installed} is installed")
    return wrong


def weaknesses(answer: str) -> tuple[list[str], int]:
    """Return the known weaknesses that pip-audit lists, and how many packages the database knows."""
    found, n_known = [], 0
    for package in json.loads(answer)["dependencies"]:
        n_known += "skip_reason" not in package
        for each in package.get("vulns", ()):
            fixed = ", ".join(each.get("fix_versions", ())) or "no version yet"
            found.append(f"{package['name']} {package['version']}: {each['id']}, mended in {fixed}")
    return found, n_known


def audit(pins: Mapping[str, str], stamp: Path) -> list[str]:
    """Ask for known weaknesses, at most once a day for the same pins, or an hour where nobody answered; say so then."""
    state = hashlib.sha256(json.dumps(pins, sort_keys=True).encode()).hexdigest()
    asked, answer = stamp.read_text().split() if stamp.exists() else ("", "unknown")
    if asked != state or time.time() - stamp.stat().st_mtime > _ASK_AGAIN[answer]:
        found, n_known = _asked()
        if found:
            return found
        answer = "known" if n_known else "unknown"
        stamp.write_text(f"{state} {answer}")
    if answer == "unknown":
        print("pins: the database of known weaknesses was not reached; they were not checked", file=sys.stderr)
    return []


def _asked() -> tuple[list[str], int]:
    """Return what pip-audit found, and how many packages its database knows; none where it cannot be reached."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*command, "--timeout", "5"], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        return weaknesses(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return [], 0


def main() -> int:
    """Print what is wrong, and return 1 if anything is."""
    pins: dict[str, str] = {}
    wrong = []
    for file in FILES:
        found, loose = read_pins((ROOT / file).read_text(encoding="utf-8").splitlines())
        pins |= found
        wrong += [f"{file}: {line!r} is not pinned; write name==version" for line in loose]
    wrong += wrong_pins(pins)
    wrong += audit(pins, Path(sys.prefix) / "audited")
    for line in wrong:
        print(f"pins: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

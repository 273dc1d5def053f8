"""What signed-in users are called, so that others see whose run it is."""

import logging
import re
from pathlib import Path

from core.errors import DataError
from core.jobs.files import write_whole
from core.settings import settings

LONGEST = 80
"""Characters of a name that are kept."""
_KEY = re.compile(r"[0-9a-f]{16}")
log = logging.getLogger(__name__)


def keep_name(key: str, name: str) -> None:
    """Keep what a user is called, in the data folder that all servers share; a later name takes its place."""
    shown = " ".join(name.split())[:LONGEST]
    if name_of(key) == shown:
        return
    try:
        file = _file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, shown.encode())
    except (OSError, DataError) as problem:  # the pages work without
        log.warning("the name of a user cannot be kept: %s", problem)


def name_of(key: str) -> str:
    """Return what a user is called; empty for one who never signed in."""
    try:
        return _file(key).read_text(encoding="utf-8") if _KEY.fullmatch(key) else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _file(key: str) -> Path:
    return settings().data / "users" / key

"""The HTML, CSS and JavaScript of the rooms beside this file."""

from pathlib import Path

_PARTS = Path(__file__).parent


def source(*names: str) -> str:
    """Return files, named like `charts/chart.js`, as one text."""
    return "\n".join((_PARTS / name).read_text(encoding="utf-8") for name in names)

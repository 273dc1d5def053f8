"""The HTML, CSS and JavaScript of this folder."""

from pathlib import Path

_PARTS = Path(__file__).parent


def source(*names: str) -> str:
    """Return files of this folder as one text."""
    return "\n".join((_PARTS / name).read_text(encoding="utf-8") for name in names)

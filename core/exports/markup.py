"""The few HTML tags that texts of figures have, taken apart so that print can set them its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal

Level = Literal["", "sub", "sup"]
_TAG = re.compile(r"<(/?)(sub|sup|b|i|span)(?:\s[^>]*)?>")
_LEVELS: dict[str, Level] = {"sub": "sub", "sup": "sup"}


@dataclass(frozen=True)
class Part:
    """Hold a stretch of text that is set in one way.

    Args:
        text: without tags.
        level: low, high, or on the line.
        bold: whether it is bold.
    """

    text: str
    level: Level = ""
    bold: bool = False


def parts_of(text: str) -> Iterator[Part]:
    """Yield the stretches of one line of text; italics and colours are dropped, since print needs neither.

    Example:
        >>> [(part.text, part.level) for part in parts_of("m<sub>J</sub> &gt; 5")]
        [('m', ''), ('J', 'sub'), (' > 5', '')]
    """
    level: Level = ""
    bold, end = False, 0
    for tag in _TAG.finditer(text):
        if tag.start() > end:
            yield Part(unescape(text[end : tag.start()]), level, bold)
        is_start, name, end = not tag[1], tag[2], tag.end()
        if name in _LEVELS:
            level = _LEVELS[name] if is_start else ""
        elif name == "b":
            bold = is_start
    if end < len(text):
        yield Part(unescape(text[end:]), level, bold)

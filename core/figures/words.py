"""Text in figures: symbols as in print, and lines that fit a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape

from core.events.table import Column
from core.numbers import format_events, format_percent

LONGEST_SYMBOL = 24
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"(?<![±×]) +(?![±×%]|[^<]*>)")  # not within a tag, nor within a number
_INDEX = re.compile(r"([_^])\{?([^\s_^|()\[\]{}/]+)\}?")
_ELEMENT = {"_": "sub", "^": "sup"}


def symbol(column: Column) -> str:
    """Write a column's symbol with its indices set low and high; a bare column name stays as it is.

    Example:
        >>> symbol(Column("pt_mumu", "p_T^μμ", "GeV")), symbol(Column("jet_mass"))
        ('p<sub>T</sub><sup>μμ</sup>', 'jet_mass')
    """
    if not column.title or column.title == column.name:
        return escape(shorten(column.name), quote=False)
    title = escape(shorten(column.title), quote=False)
    return _INDEX.sub(lambda found: f"<{_ELEMENT[found[1]]}>{found[2]}</{_ELEMENT[found[1]]}>", title)


def axis_title(column: Column) -> str:
    """Write a column's symbol and unit, such as ``m<sub>J</sub> [GeV]``."""
    return f"{symbol(column)} [{escape(column.unit, quote=False)}]" if column.unit else symbol(column)


def described(columns: Mapping[str, Column], name: str) -> Column:
    """Return the words about a column, also for one without an entry."""
    return columns.get(name, Column(name, name))


def shorten(text: str, longest: int = LONGEST_SYMBOL) -> str:
    """Cut a long text and end it with an ellipsis.

    Example:
        >>> shorten("a_very_long_column_name_of_a_file", 12)
        'a_very_long…'
    """
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def events(n_events: int, n_effective: float | None = None, *, even_odds: bool = False) -> str:
    """Write a number of events, with N_eff when weights make it smaller; see `format_events`."""
    return format_events(n_events, n_effective, even_odds=even_odds).replace("N_eff", "N<sub>eff</sub>")


def signal_efficiency(share: float) -> str:
    """Write a signal efficiency, such as "ε_s = 50 %", that is not broken over lines."""
    return f"ε<sub>s</sub>\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{format_percent(share)}".replace(
        " %", "\N{NO-BREAK SPACE}%"
    )


def key(colour: str, words: str, mark: str = "■") -> str:
    """Write what a colour stands for, with a sample of it."""
    return f'<span style="color:{colour};font-family:sans-serif">{mark}</span> {words}'


def plain(text: str) -> str:
    """Return a text without tags, for screen readers.

    Example:
        >>> plain("ε<sub>s</sub> = 50 %")
        'εs = 50 %'
    """
    return unescape(_TAG.sub("", text)).replace("\N{NO-BREAK SPACE}", " ")


def lines(phrases: Iterable[str], longest: int) -> list[str]:
    """Join phrases to lines of at most ``longest`` visible characters; a longer phrase is broken between words.

    Example:
        >>> lines(["background", "24,120 events", "efficiency of all bins together"], 28)
        ['background · 24,120 events', 'efficiency of all bins', 'together']
    """
    joined: list[str] = []
    for phrase in filter(None, phrases):
        fits = bool(joined) and len(plain(f"{joined[-1]} · {phrase}")) <= longest
        if fits:
            joined[-1] += f" · {phrase}"
        else:
            joined += wrap(phrase, longest)
    return joined


def wrap(text: str, longest: int) -> list[str]:
    """Break a text with tags between words into lines of at most ``longest`` visible characters.

    Example:
        >>> wrap("background m<sub>J</sub> before and after the cut", 24)
        ['background m<sub>J</sub> before and', 'after the cut']
    """
    first, *words = _SPACE.split(text)
    broken = [first]
    for word in words:
        if len(plain(f"{broken[-1]} {word}")) <= longest:
            broken[-1] += f" {word}"
        else:
            broken.append(word)
    return broken

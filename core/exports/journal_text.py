"""Texts of figures as matplotlib sets them: indices low and high, Greek upright, nothing read as a formula."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from core.exports.markup import Part, parts_of
from core.figures.words import plain

_ACCENTS = {"\N{COMBINING CIRCUMFLEX ACCENT}": "hat", "\N{COMBINING MACRON}": "bar", "\N{COMBINING TILDE}": "tilde"}
_IN_MOST_FONTS = 0x24F
"""Last letter of Latin Extended-B."""
_ESCAPED = "%#&$_{}"
_NO_FORMULA = re.compile(r"[\^~\\\"]")
_KEY = re.compile(r'<span style="color:(?P<colour>[^;"]+)[^>]*>(?P<mark>[^<]+)</span> (?P<words>.+)')
_BREAK = re.compile(r"<br\s*/?>")


@dataclass(frozen=True)
class Key:
    """Hold what a colour stands for, as the notes of a figure say it.

    Args:
        colour: as plotly writes it.
        mark: the sign that is shown of it, such as "■".
        words: what it stands for.
    """

    colour: str
    mark: str
    words: str


def printed(text: str) -> str:
    r"""Return a text with tags as matplotlib wants it.

    Example:
        >>> printed("m<sub>J</sub> [GeV]"), printed("p<sub>T</sub><sup>μμ</sup><br>a $")
        ('m$_{\\mathregular{J}}$ [GeV]', 'p$_{\\mathregular{T}}^{\\mathregular{μμ}}$\na \\$')
    """
    return "\n".join(_line(parts_of(line)) for line in _BREAK.split(text))


def note_phrases(text: str) -> list[str]:
    """Return the phrases of the notes under a title, with their tags."""
    return [phrase for line in _BREAK.split(text) for phrase in line.split(" · ") if phrase.strip()]


def keys_of(text: str) -> list[Key]:
    """Return what the notes of a figure say about its colours.

    Example:
        >>> keys_of('9 events · <span style="color:#0072B2;font-family:sans-serif">■</span> background')
        [Key(colour='#0072B2', mark='■', words='background')]
    """
    found = map(_KEY.fullmatch, note_phrases(text))
    return [Key(each["colour"], each["mark"], each["words"]) for each in found if each]


def caption(title: str, notes: str) -> str:
    """Return title and notes as one paragraph without tags: what the caption of a paper needs.

    Example:
        >>> caption("Spectrum of m<sub>J</sub>", "9 events<br>dashed: baseline")
        'Spectrum of mJ; 9 events; dashed: baseline.'
    """
    phrases = [phrase for phrase in note_phrases(notes) if not _KEY.fullmatch(phrase)]
    return f"{'; '.join(plain(_BREAK.sub(' ', phrase)) for phrase in [title, *phrases])}."


def _line(parts: Iterable[Part]) -> str:
    written = []
    for is_formula, group in groupby(parts, key=_is_formula):
        pieces = "".join(_formula(part) if is_formula else _plain(part.text) for part in group)
        written.append(f"${pieces}$" if is_formula else pieces)
    return "".join(written)


def _is_formula(part: Part) -> bool:
    return bool(part.level or part.bold) and not _NO_FORMULA.search(part.text)


def _formula(part: Part) -> str:
    font = "mathbf" if part.bold else "mathregular"
    letters = "".join(_letter(each, font) for each in _accented(part.text))
    mark = {"": "", "sub": "_", "sup": "^"}[part.level]
    return f"{mark}{{\\{font}{{{letters}}}}}"


def _letter(each: str, font: str) -> str:
    if len(each) > 1:
        return f"\\{_ACCENTS[each[1]]}{{\\{font}{{{each[0]}}}}}"
    if each in _ESCAPED:
        return f"\\{each}"
    return "\\ " if each in " \N{NO-BREAK SPACE}" else each


def _plain(text: str) -> str:
    """Escape dollars; a letter with an accent that few fonts have becomes a formula."""
    return "".join(
        f"$\\{_ACCENTS[each[1]]}{{\\mathregular{{{each[0]}}}}}$" if len(each) > 1 else each.replace("$", r"\$")
        for each in _accented(text)
    )


def _accented(text: str) -> list[str]:
    """Return the letters of a text, each with the accent over it, if it is one that formulas know."""
    letters: list[str] = []
    for each in text:
        whole = unicodedata.normalize("NFD", each)
        if each in _ACCENTS and letters and letters[-1].isalpha() and len(letters[-1]) == 1:
            letters[-1] += each
        elif ord(each) > _IN_MOST_FONTS and len(whole) == 2 and whole[1] in _ACCENTS:
            letters.append(whole)
        else:
            letters.append(each)
    return letters

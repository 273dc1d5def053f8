"""Words for data sets, runs and times that all pages share."""

import re
import time
from pathlib import Path

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.exports.titles import run_title
from core.numbers import MINUS, format_percent
from core.store.store import Run
from views.parts.cached import samples

_SYMBOL = re.compile(r"(?<!\w)(?P<base>Δ?[^\W\d_])(?P<star>\*?)(?:_(?P<low>[^\W_]+))?(?:\^(?P<high>[^\W_]+))?(?!\w)")
_SPECIAL = re.compile(r"[\\*_$|~`\[\]<]")
_ERROR = "\u00a0±\u00a0"
"""Before an error: spaces at which no line breaks."""
_LOW_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_LOW = str.maketrans("0123456789aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_IS_LOW, _IS_HIGH = (set(map(chr, table)) for table in (_LOW, _HIGH))


def dataset_title(spec: DatasetSpec) -> str:
    """Return a sample's title, or the name of the file."""
    if spec.name:
        return spec.name
    titles = {str(sample.path): sample.title for sample in samples()}
    return " and ".join(titles.get(path) or Path(path).name for path in spec.files)


def seeded_title(run: Run) -> str:
    """Return what a run is called, with its seed unless that is 0."""
    return run_title(run) + (f", seed {run.request.seed}" if run.request.seed else "")


def symbol_text(text: str) -> str:
    r"""Set the symbols of a text as in print, for Streamlit's Markdown; other marks of Markdown stand for themselves.

    Titles such as "m_J" and whole sentences will do. A symbol is one letter, maybe after Δ, with an index;
    a minus between spaces gets its full length, and a number keeps its error on its line.

    Example:
        >>> symbol_text("m_J"), symbol_text("p_T^μμ"), symbol_text("jet_mass")
        ('$m_{J}$', '$p_{T}^{μμ}$', 'jet\\_mass')
        >>> symbol_text("120 events (N_eff 115), x_1 and τ₂₁")
        '120 events ($N_{\\mathrm{eff}}$ 115), x₁ and τ₂₁'
    """
    parts, end = [], 0
    for found in _SYMBOL.finditer(text):
        if found["low"] or found["high"]:
            parts += [plain_text(text[end : found.start()]), _formula(found)]
            end = found.end()
    return "".join([*parts, plain_text(text[end:])]).replace(" - ", f" {MINUS} ").replace(" ± ", _ERROR)


def title_text(events: EventTable, name: str) -> str:
    """Return a column's symbol as in print, for Streamlit's Markdown."""
    return symbol_text(events.describe(name).title or name)


def signal_share(events: EventTable) -> str:
    """Return how much of the weight of labelled events is signal, such as "50 %"."""
    return format_percent(events.signal_share)


def menu_title(events: EventTable, name: str) -> str:
    """Return a column's symbol for a menu, which sets plain text only."""
    title = events.describe(name).title
    return menu_text(title) if title and title != name else name


def menu_text(text: str) -> str:
    """Write the symbols of a text in letters alone: an index set low or high where Unicode can, else behind its mark.

    There are no low capitals, and no low b, c or μ: "mJ" would read as a unit, "m_J" is read as it is meant.

    Example:
        >>> menu_text("m_J"), menu_text("p_T^μμ"), menu_text("x_1"), menu_text("z_max"), menu_text("jet_mass")
        ('m_J', 'p_T^μμ', 'x₁', 'zₘₐₓ', 'jet_mass')
    """

    def written(found: re.Match[str]) -> str:
        low, high = found["low"] or "", found["high"] or ""
        below = low.translate(_LOW) if set(low) <= _IS_LOW else f"_{low}"
        above = high.translate(_HIGH) if set(high) <= _IS_HIGH else f"^{high}"
        return "".join([found["base"], found["star"], below, above])

    return _SYMBOL.sub(written, text)


def sentence(text: str) -> str:
    """Return a message as a sentence, for Markdown."""
    return plain_text(capitalised(text).removesuffix(".") + ".")


def capitalised(text: str) -> str:
    """Begin a message with a capital, unless it begins with a symbol or the name of a column or a file.

    Example:
        >>> capitalised("no features"), capitalised("λ is negative"), capitalised("tau21 is constant")
        ('No features', 'λ is negative', 'tau21 is constant')
        >>> capitalised("broken.parquet is not Parquet"), capitalised("empty.")
        ('broken.parquet is not Parquet', 'Empty.')
    """
    is_word = re.match(r"(a|[a-z]{2,})(?![^\s,:;.-])(?!\.\S)", text)
    return text[:1].upper() + text[1:] if is_word else text


def plain_text(text: str) -> str:
    """Escape what looks like Markdown, so that a name shows as it is."""
    return _SPECIAL.sub(lambda mark: f"\\{mark[0]}", text)


def _formula(found: re.Match[str]) -> str:
    """Write a symbol with low digits in plain text, else as a formula; words in its indices upright."""
    base, star, low, high = found["base"], found["star"], found["low"] or "", found["high"] or ""
    if low.isdecimal() and not star and not high:
        return f"{base}{low.translate(_LOW_DIGITS)}"
    below, above = (re.sub("[A-Za-z]{2,}", r"\\mathrm{\g<0>}", index) for index in (low, star + high))
    return f"${base}{f'_{{{below}}}' if below else ''}{f'^{{{above}}}' if above else ''}$"


def duration(seconds: float) -> str:
    """Return a duration in words.

    Example:
        >>> duration(8.2), duration(200), duration(7300)
        ('8 s', '3 min 20 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def roughly(seconds: float) -> str:
    """Return a time that is only guessed, in words.

    Example:
        >>> roughly(42.3), roughly(1311), roughly(9000)
        ('42 seconds', '22 minutes', '2.5 hours')
    """
    for size, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.{int(seconds < 10 * size)}f} {unit}"
    return f"{seconds:.0f} seconds"


def moment(seconds: float) -> str:
    """Return a time of day, with the date unless it is today."""
    at = time.localtime(seconds)
    today = time.localtime()[:3] == at[:3]
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", at)

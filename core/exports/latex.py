r"""Tables as LaTeX: rules of booktabs, values with their errors, units in the head."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from numbers import Integral, Real
from typing import Any

import pandas as pd

from core.events.table import Column
from core.exports.coarser import coarser
from core.exports.markup import parts_of
from core.figures.words import symbol
from core.numbers import format_count, format_number
from core.tables.described import COLUMNS, DESCRIPTION, unit_of, with_unit

NOTHING, GROUPED = "--", 10_000
MOST_ROWS = 40
"""More rows than a page holds: the table goes on over pages."""
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "φ": "varphi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_SIGNS = {
    "±": r"\pm", "×": r"\times", "−": "-", "∞": r"\infty", "≤": r"\le", "≥": r"\ge", "≈": r"\approx", "≠": r"\ne",
    "·": r"\cdot", "√": r"\surd", "ℓ": r"\ell", "→": r"\to", "←": r"\leftarrow", "′": r"{}^{\prime}", "∈": r"\in",
    "∂": r"\partial", "∇": r"\nabla", "⊥": r"\perp", "∥": r"\parallel", "|": r"|", "<": "<", ">": ">",
}  # fmt: skip
_ACCENTS = {"\N{COMBINING CIRCUMFLEX ACCENT}": "hat", "\N{COMBINING MACRON}": "bar", "\N{COMBINING TILDE}": "tilde"}
_PLAIN = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "—": "---", "…": r"\ldots{}",
    "\N{NO-BREAK SPACE}": "~", "\n": " ", "°": r"\textdegree{}", "‰": r"\textperthousand{}",
}  # fmt: skip
_MATHS = {**{letter: f"\\{name}" for letter, name in _GREEK.items()}, **_SIGNS}
_HIGH, _LOW = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "₀₁₂₃₄₅₆₇₈₉₋₊"
_DIGITS = "0123456789-+"
_INDEX = re.compile(f"[{_HIGH}]+|[{_LOW}]+")
_BETWEEN = re.compile(r"(?<!\\)\$\$")
_BASE = re.compile(r"(?:^|(?<=[\W\d_]))Δ?[^\W\d_]\*?$")
_RUN = re.compile(r"[A-Za-z]+|.")
_TO_DIGITS = str.maketrans(_HIGH + _LOW, _DIGITS * 2)


def to_latex(frame: pd.DataFrame) -> str:
    r"""Write a table for a paper; its first line says which packages its preamble needs.

    A column and that of its standard error become one, written as in `core.numbers`. What the columns mean stands
    above the table as a comment, and the description is the caption. Of a spectrum bins are merged until a reader can
    take them in; a table that is still longer than a page goes on over pages, by ``longtable``.

    Args:
        frame: from core.tables.

    Example:
        >>> print(to_latex(pd.DataFrame({"auc": [0.88312], "auc_error": [0.0021], "m_low [GeV]": [50.0]})))
        % needs \usepackage{booktabs}
        \begin{table}
          \centering
          \begin{tabular}{rr}
            \toprule
            auc & m low [GeV] \\
            \midrule
            $0.883 \pm 0.002$ & 50.0 \\
            \bottomrule
          \end{tabular}
        \end{table}
        <BLANKLINE>
    """
    frame = coarser(frame)
    errors = _errors(frame)
    shown = [name for name in map(str, frame.columns) if name not in errors.values()]
    columns = [_cells(frame, name, errors.get(name)) for name in shown]
    rows = [" & ".join(cells) + r" \\" for cells in zip(*columns, strict=True)]
    caption = f"\\caption{{{escaped(frame.attrs[DESCRIPTION])}}}" if DESCRIPTION in frame.attrs else ""
    layout = "".join("r" if _is_number(frame[name]) else "l" for name in shown)
    write = _over_pages if len(rows) > MOST_ROWS else _on_a_page
    lines = write(layout, f"{' & '.join(map(_head, shown))} \\\\", rows, caption)
    return "\n".join([lines[0], *_meanings(frame.attrs.get(COLUMNS, {}), shown), *lines[1:]]) + "\n"


def _on_a_page(layout: str, head: str, rows: list[str], caption: str) -> list[str]:
    """Return the lines of a table that floats, after those of its packages."""
    return [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        *([f"  {caption}"] if caption else []),
        f"  \\begin{{tabular}}{{{layout}}}",
        r"    \toprule",
        f"    {head}",
        r"    \midrule",
        *(f"    {row}" for row in rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]


def _over_pages(layout: str, head: str, rows: list[str], caption: str) -> list[str]:
    """Return the lines of a table that goes on over pages with its head on each, after those of its packages."""
    return [
        r"% needs \usepackage{booktabs,longtable}, and one column: \onecolumn, \onecolumngrid",
        f"\\begin{{longtable}}{{{layout}}}",
        *([f"  {caption} \\\\"] if caption else []),
        r"  \toprule",
        f"  {head}",
        r"  \midrule",
        r"  \endhead",
        r"  \bottomrule",
        r"  \endfoot",
        *(f"  {row}" for row in rows),
        r"\end{longtable}",
    ]


def escaped(text: str) -> str:
    r"""Return a text for LaTeX: what LaTeX would read as a command is escaped, and symbols are set as formulas.

    Example:
        >>> escaped("50 % of p_T²: λ = −0.5 ± 0.1")
        '50 \\% of p\\_T$^{2}$: $\\lambda$ = $-$0.5 $\\pm$ 0.1'
    """
    written, last = [], 0
    for index in _INDEX.finditer(text):
        mark = "^" if index[0][0] in _HIGH else "_"
        written += [_letters(text[last : index.start()]), f"${mark}{{{index[0].translate(_TO_DIGITS)}}}$"]
        last = index.end()
    return _BETWEEN.sub("", "".join([*written, _letters(text[last:])]))


def _letters(text: str) -> str:
    """Escape a text without indices, letter by letter; an accent goes over the letter before it."""
    written: list[str] = []
    for each in unicodedata.normalize("NFD", text) if any(map(_is_hatted, text)) else text:
        if each in _ACCENTS and written:
            written[-1] = f"$\\{_ACCENTS[each]}{{{written[-1].strip('$')}}}$"
        elif each in _MATHS:
            written.append(f"${_MATHS[each]}$")
        else:
            written.append(_PLAIN.get(each, each))
    return "".join(written)


def _is_hatted(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter)[-1] in _ACCENTS


def _errors(frame: pd.DataFrame) -> dict[str, str]:
    """Return which column holds the standard error of which."""
    found: dict[str, str] = {}
    names = [str(name) for name in frame.columns]
    for name, following in zip(names, [*names[1:], ""], strict=True):
        unit = unit_of(name)
        bare = name.removesuffix(f" [{unit}]")
        own = {with_unit(each, unit) for each in (f"{bare}_error", f"{bare} error", f"± {bare}")} & set(names)
        if not _is_number(frame[name]) or name in found.values():
            continue
        beside = following == "error" or (following.startswith("± ") and name.startswith(_stem(following)))
        if own or beside:
            found[name] = own.pop() if own else following
    return found


def _stem(error: str) -> str:
    """Return what the name of a column begins with whose error this one is."""
    return error.removeprefix("± ").removesuffix(f" [{unit_of(error)}]")


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _cells(frame: pd.DataFrame, name: str, error: str | None) -> list[str]:
    """Write the cells of one column, with its errors if it has them."""
    if error is not None:
        pairs = zip(_floats(frame[name]), _floats(frame[error]), strict=True)
        return [_number(format_number(value, each)) for value, each in pairs]
    if name.endswith(("symbol", "title")):
        return [_symbol(value) for value in frame[name]]
    return [_cell(value) for value in frame[name]]


def _floats(column: pd.Series) -> list[float]:
    return list(column.astype("Float64").astype(float).tolist())


def _symbol(title: Any) -> str:
    r"""Set a symbol such as "p_T^μμ" with its indices low and high: words in them upright, its letter slanted."""
    if not isinstance(title, str):
        return NOTHING
    written = ""
    for part in parts_of(symbol(Column("", title))):
        if part.level:
            written += f"${'_' if part.level == 'sub' else '^'}{{{_index(part.text)}}}$"
            continue
        base = _BASE.search(part.text)
        before = part.text[: base.start()] if base else part.text
        written += escaped(before) + (f"${' '.join(_MATHS.get(each, each) for each in base[0])}$" if base else "")
    return _BETWEEN.sub("", written)


def _index(text: str) -> str:
    return "".join(
        f"\\mathrm{{{run}}}" if run.isascii() and run.isalpha() else _MATHS.get(run, _PLAIN.get(run, run))
        for run in _RUN.findall(text)
    )


def _cell(value: Any) -> str:
    """Write one value: numbers to three figures, yes or no, a date, or text."""
    if value is None or value is pd.NaT or value is pd.NA:
        return NOTHING
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return _number(format_count(float(value)) if abs(int(value)) >= GROUPED else format(int(value)))
    if isinstance(value, Real):
        return _number(format_number(float(value)))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return escaped(str(value))


def _number(text: str) -> str:
    """Set a number of `core.numbers`: as a formula where it has more than digits."""
    if text == "–":
        return NOTHING
    if re.fullmatch(r"[\d.,]+", text):
        return text
    formula = _INDEX.sub(lambda power: f"^{{{power[0].translate(_TO_DIGITS)}}}", text.replace(" %", r"\,\%"))
    return f"${''.join(_SIGNS.get(each, each) for each in formula)}$".replace("$--", "$-")


def _head(name: str) -> str:
    """Write the head of a column: its name in words, and its unit."""
    return escaped(name.replace("_", " "))


def _meanings(words: Mapping[str, str], shown: list[str]) -> list[str]:
    return [f"% {name}: {' '.join(words[name].split())}" for name in shown if name in words]

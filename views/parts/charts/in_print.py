"""Numbers and sentences as they stand on all pages: three figures, ± errors, a dash where there is no number."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.numbers import format_number
from core.tables.described import COLUMNS
from views.parts.charts.charts import table
from views.parts.frame.alone import alone
from views.parts.words import menu_text, symbol_text

DASH = "–"
ERROR = "± "
"""Begins the name of a column of errors; the rest is the name of the column that they belong to."""
NAME, SYMBOL = "variable", "symbol"
_WORD = re.compile(r"\w+")


def verdict_in_words(said: str, *, final: bool = True, definition: str | None = None) -> None:
    """Say what came out: framed once it is final, in bold as long as it trains.

    Args:
        said: a sentence with its numbers.
        final: whether it is of held-out events.
        definition: what its terms mean, on hover.
    """
    if final:
        st.info(symbol_text(said), icon=":material/gavel:")
    else:
        st.markdown(f"**{symbol_text(said)}**", help=definition)


def judged_on(events: str, *, final: bool, more: str = "", definition: str | None = None) -> None:
    """Say on which events the numbers above were found.

    Args:
        events: their number, and of what.
        final: whether they were held out from the training.
        more: further sentences.
        definition: what the terms mean, on hover.
    """
    where = "held out from the training" if final else "of the validation sample, while it trains"
    st.caption(f"On {symbol_text(events)} {where}.{more}", help=definition)


def written(frame: pd.DataFrame, texts: Mapping[str, Sequence[str]]) -> Styler:
    """Show columns of numbers as they are written, with their errors; they are still sorted as numbers.

    Args:
        frame: the table.
        texts: column of numbers → what is shown in its rows.
    """
    formats: dict[str, Any] = {}
    for name, cells in texts.items():
        known = dict(zip(frame[name], cells, strict=True))
        formats[name] = lambda value, known=known: known.get(value, DASH)
    return frame.astype(dict.fromkeys(texts, float)).style.format(formats, na_rep=DASH)


def in_print(frame: pd.DataFrame, titles: Mapping[str, str] | None = None) -> tuple[Styler, dict[str, Any]]:
    """Return a table of numbers as it is shown, and the words on hover of its columns.

    Errors stand behind their values, symbols take the place of the names of variables. The files of the table hold
    what is not shown: every digit, and the names.

    Args:
        frame: from core.tables.
        titles: variable → its symbol, of further variables that the names of columns speak of.
    """
    words = frame.attrs.get(COLUMNS, {})
    errors = {_value_of(name, frame.columns): name for name in frame.columns if name.startswith(ERROR)}
    shown = {name: frame[name] for name in frame.columns if name != SYMBOL and name not in errors.values()}
    symbols = dict(titles or {})
    texts = {
        name: [
            format_number(value, error) for value, error in zip(column, _errors(frame, errors.get(name)), strict=True)
        ]
        for name, column in shown.items()
        if pd.api.types.is_float_dtype(column)
    }
    if {NAME, SYMBOL} <= set(frame.columns):
        symbols |= {name: symbol or name for name, symbol in zip(frame[NAME], frame[SYMBOL], strict=True)}
        shown[NAME] = [menu_text(symbols[name]) for name in frame[NAME]]
    heads = {name: menu_text(_WORD.sub(lambda word: symbols.get(word[0], word[0]), name)) for name in shown}
    columns = pd.DataFrame({heads[name]: column for name, column in shown.items()})
    helps = {heads[name]: st.column_config.Column(help=words[name]) for name in shown if name in words}
    return written(columns, {heads[name]: cells for name, cells in texts.items()}), helps


@alone
def every_number(
    title: str,
    numbers: Callable[[], pd.DataFrame],
    key: str,
    file: str,
    titles: Mapping[str, str] | None = None,
    *,
    explained: str = "",
) -> None:
    """Offer a table of core.tables in print, with its files beneath, which is made once it is opened; see `in_print`.

    Args:
        title: of what is opened.
        numbers: makes the table.
        key: of the table, once on a page.
        file: name of its files.
        titles: see `in_print`.
        explained: what stands above the table.
    """
    place = st.expander(title, key=f"open-{key}", on_change="rerun")
    if not place.open:  # two tables would take half the time of a page
        place.caption("Preparing …")
        return
    with place:
        if explained:
            st.caption(explained)
        frame = numbers()
        shown, helps = in_print(frame, titles)
        table(shown, key, file, numbers=frame, column_config=helps, placeholder=DASH)


def _errors(frame: pd.DataFrame, name: str | None) -> list[float | None]:
    return [None] * len(frame) if name is None else [None if math.isnan(each) else each for each in frame[name]]


def _value_of(error: str, names: Sequence[str]) -> str:
    """Return the column that a column of errors belongs to: the one that begins like it and has its unit."""
    title, _, unit = error.removeprefix(ERROR).partition(" [")
    return next(name for name in names if name.startswith(title) and name.endswith(unit))

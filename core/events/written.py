"""Numbers that are read as text: decimals with a comma, or a bad value among numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from core.events.glance import some_events
from core.events.readers._pieces import is_address
from core.events.readers.csv import CsvReader
from core.events.source import files_of, open_source
from core.events.spec import DatasetSpec
from core.numbers import format_count

_POINT = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_COMMA = r"^\s*[+-]?[\d.]*,\d+([eE][+-]?\d+)?\s*$"
_MOSTLY = 0.9
"""Share of numbers among its values that makes a text column one of numbers."""
_NAMED = 5
_ABSENT = pa.array(pa_csv.ConvertOptions().null_values)


@dataclass
class _Text:
    """Count what the values of one text column are."""

    n_values: int = 0
    n_points: int = 0
    n_commas: int = 0
    comma: str = ""
    other: str = ""

    def add(self, values: Any) -> None:
        """Add pyarrow values."""
        values = values.cast(pa.string()).drop_null()
        values = values.filter(pc.invert(pc.is_in(values, _ABSENT)))
        with_point, with_comma = pc.match_substring_regex(values, _POINT), pc.match_substring_regex(values, _COMMA)
        others = values.filter(pc.invert(pc.or_(with_point, with_comma)))
        commas = values.filter(with_comma)
        self.n_values += len(values)
        self.n_points += len(values) - len(commas) - len(others)
        self.n_commas += len(commas)
        self.comma = self.comma or (commas[0].as_py() if len(commas) else "")
        self.other = self.other or (others[0].as_py() if len(others) else "")


def written_sentences(spec: DatasetSpec, most_bytes: float = float("inf")) -> tuple[str, ...]:
    """Say which columns without a role are text although they hold numbers, and what to mend.

    A look at some events is enough: a reader takes the types from the first of them.

    Args:
        spec: the data set.
        most_bytes: text files of more are not looked at, for to count their lines once more takes seconds.

    Raises:
        DataError: the file cannot be read.
    """
    if _bytes_of_text(spec) > most_bytes:
        return ()
    reader = open_source(*spec.files)
    used = spec.roles.used()
    names = [each.name for each in reader.summary().columns if each.kind == "string" and each.name not in used]
    if not names:
        return ()
    found = {name: _Text() for name in names}
    for batch in some_events(reader, names):
        for name, text in found.items():
            text.add(batch[name])
    commas = [name for name, text in found.items() if _share(text) >= _MOSTLY and text.n_commas > text.n_points]
    told = []
    if commas:
        verb = "holds" if len(commas) == 1 else "hold"
        told.append(f"{_listed(commas)} {verb} text such as {found[commas[0]].comma!r}: write decimals with a point")
    told += [_mended(name, text) for name, text in found.items() if name not in commas and _share(text) >= _MOSTLY]
    return tuple(told)


def _bytes_of_text(spec: DatasetSpec) -> int:
    """Return how large the text files of this machine are that a data set names."""
    files = [file for path in spec.files if not is_address(path) for file in files_of(path)]
    return sum(file.stat().st_size for file in files if file.suffix.lower() in CsvReader.suffixes)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _share(text: _Text) -> float:
    """Return the share of numbers among the values, between 0 and 1."""
    return (text.n_points + text.n_commas) / text.n_values if text.n_values else 0.0


def _mended(name: str, text: _Text) -> str:
    n_bad = text.n_values - text.n_points
    them = "it" if n_bad == 1 else "them"
    if not n_bad:
        return f"{name} is read as text, though the {format_count(text.n_values)} values looked at are numbers"
    bad = repr(text.other or text.comma)
    values = f"1 value ({bad})" if n_bad == 1 else f"{format_count(n_bad)} values, such as {bad},"
    return f"{name} holds numbers but for {values} and is read as text: correct {them} or leave {them} empty"

"""What a file holds, told by its metadata alone."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from core.errors import DataError
from core.events.table import Column

Kind = Literal["numeric", "boolean", "string", "list", "unsupported"]
Part = int | Literal["count"] | None

OFFERED_ELEMENTS = 4
ONLY_IN = "only in "
"""How the reason begins why a column of one of two files is left out."""
_ELEMENT = re.compile(r"(?P<column>.+)\[(?P<index>\d{1,6})\]")


@dataclass(frozen=True)
class Pick:
    """Name what is taken of one column of a file.

    Args:
        name: what the user calls it, such as "Muon_pt[0]".
        column: the column of the file, such as "Muon_pt".
        part: None for the whole column, an index for one element of a list column, "count" for its length.
    """

    name: str
    column: str
    part: Part = None


@dataclass(frozen=True)
class ColumnSummary:
    """Describe one column of a file without reading its values.

    Args:
        words: name, title, unit and description.
        dtype: the type in the file's own words, such as "list<item: float>".
        kind: what can be done with it; only numeric, boolean and list columns hold features.
        reason: why the column cannot be used, or has its stated role if not because the file says so; else empty.
        uncompressed_bytes: size of the values in memory, an estimate for lists and text [bytes].
        stated_role: the role that the file itself states; empty when it states none.
        elements: how many elements of a list column menus offer; any other index can be asked for too.
        count: under which name menus offer the length of a list; None for ``column.count``, empty where another list
            of the same lengths offers it.
    """

    words: Column
    dtype: str
    kind: Kind
    reason: str = ""
    uncompressed_bytes: int = 0
    stated_role: str = ""
    elements: int = OFFERED_ELEMENTS
    count: str | None = None

    @property
    def name(self) -> str:
        """Return the column's name in the file."""
        return self.words.name

    @property
    def offers(self) -> tuple[str, ...]:
        """Return the names under which the values can be used: one, or several for a list column.

        Example:
            >>> ColumnSummary(Column("pt"), "list<item: float>", "list", elements=2).offers
            ('pt.count', 'pt[0]', 'pt[1]')
        """
        if self.kind == "list":
            count = f"{self.name}.count" if self.count is None else self.count
            return (*([count] if count else []), *(f"{self.name}[{i}]" for i in range(self.elements)))
        return (self.name,) if self.kind in ("numeric", "boolean") else ()


@dataclass(frozen=True)
class FileSummary:
    """Describe a file or folder of events from its metadata.

    Args:
        path: the file or folder.
        name: what to call the data set: the file name without its suffix.
        format: "Parquet", "CSV" or "ROOT".
        n_events: number of rows.
        columns: the columns in the order of the file.
        bytes_on_disk: size as stored [bytes].
        card: what the file tells of itself under the schema key "infoscope"; empty for other files.

    Raises:
        DataError: two columns of one name, no event, or no column that holds numbers.
    """

    path: Path
    name: str
    format: str
    n_events: int
    columns: tuple[ColumnSummary, ...]
    bytes_on_disk: int
    card: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = Counter(column.name for column in self.columns)
        twice = [name for name, n in counts.items() if n > 1]
        if twice:
            raise DataError(f"{self.path.name} has more than one column named {quoted(twice)}; rename all but one")
        if self.n_events < 1:
            raise DataError(f"{self.path.name} has no events ({self.n_events} rows); at least one is needed")
        if not self.usable:
            found = ", ".join(f"{column.name} ({column.dtype})" for column in self.columns[:10])
            raise DataError(f"{self.path.name} has no numeric column; there are: {found or 'no columns at all'}")

    @property
    def uncompressed_bytes(self) -> int:
        """Return the size of all columns in memory [bytes]."""
        return sum(column.uncompressed_bytes for column in self.columns)

    @property
    def usable(self) -> tuple[str, ...]:
        """Return every name that can be a feature: numbers, booleans, and elements and counts of lists."""
        return tuple(name for column in self.columns for name in column.offers)

    def __getitem__(self, name: str) -> ColumnSummary:
        """Return the column of the file called ``name``."""
        if name not in self._by_name:
            raise DataError(self._unknown(name))
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, ColumnSummary]:
        return {column.name: column for column in self.columns}

    def find(self, name: str, also: Iterable[str] = ()) -> Pick:
        """Return what ``name`` stands for: a column, an element ``column[i]``, ``column.count`` or ``n_jets``.

        The last one is the length of the first list named "jets_…", as its other lists mostly have the same.

        Args:
            name: a name as users write it; a column of exactly that name wins over an element of a list.
            also: names that exist beside those of the file, for the near matches of the error.

        Raises:
            DataError: nothing has that name (near matches are listed), or the column cannot be used.
        """
        columns = self._by_name
        pick = Pick(name, name)
        if name not in columns:
            element = _ELEMENT.fullmatch(name)
            if element:
                pick = Pick(name, element["column"], int(element["index"]))
            elif name.endswith(".count"):
                pick = Pick(name, name.removesuffix(".count"), "count")
            elif (counted := self.counted_by(name)) is not None:
                pick = Pick(name, counted, "count")
        if pick.column not in columns:
            raise DataError(self._unknown(name, also))
        column = columns[pick.column]
        if column.kind == "unsupported":
            raise DataError(f"column {column.name!r} of type {column.dtype} cannot be used: {column.reason}")
        if column.kind == "list" and pick.part is None:
            raise DataError(f"column {name!r} holds a list for each event; take one of: {', '.join(column.offers)}")
        if column.kind != "list" and pick.part is not None:
            raise DataError(f"column {column.name!r} of type {column.dtype} is no list; write {column.name!r} alone")
        return pick

    def counted_by(self, name: str) -> str | None:
        """Return the list whose length is called ``name``, such as "jets_pt" for "n_jets"; None where there is none."""
        begins = tuple(f"{name.removeprefix('n_')}{mark}" for mark in "_.") if name.startswith("n_") else ()
        lists = (each.name for each in self.columns if each.kind == "list" and each.name.startswith(begins))
        return next(lists, None) if begins and name not in self._by_name else None

    def with_counts(self, counts: Mapping[str, str]) -> FileSummary:
        """Return the same with the names for the lengths of lists that `core.events.lists.shared_counts` found."""
        columns = (replace(each, count=counts.get(each.name, each.count)) for each in self.columns)
        return replace(self, columns=tuple(columns))

    def _unknown(self, name: str, also: Iterable[str] = ()) -> str:
        known = (*also, *self.usable, *self._by_name)
        has = "have" if " and " in self.format or self.format.startswith("a pair of") else "has"
        return f"{self.path.name} {has} no column {name!r}{near(name, known)}"


def near(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean …" with the known names most like ``name``, or a list of some that exist.

    Example:
        >>> near("muonpT", ["muon_pt", "mass"])
        "; did you mean 'muon_pt'?"
    """
    names = list(dict.fromkeys(known))
    lowered = {candidate.lower(): candidate for candidate in reversed(names)}
    matches = [lowered[match] for match in difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.6)]
    if matches:
        return f"; did you mean {quoted(matches, ' or ')}?"
    return f"; there are: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


def quoted(names: Iterable[object], joint: str = ", ") -> str:
    """Return the names in quotation marks, side by side."""
    return joint.join(repr(name) for name in names)


def in_bytes(n: float) -> str:
    """Return a size in bytes with a binary unit.

    Example:
        >>> in_bytes(3 * 2**30)
        '3.0 GiB'
    """
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if n < 1024:
            return f"{n:.0f} {unit}" if unit == "bytes" else f"{n:.1f} {unit}"
        n /= 1024
    return f"{n:.1f} TiB"

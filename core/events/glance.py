"""A glance at some events of a file: which columns may be the label or the mass, found without reading all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from core.events.composed import ComposedReader
from core.events.labels import missing
from core.events.readers import Reader
from core.events.readers._arrow import to_numpy
from core.events.readers._many import FolderReader
from core.events.readers.parquet import ParquetReader
from core.events.roles import looks_like_mass, may_be_weight, named_like_weight
from core.events.source import open_source
from core.events.summary import FileSummary

PLACES, EVENTS = 4, 20_000
"""How many places of a Parquet file are looked at, since files are often sorted by process, and events at each."""
FEW = 8
"""Most different values that a column which names classes holds."""
_LABEL_LIKE = re.compile(r"label|truth|target|signal|sig(?![a-z])|class|cat|is_|_is|type|flag|process", re.IGNORECASE)
_MASS_ITSELF = re.compile(
    r"m|(.*_)?mass|m_?(jj|bc|ll|ee|mumu|gg|inv|bb|tt)|(inv|invariant)_?m(ass)?|.*[a-z]mass", re.IGNORECASE
)
MOST_NEGATIVE = 0.3
"""Largest share of negative values that weights of simulated events have."""


@dataclass(frozen=True)
class Glance:
    """Say what some events of a column hold.

    Args:
        name: the column, an element or the count of a list.
        n_events: events that were looked at.
        n_missing: those of them without a value.
        values: different values, the smallest first, where there are at most eight; else empty.
        low: 1 % of the values lie below; NaN for text.
        middle: median; NaN for text.
        high: 1 % of the values lie above; NaN for text.
        negative: share of negative values, between 0 and 1.
        mean: of the finite values; NaN for text.
    """

    name: str
    n_events: int
    n_missing: int
    values: tuple[str | float, ...]
    low: float
    middle: float
    high: float
    negative: float = 0.0
    mean: float = float("nan")


def glance(path: str, background: str | None = None, columns: Iterable[str] | None = None) -> dict[str, Glance]:
    """Look at some events of a file: up to 20,000 at each of four places, or the first 80,000 of one CSV or ROOT file.

    Args:
        path: what `core.events.source.inspect_file` takes.
        background: the file of background where there is one of its own.
        columns: columns of numbers, booleans or text, elements or counts of lists; None for all flat columns.

    Returns:
        Column → what was seen of it; a column without any value is left out.

    Raises:
        DataError: the file or a column cannot be read.
    """
    reader = open_source(path, background)
    summary = reader.summary()
    flat = [each.name for each in summary.columns if each.kind in ("numeric", "boolean", "string")]
    picks = [summary.find(name) for name in (flat if columns is None else columns)]
    found: dict[str, list[Any]] = {pick.name: [] for pick in picks}
    for batch in some_events(reader, list(dict.fromkeys(pick.column for pick in picks))) if picks else ():
        for pick in picks:
            found[pick.name].append(to_numpy(batch[pick.column], pick.part))
    looked = (_seen(name, np.concatenate(parts)) for name, parts in found.items() if parts)
    return {each.name: each for each in looked if each.n_missing < each.n_events}


def label_candidates(seen: Mapping[str, Glance], weight: str | None = None) -> tuple[str, ...]:
    """Return the columns that may be the label, the likeliest first: of two values, named like a label, 0 and 1.

    Args:
        seen: what `glance` returned.
        weight: the column of weights, which is none.

    Example:
        >>> held = {"charge": (-1.0, 1.0), "cat": (0.0, 1.0), "pt": ()}
        >>> label_candidates({name: Glance(name, 9, 0, few, -1.0, 0.0, 1.0) for name, few in held.items()})
        ('cat', 'charge')
    """
    few = [each for each in seen.values() if 1 < len(each.values) <= FEW and each.name != weight]

    def order(each: Glance) -> tuple[bool, bool, bool]:
        return len(each.values) > 2, not named_like_label(each.name), set(each.values) != {0, 1}

    return tuple(each.name for each in sorted(few, key=order))


def named_like_label(name: str) -> bool:
    """Return whether a column is named as those that tell classes or processes apart are.

    Example:
        >>> [named_like_label(name) for name in ("process", "is_data", "n_jets")]
        [True, True, False]
    """
    return bool(_LABEL_LIKE.search(name))


def weight_candidates(seen: Mapping[str, Glance], guessed: str | None = None) -> tuple[str, ...]:
    """Return the columns that may be the weight: guessed, named like one, or with some negative values, mean positive.

    Args:
        seen: what `glance` returned.
        guessed: the column that was guessed to be the weight.

    Example:
        >>> negative = {"pt": 0.0, "wgt": 0.0, "eta": 0.5, "k": 0.07}
        >>> seen = {name: Glance(name, 9, 0, (), -1.0, 1.0, 1.0, share, 0.9) for name, share in negative.items()}
        >>> weight_candidates(seen)
        ('wgt', 'k')
    """
    named = [name for name, each in seen.items() if each.mean == each.mean and named_like_weight(name)]
    named += [name for name, each in seen.items() if each.mean > 0 and may_be_weight(name)]
    signed = [name for name, each in seen.items() if 0 < each.negative < MOST_NEGATIVE and each.mean > 0]
    return tuple(dict.fromkeys([*([guessed] if guessed else []), *named, *signed]))


def mass_candidates(summary: FileSummary, seen: Mapping[str, Glance], guessed: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the columns that may be the mass, likeliest first: named just so, guessed, by name, by unit.

    Args:
        summary: what `core.events.source.inspect_file` returned.
        seen: what `glance` returned: columns of few values are none.
        guessed: columns that were guessed to be protected.
    """
    continuous = [name for name, each in seen.items() if not each.values and np.isfinite(each.middle)]

    def order(name: str) -> tuple[bool, bool, bool, bool]:
        unit = summary[name].words.unit if name in {column.name for column in summary.columns} else ""
        itself = name in guessed and _MASS_ITSELF.fullmatch(name)
        return not itself, name not in guessed, not looks_like_mass(name), unit not in ("GeV", "MeV", "TeV")

    return tuple(sorted(continuous, key=order))


def some_events(reader: Reader, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield a few batches from places all over the file, name → pyarrow.Array."""
    if isinstance(reader, ComposedReader):
        for side in (0, 1):
            yield from islice(reader.side(side, columns, EVENTS), PLACES // 2)
    elif isinstance(reader, ParquetReader):
        groups = reader.parts(1)
        for k in sorted({round(k) for k in np.linspace(0, len(groups) - 1, PLACES)}):
            yield from islice(reader.of(groups[k]).batches(columns, EVENTS), 1)
    elif isinstance(reader, FolderReader):
        for one in reader.apart(PLACES):
            yield from islice(one.batches(columns, EVENTS), 1)
    else:
        yield from islice(reader.batches(columns, EVENTS), PLACES)


def _seen(name: str, values: Any) -> Glance:
    without = missing(values)
    present = values[~without]
    if present.dtype.kind == "O":
        different: Any = sorted(set(present.tolist()))
        low = middle = high = mean = float("nan")
        negative = 0.0
    else:
        different = np.unique(present)
        finite = present[np.isfinite(present)]
        low, middle, high = np.quantile(finite, [0.01, 0.5, 0.99]) if len(finite) else (float("nan"),) * 3
        mean = finite.mean(dtype=np.float64) if len(finite) else float("nan")
        negative = (finite < 0).mean() if finite.dtype.kind in "if" and len(finite) else 0.0
    few = tuple(each if isinstance(each, str) else float(each) for each in different[: FEW + 1])
    shown = few if len(few) <= FEW else ()
    ends = float(low), float(middle), float(high)
    return Glance(name, len(values), int(without.sum()), shown, *ends, float(negative), float(mean))

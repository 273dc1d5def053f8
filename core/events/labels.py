"""Labels: which value of the label column is signal, and whether a table can train a classifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.classes import not_two_classes, require_classes
from core.events.readers import Reader
from core.events.readers._arrow import to_numpy
from core.events.source import open_source
from core.events.table import EventTable

_BATCH = 1 << 17
_SHOWN = 10
_FOLLOWED = 10_000
_TRUTHS = {"true": 1.0, "false": 0.0}


def label_values(path: str | Path, column: str, background: str | None = None) -> dict[str | float, int]:
    """Count the values of a column, so that a user can say which of them is signal.

    Args:
        path: what `inspect_file` takes.
        column: a column of numbers, booleans or text.
        background: the file of background where there is one of its own.

    Returns:
        Value → number of events, the most frequent first, at most ten; missing values are left out.

    Raises:
        DataError: the file or the column cannot be read.
    """
    return count_values(open_source(path, background), column)


def count_values(reader: Reader, column: str) -> dict[str | float, int]:
    """Count the values of a column of an open file; see `label_values`."""
    pick = reader.summary().find(column)
    counts: Counter[str | float] = Counter()
    for batch in reader.batches([pick.column], _BATCH):
        values = to_numpy(batch[pick.column], pick.part)
        present = values[~missing(values)]
        if present.dtype.kind == "O":
            counts.update(present.tolist())
        else:
            distinct, n = np.unique(present, return_counts=True)
            counts.update(dict(zip(distinct.tolist(), n.tolist(), strict=True)))
        # Only the most frequent are kept: a column of floats must not fill the memory.
        counts = Counter(dict(counts.most_common(_FOLLOWED)))
    return dict(counts.most_common(_SHOWN))


def as_signal(values: NDArray[Any], signal_value: str | float | None) -> NDArray[Any]:
    """Return 1 where a label has the signal value, 0 where it has another and NaN where it is missing.

    Args:
        values: the label column, numbers or Python strings, shape (n,).
        signal_value: the value that is signal; numbers may be written as text, and 1 and 0, which booleans are read as,
            as true and false. None leaves numbers as they are.

    Example:
        >>> as_signal(np.array(["sig", "bkg", None], dtype=object), "sig")
        array([ 1.,  0., nan], dtype=float32)
    """
    if signal_value is None:
        return values
    wanted: str | float = signal_value
    if values.dtype.kind == "O":
        wanted = f"{signal_value:g}" if isinstance(signal_value, float) else signal_value
    elif isinstance(signal_value, str):
        wanted = _number(signal_value, values)
    signal: NDArray[Any] = (values == wanted).astype(np.float32)
    signal[missing(values)] = np.nan
    return signal


def _number(written: str, label: NDArray[Any]) -> float:
    truth = _TRUTHS.get(written.strip().lower())
    if truth is not None and np.isin(label[~missing(label)], (0, 1)).all():
        return truth
    try:
        return float(written)
    except ValueError as problem:
        raise DataError(f"signal value {written!r} is text, but the label holds numbers") from problem


def compact(label: NDArray[Any]) -> NDArray[Any]:
    """Return a label of whole numbers between -1 and 1 as int8, any other unchanged."""
    return label.astype(np.int8) if np.isin(label, (-1, 0, 1)).all() else label


def require_labelled(table: EventTable) -> None:
    """Check that a classifier can be trained on the table: a label, with events of both classes.

    Args:
        table: events; the label must be 0 and 1, or -1 and 1.

    Raises:
        DataError: no label, missing labels, one class only, or other values than two classes have.

    Example:
        >>> from core.events.table import Roles
        >>> require_labelled(EventTable("toy", {"y": np.array([1, 0])}, Roles(label="y")))
    """
    name = table.roles.label
    if name is None:
        raise DataError(
            f"{table.name} has no label column; choose the column that is 1 for signal and 0 for background"
        )
    require_two_classes(name, *table.label_counts)


def without_refused_label(table: EventTable) -> EventTable:
    """Return the same events, unlabelled where their label does not tell signal from background.

    Example:
        >>> from core.events.table import Roles
        >>> without_refused_label(EventTable("toy", {"y": np.array([1, 2])}, Roles(label="y"))).roles.label is None
        True
    """
    try:
        _ = table.is_signal
    except DataError:
        return table.with_roles(table.roles.model_copy(update={"label": None}))
    return table


def require_two_classes(name: str, found: Mapping[float, int], n_missing: int) -> None:
    """Check that what a label holds is two classes.

    Args:
        name: the label's column.
        found: value → number of events.
        n_missing: events without a label.

    Raises:
        DataError: missing labels, one class only, or other values than two classes have.
    """
    if len(found) == 1 and not n_missing:
        (value, n_events), *_ = found.items()
        raise DataError(f"label {name!r} is {value:g} in all {n_events:,} events; both classes are needed")
    require_classes(name, found, n_missing)
    if not found:
        raise not_two_classes(name, found)


def missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where values are missing: NaN among numbers, None among text."""
    if values.dtype.kind == "O":
        return np.fromiter((value is None for value in values), np.bool_, len(values))
    return np.asarray(np.isnan(values), np.bool_)

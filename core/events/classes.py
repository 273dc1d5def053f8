"""What the values of a label say: signal, background, or neither, which is refused wherever classes are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

_SHOWN = 10
_SIGNAL, _BACKGROUND = 1.0, (0.0, -1.0)
LOOKED_AT = "events looked at"
"""What events are called where not all of them are read before a label is refused."""


class ClassReader:
    """Tell signal from background by a label that is read whole or batch by batch, and refuse one that does not say.

    Args:
        name: the label's column.
        events: what the events are called in an error.

    Example:
        >>> ClassReader("y").is_signal(np.array([1, -1, 1])).tolist()
        [True, False, True]
    """

    def __init__(self, name: str, events: str = "events") -> None:
        self._name, self._events = name, events
        self._found: Counter[float] = Counter()

    def is_signal(self, label: NDArray[Any]) -> NDArray[np.bool_]:
        """Return where the label is that of signal, shape (n,).

        Args:
            label: of some events, shape (n,).

        Raises:
            DataError: missing labels, or values that are neither 0 and 1 nor -1 and 1, together with earlier batches.
        """
        signal = np.asarray(label == _SIGNAL, np.bool_)
        n_others, n_missing = len(label) - int(np.count_nonzero(signal)), 0
        # A label of two classes is counted without being sorted, as there may be 10⁷ events.
        background = next((each for each in _BACKGROUND if np.count_nonzero(label == each) == n_others), None)
        if background is None:
            found, n_missing = counted(label)
        else:
            found = {_SIGNAL: len(label) - n_others, background: n_others}
        self._found.update({value: n for value, n in found.items() if n})
        require_classes(self._name, self._found, n_missing, self._events)
        return signal


def counted(label: NDArray[Any]) -> tuple[dict[float, int], int]:
    """Return how many events have each value of a label, and how many have none.

    Example:
        >>> counted(np.array([2.0, np.nan, 2.0]))
        ({2.0: 2}, 1)
    """
    numbers = np.asarray(label, dtype=np.float64)
    is_missing = np.isnan(numbers)
    values, counts = np.unique(numbers[~is_missing], return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True)), int(is_missing.sum())


def require_classes(name: str, found: Mapping[float, int], n_missing: int, events: str = "events") -> None:
    """Check that what a label holds is one of two classes, or both.

    Args:
        name: the label's column.
        found: value → number of events.
        n_missing: events without a label.
        events: what the events are called in an error.

    Raises:
        DataError: missing labels, or other values than 0 and 1, or -1 and 1.
    """
    if n_missing:
        n_events = sum(found.values()) + n_missing
        raise DataError(f"label {name!r} is missing in {n_missing:,} of {n_events:,} {events}; drop invalid events")
    if not any(set(found) <= {_SIGNAL, each} for each in _BACKGROUND):
        raise not_two_classes(name, found, events)


def not_two_classes(name: str, found: Mapping[Any, int], events: str = "events") -> DataError:
    """Return the error that lists the values of a label and asks which of them is signal."""
    most = sorted(found.items(), key=lambda item: -item[1])[:_SHOWN]
    shown = ", ".join(f"{value if isinstance(value, str) else f'{value:g}'} ({n:,} {events})" for value, n in most)
    more = ", …" if len(found) > len(most) else ""
    return DataError(f"label {name!r} holds {shown}{more}; choose which value is signal")

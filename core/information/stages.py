"""How far a work of several stages is, told as one share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

Report = Callable[[int, int], None]


def stages(shares: Sequence[float], progress: Callable[[float], None] | None) -> list[Report | None]:
    """Return what each stage reports to: how much of it is done, and how much there is.

    Args:
        shares: of the whole time that each stage takes; their sum is 1.
        progress: called with the share of the whole that is done, from 0 to 1; None where nobody asks.

    Example:
        >>> told = []
        >>> first, second = stages((0.25, 0.75), told.append)
        >>> first(1, 2), second(1, 3), told
        (None, None, [0.125, 0.5])
    """
    if progress is None:
        return [None] * len(shares)
    told, begins = progress, np.cumsum([0.0, *shares])

    def stage(begin: float, end: float) -> Report:
        return lambda done, total: told(begin + (end - begin) * done / total)

    return [stage(begin, end) for begin, end in pairwise(begins.tolist())]

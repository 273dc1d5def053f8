"""Tables of bins with fewer bins, as a paper prints them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.tables.described import COLUMNS, DESCRIPTION, unit_of

MOST_BINS = 25
"""More bins than that belong into a figure or a file; a table of a paper is read."""
SUM = "Σw of "
"""How the meaning of a column begins whose bins may be added."""


def coarser(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of Σw in bins with adjacent bins merged, to at most 25; any other table as it is.

    Σw of merged bins is their sum, and its error σ = √Σσ². Densities, shares and ratios have no such rule, so a table
    that holds any of them keeps its bins, and so does one whose rows are not bins that follow each other.

    Args:
        frame: from core.tables; the bins of one run after those of another.

    Example:
        >>> from core.tables.described import described
        >>> bins = {"low": range(50), "high": range(1, 51), "n": 1.0, "n_error": 1.0}
        >>> coarser(described(bins, "Events.", {"n": "Σw of all events"})).tail(1).values.tolist()
        [[48.0, 50.0, 2.0, 1.4142135623730951]]
    """
    low, high = (_edge(frame, name) for name in ("low", "high"))
    meanings = frame.attrs.get(COLUMNS, {})
    sums = [name for name in frame if str(meanings.get(name, "")).startswith(SUM)]
    errors = [f"{name}_error" for name in sums if f"{name}_error" in frame]
    if low is None or high is None or not sums or not {*frame} <= {*sums, *errors, low, high, "run"}:
        return frame
    together = np.ones(len(frame) - 1, bool) if "run" not in frame else _same(frame["run"])
    begins = np.flatnonzero(np.r_[True, ~together])
    sizes = np.diff(np.r_[begins, len(frame)])
    follow = np.isclose(frame[high].to_numpy()[:-1], frame[low].to_numpy()[1:])
    if not len(frame) or sizes.max() <= MOST_BINS or not follow[together].all():
        return frame
    step = _step(int(sizes.max()))
    place = np.arange(len(frame)) - np.repeat(begins, sizes)
    group = np.cumsum(place % step == 0)
    squared = frame.assign(**{name: frame[name] ** 2 for name in errors})
    rules = dict.fromkeys([*sums, *errors], "sum") | {low: "first", high: "last", "run": "first"}
    merged = squared.groupby(group).agg({name: rules[str(name)] for name in frame}).reset_index(drop=True)
    merged[errors] = np.sqrt(merged[errors])
    told = f"{frame.attrs.get(DESCRIPTION, '')} Bins are merged {step} at a time."
    merged.attrs = {**frame.attrs, DESCRIPTION: told.strip()}
    return merged


def _edge(frame: pd.DataFrame, name: str) -> str | None:
    """Return the column of an edge of the bins, with or without a unit."""
    return next((str(each) for each in frame if str(each).removesuffix(f" [{unit_of(str(each))}]") == name), None)


def _same(runs: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return whether each row is of the same run as the one before it."""
    names = runs.to_numpy()
    return np.asarray(names[1:] == names[:-1], bool)


def _step(n_bins: int) -> int:
    """Return how many bins become one: as few as need be, without a narrower bin at the end if that can be.

    Example:
        >>> _step(100), _step(60), _step(53)
        (4, 3, 3)
    """
    least = -(-n_bins // MOST_BINS)
    return next((step for step in range(least, 2 * least) if n_bins % step == 0), least)

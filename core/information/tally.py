"""What is counted of some events; tallies of parts add up in one order, whoever counted them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.information.coding import Coding
from core.information.correlation import correlation
from core.information.counts import PairCounts
from core.information.estimate import Correction
from core.information.matrix import InformationMatrix, matrix_of_counts


@dataclass(frozen=True)
class Tally:
    """Hold what is counted of some events; tallies of other events under the same coding add up.

    Args:
        coding: how values became codes.
        counts: the joint tables of all pairs.
        moments: the sums of ``product_moments`` around the coding's centres, shape (4, k, k).
    """

    coding: Coding
    counts: PairCounts
    moments: NDArray[np.float64]

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of both sets of events."""
        self.coding.require_same(other.coding)
        return Tally(self.coding, self.counts + other.counts, self.moments + other.moments)

    def matrix(self, correction: Correction = "miller_madow") -> InformationMatrix:
        """Return every measure of every pair.

        Raises:
            DataError: weights that sum to nothing, or too much weight in negative cells.
        """
        return matrix_of_counts(
            self.counts,
            correlation(self.moments),
            self.coding.boundaries,
            titles=self.coding.titles,
            event_class=self.coding.event_class,
            bins=self.coding.bins,
            rule=self.coding.rule,
            correction=correction,
        )


def add_up(tallies: Sequence[Tally | None]) -> Tally | None:
    """Add the tallies of consecutive parts by a binary tree: first with second, third with fourth, and so on up.

    Sums of floats depend on their order, and this one depends on the places of the parts alone. The tree over groups
    of 2, 4, 8, … consecutive parts, each added up before, is the same tree.

    Args:
        tallies: of consecutive parts; None where no event of a part passed.

    Returns:
        The sum; None where no event passed at all.
    """
    while len(tallies) > 1:
        tallies = [_sum(*tallies[i : i + 2]) for i in range(0, len(tallies), 2)]
    return tallies[0] if tallies else None


class RunningTally:
    """Add the tallies of parts as they come, in the order of ``add_up``, and hold only few at a time."""

    def __init__(self) -> None:
        self._levels: list[tuple[int, Tally | None]] = []

    def add(self, tally: Tally | None) -> None:
        """Add the next part."""
        level = 0
        while self._levels and self._levels[-1][0] == level:
            tally, level = _sum(self._levels.pop()[1], tally), level + 1
        self._levels.append((level, tally))

    def total(self) -> Tally | None:
        """Return the sum of all parts so far; None where no event passed."""
        total = None
        for _, tally in reversed(self._levels):
            total = _sum(tally, total)
        return total


def _sum(one: Tally | None, other: Tally | None = None) -> Tally | None:
    return one + other if one is not None and other is not None else one or other

"""The best network of a training."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.learning.restart import Changing
from core.learning.snapshot import Checkpoint


class Best(Changing):
    """Remember the network with the smallest validation loss among those with AUC ≥ ½.

    A network that was trained with the whole loss is better than any that was not: before the penalty is at full
    strength, the noise of a validation sample can make an epoch look good that has forgotten nothing.

    Args:
        first: what to answer before any epoch qualified.
    """

    changes = ("_rank", "_arrays")

    def __init__(self, first: Checkpoint) -> None:
        self._arrays = first
        self._rank = (True, math.inf)

    def offer(self, arrays: Callable[[], Checkpoint], loss: float, auc: float, *, is_whole: bool = True) -> None:
        """Take the network if it beats the best so far and its score did not collapse (AUC below ½).

        Args:
            arrays: returns the network.
            loss: on validation events.
            auc: on validation events.
            is_whole: whether the epoch was trained with the whole loss, the penalty at full strength.
        """
        rank = (not is_whole, loss)
        if auc >= 0.5 and math.isfinite(loss) and rank < self._rank:
            self._rank, self._arrays = rank, arrays()

    def arrays(self) -> Checkpoint:
        """Return the best network."""
        return self._arrays

"""The best network of a training."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.learning.snapshot import Checkpoint


class Best:
    """Remember the network with the smallest validation loss among those with AUC ≥ ½.

    Args:
        first: what to answer before any epoch qualified.
    """

    def __init__(self, first: Checkpoint) -> None:
        self._arrays = first
        self._loss = math.inf

    def offer(self, arrays: Callable[[], Checkpoint], loss: float, auc: float) -> None:
        """Take the network if it beats the best so far and its score did not collapse (AUC below ½)."""
        if auc >= 0.5 and loss < self._loss:
            self._loss, self._arrays = loss, arrays()

    def arrays(self) -> Checkpoint:
        """Return the best network."""
        return self._arrays

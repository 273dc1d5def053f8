"""The likelihood ratio of one variable, from histograms of it: the simplest classifier there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventTable, effective_number
from core.information.estimate import suitable_bins
from core.information.quantise import Bins, find_bins

Floats = NDArray[np.float64]
_PRIOR = 0.5  # of an event in each cell, so that an empty one has a finite ratio


@dataclass(frozen=True)
class LikelihoodRatio:
    """Hold log p(x|signal)/p(x|background) of one variable in cells of equal content.

    Args:
        bins: how values become cells.
        centres: mean of x in each cell, shape (cells,), ascending.
        log_ratio: shape (cells,).
    """

    bins: Bins
    centres: Floats
    log_ratio: Floats

    def score(self, x: NDArray[np.generic]) -> Floats:
        """Return the log ratio of each event, linear between the centres of the cells, shape (n,)."""
        return np.interp(np.asarray(x, np.float64), self.centres, self.log_ratio)

    def cells(self, x: NDArray[np.generic], weights: Floats, power: int = 1) -> Floats:
        """Return Σ w^power of the events in each cell, shape (cells,)."""
        summed = np.bincount(self.bins.encode(x), weights=weights**power, minlength=len(self.log_ratio))
        return np.asarray(summed[: len(self.log_ratio)], np.float64)


def likelihood_ratio(table: EventTable, name: str) -> LikelihoodRatio:
    """Estimate the likelihood ratio of one variable.

    log [(s_c + ½)/(Σs + k/2)] - log [(b_c + ½)/(Σb + k/2)] for the s_c and b_c effective events in each of k cells;
    a cell whose weights sum to less than nothing counts as empty.

    Args:
        table: labelled events, finite in the variable.
        name: the variable.

    Raises:
        DataError: the variable is constant.

    Example:
        >>> from core.events.table import Roles
        >>> table = EventTable("toy", {"x": np.arange(400) % 2, "y": np.arange(400) % 2}, Roles(label="y"))
        >>> likelihood_ratio(table, "x").log_ratio.round(1)
        array([-6.,  6.])
    """
    weights, x = table.balanced_weights, table[name]
    classes = (table.is_signal, ~table.is_signal)
    fewest = min(effective_number(weights[members]) for members in classes)
    bins = find_bins(x, bins=suitable_bins(2 * fewest), weights=weights)
    if bins.n_codes < 2:
        raise DataError(f"{name} is constant; one that varies is needed")
    shell = LikelihoodRatio(bins, np.zeros(bins.n_codes), np.zeros(bins.n_codes))
    size = np.abs(weights)
    held = np.maximum(shell.cells(x, size), 1e-300)
    centres = np.bincount(bins.encode(x), weights=size * np.asarray(x, np.float64), minlength=bins.n_codes) / held
    logs = [_log_density(shell.cells(x[members], weights[members]), weights[members]) for members in classes]
    return LikelihoodRatio(bins, np.maximum.accumulate(centres), logs[0] - logs[1])


def _log_density(cells: Floats, weights: Floats) -> Floats:
    """Return the logarithm of the share of each cell, as of N_eff unweighted events and half a one a cell."""
    share = np.maximum(cells, 0) / np.maximum(cells, 0).sum()
    n = effective_number(weights)
    return np.asarray(np.log((share * n + _PRIOR) / (n + _PRIOR * len(cells))))

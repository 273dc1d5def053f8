"""All pairs at once as one matrix product: with the codes as one-hot rows A, the tables of all pairs are AᵀA.

It is apart from ``core.information``, which loads no torch. ``count_pairs`` is faster on a processor; a graphics
processor is built for such products. Pass ``functools.partial(count_pairs_by_torch, device=device)`` as ``count`` to
``stream_matrix`` to count a file with it.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import DataError
from core.information.counts import PairCounts
from core.information.quantise import Codes, checked_weights

# Events in one product: single precision counts exactly up to 2²⁴, and a block of 20 variables takes 84 MB.
_BLOCK = 1 << 15


def count_pairs_by_torch(
    codes: Codes, weights: NDArray[np.float64] | None = None, *, device: torch.device
) -> PairCounts:
    """Count the events in every cell of the joint table of every pair, by products of one-hot matrices.

    Counts equal those of ``count_pairs``; sums of weights, in double precision, equal them to rounding.

    Args:
        codes: k ≥ 2 variables of n events.
        weights: event weights, shape (n,), of any sign; None counts events.
        device: where to count.

    Returns:
        The tables of all k(k-1)/2 pairs.

    Raises:
        DataError: fewer than two variables, or weights that are not one finite number an event.

    Example:
        >>> from core.information.quantise import quantise
        >>> codes = quantise({"x": np.array([0, 0, 1]), "y": np.array([1, 0, 1])})
        >>> count_pairs_by_torch(codes, device=torch.device("cpu")).sum_w[0]
        array([[1, 1],
               [0, 1]])
    """
    k = len(codes.names)
    if k < 2:
        raise DataError(f"{k} variable ({', '.join(codes.names)}); allowed: two or more")
    if weights is None:
        products = [_counts(codes, device)]
    else:
        products = _sums(codes, checked_weights(weights, codes.n_events), device)
    pairs = np.stack(np.triu_indices(k, 1), axis=1)
    tables = [_tables(product.cpu().numpy(), codes.n_bins, pairs) for product in products]
    return PairCounts(codes.names, pairs, tables[0], tables[-1], codes.n_events)


def _counts(codes: Codes, device: torch.device) -> torch.Tensor:
    """Return AᵀA, shape (Σ n_bins, Σ n_bins)."""
    size = int(codes.n_bins.sum())
    total = torch.zeros(size, size, dtype=torch.int64, device=device)
    for start in range(0, codes.n_events, _BLOCK):
        one_hot = _one_hot(codes, start, torch.float32, device)
        total += (one_hot.T @ one_hot).to(torch.int64)
    return total


def _sums(codes: Codes, weights: NDArray[np.float64], device: torch.device) -> list[torch.Tensor]:
    """Return Σw and Σw²: Aᵀ diag(w) A and Aᵀ diag(w²) A."""
    size = int(codes.n_bins.sum())
    totals = [torch.zeros(size, size, dtype=torch.float64, device=device) for _ in range(2)]
    for start in range(0, codes.n_events, _BLOCK):
        one_hot = _one_hot(codes, start, torch.float64, device)
        w = torch.from_numpy(weights[start : start + _BLOCK].copy()).to(device)[:, None]
        weighted = one_hot * w
        totals[0] += one_hot.T @ weighted
        totals[1] += weighted.T @ weighted
    return totals


def _one_hot(codes: Codes, start: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Return A of one block: a row an event with a one for the code of each variable, side by side."""
    first = torch.from_numpy(np.cumsum(codes.n_bins) - codes.n_bins).to(device)
    block = torch.from_numpy(np.ascontiguousarray(codes.codes[:, start : start + _BLOCK])).to(device)
    columns = block.T.to(torch.int64) + first
    one_hot = torch.zeros(len(columns), int(codes.n_bins.sum()), dtype=dtype, device=device)
    return one_hot.scatter_(1, columns, 1.0)


def _tables(product: NDArray[np.generic], n_bins: NDArray[np.intp], pairs: NDArray[np.intp]) -> NDArray[np.generic]:
    """Cut the tables of the pairs out of the product, each in the corner of B × B cells."""
    first = np.cumsum(n_bins) - n_bins
    tables = np.zeros((len(pairs), int(n_bins.max()), int(n_bins.max())), product.dtype)
    for table, (i, j) in zip(tables, pairs, strict=True):
        rows, columns = slice(first[i], first[i] + n_bins[i]), slice(first[j], first[j] + n_bins[j])
        table[: n_bins[i], : n_bins[j]] = product[rows, columns]
    return tables

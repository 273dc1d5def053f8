"""Exact, differentiable flatness of the background efficiency against protected variables, at many cuts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from core.learning.batch import Batch
from core.unlearning.method import Penalty, PenaltyConfig
from core.unlearning.penalties._moments import LegendreFit, ProtectedBins, bins_of

LOOSEST, TIGHTEST = 0.95, 0.05
WIDTH = 0.25
FLOOR = 1e-3
CHUNK = {"cpu": 1024, "cuda": 65_536}
"""Events whose efficiencies are in memory at once; on a processor, they stay in its cache."""


class FlatConfig(PenaltyConfig):
    """Set up a training for a flat background efficiency."""

    slider: ClassVar[Mapping[str, float]] = {"lowest": 1 / 300, "highest": 30.0}

    learning_rate: float = Field(
        5e-3, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )
    lam: float = Field(
        30.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of the flatness term beside the cross entropy; 0 is the baseline, some 3 flatten at little "
        "cost, some 30 as far as a hundred thousand events can tell; beyond, separation is lost",
    )
    mass_bins: int = Field(
        8,
        ge=2,
        le=256,
        title="bins of m",
        description="equal-occupancy bins of each protected variable, or one a value; a batch should put some hundred "
        "events in each",
    )
    thresholds: int = Field(
        24, ge=1, le=256, title="cuts", description="number of cuts, at signal efficiencies from 95 % to 5 %"
    )


class Flatness:
    """Compute how far the background efficiency is from flat, or from a polynomial, in each protected variable.

    Args:
        protected: bins and fit of each protected variable.
        thresholds: number of cuts.
    """

    def __init__(self, protected: Sequence[ProtectedBins], thresholds: int) -> None:
        self._protected, self._thresholds = protected, thresholds

    def __call__(self, scores: Tensor, batch: Batch) -> Tensor:
        """Return the mean over the protected variables; 0 for a batch whose signal cannot set the cuts."""
        signal, background = batch.y, ~batch.y
        z = standardised(scores.double(), signal, batch.w.double())
        if z is None:
            return (scores * 0).sum().double()
        efficiencies = torch.linspace(LOOSEST, TIGHTEST, self._thresholds, dtype=torch.float64, device=z.device)
        cuts = thresholds_at(z.detach()[signal], batch.w[signal].double(), efficiencies)
        values = batch.m[background].unbind(1)
        bin_of = [one.of(m) for one, m in zip(self._protected, values, strict=True)]
        fits = [one.fit for one in self._protected]
        return flatness_penalty(z[background], cuts, batch.w[background].double(), bin_of, fits)


def standardised(scores: Tensor, signal: Tensor, weights: Tensor) -> Tensor | None:
    """Return (f - mean)/standard deviation, both of the signal and both with their gradients.

    So neither a shift nor a scale of all scores changes anything downstream: without, the cheapest way to a small
    penalty is to push the background below cuts that a moment later have followed.

    Args:
        scores: shape (n,), float64.
        signal: shape (n,), boolean.
        weights: shape (n,), float64.

    Returns:
        Shape (n,); None when the signal's variance is not positive.
    """
    total = weights[signal].sum()
    if not total > 0:
        return None
    w = weights[signal] / total
    mean = (w * scores[signal]).sum()
    variance = (w * (scores[signal] - mean) ** 2).sum()
    if not variance > torch.finfo(torch.float32).eps ** 2:
        return None
    return (scores - mean) / variance.sqrt()


def thresholds_at(scores: Tensor, weights: Tensor, efficiencies: Tensor) -> Tensor:
    """Return the weighted quantiles of signal scores above which a share ε of the weight lies, shape (k,).

    Args:
        scores: shape (n,).
        weights: shape (n,), of a positive sum; at negative ones the cumulative share stays where it was.
        efficiencies: ε, shape (k,).
    """
    ordered, order = torch.sort(scores)
    share = torch.cumsum(weights[order], 0).cummax(0).values
    index = torch.searchsorted(share, (1 - efficiencies) * weights.sum())
    return ordered[index.clamp(max=len(ordered) - 1)]


def flatness_penalty(
    z: Tensor, cuts: Tensor, weights: Tensor, bin_of: Sequence[Tensor], fits: Sequence[LegendreFit]
) -> Tensor:
    """Compute mean_bk [(e_bk - fit_bk)² - V_bk] / (ē_k (1 - ē_k) + 0.001) with its exact gradient in the scores.

    e_bk = Σ_{i in b} w_i s_ik / W_b is the soft efficiency of cut t_k in bin b, s_ik = σ((z_i - t_k)/h) with h = ¼ and
    W_b = Σ_{i in b} w_i. The fit is a polynomial of m over the bins (order 0: their mean), ē_k the mean over bins. The
    denominator, an Anderson-Darling weight that makes tight cuts count as much as loose ones, takes no gradient. V_bk
    is what the residual's square has from counting alone,
    V_bk = Q_bb Σ_{i in b} w_i² (s_ik - e_bk)² / W_b² · n_b/(n_b - 1)  with effective number n_b = W_b²/Σ w_i² and Q
    the projection on residuals: without it, a strong λ narrows the background's scores instead of flattening them. An
    independent score has expectation 0. Value and derivative are summed in two passes over chunks of events:
    O(n · cuts) time, memory of one chunk.

    Args:
        z: standardised scores of background events, shape (n,), float64.
        cuts: t_k, shape (k,).
        weights: event weights, shape (n,), float64; negative ones enter with their sign.
        bin_of: for each protected variable, the bin of each event, shape (n,), integers.
        fits: for each protected variable, what the efficiency may depend on.

    Returns:
        The mean over the protected variables, a scalar, float64; bins without two effective events of positive weight
        in the batch take no part.
    """
    at = z.detach()
    chunks = torch.arange(len(z), device=z.device).split(CHUNK.get(z.device.type, CHUNK["cuda"]))
    occupancies = [
        z.new_zeros(2, fit.bins).index_add_(1, bins, torch.stack([weights, weights**2]))
        for bins, fit in zip(bin_of, fits, strict=True)
    ]
    sums = [z.new_zeros(fit.bins, 3, len(cuts)) for fit in fits]
    for chunk in chunks:
        moments = _moments(at[chunk], cuts, weights[chunk])
        for each, bins in zip(sums, bin_of, strict=True):
            each.index_add_(0, bins[chunk], moments)
    terms = [_of_one(*of_one) for of_one in zip(sums, occupancies, fits, strict=True)]
    derivative = torch.empty_like(at)
    for chunk in chunks:
        slopes = torch.stack([each[bins[chunk]] for (_, each), bins in zip(terms, bin_of, strict=True)]).mean(0)
        derivative[chunk] = (slopes * _moment_slopes(at[chunk], cuts, weights[chunk])).sum((1, 2))
    return torch.stack([value for value, _ in terms]).mean() + (derivative * (z - at)).sum()


def _moments(z: Tensor, cuts: Tensor, w: Tensor) -> Tensor:
    """Return w s, w² s and w² s² of each event and cut, shape (n, 3, k)."""
    soft = torch.sigmoid((z[:, None] - cuts) / WIDTH)
    w = w[:, None]
    return torch.stack([w * soft, w**2 * soft, (w * soft) ** 2], 1)


def _moment_slopes(z: Tensor, cuts: Tensor, w: Tensor) -> Tensor:
    """Return the derivatives of ``_moments`` by z, shape (n, 3, k)."""
    soft = torch.sigmoid((z[:, None] - cuts) / WIDTH)
    w = w[:, None]
    return torch.stack([w.expand_as(soft), (w**2).expand_as(soft), 2 * w**2 * soft], 1) * (
        soft * (1 - soft) / WIDTH
    ).unsqueeze(1)


def _of_one(sums: Tensor, occupancy: Tensor, fit: LegendreFit) -> tuple[Tensor, Tensor]:
    """Return the term of one protected variable and its derivative by the sums over events.

    Args:
        sums: Σ w s, Σ w² s and Σ w² s² of each bin and cut, shape (bins, 3, k).
        occupancy: Σ w and Σ w² of each bin, shape (2, bins).
        fit: what the efficiency may depend on.
    """
    total, squares = occupancy
    filled = (total > 0) & (total**2 > 2 * squares)
    if not filled.any():
        return sums.new_zeros(()), torch.zeros_like(sums)
    total, squares = torch.where(filled, total, 1.0), torch.where(filled, squares, 0.0)
    sums = torch.where(filled[:, None, None], sums, 0.0).requires_grad_()
    with torch.enable_grad():
        passed, second, square = sums.unbind(1)
        efficiency = (passed / total[:, None]).T
        spread = square.T - 2 * efficiency * second.T + efficiency**2 * squares
        counting = spread / (total**2 - squares) * _shares(fit, filled)
        mean = efficiency.detach().sum(1) / filled.sum()
        scale = (mean * (1 - mean)).clamp(min=0) + FLOOR
        excess = (fit.residuals(efficiency, filled) ** 2 - counting).sum(1) / filled.sum()
        value = (excess / scale).mean()
    return value.detach(), torch.autograd.grad(value, sums)[0]


def _shares(fit: LegendreFit, filled: Tensor) -> Tensor:
    """Return Q_bb: how much of a bin's variance remains in the residuals, shape (bins,)."""
    every = torch.eye(fit.bins, dtype=torch.float64, device=filled.device)
    return fit.residuals(every * filled, filled).diagonal()


def flat_term(config: FlatConfig, train: Batch, order: int) -> Penalty:
    """Return the penalty with its bins taken from the training background.

    Raises:
        DataError: too few events or distinct values for the bins.
    """
    return Flatness(bins_of(train, config.mass_bins, order), config.thresholds)

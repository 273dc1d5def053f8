"""Planing: events are reweighted flat in the protected variables, so that the training finds less to learn there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, TrainingConfig, Weighing

CENTRAL = (0.001, 0.999)
ROUNDS = 50
LEAST_SHARE = 1e-6
"""Share of a class that an empty bin, or one whose weights do not sum to more than zero, counts as."""


class PlaningConfig(TrainingConfig):
    """Set up a training on reweighted events."""

    classes: Literal["both", "background"] = Field(
        "both",
        title="classes",
        description="whose spectra are made flat; with the background's alone, the signal's peak still tells the mass",
    )
    bins: int = Field(
        50,
        ge=2,
        le=1000,
        title="bins",
        description="equal bins of each protected variable over the central 99.8 % of the events; a variable of fewer "
        "values has one a value",
    )
    largest: float = Field(
        100.0,
        ge=1,
        le=1e6,
        title="largest factor",
        description="how much the weight of an event may grow beside the mean of its class; where a class has next to "
        "no events, its spectrum stays below the others",
    )


class Planed:
    """Find factors Π_k g_k(m_k) under which the spectra of a class are flat, bin by bin in each protected variable.

    Each g_k in turn is divided by the spectrum that the others leave: iterative proportional fitting.

    Args:
        events: training events of the class.
        edges: inner bin edges of each protected variable; events beyond the range belong to the outermost bins.
        largest: largest factor, the mean being 1.

    References:
        Deming, Stephan 1940 (Ann. Math. Stat. 11, 427) for the iteration.
    """

    def __init__(self, events: Batch, edges: Sequence[Tensor], largest: float) -> None:
        self._edges, self._largest, self._mean = edges, largest, 1.0
        self._factors = [torch.ones(len(each) + 1, dtype=torch.float64, device=events.m.device) for each in edges]
        w, bins = events.w.double(), self._bins(events.m)
        for _ in range(ROUNDS if len(edges) > 1 else 1):
            for factors, bin_of in zip(self._factors, bins, strict=True):
                found = torch.zeros_like(factors).index_add_(0, bin_of, w * self._product(bins))
                share = (found / found.sum()).clamp(min=LEAST_SHARE)
                factors.div_(share * len(share))
        self._mean = float((w * self._product(bins)).sum() / w.sum())

    def __call__(self, m: Tensor) -> Tensor:
        """Return the factor of each event, positive, shape (n,).

        Args:
            m: protected variables, shape (n, n_protected).
        """
        return (self._product(self._bins(m)) / self._mean).clamp(max=self._largest)

    def _bins(self, m: Tensor) -> list[Tensor]:
        return [torch.bucketize(m[:, k].double().contiguous(), edges) for k, edges in enumerate(self._edges)]

    def _product(self, bins: Sequence[Tensor]) -> Tensor:
        return torch.stack([factors[b] for factors, b in zip(self._factors, bins, strict=True)]).prod(0)


def inner_edges(m: Tensor, bins: int) -> Tensor:
    """Return the inner edges of equal bins over the central 99.8 %, or of one bin a value, shape (n_bins - 1,)."""
    values: Tensor = torch.unique(m.double())
    if len(values) <= bins:
        return (values[1:] + values[:-1]) / 2
    ordered = torch.sort(m.double()).values
    low, high = (ordered[int(share * (len(m) - 1))] for share in CENTRAL)
    return low + (high - low) * torch.arange(1, bins, dtype=torch.float64, device=m.device) / bins


def reweigh(config: PlaningConfig, train: Batch) -> Weighing:
    """Return the weights w_i Π_k g_k(m_ik), which keep their signs, with the factors of the event's class.

    Args:
        config: classes, bins and the largest factor.
        train: training events.

    References:
        Chang, Cohen, Ostdiek 2017 (1709.10106); Bradshaw, Mishra, Mitridate, Ostdiek 2019 (1908.08959).
    """
    edges = [inner_edges(m, config.bins) for m in train.m.unbind(1)]
    background = Planed(train.take((~train.y).nonzero()[:, 0]), edges, config.largest)
    signal = Planed(train.take(train.y.nonzero()[:, 0]), edges, config.largest) if config.classes == "both" else None

    def weigh(batch: Batch) -> Tensor:
        of_signal = signal(batch.m) if signal is not None else torch.ones_like(batch.m[:, 0])
        return batch.w * torch.where(batch.y, of_signal, background(batch.m)).to(batch.w.dtype)

    return weigh


METHODS.register(
    "planing",
    Method(PlaningConfig, reweigh=reweigh),
    title="Planing (flat reweighting)",
    summary="Trains on events reweighted flat in m: cheap, and blind to what the features tell of m by their shape.",
    formula="H with weights wᵢ Π_v g_v(m_iv), which make the spectra of m_v flat in each class",
    reference="Chang, Cohen, Ostdiek 2017 (1709.10106)",
)

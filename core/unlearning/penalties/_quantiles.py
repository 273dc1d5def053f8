"""Quantiles of the score as functions of a protected variable, and the transform that levels them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import DataError

CENTRAL = (0.001, 0.999)
"""Shares of the background's |w| below the first and the last knot: what lies beyond is treated like the knot."""
SMALLEST_SCORE = 1e-7
CLOSEST = 1e-6
"""Least distance of two quantiles, in logits."""
ROUNDS = 16
EVENTS_BEYOND = 5.0
"""Effective number of events that each knot must have above the last level, and below the first."""


@dataclass(frozen=True)
class Quantiles:
    """Hold quantiles q_k(m) that are linear between knots.

    Args:
        knots: values of the protected variable, ascending, shape (n_knots,).
        values: quantiles at the knots, ascending along the levels, shape (n_knots, n_levels).
        pooled: the same quantiles of all events together, shape (n_levels,).
    """

    knots: Tensor
    values: Tensor
    pooled: Tensor


def logit(score: Tensor) -> Tensor:
    """Return ln f/(1 - f) in float64; a score of exactly 0 or 1 is moved by 1e-7."""
    f = score.double().clamp(SMALLEST_SCORE, 1 - SMALLEST_SCORE)
    return torch.log(f) - torch.log1p(-f)


def knots_of(m: Tensor, weights: Tensor, count: int) -> Tensor:
    """Return knots that hold equal shares of |w| between them, or every value of a variable that takes few.

    Args:
        m: shape (n,).
        weights: shape (n,).
        count: largest number of knots.

    Raises:
        DataError: fewer events than knots, or one value only.
    """
    if len(m) < count:
        raise DataError(f"{len(m)} background events cannot fill {count} knots of the protected variable; use fewer")
    values: Tensor = torch.unique(m.double())
    if len(values) > count:
        values = torch.unique(weighted_quantiles(m.double(), weights.double().abs(), _between(*CENTRAL, count, m)))
    if len(values) < 2:
        raise DataError(f"the protected variable takes the value {float(values[0]):g} only; one that varies is needed")
    return values


def weighted_quantiles(values: Tensor, weights: Tensor, levels: Tensor) -> Tensor:
    """Return the smallest values below or at which the shares ``levels`` of the weights lie, shape (n_levels,)."""
    ordered, order = torch.sort(values)
    share = torch.cummax(torch.cumsum(weights[order], 0), 0).values
    share = (share / share[-1]).clamp(max=1)
    return ordered[torch.searchsorted(share, levels).clamp(max=len(values) - 1)]


def place(m: Tensor, knots: Tensor) -> tuple[Tensor, Tensor]:
    """Return the interval of knots that holds m, and how far m is through it, in [0, 1]; shape (n,) each."""
    m = m.double()
    left = (m[:, None] >= knots[1:-1]).sum(1)
    share = (m - knots[left]) / (knots[left + 1] - knots[left])
    return left, share.clamp(0, 1)


def conditional_quantiles(z: Tensor, m: Tensor, weights: Tensor, levels: Tensor, knots: Tensor) -> Quantiles:
    """Find quantiles q_k(m), linear between knots, below which each knot has the share α_k of its events.

    With hat functions φ_j around the knots, q solves  Σ_i w_i φ_j(m_i) (1[z_i ≤ q_k(m_i)] - α_k) = 0  for all j and k,
    the condition for the least pinball loss. Each round moves the quantiles by what is missing over the density, which
    the distance of neighbouring quantiles gives; they keep their order, so that the levels never cross.

    Args:
        z: shape (n,), float64.
        m: protected variable, shape (n,).
        weights: shape (n,), of any sign.
        levels: α_k, ascending in (0, 1), shape (n_levels,), at least two.
        knots: ascending, shape (n_knots,), at least two.

    References:
        Koenker, Bassett 1978 (Econometrica 46, 33) for quantile regression.
    """
    w = weights.double()
    left, share = place(m, knots)
    pooled = _spaced(weighted_quantiles(z, w, levels)[None])[0]
    q = _spaced(_nearest_quantiles(z, w.abs(), left + (share > 0.5), levels, len(knots), pooled))
    hat = torch.cat([w * (1 - share), w * share])
    knot = torch.cat([left, left + 1])
    filled = torch.zeros_like(knots).index_add_(0, knot, hat)
    for _ in range(ROUNDS):
        below = _position(z, interpolated(q, left, share))
        cells = knot * (len(levels) + 1) + below.repeat(2)
        sums = torch.zeros(len(knots) * (len(levels) + 1), dtype=z.dtype, device=z.device).index_add_(0, cells, hat)
        found = torch.cumsum(sums.reshape(len(knots), -1), 1)[:, :-1] / filled[:, None]
        q = _spaced(_moved(q, found, levels))
    return Quantiles(knots, torch.where(filled[:, None] > 0, q, pooled), pooled)


def suitable_levels(wanted: int, closest: float, weights: Tensor, n_knots: int) -> Tensor:
    """Return levels even in ln α/(1 - α), as near to 0 and 1 as ``closest`` and the number of events allow."""
    n_effective = float(weights.double().sum() ** 2 / (weights.double() ** 2).sum())
    nearest = min(max(closest, EVENTS_BEYOND * n_knots / n_effective), 0.25)
    reach = torch.logit(torch.tensor(1 - nearest, dtype=torch.float64)).item()
    return torch.sigmoid(torch.linspace(-reach, reach, wanted, dtype=torch.float64, device=weights.device))


class Levelling(nn.Module):
    """Move a score so that the quantiles of the background's score no longer depend on m.

    In z = ln f/(1 - f), T(z | m) maps q_k(m) to the pooled q̄_k, linearly between and by a shift beyond the outermost;
    f' = σ((1 - mix) z + mix T(z | m)) rises strictly with f at every m.

    Args:
        quantiles: of the background.
        mix: p in [0, 1].
    """

    knots: Tensor
    values: Tensor
    pooled: Tensor
    mix: Tensor

    def __init__(self, quantiles: Quantiles, mix: float) -> None:
        super().__init__()
        for name in ("knots", "values", "pooled"):
            self.register_buffer(name, getattr(quantiles, name).double())
        self.register_buffer("mix", torch.tensor(mix, dtype=torch.float64))

    def forward(self, score: Tensor, protected: Tensor) -> Tensor:
        """Return the score of each event, shape (n,).

        Args:
            score: f, shape (n,).
            protected: shape (n, 1).
        """
        z = logit(score)
        q = interpolated(self.values, *place(protected[:, 0], self.knots))
        position = _position(z, q)
        lower = (position - 1).clamp(0, q.shape[1] - 2)
        start, end = (q.gather(1, (lower + k)[:, None])[:, 0] for k in (0, 1))
        inside = (position > 0) & (position < q.shape[1])
        slope = torch.where(inside, (self.pooled[lower + 1] - self.pooled[lower]) / (end - start), 1.0)
        above = position == q.shape[1]
        moved = torch.where(above, self.pooled[lower + 1] + z - end, self.pooled[lower] + slope * (z - start))
        return torch.sigmoid((1 - self.mix) * z + self.mix * moved).to(score.dtype)

    @classmethod
    def restore(cls, state: Mapping[str, Tensor]) -> Levelling:
        """Rebuild the transform from its ``state_dict``."""
        return cls(Quantiles(state["knots"], state["values"], state["pooled"]), float(state["mix"]))


def _between(low: float, high: float, count: int, like: Tensor) -> Tensor:
    return torch.linspace(low, high, count, dtype=torch.float64, device=like.device)


def interpolated(q: Tensor, left: Tensor, share: Tensor) -> Tensor:
    """Return the values of each event, shape (n, k), from those at the knots, shape (n_knots, k), and its place."""
    return q[left] * (1 - share[:, None]) + q[left + 1] * share[:, None]


def _position(z: Tensor, q: Tensor) -> Tensor:
    """Return how many of the quantiles of an event lie below its z."""
    return (z[:, None] > q).sum(1)


def _nearest_quantiles(
    z: Tensor, size: Tensor, nearest: Tensor, levels: Tensor, n_knots: int, pooled: Tensor
) -> Tensor:
    """Return quantiles of the events nearest to each knot, to begin with; the pooled ones where there are none."""
    rows = []
    for knot in range(n_knots):
        here = nearest == knot
        found = bool(size[here].sum() > 0)
        rows.append(weighted_quantiles(z[here], size[here], levels) if found else pooled)
    return torch.stack(rows)


def _moved(q: Tensor, found: Tensor, levels: Tensor) -> Tensor:
    """Move quantiles by (α - found)/density, and by no more than the distance of their neighbours."""
    gap = torch.diff(q, dim=1)
    width = torch.cat([gap[:, :1], gap[:, 1:] + gap[:, :-1], gap[:, -1:]], 1)
    step = torch.diff(levels)
    span = torch.cat([step[:1], step[1:] + step[:-1], step[-1:]])
    limit = torch.maximum(width, width.mean(1, keepdim=True))
    return q + ((levels - found) / span * width).clamp(-limit, limit)


def _spaced(q: Tensor) -> Tensor:
    """Return quantiles in ascending order with a least distance along the levels."""
    least = CLOSEST * torch.arange(q.shape[1], dtype=q.dtype, device=q.device)
    return torch.cummax(torch.sort(q, 1).values - least, 1).values + least

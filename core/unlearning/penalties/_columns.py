"""Scores and protected variables as a critic sees them: by their order alone."""

from __future__ import annotations

import torch
from torch import Tensor

LARGEST_CATEGORIES = 12
SCORE_KNOTS, PROTECTED_KNOTS = 64, 1024
FEWEST_EVENTS_A_KNOT = 4


class NormalScores:
    """Map values to Φ⁻¹(F(value)), F the distribution of the values it was made from; linear between its knots.

    Equal values share the middle of their step of F.

    Args:
        values: shape (n,).
        weights: shape (n,); their absolute values count.
        knots: largest number of points of the map.
    """

    def __init__(self, values: Tensor, weights: Tensor, knots: int) -> None:
        x, group = torch.unique(values.detach().double(), return_inverse=True)
        steps = torch.zeros_like(x).index_add_(0, group, weights.detach().double().abs())
        share = (torch.cumsum(steps, 0) - steps / 2) / steps.sum()
        if len(x) > knots:
            levels = (torch.arange(knots, device=x.device, dtype=x.dtype) + 0.5) / knots
            kept = torch.unique(torch.searchsorted(share, levels).clamp(max=len(x) - 1))
            x, share = x[kept], share[kept]
        self._x, self._z = x, torch.special.ndtri(share.clamp(1e-6, 1 - 1e-6))

    def __call__(self, values: Tensor) -> Tensor:
        """Return the scores, shape (n,), float64, with their slope; it is zero beyond the outermost knots."""
        x, z = self._x, self._z
        values = values.double()
        if len(x) < 2:
            return values * 0
        right = torch.searchsorted(x, values.detach().contiguous()).clamp(1, len(x) - 1)
        slope = (z[right] - z[right - 1]) / (x[right] - x[right - 1])
        scores: Tensor = z[right - 1] + slope * (values.clamp(x[0], x[-1]) - x[right - 1])
        return scores


def ordered_scores(f: Tensor, weights: Tensor) -> Tensor:
    """Return the normal scores of classifier scores within their batch, differentiable, shape (n,), float64.

    The map is held fixed in the derivative: it is a part of the critic, and any critic bounds the information.

    Args:
        f: scores in [0, 1], shape (n,).
        weights: shape (n,).
    """
    logits = torch.logit(f.double(), eps=1e-7)
    knots = min(SCORE_KNOTS, max(2, len(f) // FEWEST_EVENTS_A_KNOT))
    return NormalScores(logits, weights, knots)(logits)


class Columns:
    """Map protected variables to normal scores, or to numbered categories where they take at most 12 values.

    Args:
        m: of the training background, shape (n, n_protected).
        weights: shape (n,).
    """

    def __init__(self, m: Tensor, weights: Tensor) -> None:
        values = [torch.unique(column) for column in m.unbind(1)]
        self._levels = {k: levels for k, levels in enumerate(values) if len(levels) <= LARGEST_CATEGORIES}
        self._maps = {
            k: NormalScores(m[:, k], weights, PROTECTED_KNOTS) for k in range(len(values)) if k not in self._levels
        }
        self.n_continuous = len(self._maps)
        self.categories = tuple(len(levels) for levels in self._levels.values())

    def __call__(self, m: Tensor) -> tuple[Tensor, Tensor]:
        """Return normal scores, shape (n, n_continuous), float32, and categories, shape (n, n_discrete), integers.

        A value that the training background does not hold counts as the nearest category.
        """
        scores = [to_scores(m[:, k]).float() for k, to_scores in self._maps.items()]
        codes = [(m[:, k, None] - levels).abs().argmin(1) for k, levels in self._levels.items()]
        return _stacked(scores, m, torch.float32), _stacked(codes, m, torch.int64)


def _stacked(columns: list[Tensor], like: Tensor, dtype: torch.dtype) -> Tensor:
    return torch.stack(columns, 1) if columns else like.new_empty((len(like), 0), dtype=dtype)

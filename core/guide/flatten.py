"""A score made flat: each event's rank among the background at its own mass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.evaluation.sculpting import few_values

Floats = NDArray[np.float64]
KNOTS = 80
EVENTS_A_KNOT = 400
FEWEST_IN_TAIL = 50


@dataclass(frozen=True)
class RankAtMass:
    """Hold the distribution of a score on background at several values of m.

    Args:
        knots: values of m, ascending, shape (k,).
        scores: of the background around each knot, ascending, k arrays.
        shares: Σw of the scores up to and including each, over all, k arrays.
    """

    knots: Floats
    scores: tuple[Floats, ...]
    shares: tuple[Floats, ...]

    def transform(self, scores: Floats, m: NDArray[np.generic], rng: np.random.Generator) -> Floats:
        """Return u(f, m), the share of the background at m with a lower score, shape (n,).

        Between two knots it is u = (1 - t) F_k(f) + t F_{k+1}(f), t the place of m; equal scores get ranks at random
        between the share of lower ones and of those that are not higher, so that u is uniform in any case.

        Args:
            scores: f, shape (n,).
            m: shape (n,).
            rng: breaks ties.
        """
        place = np.interp(np.asarray(m, np.float64), self.knots, np.arange(len(self.knots), dtype=np.float64))
        lower = np.minimum(place.astype(np.intp), max(len(self.knots) - 2, 0))
        t = place - lower
        ties = rng.random(len(scores))
        found = np.zeros(len(scores))
        for k in range(len(self.knots)):
            for members, weight in ((lower == k, 1 - t), ((lower == k - 1) & (t > 0), t)):
                found[members] += weight[members] * self._rank(k, scores[members], ties[members])
        return found

    def _rank(self, k: int, scores: Floats, ties: Floats) -> Floats:
        """Return F_k(f), at random within equal scores."""
        shares = np.concatenate([[0.0], self.shares[k]])
        below = shares[np.searchsorted(self.scores[k], scores, side="left")]
        upto = shares[np.searchsorted(self.scores[k], scores, side="right")]
        return np.asarray(below + ties * (upto - below))


def rank_at_mass(scores: Floats, m: NDArray[np.generic], weights: Floats, knots: int = KNOTS) -> RankAtMass:
    """Learn the distribution F(f|m) of a score on background, so that u = F(f|m) does not know m.

    For every m, u is uniform between 0 and 1: a cut on u keeps the same share of the background everywhere.

    Args:
        scores: f of background events, shape (n,).
        m: protected variable, shape (n,); of a discrete one, each value is a knot.
        weights: shape (n,), of any sign; where they sum to less than nothing, a share stays level.
        knots: of a continuous variable, equally filled, fewer when there are few events.

    Raises:
        DataError: no events.

    References:
        Dolen, Harris, Marzani, Rappoccio, Tran 2016 (1603.00027) for decorrelation by the score's quantiles.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> m = rng.normal(size=20_000)
        >>> f = m + rng.normal(size=20_000)
        >>> u = rank_at_mass(f, m, np.ones(20_000)).transform(f, m, rng)
        >>> bool(np.corrcoef(f, m)[0, 1] > 0.6), bool(abs(np.corrcoef(u, m)[0, 1]) < 0.05)
        (True, True)
    """
    if len(scores) == 0:
        raise DataError("0 background events; allowed: at least one")
    m = np.asarray(m, np.float64)
    values = few_values(m)
    if len(values):
        place, at = np.searchsorted(values, m), values
    else:
        starts = _starts(len(m), knots)
        place = np.empty(len(m), np.intp)
        place[np.argsort(m, kind="stable")] = np.searchsorted(starts, np.arange(len(m)), side="right") - 1
        at = np.array([m[place == k].mean() for k in range(len(starts))])
    parts = [_distribution(scores[place == k], weights[place == k]) for k in range(len(at))]
    return RankAtMass(at, tuple(part[0] for part in parts), tuple(part[1] for part in parts))


def _starts(n: int, knots: int) -> NDArray[np.intp]:
    """Return the first event of each part of n ordered ones: equal parts, the outer ones halved again and again.

    In the tails m runs far within a part, and the score with it.
    """
    parts = int(np.clip(n // EVENTS_A_KNOT, 1, knots))
    size = n // parts
    found = [size * k for k in range(parts)]
    while parts > 1 and size >= 2 * FEWEST_IN_TAIL:
        size //= 2
        found += [size, n - size]
    return np.unique(found)


def _distribution(scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return ascending scores and the share of the weight up to each, between 0 and 1."""
    order = np.argsort(scores, kind="stable")
    reached = np.maximum.accumulate(np.cumsum(weights[order]))
    if not reached[-1] > 0:  # more negative weight than positive: each event counts one
        reached = np.arange(1.0, len(scores) + 1)
    return scores[order], np.clip(reached / reached[-1], 0, 1)

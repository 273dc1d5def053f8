"""Target mode: ask for a dependence, and let a multiplier find λ."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from core.evaluation.roc import Ranking
from core.evaluation.sculpting import sculpting, spectrum_edges, split_spectrum, statistical_limit
from core.information.distance_correlation import distance_correlation
from core.learning.batch import Batch
from core.learning.restart import Changing
from core.unlearning.method import PenaltyConfig

RATE, DAMPING = 0.35, 0.5
"""Step of ln λ, and weight of the present violation beside its sum, per epoch and unit of ln(dependence/target)."""
SMALLEST_SHARE, LARGEST_STEP = 0.05, 2.5
MOST_EVENTS = 20_000
LARGEST_LAMBDA = 1e6


class Target(Changing):
    """Steer λ until the score's dependence on the protected variables meets a target.

    The modified differential method of multipliers on a logarithmic scale: with v = ln(q/q*) for the dependence q of
    the last epoch and its target q*, the multiplier's logarithm grows by RATE · v, and the λ in force is
    λ exp(DAMPING · v): the damping keeps λ from swinging around its goal. q is measured on training background, and
    what finite statistics give an independent score is taken off: it is not dependence.

    Args:
        config: names the quantity and its target, and the λ to begin with.
        train: training events.

    References:
        Platt, Barr 1987 (Constrained differential optimization).
    """

    changes = ("_log_lam", "lam", "_violation")

    def __init__(self, config: PenaltyConfig, train: Batch) -> None:
        self._config = config
        self._log_lam = math.log(max(config.lam, 1e-6))
        self.lam = config.lam
        self._is_signal = train.y.cpu().numpy()
        self._weights = train.w.double().cpu().numpy()
        self._m = train.m.cpu().numpy()
        self._violation = math.inf

    def measure(self, scores: NDArray[np.floating]) -> float:
        """Return the dependence of training scores (n,) above what statistics give, of the worst variable."""
        f = np.asarray(scores, np.float64)
        background = ~self._is_signal
        if self._config.target == "dcorr":
            return max(self._dcorr(f[background], m) for m in self._m[background].T)
        cut = Ranking(f, self._is_signal).threshold(self._weights, 0.5)
        w, passes = self._weights[background], f[background] >= cut
        found = []
        for m in self._m[background].T:
            edges = spectrum_edges(m)
            limit = statistical_limit(w[passes], w[~passes], len(edges) - 1)
            found.append(sculpting(split_spectrum(m, passes, w, edges)) - limit)
        return max(found)

    def update(self, dependence: float) -> None:
        """Take the dependence of an epoch into account, and choose the λ of the next."""
        goal = self._config.goal
        share = max(dependence / goal, SMALLEST_SHARE) if math.isfinite(dependence) else 1.0
        self._violation = min(math.log(share), LARGEST_STEP)
        self._log_lam = min(self._log_lam + RATE * self._violation, math.log(LARGEST_LAMBDA))
        self.lam = min(math.exp(self._log_lam + DAMPING * self._violation), LARGEST_LAMBDA)

    def loss(self, classification: float) -> float:
        """Return what the best epoch has least of: the cross entropy, and much more where the target is missed."""
        return classification + 10 * max(self._violation - math.log(1.1), 0.0)

    def _dcorr(self, f: NDArray[np.float64], m: NDArray[np.float64]) -> float:
        """Return the distance correlation dCorr of at most 20,000 events, evenly spread over the sample."""
        few = slice(None, None, 1 + len(f) // MOST_EVENTS)
        w = self._weights[~self._is_signal][few]
        return math.sqrt(max(distance_correlation(f[few], m[few], w), 0.0))

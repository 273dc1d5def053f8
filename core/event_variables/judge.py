"""The judgement of a learnt variable: against what physicists made by hand, and against θ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.event_variables.config import VariableConfig
from core.event_variables.ranks import kendall_tau, separation
from core.event_variables.results import Comparison, EventVariableView, Figure, Slice, Spectrum, Words
from core.event_variables.sample import Sample
from core.events.table import effective_number
from core.information import count_pairs, estimate_mi, pair_information, quantise, suitable_bins
from core.results import Estimate

Floats = NDArray[np.float64]

CELLS, BINS = 60, 60
"""Bins of each axis of the 2-D histograms, and of the histograms at several θ."""
OUTERMOST = (0.005, 0.995)
"""Quantiles at which histograms end."""
SLICES = 5
MOST_TOGETHER = 10_000
"""Events for the information of several learnt variables together, which neighbours give."""
SUBSCRIPTS = "₁₂₃₄"


@dataclass(frozen=True)
class Judge:
    """Judge learnt variables on chosen events.

    Args:
        sample: all events.
        chosen: indices of the events to judge with, all of them used.
        config: of the training.
        blueprint: its name.
    """

    sample: Sample
    chosen: NDArray[np.int64]
    config: VariableConfig
    blueprint: str

    def view(self, values: Floats, objective: Estimate) -> EventVariableView:
        """Return all that is drawn.

        Args:
            values: learnt variables of the chosen events, shape (k, size).
            objective: of these events.
        """
        learnt = learnt_words(values.shape[1])
        return EventVariableView(
            self.blueprint, self.config.kind, self._theta_words, learnt,
            len(self.chosen), int(self._y.sum()), objective,
            tuple(
                self._comparison(each, values[self._y, k], name)
                for k, each in enumerate(learnt) for name in self.sample.known
            ),
            tuple(self._spectrum(each, values[:, k]) for k, each in enumerate(learnt)),
            self._information(values) if self._has_range else (),
            self._separations(learnt, values) if not self._y.all() else (),
        )  # fmt: skip

    def signs(self, values: Floats) -> list[float]:
        """Return 1 or -1 for each column of values, so that it rises with the first known variable, θ or signal."""
        reference = self._reference
        chosen = self._y if reference is not None else np.ones(len(self.chosen), np.bool_)
        along = reference[chosen] if reference is not None else self._y
        found = [kendall_tau(column[chosen], along, self._w[chosen]).value for column in values.T]
        return [-1.0 if tau < 0 else 1.0 for tau in found]

    def ranks(self, categories: NDArray[np.int64], n: int) -> list[int]:
        """Return the number of each category, so that they rise with the first known variable, θ or signal."""
        reference = self._reference
        along = self._y.astype(np.float64) if reference is None else np.where(self._y, reference, 0.0)
        w = self._w if reference is None else np.where(self._y, self._w, 0.0)
        sums, weights = (np.bincount(categories, values, n) for values in (along * w, w))
        means = np.divide(sums, weights, out=np.full(n, np.inf), where=weights > 0)
        ranks: list[int] = np.argsort(np.argsort(means, kind="stable"), kind="stable").tolist()
        return ranks

    @property
    def _y(self) -> NDArray[np.bool_]:
        return np.asarray(self.sample.y[self.chosen])

    @property
    def _w(self) -> Floats:
        return np.asarray(self.sample.weights[self.chosen])

    @property
    def _theta(self) -> Floats:
        return np.asarray(self.sample.theta[self.chosen])

    @property
    def _theta_words(self) -> Words | None:
        return None if self.sample.theta_name is None else self._words(self.sample.theta_name)

    @property
    def _has_range(self) -> bool:
        theta = self._theta[self._y]
        return bool(self.sample.theta_name is not None and np.isfinite(theta).all() and theta.min() < theta.max())

    @property
    def _reference(self) -> Floats | None:
        if self.sample.known:
            return self._known(self.sample.known[0])
        return self._theta if self._has_range else None

    def _known(self, name: str) -> Floats:
        return np.asarray(self.sample.events[name], np.float64)[self.chosen]

    def _words(self, name: str) -> Words:
        words = self.sample.events.describe(name)
        return Words(name, words.title or name, words.unit)

    def _comparison(self, learnt: Words, v: Floats, name: str) -> Comparison:
        known, w = self._known(name)[self._y], self._w[self._y]
        bins = suitable_bins(effective_number(w))
        found = pair_information(count_pairs(quantise({"v": v, "known": known}, bins=bins, weights=w), w))
        entropies = found.entropies
        information = float(entropies.x[0] + entropies.y[0] - entropies.joint[0])
        error, entropy = float(found.error[0]), float(entropies.y[0])
        edges = edges_of(known, w, CELLS), edges_of(v, w, CELLS)
        cells = np.histogram2d(known, v, edges, weights=w)[0]
        return Comparison(
            learnt, self._words(name), kendall_tau(v, known, w), Estimate(information, error),
            Estimate(information / entropy, error / entropy) if entropy > 0 else Estimate(float("nan")),
            bins, *edges, cells / w.sum(),
        )  # fmt: skip

    def _spectrum(self, learnt: Words, v: Floats) -> Spectrum:
        edges = edges_of(v, self._w, BINS)
        slices = [
            self._slice(v, self._y & (self._theta >= low) & (self._theta <= high), edges, low, high)
            for low, high in (slices_of(self._theta[self._y]) if self._has_range else ())
        ]
        nan = float("nan")
        if not slices:
            slices = [self._slice(v, self._y, edges, nan, nan)]
        if not self._y.all():
            slices.append(self._slice(v, ~self._y, edges, nan, nan, is_background=True))
        return Spectrum(learnt, edges, tuple(slices))

    def _slice(
        self,
        v: Floats,
        chosen: NDArray[np.bool_],
        edges: Floats,
        low: float,
        high: float,
        *,
        is_background: bool = False,
    ) -> Slice:
        w = self._w[chosen]
        share = np.histogram(v[chosen], edges, weights=w)[0] / max(w.sum(), np.finfo(float).tiny)
        return Slice(low, high, int(chosen.sum()), share, is_background)

    def _information(self, values: Floats) -> tuple[Figure, ...]:
        """Estimate I(variable; θ) on signal events: of all learnt variables together, then of each known one."""
        y, theta, w = self._y, self._theta[self._y], self._w[self._y]
        known = [
            Figure(self._words(name), False, _informed(self._known(name)[y], theta, w)) for name in self.sample.known
        ]
        learnt = values[y, 0] if values.shape[1] == 1 else values[y]
        return (Figure(Words("v", "v"), True, _informed(learnt, theta, w)), *known)

    def _separations(self, learnt: tuple[Words, ...], values: Floats) -> tuple[Figure, ...]:
        y, w = self._y, self._w
        found = [Figure(each, True, separation(values[:, k], y, w)) for k, each in enumerate(learnt)]
        known = [Figure(self._words(name), False, separation(self._known(name), y, w)) for name in self.sample.known]
        return (*found, *known)


def learnt_words(size: int) -> tuple[Words, ...]:
    """Return how the learnt variables are called: v, or v1, v2, ….

    Example:
        >>> [words.name for words in learnt_words(2)]
        ['v1', 'v2']
    """
    if size == 1:
        return (Words("v", "v"),)
    return tuple(Words(f"v{k + 1}", f"v{SUBSCRIPTS[k]}") for k in range(size))


def edges_of(values: Floats, weights: Floats, bins: int) -> Floats:
    """Return the edges of a histogram that leaves the outermost values out, or one bin a value where there are few.

    Args:
        values: shape (n,).
        weights: shape (n,), not negative.
        bins: largest number of bins.

    Returns:
        Edges, shape (at most bins + 1,).

    Example:
        >>> edges_of(np.array([0.0, 1.0, 1.0, 2.0]), np.ones(4), 60)
        array([-0.5,  0.5,  1.5,  2.5])
    """
    used = values[weights > 0]
    distinct = np.unique(used)
    if len(distinct) <= bins // 2:
        middles = (distinct[1:] + distinct[:-1]) / 2
        first, last = (middles[0] - distinct[0], distinct[-1] - middles[-1]) if len(middles) else (0.5, 0.5)
        return np.concatenate([[distinct[0] - first], middles, [distinct[-1] + last]])
    low, high = np.quantile(used, OUTERMOST)
    if not low < high:
        low, high = used.min(), used.max()
    return np.linspace(float(low), float(high), bins + 1)


def slices_of(theta: Floats) -> list[tuple[float, float]]:
    """Return narrow ranges of θ, from low to high: single values where there are few, else a fifth of each fifth.

    Example:
        >>> slices_of(np.array([80.0, 90.0, 90.0]))
        [(80.0, 80.0), (90.0, 90.0)]
    """
    distinct = np.unique(theta)
    if len(distinct) <= SLICES:
        return [(float(value), float(value)) for value in distinct]
    if len(distinct) <= 12 * SLICES:
        kept = distinct[np.linspace(0, len(distinct) - 1, SLICES).round().astype(int)]
        return [(float(value), float(value)) for value in kept]
    middles = (np.arange(SLICES) + 0.5) / SLICES
    lows, highs = (np.quantile(theta, middles + side * 0.1 / SLICES) for side in (-1, 1))
    return [(float(low), float(high)) for low, high in zip(lows, highs, strict=True)]


def _informed(values: Floats, theta: Floats, weights: Floats) -> Estimate:
    """Estimate I(values; θ) in nats: by the adaptive partition for one variable, by what suits for several."""
    uniform = bool((weights == weights[0]).all())
    if values.ndim == 1:
        found = estimate_mi(values, theta, "adaptive", weights=None if uniform else weights)
        return Estimate(found.value, found.error)
    few = np.random.default_rng(0).permutation(len(values))[:MOST_TOGETHER]
    found = estimate_mi(values[few], theta[few], weights=None if uniform else weights[few])
    return Estimate(found.value, found.error)

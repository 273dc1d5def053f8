"""ABCD: the background of one region, counted from three others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.errors import DataError
from core.evaluation.roc import Ranking
from core.information.distance_correlation import distance_correlation
from core.results import Array, Estimate, Number

Floats = NDArray[np.float64]
REGIONS = ("A", "B", "C", "D")
EFFICIENCIES = tuple(float(e) for e in np.arange(1, 20) / 20)
PLANE_BINS = 40
SMOOTHING = 1.5
"""Standard deviation, in bins, of what the signal is smoothed with for its contours."""


@dataclass(frozen=True)
class Region:
    """Hold what lies in one region.

    Args:
        background: Σw of its background, with the standard error √Σw².
        signal: Σw of its signal.
    """

    background: Estimate
    signal: Number


@dataclass(frozen=True)
class Closure:
    """Hold the count of the background in region A from the three others.

    A: f and g pass; B: only f passes; C: only g passes; D: neither.

    Args:
        cuts: scores from which on f and g pass.
        regions: A, B, C and D.
        predicted: N_B N_C / N_D of the background.
        ratio: predicted over true; 1 where the scores are independent. NaN when a region has no background.
        contamination: r = (δ_B + δ_C - δ_D)/δ_A with δ = S/B: a signal of a share s of A's background shifts the
            prediction by about r s. NaN when a region has no background, or A no signal.
        signal_efficiency: share of the signal in A.
        rejection: background over that in A.
    """

    cuts: tuple[Number, Number]
    regions: tuple[Region, Region, Region, Region]
    predicted: Estimate
    ratio: Estimate
    contamination: Number
    signal_efficiency: Number
    rejection: Number


@dataclass(frozen=True)
class ClosureMap:
    """Hold the closure of many pairs of cuts; rows are cuts on g, columns cuts on f.

    Args:
        efficiencies: signal efficiency of each cut alone, shape (k,).
        cuts_f: cuts on f, shape (k,).
        cuts_g: cuts on g, shape (k,).
        ratio: predicted over true background in A, shape (k, k); NaN where a region has no background.
        error: its standard error, shape (k, k).
        contamination: r, shape (k, k).
        signal_efficiency: share of the signal in A, shape (k, k).
        correlation: squared distance correlation dCorr²(f, g) of the background.
        n_background: background events.
    """

    efficiencies: Array
    cuts_f: Array
    cuts_g: Array
    ratio: Array
    error: Array
    contamination: Array
    signal_efficiency: Array
    correlation: Number
    n_background: int


@dataclass(frozen=True)
class ScorePlane:
    """Hold histograms in the plane of both scores.

    Args:
        edges_f: bin edges of f, shape (n + 1,).
        edges_g: bin edges of g, shape (n + 1,).
        background: Σw of the background, shape (n, n); rows are bins of g.
        signal: Σw of the signal, likewise.
        signal_share: share of the signal in the bins that hold at least as much of it, both smoothed, likewise.
        n_background: background events.
    """

    edges_f: Array
    edges_g: Array
    background: Array
    signal: Array
    signal_share: Array
    n_background: int


class TwoScores:
    """Hold two scores of labelled, weighted events, and judge how far they count their background.

    Args:
        f: first score, shape (n,).
        g: second score, shape (n,).
        is_signal: shape (n,).
        weights: shape (n,), of any sign.

    Raises:
        DataError: shapes differ, scores are not finite, only one class, or weights of a class without a positive sum.

    References:
        Kasieczka, Nachman, Schwartz, Shih 2020 (2007.14400).
    """

    def __init__(self, f: Floats, g: Floats, is_signal: NDArray[np.bool_], weights: Floats) -> None:
        shapes = {np.shape(each) for each in (f, g, is_signal, weights)}
        if len(shapes) > 1 or np.ndim(f) != 1:
            raise DataError(f"scores, labels and weights have shapes {shapes}; one number an event each is needed")
        self._scores = (np.asarray(f, np.float64), np.asarray(g, np.float64))
        self._is_signal, self._weights = np.asarray(is_signal, np.bool_), np.asarray(weights, np.float64)
        rankings = [Ranking(score, self._is_signal) for score in self._scores]
        self._rankings = [(ranking, ranking.efficiencies(self._weights)[0]) for ranking in rankings]

    def cuts(self, efficiencies: Sequence[float]) -> tuple[list[float], list[float]]:
        """Return the cuts on f and on g, each of which alone keeps at least so much of the signal.

        Raises:
            DataError: an efficiency outside (0, 1].
        """
        if bad := [e for e in efficiencies if not 0 < e <= 1]:
            raise DataError(f"signal efficiency is {bad[0]:g}; allowed: more than 0 and at most 1")
        first, second = (ranking.thresholds(signal, efficiencies) for ranking, signal in self._rankings)
        return first, second

    def closure(self, cut_f: float, cut_g: float) -> Closure:
        """Count the background that passes both cuts from the events that do not.

        With independent scores N_A = N_B N_C / N_D. The relative variance of the prediction is Σ Σw²/(Σw)² over B, C
        and D, that of the ratio over all four regions.

        Args:
            cut_f: score from which on f passes.
            cut_g: score from which on g passes.
        """
        counts = self._regions(np.array([cut_f]), np.array([cut_g]))
        ratio, error = _ratio(counts)
        background, variance, signal = (counts[k][..., 0, 0] for k in range(3))
        prediction = _divide(background[1] * background[2], background[3])
        relative = np.sqrt(_divide(variance[1:], background[1:] ** 2).sum())
        regions = [
            Region(Estimate(float(n), float(np.sqrt(v))), float(s))
            for n, v, s in zip(background, variance, signal, strict=True)
        ]
        return Closure(
            cuts=(cut_f, cut_g),
            regions=(regions[0], regions[1], regions[2], regions[3]),
            predicted=Estimate(float(prediction), float(abs(prediction) * relative)),
            ratio=Estimate(float(ratio[0, 0]), float(error[0, 0])),
            contamination=float(_contamination(counts)[0, 0]),
            signal_efficiency=float(signal[0] / signal.sum()),
            rejection=float(_divide(background.sum(), background[0])),
        )

    def scan(self, efficiencies: Sequence[float] = EFFICIENCIES) -> ClosureMap:
        """Judge all pairs of cuts at given signal efficiencies, in one pass over the events.

        Args:
            efficiencies: of each cut alone, in (0, 1].
        """
        cuts_f, cuts_g = (np.array(each) for each in self.cuts(efficiencies))
        counts = self._regions(cuts_f, cuts_g)
        ratio, error = _ratio(counts)
        background = ~self._is_signal
        f, g = (score[background] for score in self._scores)
        return ClosureMap(
            efficiencies=np.array(efficiencies),
            cuts_f=cuts_f,
            cuts_g=cuts_g,
            ratio=ratio,
            error=error,
            contamination=_contamination(counts),
            signal_efficiency=counts[2][0] / counts[2].sum(0),
            correlation=distance_correlation(f, g, self._weights[background]),
            n_background=int(background.sum()),
        )

    def plane(self, bins: int = PLANE_BINS) -> ScorePlane:
        """Histogram both classes in equal bins of both scores, over the range that they take."""
        edges = [np.linspace(score.min(), max(score.max(), score.min() + 1e-9), bins + 1) for score in self._scores]
        f, g = self._scores
        background, signal = (
            np.histogram2d(g[part], f[part], (edges[1], edges[0]), weights=self._weights[part])[0]
            for part in (~self._is_signal, self._is_signal)
        )
        smooth = gaussian_filter(signal, SMOOTHING)
        densest = np.argsort(-smooth, axis=None)
        share = np.empty(signal.size)
        share[densest] = np.minimum(smooth.ravel()[densest].cumsum() / smooth.sum(), 1)
        n_background = int((~self._is_signal).sum())
        return ScorePlane(edges[0], edges[1], background, signal, share.reshape(signal.shape), n_background)

    def _regions(self, cuts_f: Floats, cuts_g: Floats) -> tuple[Floats, Floats, Floats]:
        """Return Σw and Σw² of the background and Σw of the signal in A, B, C, D, shape (4, n_g, n_f) each."""
        orders = [np.argsort(cuts) for cuts in (cuts_g, cuts_f)]
        shape = (len(cuts_g) + 1, len(cuts_f) + 1)
        g, f = (
            np.searchsorted(cuts[order], score, side="right")
            for cuts, order, score in zip((cuts_g, cuts_f), orders, self._scores[::-1], strict=True)
        )
        cell = g * shape[1] + f
        back = np.ix_(*(np.argsort(order) for order in orders))

        def split(chosen: NDArray[np.bool_], values: Floats) -> Floats:
            cells = np.bincount(cell[chosen], values[chosen], shape[0] * shape[1]).reshape(shape)
            low = cells.cumsum(0).cumsum(1)
            both, low_g, low_f, all_ = low[:-1, :-1], low[:-1, -1:], low[-1:, :-1], low[-1, -1]
            d, b, c = both, low_g - both, low_f - both
            return np.stack([(all_ - b - c - d)[back], b[back], c[back], d[back]])

        background, w = ~self._is_signal, self._weights
        return split(background, w), split(background, w**2), split(self._is_signal, w)


def _ratio(counts: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats]:
    """Return (N_B N_C / N_D)/N_A and its standard error, shape (n_g, n_f) each."""
    n, variance, _ = counts
    ratio = _divide(n[1] * n[2], n[3] * n[0])
    return ratio, np.abs(ratio) * np.sqrt(_divide(variance, n**2).sum(0))


def _contamination(counts: tuple[Floats, Floats, Floats]) -> Floats:
    delta = _divide(counts[2], counts[0])
    return _divide(delta[1] + delta[2] - delta[3], delta[0])


def _divide(a: Floats, b: Floats) -> Floats:
    """Divide; NaN where the denominator is not positive."""
    undefined = np.full(np.broadcast(a, b).shape, np.nan)
    return np.asarray(np.divide(a, b, out=undefined, where=np.asarray(b) > 0), np.float64)

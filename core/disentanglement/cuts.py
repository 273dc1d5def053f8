"""Sculpting by cuts that reject a given share of the background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.disentanglement.results import TightCut
from core.errors import DataError
from core.evaluation.evaluate import evaluate
from core.evaluation.roc import Ranking, efficiency_at
from core.events.table import EventTable

REJECTED = (0.995, 0.95)
"""Shares of the background that the cuts reject: the talk's, and one that a small sample bears."""


def tight_cuts(
    scores: NDArray[np.floating],
    events: EventTable,
    *,
    rng: np.random.Generator,
    replicas: int = 50,
    rejected: Sequence[float] = REJECTED,
) -> tuple[tuple[TightCut, ...], tuple[str, ...]]:
    """Judge the sculpting at given background rejections.

    Each cut is the loosest that rejects at least such a share of the weighted background; the rest is ``evaluate`` at
    the signal efficiency that it has there: spectra, JSD in nats with the error of a Poisson bootstrap, and what
    statistics alone give.

    Args:
        scores: shape (n_events,), higher is more signal-like.
        events: the same events with label, weights and protected variables.
        rng: source of the replicas.
        replicas: bootstrap replicas; 0 leaves the errors NaN.
        rejected: shares of the background that are rejected, in (0, 1).

    Returns:
        One entry a share and protected variable; and in words why a cut is not among them.

    Raises:
        DataError: no protected variable, one class only, scores not finite, or a constant protected variable.

    References:
        Urquijo, Tan 2020 (Decorrelation via disentanglement) for the JSD at 0.995.
    """
    f = np.asarray(scores, np.float64)
    efficiencies = Ranking(f, events.is_signal).efficiencies(events.weights)
    background = ~events.is_signal
    cuts: list[TightCut] = []
    remarks: list[str] = []
    for share in rejected:
        try:
            point = efficiency_at(*efficiencies, share)
        except DataError as problem:
            remarks.append(f"no cut at {share:g} background rejection: {problem}")
            continue
        found = evaluate(f, events, rng=rng, signal_efficiency=point, replicas=replicas, dependence=False)
        n_pass = int((f[background] >= found.threshold).sum())
        cuts += [
            TightCut(each.variable, share, point, n_pass, each.spectrum, each.jsd_nats, each.limit_nats)
            for each in found.protected
        ]
    return tuple(cuts), tuple(remarks)

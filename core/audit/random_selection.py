"""Whether a cut sculpts more than a random selection of as many events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audit.shuffles import Floats, upper_tail
from core.evaluation.sculpting import Spectrum, sculpting, statistical_limit
from core.information.measures import jensen_shannon
from core.results import Estimate, Number

REPLICAS = 50


@dataclass(frozen=True)
class SculptingTest:
    """Hold the sculpting of a cut beside that of random selections.

    Args:
        spectrum: background that passes and that fails.
        jsd_nats: Jensen-Shannon divergence of both, and its bootstrap error at a fixed cut; in bits 1.443 times as
            much.
        limit_nats: (bins - 1)/8 · (1/N_pass + 1/N_fail), what statistics give an independent score.
        random_nats: mean divergence of random selections.
        p_value: probability that a random selection sculpts as much; NaN when no event passes or none fails.
        n_passed: N_eff of the passing background.
    """

    spectrum: Spectrum
    jsd_nats: Estimate
    limit_nats: Number
    random_nats: Number
    p_value: Number
    n_passed: Number


def sculpting_test(
    m: Floats,
    passes: NDArray[np.bool_],
    weights: Floats,
    edges: Floats,
    *,
    rng: np.random.Generator,
    permutations: int,
) -> SculptingTest:
    """Compare the divergence of passing and failing background with that of random selections.

    For a random selection each event keeps whether it passes, and takes the bin of another event. Its weight is scaled
    by the ratio of the mean |w| of both bins, so that weights may depend on m and on the score: without weights it is
    a permutation test.

    Args:
        m: protected variable of background events, shape (n,).
        passes: whether each passes the cut, shape (n,).
        weights: event weights, shape (n,), of any sign.
        edges: bins of the spectrum, shape (bins + 1,); events outside are left out.
        rng: source of the selections and of the replicas for the error.
        permutations: number of random selections.
    """
    bin_of = np.searchsorted(edges, m, side="right") - 1
    bin_of[m == edges[-1]] = len(edges) - 2
    inside = (bin_of >= 0) & (bin_of < len(edges) - 1)
    bin_of, w = bin_of[inside], weights[inside]
    side = np.where(passes[inside], 0, len(edges) - 1)

    def split(bins: NDArray[np.intp], values: Floats) -> Floats:
        return np.asarray(np.bincount(side + bins, values, 2 * (len(edges) - 1)).reshape(2, -1), np.float64)

    spectrum = Spectrum(edges, *split(bin_of, w), *split(bin_of, w**2))
    replicas = [_divergence(split(bin_of, w * rng.poisson(1.0, len(w)))) for _ in range(REPLICAS)]
    size = np.bincount(bin_of, np.abs(w), len(edges) - 1) / np.maximum(np.bincount(bin_of, minlength=len(edges) - 1), 1)
    bare = np.divide(w, size[bin_of], out=np.zeros(len(w)), where=size[bin_of] > 0)
    random = []
    for _ in range(permutations):
        other = rng.permutation(bin_of)
        random.append(_divergence(split(other, bare * size[other])))
    jsd, made = sculpting(spectrum), np.array(random)[np.isfinite(random)]
    return SculptingTest(
        spectrum=spectrum,
        jsd_nats=Estimate(jsd, float(np.std(replicas)) if np.isfinite(replicas).all() else float("nan")),
        limit_nats=statistical_limit(weights[passes], weights[~passes], len(edges) - 1),
        random_nats=float(np.mean(made)) if len(made) else float("nan"),
        p_value=upper_tail(jsd, made) if len(made) else float("nan"),
        n_passed=_effective(spectrum),
    )


def _divergence(split: Floats) -> float:
    """Return the JSD of passing and failing sums, shape (2, bins), in nats; NaN when one of them is empty."""
    passed, failed = np.maximum(split, 0.0)
    return float(jensen_shannon(passed, failed)) if passed.sum() > 0 and failed.sum() > 0 else float("nan")


def _effective(spectrum: Spectrum) -> float:
    squares = float(spectrum.passed_variance.sum())
    return float(spectrum.passed.sum()) ** 2 / squares if squares > 0 else 0.0

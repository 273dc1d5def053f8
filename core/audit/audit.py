"""The audit of a score: what it still knows of protected variables, on held-out events, by what did not train it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.audit.audited import Audit, VariableAudit
from core.audit.density import score_density
from core.audit.dependence import neighbour_information, table_dependence
from core.audit.findings import FAMILY, judge
from core.audit.flatness import flatness
from core.audit.peak import peak_significance
from core.audit.random_selection import sculpting_test
from core.audit.shuffles import Floats
from core.audit.spurious import spurious_signal
from core.errors import DataError
from core.evaluation.roc import Ranking
from core.evaluation.sculpting import few_values, spectrum_edges
from core.events.table import EventTable, effective_number
from core.learning.pulse import stage

EFFICIENCIES = (0.3, 0.5, 0.7, 0.9)
LEAST_BACKGROUND = 500
LEAST_PERMUTATIONS = 20

Result = TypeVar("Result")


def audit(
    scores: NDArray[np.floating],
    events: EventTable,
    *,
    rng: np.random.Generator,
    signal_efficiency: float = 0.5,
    permutations: int = 200,
    efficiencies: Sequence[float] = EFFICIENCIES,
) -> Audit:
    """Audit a score on events that it was not trained on.

    For each protected variable: I(f; m | background) by two estimators and dCorr², each with shuffled events; sculpting
    beside random selections; flatness of the background efficiency; spurious signal under the peak; S/√B in the peak.
    A test fails when its p-value, adjusted by Holm's method over all tests, is below 5 %. The cut is fixed: errors
    do not hold the scatter of its threshold.

    Args:
        scores: shape (n_events,), higher is more signal-like; in [0, 1] for the kernel density.
        events: the same held-out events with their roles.
        rng: source of shuffles, selections and replicas.
        signal_efficiency: working point of the cut, in (0, 1).
        permutations: shuffles behind the p-values of dependence, 20 or more.
        efficiencies: signal efficiencies at which flatness is tested.

    Returns:
        All that was measured, and the findings.

    Raises:
        DataError: no protected variable, one class only, scores not finite or constant, N_eff of the background below
            500, or a protected variable that is constant or never known.

    Example:
        >>> from core.events.toys import sculpting_toy
        >>> events = sculpting_toy(4000, np.random.default_rng(1))
        >>> score = 1 / (1 + np.exp(-events["clean"]))
        >>> audit(score, events, rng=np.random.default_rng(2), permutations=50).passed
        True
    """
    f = _checked(scores, events, (signal_efficiency, *efficiencies), permutations)
    ranking = Ranking(f, events.is_signal)
    thresholds = {point: ranking.threshold(events.weights, point) for point in (signal_efficiency, *efficiencies)}
    wanted = {point: thresholds[point] for point in efficiencies}
    passes = f >= thresholds[signal_efficiency]
    variables, n = [], len(events.roles.protected)
    for k, name in enumerate(events.roles.protected):
        with stage(k / n, (k + 1) / n):
            variables.append(_audit_variable(name, f, passes, wanted, events, rng, permutations))
    columns = {name: events.describe(name) for name in events.roles.protected}
    return Audit(
        n_events=events.n_events,
        n_background=int((~events.is_signal).sum()),
        n_effective=effective_number(events.weights[~events.is_signal]),
        signal_efficiency=signal_efficiency,
        threshold=thresholds[signal_efficiency],
        permutations=permutations,
        level=FAMILY,
        variables=tuple(variables),
        findings=judge(tuple(variables), columns, signal_efficiency),
    )


def _audit_variable(
    name: str,
    f: Floats,
    passes: NDArray[np.bool_],
    thresholds: dict[float, float],
    events: EventTable,
    rng: np.random.Generator,
    permutations: int,
) -> VariableAudit:
    """Measure everything on one protected variable, on the events that have a value of it."""
    known = np.isfinite(np.asarray(events[name], np.float64))
    kept, f, passes = events.take(known), f[known], passes[known]
    m, w, is_signal, background = np.asarray(kept[name], np.float64), kept.weights, kept.is_signal, ~kept.is_signal
    _require(name, m[background], w[background], int((~known).sum()))
    f_b, m_b, w_b = f[background], m[background], w[background]
    discrete = len(few_values(m_b)) > 0
    weighted = w_b if np.ptp(w_b) > 0 else None
    information, dcorr = table_dependence(f_b, m_b, weighted, discrete=discrete, rng=rng, permutations=permutations)
    skipped = ("neighbours", "spurious", "peak", "density") if discrete else ()
    reasons = dict.fromkeys(skipped, "it takes few values")
    return VariableAudit(
        variable=name,
        discrete=discrete,
        n_background=len(m_b),
        n_effective=effective_number(w_b),
        n_missing=int((~known).sum()),
        information=information,
        neighbours=_attempt(reasons, "neighbours", lambda: neighbour_information(f_b, m_b, weighted, rng)),
        dcorr=dcorr,
        sculpting=sculpting_test(m_b, passes[background], w_b, spectrum_edges(m_b), rng=rng, permutations=permutations),
        flatness=flatness(f_b, m_b, w_b, thresholds, discrete=discrete),
        spurious=_attempt(reasons, "spurious", lambda: spurious_signal(m, is_signal, passes, w)),
        peak=_attempt(reasons, "peak", lambda: peak_significance(m, is_signal, passes, w)),
        density=_attempt(reasons, "density", lambda: score_density(m, f, is_signal, w)),
        reasons=reasons,
    )


def _checked(scores: NDArray[np.floating], events: EventTable, points: Sequence[float], permutations: int) -> Floats:
    """Return the scores, checked with the options."""
    if not all(0 < point < 1 for point in points):
        raise DataError(f"signal efficiencies {', '.join(f'{p:g}' for p in points)}; allowed: between 0 and 1")
    if permutations < LEAST_PERMUTATIONS:
        raise DataError(f"{permutations} permutations; allowed: {LEAST_PERMUTATIONS} or more")
    if not events.roles.protected:
        raise DataError("no protected variable; choose at least one, such as the invariant mass")
    f = np.asarray(scores, np.float64)
    if f.shape != (events.n_events,):
        raise DataError(f"scores have shape {f.shape}; allowed: one score for each of {events.n_events} events")
    if len(f) and f.min() == f.max():
        raise DataError(f"the score is {f[0]:.6g} for all events; there is nothing to audit")
    return f


def _require(name: str, m: Floats, weights: Floats, n_missing: int) -> None:
    """Refuse too few background events, and a protected variable that is never known or constant on them."""
    if not len(m):
        raise DataError(f"{name} is missing in all background events ({n_missing:,} of all); it is needed")
    n_effective = effective_number(weights)
    if n_effective < LEAST_BACKGROUND:
        of = f" of {len(m):,} with negative or unequal weights" if round(n_effective) != len(m) else ""
        raise DataError(f"{n_effective:.0f} effective background events{of}; an audit needs {LEAST_BACKGROUND}")
    if m.min() == m.max():
        raise DataError(f"{name} is {m[0]:.6g} for all background events; one that varies is needed")


def _attempt(reasons: dict[str, str], entry: str, measure: Callable[[], Result]) -> Result | None:
    """Return a measurement, or None and note why it was refused."""
    if entry in reasons:
        return None
    try:
        return measure()
    except DataError as refused:
        reasons[entry] = str(refused)
        return None

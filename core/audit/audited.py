"""What an audit measured and found."""

from __future__ import annotations

from dataclasses import dataclass

from core.audit.density import KernelDensity
from core.audit.dependence import Dependence
from core.audit.flatness import Flatness
from core.audit.peak import PeakSignificance
from core.audit.random_selection import SculptingTest
from core.audit.spurious import SpuriousSignal
from core.results import Number


@dataclass(frozen=True)
class Finding:
    """Hold what one test found.

    Args:
        variable: the protected variable.
        name: the test: a key of ``DEFINITIONS`` in ``core.audit.findings``.
        passed: whether the score passed; None when nothing was judged.
        p_value: probability of as much from an independent score; NaN when there is none.
        adjusted_p_value: the same by Holm's method over all tests of the audit, compared with its level.
        result: the number found, with unit and uncertainty.
        words: a sentence without its full stop: what was found, or why nothing was judged.
    """

    variable: str
    name: str
    passed: bool | None
    p_value: Number
    adjusted_p_value: Number
    result: str
    words: str


@dataclass(frozen=True)
class VariableAudit:
    """Hold all that was measured on one protected variable; of background events where nothing else is said.

    Args:
        variable: its name.
        discrete: whether it takes at most 20 values.
        n_background: background events with a value of it.
        n_effective: their N_eff.
        n_missing: events of both classes without a value, left out.
        information: I(f; m) from a table of codes.
        neighbours: I(f; m) by nearest neighbours; None where there is no such estimate.
        dcorr: squared distance correlation.
        sculpting: the spectra that pass and fail, and random selections.
        flatness: background efficiency against it, one entry a working point.
        spurious: fit of a smooth function and a peak; None where there is no such fit.
        peak: S/√B in the signal's peak; None for a discrete variable.
        density: kernel density of m against logit f of both classes; None where there is none.
        reasons: why an entry is None, in words.
    """

    variable: str
    discrete: bool
    n_background: int
    n_effective: Number
    n_missing: int
    information: Dependence
    neighbours: Dependence | None
    dcorr: Dependence
    sculpting: SculptingTest
    flatness: tuple[Flatness, ...]
    spurious: SpuriousSignal | None
    peak: PeakSignificance | None
    density: KernelDensity | None
    reasons: dict[str, str]


@dataclass(frozen=True)
class Audit:
    """Judge what a score still knows of the protected variables.

    Args:
        n_events: events judged.
        n_background: background events among them.
        n_effective: N_eff of the background.
        signal_efficiency: working point of the cut.
        threshold: score above which an event passes.
        permutations: shuffles behind the p-values.
        level: probability that a perfectly independent score fails any of the findings (Holm's method).
        variables: one entry a protected variable.
        findings: what was judged, in words.
    """

    n_events: int
    n_background: int
    n_effective: Number
    signal_efficiency: Number
    threshold: Number
    permutations: int
    level: Number
    variables: tuple[VariableAudit, ...]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Return whether no finding failed."""
        return not any(finding.passed is False for finding in self.findings)

    def verdict(self) -> str:
        """Return the outcome in words: how many tests failed, and what each failure found."""
        judged = sum(finding.passed is not None for finding in self.findings)
        failed = [finding for finding in self.findings if finding.passed is False]
        level = f"an independent score fails in {100 * self.level:.3g} % of audits at most"
        if not failed:
            return f"The audit found nothing: the score passed all {judged} tests ({level})."
        words = "; ".join(finding.words for finding in failed)
        return f"The score failed {len(failed)} of {judged} tests of the audit ({level}): {words}."

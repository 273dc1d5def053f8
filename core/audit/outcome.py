"""The outcome of an audit in a sentence that stands beside the verdict on one cut."""

from __future__ import annotations

from core.audit.audited import Audit
from core.audit.findings import SPURIOUS
from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import flatness
from core.numbers import format_percent

OF_THE_CUT = ("Sculpting", SPURIOUS)
"""Tests of what the cut selects; all others judge the whole score."""


def outcome(audit: Audit | None, evaluation: Evaluation) -> str:
    """Return in a sentence how many tests of its audit a score fails, and which; empty where nothing was judged.

    The verdict speaks of one cut, the audit of the whole score: where they differ, the sentence says why.

    Args:
        audit: of the score; None when there is none.
        evaluation: of the same score, on which the verdict was spoken.
    """
    judged = [finding for finding in audit.findings if finding.passed is not None] if audit else []
    failed = list(dict.fromkeys(finding.name for finding in judged if not finding.passed))
    if not failed:
        return f"All tests of the audit are passed ({len(judged)})." if judged else ""
    n_failed = sum(not finding.passed for finding in judged)
    fails = f"fails {n_failed} of {len(judged)} tests: {'; '.join(failed)}."
    if not all(flatness(each) for each in evaluation.protected):
        return f"The audit {fails}"
    if any(name in OF_THE_CUT for name in failed):
        return f"The audit sees more than this divergence does and {fails}"
    cut = format_percent(evaluation.signal_efficiency)
    return f"Flat is the cut at {cut} signal efficiency, not the whole score: its audit {fails}"

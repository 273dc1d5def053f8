"""The spurious signal of an audit in words: would a search find a bump in the background that passes?"""

from __future__ import annotations

from collections.abc import Mapping

from core.audit.audited import Audit, VariableAudit
from core.audit.findings import SPURIOUS
from core.numbers import format_number


def bump_sentence(audit: Audit, titles: Mapping[str, str] | None = None) -> str:
    """Say whether the background that passes the cut makes a bump, with its yield, for a verdict.

    Args:
        audit: of the score.
        titles: protected variable → its symbol as in print; the names when None.

    Returns:
        A sentence for each protected variable whose bump was judged, such as "No spurious bump in m:
        (0.3 ± 0.9) % of the background under it: 0.4 ± 1.1 of 121 in sums of event weights."; empty when there is none.
    """
    named = titles or {}
    sentences = [_of_variable(audit, each, named.get(each.variable, each.variable)) for each in audit.variables]
    return " ".join(sentence for sentence in sentences if sentence)


def _of_variable(audit: Audit, judged: VariableAudit, title: str) -> str:
    findings = (each for each in audit.findings if (each.variable, each.name) == (judged.variable, SPURIOUS))
    finding = next(findings, None)
    if judged.spurious is None or finding is None or finding.passed is None:
        return ""
    fake, under = judged.spurious.fake, judged.spurious.under_peak
    share = format_number(100 * fake.value / under, 100 * fake.error / under)
    weights = f"{format_number(fake.value, fake.error)} of {format_number(under)} in sums of event weights"
    found = f"({share}) % of the background under it: {weights}"
    if finding.passed:
        return f"No spurious bump in {title}: {found}."
    shape = "bump" if fake.value > 0 else "dip"
    return f"A spurious {shape} in {title}: {found}, {format_number(abs(judged.spurious.significance))} σ."

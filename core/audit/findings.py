"""The findings of an audit: which tests a score passed, in words with numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite, log

from core.audit.audited import Finding, VariableAudit
from core.audit.dependence import Dependence
from core.audit.shuffles import holm
from core.events.table import Column
from core.numbers import format_events, format_number, format_percent, power_of_ten
from core.results import Estimate

FAMILY = 0.05
ADEQUATE = 0.01
_UNDEFINED = float("nan")
_SMALLEST_P = 1e-6
SPURIOUS = "Spurious signal"

DEFINITIONS = {
    "Information": "Mutual information I(f; m) of score and protected variable on background, in nats, by an adaptive "
    "partition of the plane of ranks (binned for a variable of few values); p by shuffled events.",
    "Information, neighbours": "The same by nearest neighbours (Kraskov), which shares nothing with the first; on "
    "10,000 events at most, p by Student's t over 30 shuffles.",
    "Distance correlation": "dCorr² of score and protected variable on background: 0 only when they are independent, 1 "
    "when one is a linear function of the other; p by shuffled events.",
    "Sculpting": "Jensen-Shannon divergence between the spectra of background that passes and that fails the cut, in "
    "nats; p by random selections of as many events.",
    "Flat efficiency": "χ² of the background efficiency in bins of equal content against a flat one, at each signal "
    "efficiency; the p-value is the smallest times the number of working points.",
    SPURIOUS: "Yield of the signal's peak in a fit of peak and smooth function to background that passes the "
    "cut, where there is none; p by the yield over its error.",
    "S/√B in the peak": "Signal over the root of background in the window of the signal's central 68 %, before and "
    "after the cut. It is not judged.",
}
"""What each test is, by the name of its finding."""


def judge(
    variables: Iterable[VariableAudit], columns: Mapping[str, Column], signal_efficiency: float
) -> tuple[Finding, ...]:
    """Turn measurements into findings; a test fails when its p-value by Holm's method is below 5 %.

    Args:
        variables: what was measured.
        columns: words about the protected variables.
        signal_efficiency: working point of the cut.
    """
    found = [finding for v in variables for finding in _of_variable(v, columns[v.variable], signal_efficiency)]
    adjusted = holm([finding.p_value for finding in found])
    return tuple(
        replace(
            finding,
            adjusted_p_value=p,
            passed=p >= FAMILY if isfinite(p) else None,
        )
        for finding, p in zip(found, adjusted, strict=True)
    )


def probability(p: float) -> str:
    """Write a p-value; a dash for none.

    Example:
        >>> probability(0.0321), probability(3e-9)
        ('p = 0.0321', 'p < 10⁻⁶')
    """
    return f"p < {power_of_ten(-6)}" if p < _SMALLEST_P else f"p = {format_number(p)}"


def _of_variable(v: VariableAudit, column: Column, signal_efficiency: float) -> list[Finding]:
    """Return all findings on one protected variable, not yet judged together."""
    title = column.title or column.name
    return [
        _information("Information", v, v.information, title),
        _information("Information, neighbours", v, v.neighbours, title),
        _distance(v, title),
        _sculpting(v, title, signal_efficiency),
        _flatness(v, title),
        _spurious(v, title, column.unit),
        _peak(v, column),
    ]


def _finding(v: VariableAudit, name: str, p_value: float, result: str, words: str) -> Finding:
    return Finding(v.variable, name, None, p_value, _UNDEFINED, result, words)


def _refused(v: VariableAudit, name: str, entry: str) -> Finding:
    return _finding(v, name, _UNDEFINED, "–", f"not judged: {v.reasons.get(entry, 'there is no estimate')}")


def _information(name: str, v: VariableAudit, found: Dependence | None, title: str) -> Finding:
    if found is None:
        return _refused(v, name, "neighbours")
    if not isfinite(found.estimate.value):
        return _finding(v, name, _UNDEFINED, "–", "not judged: too many cells have a negative weight")
    value = _with_error(found.estimate, "nats")
    beside = f"shuffled events show {format_number(found.null_level, unit='nats')}"
    on = f"by {found.measure} on {format_events(found.n_events, found.n_effective)}"
    if not isfinite(found.p_value):
        return _finding(v, name, _UNDEFINED, value, f"I(f; {title}) = {value} {on}; not judged, as the signs are lost")
    words = f"the score tells {value} about {title} {on} ({probability(found.p_value)}; {beside})"
    return _finding(v, name, found.p_value, value, words)


def _distance(v: VariableAudit, title: str) -> Finding:
    found = v.dcorr
    value = format_number(found.estimate.value)
    words = (
        f"dCorr² of score and {title} is {value} ({probability(found.p_value)}; shuffled events show "
        f"{format_number(found.null_level)})"
    )
    return _finding(v, "Distance correlation", found.p_value, value, words)


def _sculpting(v: VariableAudit, title: str, signal_efficiency: float) -> Finding:
    found = v.sculpting
    if not isfinite(found.p_value):
        return _finding(v, "Sculpting", _UNDEFINED, "–", "not judged: no background passes the cut, or none fails")
    value = _with_error(found.jsd_nats, "nats")
    bits = format_number(found.jsd_nats.value / log(2), found.jsd_nats.error / log(2), "bits")
    words = (
        f"the cut at {format_percent(signal_efficiency)} signal efficiency changes the background's spectrum of "
        f"{title} by a JSD of {value} or {bits} ({probability(found.p_value)}; random selections of N_eff "
        f"{format_number(found.n_passed)} reach {format_number(found.random_nats, unit='nats')})"
    )
    return _finding(v, "Sculpting", found.p_value, value, words)


def _flatness(v: VariableAudit, title: str) -> Finding:
    made = [each for each in v.flatness if isfinite(each.p_value)]
    if not made:
        return _finding(
            v, "Flat efficiency", _UNDEFINED, "–", "not judged: too few background events pass or fail for two bins"
        )
    worst = min(made, key=lambda each: each.p_value)
    p_value = min(1.0, worst.p_value * len(made))
    value = f"χ²/ndf = {format_number(worst.chi2)}/{worst.ndf} at {format_percent(worst.signal_efficiency)}"
    deviation = format_number(100 * worst.deviation.value, 100 * worst.deviation.error)
    words = (
        f"the background efficiency against {title} has {value} signal efficiency, the worst of {len(made)} "
        f"working points ({probability(p_value)}, corrected for their number); "
        f"the largest deviation of a bin is ({deviation}) %"
    )
    result = f"{value} (p corrected for {len(made)} working points)" if len(made) > 1 else value
    return _finding(v, "Flat efficiency", p_value, result, words)


def _spurious(v: VariableAudit, title: str, unit: str = "") -> Finding:
    found = v.spurious
    if found is None:
        return _refused(v, SPURIOUS, "spurious")
    value = f"{_with_error(found.fake)} events"
    share = Estimate(100 * found.fake.value / found.under_peak, 100 * found.fake.error / found.under_peak)
    sigmas = f"{format_number(found.significance)} σ"
    result = f"{sigmas}, ({_with_error(share)}) % of background"
    where = f"{format_number(found.low)} and {format_number(found.high, unit=unit)}"
    words = (
        f"a smooth fit of order {found.order} to the selected background shows {value} of fake signal in {title} "
        f"({sigmas}, {probability(found.p_value)}), where it expects "
        f"{format_number(found.under_peak)} background events between {where}; all background shows "
        f"{_with_error(found.fake_before)}"
    )
    if found.goodness_before < ADEQUATE:
        words = f"not judged, as no smooth function fits all background ({probability(found.goodness_before)}): {words}"
        return _finding(v, SPURIOUS, _UNDEFINED, result, words)
    return _finding(v, SPURIOUS, found.p_value, result, words)


def _peak(v: VariableAudit, column: Column) -> Finding:
    found = v.peak
    if found is None:
        return _refused(v, "S/√B in the peak", "peak")
    if not isfinite(found.gain.value):
        return _finding(v, "S/√B in the peak", _UNDEFINED, "–", "not defined: no background in the peak after the cut")
    window = (
        f"{format_number(found.low)} < {column.title or column.name} < {format_number(found.high, unit=column.unit)}"
    )
    before, after, gain = (_with_error(each) for each in (found.before, found.after, found.gain))
    words = f"S/√B for {window} goes from {before} to {after} by the cut: × {gain}"
    return _finding(v, "S/√B in the peak", _UNDEFINED, f"{before} → {after}, × {gain}", words)


def _with_error(estimate: Estimate, unit: str = "") -> str:
    return format_number(estimate.value, estimate.error, unit)

"""The outcome of a training in words."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from core.evaluation.evaluate import Evaluation, ProtectedEvaluation
from core.numbers import format_number, format_percent
from core.results import Estimate

FLAT_SIGMAS = 2.0


def verdict(evaluation: Evaluation, baseline: Evaluation | None = None, titles: Mapping[str, str] | None = None) -> str:
    """Say how well a score separates and how much it sculpts, beside a baseline if there is one.

    Args:
        evaluation: of the score to judge.
        baseline: of a classifier that unlearned nothing, on the same events.
        titles: protected variable → its symbol as in print; the names when None.

    Returns:
        One sentence on separation, then one for each protected variable.
    """
    before = baseline.rejection if baseline else None
    sentences = [
        f"Background rejection at {format_percent(evaluation.signal_efficiency)} signal efficiency "
        f"{_change(before, evaluation.rejection)}, AUC {_change(baseline.auc if baseline else None, evaluation.auc)}."
    ]
    earlier = {p.variable: p for p in baseline.protected} if baseline else {}
    sentences += [_sculpting_sentence(p, earlier.get(p.variable), titles or {}) for p in evaluation.protected]
    return " ".join(sentences)


def flatness(protected: ProtectedEvaluation) -> bool:
    """Return whether the spectrum is as flat as the sample can tell.

    For an independent score 8 JSD/(1/N_pass + 1/N_fail) follows a χ² distribution with bins - 1 degrees of freedom,
    so that JSD scatters by a share sqrt(2/(bins - 1)) around its limit; up to two standard deviations above count
    as flat.
    """
    return is_flat(protected.jsd_nats.value, protected.limit_nats, len(protected.spectrum.passed))


def is_flat(jsd: float, limit: float, bins: int) -> bool:
    """Return whether a JSD is within two standard deviations of what statistics alone give in so many bins."""
    return jsd < limit * (1 + FLAT_SIGMAS * sqrt(2 / (bins - 1)))


def flat_words(evaluation: Evaluation, titles: Mapping[str, str] | None = None) -> str:
    """Say of each protected variable how flat its spectrum is at the cut, beside what statistics allow."""
    return " ".join(_sculpting_sentence(each, None, titles or {}) for each in evaluation.protected)


def inverse(jsd: Estimate) -> Estimate:
    """Return 1/JSD with its propagated standard error."""
    if not jsd.value > 0:
        return Estimate(float("inf"))
    return Estimate(1 / jsd.value, jsd.error / jsd.value**2)


def _sculpting_sentence(
    protected: ProtectedEvaluation, baseline: ProtectedEvaluation | None, titles: Mapping[str, str]
) -> str:
    title = titles.get(protected.variable, protected.variable)
    change = _change(inverse(baseline.jsd_nats) if baseline else None, inverse(protected.jsd_nats))
    limit = format_number(1 / protected.limit_nats)
    sentence = f"Sculpting of {title}: 1/JSD {change} per nat (statistical limit of this sample {limit})"
    if flatness(protected):
        return f"{sentence}: as flat as these events can tell."
    jsd = protected.jsd_nats
    excess = format_number(jsd.value / protected.limit_nats, jsd.error / protected.limit_nats)
    return f"{sentence}: the cut still shapes the background, {excess} times what statistics alone would."


def _change(before: Estimate | None, after: Estimate) -> str:
    now = format_number(after.value, after.error)
    return now if before is None else f"{format_number(before.value, before.error)} → {now}"

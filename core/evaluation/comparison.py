"""Two scores compared, in words."""

from __future__ import annotations

import math

from core.evaluation.compare import Difference, Scored, judged_on
from core.evaluation.verdict import flatness
from core.numbers import format_number, format_percent
from core.results import Estimate

SIGMAS = 2.0
"""A difference of fewer standard errors is none."""


def comparison_sentence(first: Scored, other: Scored, found: Difference, variable: str, title: str) -> str:
    """Say whether a score separates better than the first one, and how much less it sculpts.

    Args:
        first: the score to compare with.
        other: the score compared.
        found: their difference.
        variable: the protected variable.
        title: its symbol as in print.

    Returns:
        One sentence.
    """
    words = f"Beside {first.name}, {other.name} {_separation(found, other.evaluation.signal_efficiency)}"
    own = judged_on(other.evaluation, variable)
    if own is None or math.isnan(found.jsd.value):
        return f"{words}; only one of them was judged on {title}."
    flat = ": as flat as these events can tell" if flatness(own) else ""
    return f"{words} and sculpts {title} {_sculpting(found)}{flat}."


def is_significant(difference: Estimate) -> bool:
    """Return whether a difference is at least two standard errors from zero; never where there is no error."""
    return math.isfinite(difference.error) and abs(difference.value) >= SIGMAS * difference.error > 0


def _separation(found: Difference, signal_efficiency: float) -> str:
    where = f"at {format_percent(signal_efficiency)} signal efficiency"
    if not is_significant(found.rejection):
        return f"has the same background rejection {where} within errors ({_signed(found.rejection)})"
    size = format_number(abs(found.rejection.value), found.rejection.error)
    return f"has {size} {'less' if found.rejection.value < 0 else 'more'} background rejection {where}"


def _sculpting(found: Difference) -> str:
    if not is_significant(found.jsd):
        return "no differently within errors"
    less = found.times_less
    if found.jsd.value < 0:
        return f"{format_number(less.value, less.error)} times less"
    return f"{format_number(1 / less.value, less.error / less.value**2)} times more"


def _signed(difference: Estimate) -> str:
    return ("+" if difference.value > 0 else "") + format_number(difference.value, difference.error)

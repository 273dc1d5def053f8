"""The guide's sentences, each with the numbers of the loaded events."""

from __future__ import annotations

from math import exp, log

import numpy as np
from numpy.typing import NDArray

from core.evaluation.evaluate import Evaluation, ProtectedEvaluation
from core.evaluation.verdict import flatness, inverse, verdict
from core.events.table import Column
from core.guide.remaining import Remaining
from core.guide.sculpting import OneCut
from core.guide.sets import WORTH_SHOWING, SetsGain
from core.guide.sharing import Extremes
from core.guide.unlabelled import Explained
from core.information.pointwise import PairMap
from core.numbers import MINUS, format_count, format_events, format_number, format_percent
from core.results import Estimate

_SIGNIFICANT = 3.0  # standard errors
_WORKING_POINT = 0.5
_FEWEST_PASSING = 10  # events of a value of a discrete variable, on average
_MISSED = 0.5  # |r| below this share of r_I misses the dependence


def sharing_words(found: Extremes) -> tuple[str, ...]:
    """Say what the pair that shares most shares, what that means, and which pair is independent.

    Args:
        found: the two ends of a matrix.
    """
    most, least = found.most, found.least
    where = "" if found.event_class == "all" else f" of {found.event_class}"
    counted = format_events(found.n_events, found.n_effective)
    misses = abs(most.pearson) < _MISSED * most.r_i
    told = (
        f"{most.x_title} and {most.y_title} share I = {_nats(most.mi)}, more than any other of "
        f"{format_count(found.n_pairs)} pair{'' if found.n_pairs == 1 else 's'} on {counted}{where}.",
        f"A nat is information counted with the natural logarithm: to know {most.x_title} divides the values left to "
        f"{most.y_title} by e^I = {format_number(exp(most.mi.value))} on average; one bit is {format_number(log(2))} "
        "nats and divides them by 2.",
        f"A bivariate normal that shares as much has the correlation r_I = {format_number(most.r_i)}; Pearson's r is "
        f"{format_number(most.pearson)}{': it misses most of it' if misses else ''}.",
    )
    if found.n_pairs == 1:
        return told
    apart = abs(least.mi.value) <= _SIGNIFICANT * least.mi.error
    verdict = "nothing beyond the statistical error: independent" if apart else "the least of all pairs"
    return *told, f"{least.x_title} and {least.y_title} share {_nats(least.mi)}, {verdict}."


def one_cut_words(found: OneCut) -> tuple[str, ...]:
    """Say why one variable is taken as the score.

    Args:
        found: its cut.
    """
    return (
        f"{found.feature_title} tells {_nats(found.about_label)} about the label and {_nats(found.about_protected)} "
        f"about {found.protected_title}: its likelihood ratio, fitted on {format_events(found.n_fit)}, is the score.",
    )


def cut_words(evaluation: Evaluation, column: Column) -> tuple[str, ...]:
    """Say what a cut does to the background's spectrum of a protected variable.

    Args:
        evaluation: of a score with that protected variable.
        column: words about the variable.
    """
    judged = next(each for each in evaluation.protected if each.variable == column.name)
    title, rejection = column.title or column.name, evaluation.rejection
    flat, limit = inverse(judged.jsd_nats), format_number(1 / judged.limit_nats)
    end = "as flat as these events can tell" if flatness(judged) else (
        f"this cut shapes the background {format_number(judged.jsd_nats.value / judged.limit_nats)} times as much"
    )  # fmt: skip
    return (
        f"The cut that keeps {format_percent(evaluation.signal_efficiency)} of the signal keeps one background event "
        f"in {format_number(rejection.value, rejection.error)}, on {format_events(evaluation.n_events)} held out.",
        spread_words(judged, column),
        f"The spectra of {title} that pass and fail have 1/JSD = {format_number(flat.value, flat.error)}; a cut that "
        f"knows nothing of {title} reaches {limit}, the statistical limit of these events: {end}.",
    )


def unlearning_words(found: OneCut, column: Column) -> tuple[str, ...]:
    """Say what it costs to make the score of one variable flat.

    Args:
        found: the score as it is and made flat.
        column: words about the protected variable.
    """
    m = found.protected_title
    return (
        f"Let the score of {found.feature_title} be an event's rank among the background of its own {m}: the same "
        f"share passes at every {m}. The baseline is the score as it is.",
        verdict(found.flat, found.plain, {found.protected: m}),
        spread_words(found.flat.protected[0], column),
        price_words(found.plain.rejection, found.flat.rejection),
    )


def remaining_words(found: Remaining) -> tuple[str, ...]:
    """Say what features tell beside the protected variable, which repeats it most and which gains by it.

    Args:
        found: what features tell, alone and given m.
    """
    m = found.protected_title
    shares = np.divide(found.given, found.alone, out=np.ones(len(found.alone)), where=found.alone > 0)
    sure = found.alone > _SIGNIFICANT * found.alone_error
    told = [
        f"{m} itself tells {_nats(found.about_label)} of the {format_number(log(2), unit='nats')} that there are to "
        f"know of the label, on {format_events(found.n_events, found.n_effective, even_odds=True)}.",
        f"Alone, {found.titles[0]} tells {_nats(_alone(found, 0))}; once {m} is known, {_nats(_given(found, 0))} "
        "remain.",
    ]
    away = np.array([_apart(found, i) for i in range(len(shares))])
    told.append(
        f"Of the {len(shares)} that tell most, {int((away < -_SIGNIFICANT).sum())} tell less once {m} is known and "
        f"{int((away > _SIGNIFICANT).sum())} more, beyond {_SIGNIFICANT:g} standard errors."
    )
    least = int(np.argmin(np.where(sure, shares, np.inf)))
    if sure.any() and least > 0 and away[least] < -_SIGNIFICANT:
        told.append(
            f"Of what {found.titles[least]} tells, {m} says {format_percent(1 - max(float(shares[least]), 0.0))} "
            f"already, the largest such share: {_change(found, least)}."
        )
    most = int(np.argmax(away))
    if away[most] > _SIGNIFICANT:
        told.append(f"{found.titles[most]} gains by {m}: {_change(found, most)}, for together they tell more.")
    return tuple(told)


def sets_words(found: SetsGain) -> tuple[str, ...]:
    """Say how much better sets of N events are told apart than single ones.

    Args:
        found: curves of several N.
    """
    first, last = found.curves[0], found.curves[-1]
    areas = ", ".join(f"{_value(curve.auc)} for N = {format_count(curve.size)}" for curve in found.curves)
    return (
        f"One value of {found.feature_title} tells only {_nats(found.about_label)} of the "
        f"{format_number(log(2), unit='nats')} that there are to know of its class.",
        _why_that_feature(found),
        "Events are independent, so the log likelihood ratios of N events of one class add up: no other use of "
        "them tells more.",
        f"The area under the ROC curve is {areas}.",
        f"At {format_percent(_WORKING_POINT)} signal efficiency, background rejection goes from "
        f"{_value(first.rejection)} to {_value(last.rejection)}.",
        f"The ratio is fitted on {format_events(found.n_fit)} and judged on {format_events(found.n_held_out)} held "
        "out, as if all sets of N were drawn from them.",
    )


def _why_that_feature(found: SetsGain) -> str:
    """Say why a variable is taken to show what numbers do: neither the strongest, nor one that tells nothing."""
    aim, n = f"{WORTH_SHOWING:g} nats", format_count(found.n_features)
    if found.n_features == 1:
        return "It is the only feature."
    if found.feature_title == found.strongest_title:
        return f"Of {n} features it tells most, and comes nearest to {aim}, where adding events up is seen best."
    return (
        f"Of {n} features, {found.strongest_title} tells most, {_nats(found.strongest)}; {found.feature_title} is "
        f"taken since it comes nearest to {aim}: weak alone, strong in numbers."
    )


def spread_words(judged: ProtectedEvaluation, column: Column) -> str:
    """Say where the background passes most and least often, compared with all of it.

    Args:
        judged: evaluation of one protected variable.
        column: words about it.
    """
    found = judged.efficiency
    row = int(np.argmin(np.abs(found.signal_efficiencies - _WORKING_POINT)))
    if not found.inclusive[row] > 0:
        return "No background passes."
    ratio, error = (each[row] / found.inclusive[row] for each in (found.background, found.error))
    ratio = np.where(_populated(judged, float(found.inclusive[row])), ratio, np.nan)
    if not np.isfinite(ratio).any():
        return "Too few background events pass to say where."
    high, low = int(np.nanargmax(ratio)), int(np.nanargmin(ratio))
    return (
        f"Background {_range_words(found.edges, found.values, high, column)} passes "
        f"{format_number(ratio[high], error[high])} times as often as on average, but "
        f"{format_number(ratio[low], error[low])} times {_range_words(found.edges, found.values, low, column)}."
    )


def price_words(before: Estimate, after: Estimate) -> str:
    """Say what flatness costs in background rejection.

    Args:
        before: rejection of the score that sculpts.
        after: rejection of the flat one, on the same events.

    Example:
        >>> price_words(Estimate(12.0, 0.3), Estimate(8.0, 0.2))
        'The price: background rejection falls by a factor 1.50 ± 0.05.'
    """
    change, errors = before.value - after.value, float(np.hypot(before.error, after.error))
    if not np.isfinite(change):
        return "Too few background events pass for a price."
    if abs(change) <= _SIGNIFICANT * errors:
        return f"The price is within the errors: background rejection changes by {format_number(-change, errors)}."
    share = float(np.hypot(before.error / before.value, after.error / after.value))
    word = "The price: background rejection falls" if change > 0 else "It even gains: background rejection rises"
    factor = max(before.value / after.value, after.value / before.value)
    return f"{word} by a factor {format_number(factor, factor * share)}."


def _populated(judged: ProtectedEvaluation, share: float) -> NDArray[np.bool_]:
    """Return which bins of the efficiency hold enough events to pass at an average efficiency.

    Those of a continuous variable hold equally many; values of a discrete one may be rare.
    """
    if not len(judged.efficiency.values):
        return np.ones(len(judged.efficiency.edges) - 1, np.bool_)
    spectrum = judged.spectrum
    variance = spectrum.passed_variance + spectrum.failed_variance
    n = np.divide((spectrum.passed + spectrum.failed) ** 2, variance, out=np.zeros(len(variance)), where=variance > 0)
    return np.asarray(share * n >= _FEWEST_PASSING, np.bool_)


def _range_words(edges: NDArray[np.float64], values: NDArray[np.float64], place: int, column: Column) -> str:
    title = column.title or column.name
    if len(values):
        value = column.labels[int(values[place])] if column.labels else f"{values[place]:g}".replace("-", MINUS)
        return f"at {title} = {value}{f' {column.unit}' if column.unit else ''}"
    low, high = edges[place], edges[place + 1]
    places = max(0, 1 - int(np.floor(np.log10(high - low))))  # two figures of the width
    unit = f" {column.unit}" if column.unit else ""
    low_text, high_text = (f"{edge:.{places}f}".replace("-", MINUS) for edge in (low, high))
    return f"with {title} from {low_text} to {high_text}{unit}"


def _alone(found: Remaining, i: int) -> Estimate:
    return Estimate(float(found.alone[i]), float(found.alone_error[i]))


def _given(found: Remaining, i: int) -> Estimate:
    return Estimate(float(found.given[i]), float(found.given_error[i]))


def _apart(found: Remaining, i: int) -> float:
    """Return how many standard errors I(X; label | m) lies above I(X; label)."""
    return float((found.given[i] - found.alone[i]) / np.hypot(found.given_error[i], found.alone_error[i]))


def _change(found: Remaining, i: int) -> str:
    return f"{_value(_alone(found, i))} → {_nats(_given(found, i))}"


def _value(found: Estimate) -> str:
    return format_number(found.value, found.error)


def _nats(found: Estimate) -> str:
    return format_number(found.value, found.error, "nats")


def ranked_words(pair: PairMap, ranked: PairMap) -> tuple[str, ...]:
    """Say what a variable and its rank at fixed m share with m, where there is no label.

    Args:
        pair: x and m.
        ranked: u = F(x|m) and m, on the same events.
    """
    x, m = (axis.column.title or axis.column.name for axis in (pair.x, pair.y))
    before, after = (Estimate(each.mi, each.mi_error) for each in (pair, ranked))
    known = "independent of it" if after.value <= _SIGNIFICANT * after.error else "not yet independent of it"
    return (
        f"{x} and {m} share {_nats(before)} on {format_events(pair.n_events, pair.n_effective)}: a cut on {x} changes "
        f"the spectrum of {m}.",
        f"Let u be the rank of {x} among events of the same {m}, learnt on as many other events: it shares "
        f"{_nats(after)} with {m}, {known}.",
    )


def explained_words(found: Explained, m: str) -> tuple[str, ...]:
    """Say what is left of what two variables share once a protected variable is known.

    Args:
        found: the pair that it explains best.
        m: symbol of the protected variable.
    """
    share = found.given.value / found.alone.value if found.alone.value > 0 else 1.0
    return (
        f"{found.x_title} and {found.y_title} share {_nats(found.alone)} on "
        f"{format_events(found.n_events, found.n_effective)}; once {m} is known, {_nats(found.given)} remain, "
        f"{format_percent(share)}.",
        f"Of {format_count(found.n_pairs)} pairs, this is the one of which {m} explains most: they are alike "
        f"{'mostly' if share < _MISSED else 'in part'} because both know {m}.",
    )

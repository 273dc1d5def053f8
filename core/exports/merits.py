"""The figures of merit of a finished run: each with its uncertainty and its definition, and the outcome in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from core.audit.audited import Audit
from core.audit.bump import bump_sentence
from core.audit.outcome import outcome as audit_outcome
from core.calibration.results import CalibrationView
from core.disentanglement.results import DisentangleView
from core.ensembles.results import Curve, EnsembleView
from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import inverse, verdict
from core.event_variables.results import EventVariableView
from core.exports.results import RunResults
from core.exports.titles import stopped_words
from core.figures.calibration_words import calibration_sentence, spectrum_title
from core.figures.ensembles import set_symbol, sets_sentence
from core.figures.event_variables import event_variable_sentence
from core.figures.latents import latents_sentence
from core.figures.theta import theta_sentence
from core.numbers import format_events, format_percent
from core.results import Estimate
from core.tables.described import described

DIVERGENCE = "Jensen-Shannon divergence of the spectra of background that passes and that fails the cut"


@dataclass(frozen=True)
class Merit:
    """Hold one figure of merit.

    Args:
        name: what it is, such as "1/JSD of m_J".
        value: with its standard error.
        unit: such as nats; empty for a pure number.
        definition: what it means, as a sentence.
        limit: what statistics alone allow; None where nothing does.
    """

    name: str
    value: Estimate
    unit: str = ""
    definition: str = ""
    limit: float | None = None


def outcome(results: RunResults) -> str:
    """Return what a run found, as sentences with numbers and uncertainties."""
    view = results.view
    if isinstance(view, DisentangleView):
        said = latents_sentence(view.latents, {name: _title(results, name) for name in view.latents.variables})
        return said if view.evaluation is None else f"{said} {_verdict(results, view.evaluation)}"
    if isinstance(view, EnsembleView):
        return sets_sentence(view) if view.regression is None else theta_sentence(view.regression)
    if isinstance(view, EventVariableView):
        return event_variable_sentence(view)
    if isinstance(view, CalibrationView):
        return calibration_sentence(view, dict(results.columns), view.variables[0], view.test[0])
    evaluation = results.evaluation
    return "" if evaluation is None else _verdict(results, evaluation)


def sample_size(results: RunResults) -> str:
    """Return on how many events a run was judged, with N_eff where weights make it smaller."""
    view, evaluation = results.view, results.evaluation
    if isinstance(view, EnsembleView):
        sets = view.n_sets if view.regression is None else view.regression.n_sets
        size = view.size if view.regression is None else view.regression.size
        return f"{format_events(sets).replace('event', 'set')} of {size} events"
    if isinstance(view, EventVariableView):
        return format_events(view.n_events)
    if isinstance(view, CalibrationView):
        found = [each for each in view.spectra if each.spectrum == view.test[0]]
        return format_events(found[0].n_events, found[0].n_effective) if found else ""
    return "" if evaluation is None else format_events(evaluation.n_events, evaluation.n_effective, even_odds=True)


def merits(results: RunResults) -> tuple[Merit, ...]:
    """Return the figures of merit of a run on held-out events."""
    view, evaluation = results.view, results.evaluation
    found: list[Merit] = []
    if evaluation is not None:
        found += _of_score(results, evaluation)
    for kind, of_view in OF_VIEWS.items():
        if isinstance(view, kind):
            found += of_view(results)
    return tuple(found)


def merits_table(results: RunResults) -> pd.DataFrame:
    """Return the figures of merit of a run, one row each."""
    found = merits(results)
    columns = {
        "figure": [each.name for each in found],
        "value": [each.value.value for each in found],
        "value_error": [each.value.error for each in found],
        "unit": [each.unit for each in found],
        "limit": [each.limit for each in found],
    }
    words = {
        "figure": "of merit, on held-out events",
        "value_error": "its standard error; empty where none was computed",
        "limit": "what statistics alone allow; empty where nothing does",
    }
    return described(columns, f"Figures of merit on {sample_size(results)}.", words)


def findings_table(audit: Audit) -> pd.DataFrame:
    """Return what an audit found, one row a test and protected variable.

    Args:
        audit: of a run.
    """
    found = audit.findings
    columns = {
        "variable": [each.variable for each in found],
        "test": [each.name for each in found],
        "passed": [each.passed for each in found],
        "p_value": [each.p_value for each in found],
        "adjusted_p_value": [each.adjusted_p_value for each in found],
        "result": [each.result for each in found],
        "words": [each.words for each in found],
    }
    words = {
        "passed": "empty where nothing was judged",
        "p_value": "probability of as much from an independent score",
        "adjusted_p_value": "the same by Holm's method over all tests",
    }
    return described(columns, "What the audit found.", words)


def _title(results: RunResults, name: str) -> str:
    return results.column(name).title or name


def _verdict(results: RunResults, evaluation: Evaluation) -> str:
    titles = {each.variable: _title(results, each.variable) for each in evaluation.protected}
    said = [
        stopped_words(results.run, results.history),
        verdict(evaluation, results.baseline, titles),
        bump_sentence(results.audit, titles) if results.audit else "",
        audit_outcome(results.audit, evaluation),
    ]
    return " ".join(filter(None, said))


def _of_score(results: RunResults, evaluation: Evaluation) -> list[Merit]:
    """Return separation, and the sculpting of each protected variable."""
    cut = format_percent(evaluation.signal_efficiency)
    found = [
        Merit(
            f"Background rejection at {cut} signal efficiency",
            evaluation.rejection,
            "",
            f"One over the share of background that passes the cut which keeps {cut} of the signal.",
        ),
        Merit("AUC", evaluation.auc, "", "Area under the ROC curve; ½ is guessing."),
    ]
    for each in evaluation.protected:
        title = _title(results, each.variable)
        limit = 1 / each.limit_nats if each.limit_nats > 0 else None
        found += [
            Merit(
                f"1/JSD of {title}",
                inverse(each.jsd_nats),
                "1/nats",
                f"One over the {DIVERGENCE}; large is flat.",
                limit,
            ),
            Merit(
                f"I(score; {title})",
                each.mi,
                "nats",
                "Mutual information of score and protected variable on background; 0 when the score knows nothing of "
                "it.",
            ),
            Merit(
                f"dCorr²(score, {title})",
                Estimate(each.dcorr),
                "",
                "Squared distance correlation on background; 0 only for independent variables.",
            ),
        ]
    return found


def _of_latents(results: RunResults) -> list[Merit]:
    view: DisentangleView = results.view
    found = [
        Merit("MIG", view.latents.mig, "", "Mutual information gap: 1 when one dimension alone holds the variable."),
        Merit("ELBO", Estimate(view.elbo.value), "nats", "Evidence lower bound on log p(x), an event."),
    ]
    return found + [
        Merit(
            f"JSD of {_title(results, cut.variable)} at {format_percent(cut.rejected)} background rejection",
            cut.jsd_nats,
            "nats",
            f"{DIVERGENCE}; small is flat.",
            cut.limit_nats,
        )
        for cut in view.cuts
    ]


def _of_sets(results: RunResults) -> list[Merit]:
    view: EnsembleView = results.view
    if view.regression is None:
        return [
            Merit(f"AUC of {_of_set(each)}", each.auc, "", f"{each.title}: area under the ROC curve.")
            for each in (*view.curves, *view.exact)
        ]
    return [
        merit
        for way in view.regression.ways
        for merit in (
            Merit(f"Resolution: {way.title}", way.resolution, "", "Root mean square of estimate minus truth."),
            Merit(f"Bias: {way.title}", way.bias, "", "Mean of estimate minus truth."),
        )
    ]


def _of_set(curve: Curve) -> str:
    events = "single events" if curve.size == 1 else f"sets of {curve.size}"
    return f"{'the exact ratio' if curve.name == 'exact' else set_symbol(curve.symbol)}, {events}"


def _of_variable(results: RunResults) -> list[Merit]:
    view: EventVariableView = results.view
    found = [Merit("Objective", view.objective, "nats", "ln 2 less the cross entropy; at most ln 2.")]
    for each in view.comparisons:
        pair = f"{each.learnt.title} and {each.known.title}"
        found += [
            Merit(f"Kendall's τ of {pair}", each.tau, "", "1 when both order events alike."),
            Merit(f"I of {pair}", each.information, "nats", "Mutual information of learnt and known variable."),
        ]
    theta = [(f"I({each.variable.title}; θ)", each.value) for each in view.information]
    found += [Merit(name, value, "nats", "Mutual information of the variable and θ.") for name, value in theta]
    return found + [
        Merit(f"AUC of {each.variable.title}", each.value, "", "Area under the ROC curve.") for each in view.separation
    ]


def _of_calibration(results: RunResults) -> list[Merit]:
    view: CalibrationView = results.view
    found: list[Merit] = []
    for each in view.closures:
        column = results.column(each.variable)
        spectra = (
            f"{spectrum_title(dict(results.columns), each.train)} → {spectrum_title(dict(results.columns), each.test)}"
        )
        where = f"{each.title}, {column.title or column.name}, {spectra}"
        found += [
            Merit(f"Bias: {where}", each.bulk_bias, column.unit, "Mean of answer minus truth in the bulk."),
            Merit(
                f"Resolution: {where}",
                each.bulk_resolution,
                column.unit,
                "Standard deviation of answer minus truth in the bulk.",
            ),
        ]
    return found


OF_VIEWS: Mapping[type, Callable[[RunResults], list[Merit]]] = {
    DisentangleView: _of_latents,
    EnsembleView: _of_sets,
    EventVariableView: _of_variable,
    CalibrationView: _of_calibration,
}
"""Class of a view → what makes the figures of merit that only it has."""

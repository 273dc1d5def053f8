"""The five ideas, each as a screen made of the loaded events or of a finished run on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import verdict
from core.events.spec import DatasetSpec
from core.events.table import Column, EventTable
from core.exports.titles import run_title
from core.figures.efficiency import efficiency_figure
from core.figures.guide import remaining_figure, sets_gain_figure
from core.figures.histograms import histogram_figure
from core.figures.latents import latents_figure, latents_sentence
from core.figures.roc import roc_figure
from core.figures.spectrum import spectrum_figure
from core.guide.sharing import SharedPair
from core.guide.words import (
    cut_words,
    one_cut_words,
    price_words,
    remaining_words,
    sets_words,
    sharing_words,
    spread_words,
    unlearning_words,
)
from core.tables.evaluation import efficiency_table, roc_table, spectrum_table
from core.tables.guide import remaining_table, sets_gain_table
from core.tables.histograms import histogram_table
from core.tables.latents import latents_table
from views.parts.cached import histogram_of
from views.parts.frame.state import RUN, is_labelled, mode
from views.parts.guide.cached import (
    cut_of,
    extremes_of,
    gain_of,
    remaining_of,
)
from views.parts.guide.runs import Finished, finished_baseline, finished_latents, finished_unlearned
from views.parts.guide.screens import Drawn, Screen, Way, lacking
from views.parts.guide.unlabelled import (
    NEEDS_LABEL,
    unlabelled_disentangling,
    unlabelled_sculpting,
    unlabelled_unlearning,
    where_figure,
)
from views.parts.information.cached_information import bins_of
from views.parts.information.cached_pair import pair_of

METHOD, MODEL_PAGE = "disco", "views/disentangle.py"
NO_RUN = {RUN: None}
"""In the session: no run is open, so that Train shows its form for what was promised."""
TRAIN, SETS, PAIR = "views/unlearn.py", "views/ensembles.py", "views/pair.py"
SET_SIZE = 10
NO_PROTECTED = "This needs a protected variable, such as a mass: a column that a classifier must not use."
NO_FEATURES = "This needs a feature: a column that a classifier may use, beside label and protected variable."


def information(spec: DatasetSpec, events: EventTable, protected: str | None) -> Screen:
    """Show the pair that shares most, and one that is independent."""
    question = "What does one variable know of another?"
    if len({*spec.roles.features, *spec.roles.protected}) < 2:
        return lacking(question, "A pair needs two columns that are features or protected.")
    event_class = "background" if is_labelled(events) else "all"
    found, bins = extremes_of(spec, event_class), bins_of(spec, event_class)

    def drawn(pair: SharedPair) -> Drawn:
        return where_figure(pair_of(spec, pair.x, pair.y, event_class, bins))

    most, least = found.most, found.least
    figures = {"most": drawn(most)} | ({"least": drawn(least)} if found.n_pairs > 1 else {})
    way = Way(PAIR, f"The page Pair with {most.x_title} and {most.y_title}.", {"x": most.x, "y": most.y})
    return Screen(question, sharing_words(found), figures, way)


def sculpting(spec: DatasetSpec, events: EventTable, protected: str | None) -> Screen:
    """Show what a cut does to the background's spectrum of a protected variable."""
    question = f"What does a cut do to {_title(events, protected) if protected else 'the mass'}?"
    lacks = _lacks(spec, protected)
    if protected is None or lacks:
        return lacking(question, lacks)
    if not is_labelled(events):
        return unlabelled_sculpting(spec, question, protected)
    column, done = events.describe(protected), finished_baseline(spec, protected)
    if done is not None:
        evaluation, first, way = done.evaluation, (_trained(done),), _run_way(done.run.id)
    else:
        found = cut_of(spec, protected)
        evaluation, first = found.plain, one_cut_words(found)
        way = Way(
            TRAIN, "The page Train with the baseline chosen.", {"method": "baseline"}, {"method": "baseline", **NO_RUN}
        )
    figures = {
        "spectrum": _spectrum({"cut": evaluation}, column),
        "efficiency": (
            efficiency_figure(evaluation, column, mode()),
            partial(efficiency_table, evaluation, column),
        ),
    }
    return Screen(question, (*first, *cut_words(evaluation, column)), figures, way)


def unlearning(spec: DatasetSpec, events: EventTable, protected: str | None) -> Screen:
    """Show a score that forgot the protected variable beside one that did not, and the price."""
    title = _title(events, protected) if protected else "the mass"
    question = f"Can a score forget {title}, and at what price?"
    lacks = _lacks(spec, protected)
    if protected is None or lacks:
        return lacking(question, lacks)
    if not is_labelled(events):
        return unlabelled_unlearning(spec, question, protected)
    column, done = events.describe(protected), finished_unlearned(spec, protected)
    if done is not None:
        evaluation, before, name, way = done.evaluation, done.baseline, run_title(done.run), _run_way(done.run.id)
        judged = next(each for each in evaluation.protected if each.variable == protected)
        words = [_trained(done), verdict(evaluation, before, {protected: title}), spread_words(judged, column)]
        words += [price_words(before.rejection, evaluation.rejection)] if before is not None else []
    else:
        found = cut_of(spec, protected)
        evaluation, before, name = found.flat, found.plain, "Rank at fixed mass"
        words = [*unlearning_words(found, column)]
        way = Way(
            TRAIN, "The page Train with a method that unlearns.", {"method": METHOD}, {"method": METHOD, **NO_RUN}
        )
    beside = "Baseline" if done is not None else "Baseline, as it is"
    scores = {name: evaluation} | ({beside: before} if before is not None else {})
    figures = {
        "flat": _spectrum(scores, column),
        "price": (roc_figure(scores, beside, mode()), partial(roc_table, scores)),
    }
    return Screen(question, words, figures, way)


def disentangling(spec: DatasetSpec, events: EventTable, protected: str | None) -> Screen:
    """Show what features tell once the protected variable is known, or the latent of a finished run."""
    title = _title(events, protected) if protected else "the mass"
    question = f"What is left to tell once {title} is known?"
    lacks = _lacks(spec, protected)
    if protected is None or lacks:
        return lacking(question, lacks)
    if not is_labelled(events):
        return unlabelled_disentangling(spec, question, protected, title)
    done = finished_latents(spec, protected)
    if done is not None:
        run, latents = done
        columns = {name: events.describe(name) for name in latents.variables}
        titles = {name: column.title or name for name, column in columns.items()}
        words = (f"{run_title(run)} was trained on these events.", latents_sentence(latents, titles))
        figure = latents_figure(latents, columns, mode())
        figures = {"latents": (figure, partial(latents_table, latents))}
        return Screen(question, words, figures, _run_way(run.id, MODEL_PAGE))
    found = remaining_of(spec, protected)
    words = (
        *remaining_words(found),
        f"A network does so with all features at once: it ties one latent dimension to {title} and classifies by the "
        "others.",
    )
    way = Way(MODEL_PAGE, f"The page Disentangle, which ties a latent dimension to {title}.")
    return Screen(
        question, words, {"remaining": (remaining_figure(found, mode()), partial(remaining_table, found))}, way
    )


def many_events(spec: DatasetSpec, events: EventTable, protected: str | None) -> Screen:
    """Show how sets of N events are told apart by one weak variable."""
    question = "What do N events tell that one does not?"
    state = {"sets-set_size": SET_SIZE}
    if not is_labelled(events):
        way = Way(SETS, f"The page Many events with Gaussians whose exact answer is known, N = {SET_SIZE}.", {}, state)
        return lacking(question, NEEDS_LABEL, way)
    if not spec.roles.features:
        return lacking(question, NO_FEATURES)
    found = gain_of(spec)
    histogram = histogram_of(spec, found.feature)
    figures = {
        "gain": (
            sets_gain_figure(found, events.describe(found.feature), mode()),
            partial(sets_gain_table, found),
        ),
        "one": (histogram_figure(histogram, mode()), partial(histogram_table, histogram)),
    }
    way = Way(SETS, f"The page Many events with these events and N = {SET_SIZE}.", {}, state)
    return Screen(question, sets_words(found), figures, way)


@dataclass(frozen=True)
class Idea:
    """Name an idea and what makes its screen."""

    title: str
    screen: Callable[[DatasetSpec, EventTable, str | None], Screen]


IDEAS = {
    "information": Idea("Information", information),
    "sculpting": Idea("Sculpting", sculpting),
    "unlearning": Idea("Unlearning", unlearning),
    "disentangling": Idea("Disentangling", disentangling),
    "many_events": Idea("Many events", many_events),
}


def _spectrum(scores: Mapping[str, Evaluation], column: Column) -> Drawn:
    """Draw the spectrum of the first score; that of a second one beside it."""
    first, *others = scores.values()
    figure = spectrum_figure(first, column, others[0] if others else None, mode())
    return figure, partial(spectrum_table, scores, column)


def _title(events: EventTable, name: str) -> str:
    return events.describe(name).title or name


def _lacks(spec: DatasetSpec, protected: str | None) -> str:
    """Say which role is missing; empty when none is."""
    if protected is None:
        return NO_PROTECTED
    return "" if set(spec.roles.features) - set(spec.roles.protected) else NO_FEATURES


def _trained(done: Finished) -> str:
    n = len(done.run.request.dataset.roles.features)
    return f"{run_title(done.run)} learnt from {n} feature{'' if n == 1 else 's'} of these events."


def _run_way(run_id: str, page: str = TRAIN) -> Way:
    return Way(page, "The page of this run, as it ended.", {RUN: run_id}, {RUN: run_id})

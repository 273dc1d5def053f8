"""The figures of runs that train a score: unlearning, its slider, and disentangling."""

from __future__ import annotations

from functools import partial
from math import inf

import pandas as pd

from core.disentanglement.results import DisentangleView, TightCut
from core.evaluation.evaluate import Evaluation
from core.evaluation.verdict import inverse
from core.exports.drawn import Exhibit, over_epochs, slugs
from core.exports.results import RunResults
from core.exports.titles import method_title, run_title
from core.figures.cuts import cut_figure
from core.figures.efficiency import efficiency_figure
from core.figures.elbo import RECONSTRUCTION, elbo_figure
from core.figures.front import FrontCurve, front_figure
from core.figures.latents import latents_figure
from core.figures.losses import losses_figure
from core.figures.roc import roc_figure
from core.figures.spectrum import spectrum_figure
from core.figures.traversal import traversal_figure
from core.figures.words import events as events_words
from core.tables.described import described
from core.tables.evaluation import efficiency_table, roc_table, spectrum_table
from core.tables.front import WORDS
from core.tables.latents import cut_table, latents_table, traversal_table
from core.tables.runs import history_table
from core.unlearning.slide import SlideView

BASELINE_TITLE = "Baseline"


def unlearnt(results: RunResults) -> dict[str, Exhibit]:
    """Return the figures of a run that unlearned: spectra, efficiencies, ROC curve and losses."""
    return judged(results, results.view) | {"loss": over_epochs(results, losses_figure)}


def judged(results: RunResults, evaluation: Evaluation, *, spectra: bool = True) -> dict[str, Exhibit]:
    """Return the figures of a score on held-out events.

    Args:
        results: of the run.
        evaluation: of its score.
        spectra: whether to draw the spectra at the working point of the evaluation.
    """
    overlays = {run_title(results.run): evaluation}
    baseline = results.baseline
    if baseline is not None:
        overlays[BASELINE_TITLE] = baseline
    found: dict[str, Exhibit] = {}
    names = slugs(each.variable for each in evaluation.protected)
    for name, slug in names.items():
        column = results.column(name)
        if spectra:
            found[f"spectrum-{slug}"] = Exhibit(
                partial(spectrum_figure, evaluation, column, baseline),
                partial(spectrum_table, overlays, column),
            )
        found[f"efficiency-{slug}"] = Exhibit(
            partial(efficiency_figure, evaluation, column),
            partial(efficiency_table, evaluation, column),
        )
    compared = BASELINE_TITLE if baseline is not None else None
    found["roc"] = Exhibit(lambda mode: roc_figure(overlays, compared, mode), lambda: roc_table(overlays))
    return found


def slid(results: RunResults) -> dict[str, Exhibit]:
    """Return the figures of a λ slider: its front, and those of its score at the largest λ."""
    view: SlideView = results.view
    curve = FrontCurve(
        f"{method_title(results.run.request.method)}, slider",
        tuple(view.lam),
        view.auc,
        tuple(inverse(each) for each in view.jsd_nats),
        tuple(_one_over(limit) for limit in view.limit_nats),
        joined=True,
    )
    subject = events_words(view.evaluation.n_events, view.evaluation.n_effective)
    front = Exhibit(lambda mode: front_figure([curve], None, mode, subject), lambda: slider_table(view))
    return {"front": front} | judged(results, view.evaluation)


def disentangled(results: RunResults) -> dict[str, Exhibit]:
    """Return the figures of a disentangling: what the latent holds, what moves with it, and the cuts of its score."""
    view: DisentangleView = results.view
    trained = [each for each in results.history if RECONSTRUCTION in each.scalars]
    n_epochs = int(results.run.config["epochs"])
    columns = {name: results.column(name) for name in (*view.latents.variables, *view.traversal.features)}
    found = {
        "latents": Exhibit(
            lambda mode: latents_figure(view.latents, columns, mode), lambda: latents_table(view.latents)
        ),
        "elbo": Exhibit(
            lambda mode: elbo_figure([e.epoch for e in trained], [e.scalars for e in trained], n_epochs, mode=mode),
            lambda: history_table(results.history),
        ),
    }
    traversed = partial(traversal_table, view.traversal)
    for j in view.latents.sensitive or (0,):
        found[f"traversal-{j + 1}"] = Exhibit(
            partial(traversal_figure, view.traversal, view.latents, j, columns, None),
            traversed,
        )
    names = slugs(dict.fromkeys(cut.variable for cut in view.cuts))
    for cut in view.cuts:
        found[f"cut-{names[cut.variable]}-{1000 * cut.rejected:.0f}"] = _cut(results, cut)
    return found if view.evaluation is None else found | judged(results, view.evaluation, spectra=False)


def slider_table(view: SlideView) -> pd.DataFrame:
    """Return what a λ slider reaches at each stop, one row a λ.

    Args:
        view: of the slider.
    """
    flat = [inverse(each) for each in view.jsd_nats]
    columns = {
        "lam": view.lam,
        "auc": [each.value for each in view.auc],
        "auc_error": [each.error for each in view.auc],
        "r50": [each.value for each in view.rejection],
        "r50_error": [each.error for each in view.rejection],
        "inverse_jsd [1/nats]": [each.value for each in flat],
        "inverse_jsd_error [1/nats]": [each.error for each in flat],
        "inverse_limit [1/nats]": [_one_over(limit) for limit in view.limit_nats],
    }
    return described(
        columns, "What a λ slider reaches at each of its stops.", WORDS | {"lam": "position of the slider"}
    )


def _one_over(limit: float) -> float:
    return 1 / limit if limit > 0 else inf


def _cut(results: RunResults, cut: TightCut) -> Exhibit:
    column = results.column(cut.variable)
    return Exhibit(lambda mode: cut_figure(cut, column, None, mode), lambda: cut_table(cut, column.unit))

"""The figures of runs that train no score of single events: sets of events, event variables and calibrations."""

from __future__ import annotations

from functools import cache, partial
from itertools import product

from core.calibration.results import CalibrationView
from core.ensembles.results import EnsembleView, RegressionView
from core.event_variables.results import EventVariableView
from core.exports.drawn import Exhibit, over_epochs, slugs
from core.exports.results import RunResults
from core.figures.calibration import Quantity, closure_figure, profile_figure, shift_figure
from core.figures.calibration_training import calibration_losses_figure, resolution_figure, truths_figure
from core.figures.calibration_words import suits_ratio
from core.figures.ensembles import sets_roc_figure
from core.figures.event_variables import agreement_figure, information_bars, separation_bars, slices_figure
from core.figures.objective import objective_figure
from core.figures.set_losses import set_losses_figure
from core.figures.theta import differences_figure, theta_figure
from core.tables.calibration import (
    calibration_closure_table,
    calibration_profile_table,
    calibration_shift_table,
    truths_table,
)
from core.tables.ensembles import closure_table, differences_table, sets_roc_table
from core.tables.event_variables import density_table, figures_table, slices_table


def on_sets(results: RunResults) -> dict[str, Exhibit]:
    """Return the figures of a training on sets: ROC curves of a classification, closure of a regression, losses."""
    view: EnsembleView = results.view
    losses = over_epochs(results, set_losses_figure)
    if view.regression is not None:
        return _regressions(view.regression) | {"loss": losses}
    return {"roc": Exhibit(lambda mode: sets_roc_figure(view, mode), lambda: sets_roc_table(view)), "loss": losses}


def event_variable(results: RunResults) -> dict[str, Exhibit]:
    """Return the figures of a learnt event variable: beside known ones, at several θ, and what it tells of θ."""
    view: EventVariableView = results.view
    found: dict[str, Exhibit] = {}
    for spectrum in view.spectra:
        found[f"spectrum-{spectrum.learnt.name}"] = Exhibit(
            partial(slices_figure, spectrum, view.theta),
            partial(slices_table, spectrum),
        )
    known = slugs(dict.fromkeys(each.known.name for each in view.comparisons))
    for each in view.comparisons:
        found[f"agreement-{each.learnt.name}-{known[each.known.name]}"] = Exhibit(
            partial(agreement_figure, each, view.n_signal), partial(density_table, each)
        )
    if view.information:
        found["information"] = Exhibit(
            lambda mode: information_bars(view, mode),
            lambda: figures_table(view.information, "mi [nats]", "mutual information of the variable and θ"),
        )
    if view.separation:
        found["separation"] = Exhibit(
            lambda mode: separation_bars(view, mode),
            lambda: figures_table(view.separation, "auc", "area under the ROC curve"),
        )
    found["objective"] = over_epochs(results, objective_figure)
    return found


def calibrated(results: RunResults) -> dict[str, Exhibit]:
    """Return the figures of calibrations side by side, of each component of the truth and each test spectrum."""
    view: CalibrationView = results.view
    columns = dict(results.columns)
    found: dict[str, Exhibit] = {}
    if view.profiles:
        found["profile"] = Exhibit(
            lambda mode: profile_figure(view, columns, mode), lambda: calibration_profile_table(view)
        )
    words = slugs((*view.variables, *view.test))
    closures = cache(lambda: calibration_closure_table(view, columns))
    shifts = partial(calibration_shift_table, view, columns)
    for variable, test in product(view.variables, view.test):
        key = f"{words[variable]}-{words[test]}"
        quantity: Quantity = "ratio" if suits_ratio(view, variable) else "difference"
        found[f"closure-{key}"] = Exhibit(partial(closure_figure, view, columns, variable, test, quantity), closures)
        found[f"resolution-{key}"] = Exhibit(partial(resolution_figure, view, columns, variable, test), closures)
        if view.shifts:
            found[f"shift-{key}"] = Exhibit(partial(shift_figure, view, columns, variable, test), shifts)
    truths = partial(truths_table, view, columns)
    for variable in view.variables:
        found[f"truth-{words[variable]}"] = Exhibit(
            partial(truths_figure, view, columns, variable),
            truths,
        )
    config = results.run.config
    found["loss"] = over_epochs(
        results,
        lambda epochs, scalars, n_epochs, mode: calibration_losses_figure(
            epochs, scalars, config["methods"], config["train"], n_epochs, columns, mode=mode
        ),
    )
    return found


def _regressions(view: RegressionView) -> dict[str, Exhibit]:
    return {
        "theta": Exhibit(lambda mode: theta_figure(view, mode), lambda: closure_table(view)),
        "differences": Exhibit(lambda mode: differences_figure(view, mode), lambda: differences_table(view)),
    }

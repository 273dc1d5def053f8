"""All figures and tables of a finished run of any task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import plotly.graph_objects as go

from core.audit.audited import VariableAudit
from core.errors import DataError
from core.exports.drawn import Exhibit, slugs
from core.exports.learnt import calibrated, event_variable, on_sets
from core.exports.merits import findings_table, merits_table
from core.exports.results import RunResults
from core.exports.scores import disentangled, slid, unlearnt
from core.figures.audit import flatness_figure, score_density_figure, spurious_figure
from core.figures.palette import Mode
from core.tables.runs import history_table

EXHIBITS: Mapping[str, Callable[[RunResults], dict[str, Exhibit]]] = {
    "unlearn": unlearnt,
    "slide": slid,
    "disentangle": disentangled,
    "ensembles": on_sets,
    "event_variables": event_variable,
    "calibrate": calibrated,
}
"""Task → what lists the figures of its runs."""
AUDIT = "audit-"
"""Beginning of the names of the figures of an audit."""


def exhibits(results: RunResults) -> dict[str, Exhibit]:
    """Return the figures of a run and its audit under names that files can have, none of them drawn yet.

    Args:
        results: of the run.

    Raises:
        DataError: the task of the run draws nothing.
    """
    task = results.run.request.task
    if task not in EXHIBITS:
        raise DataError(f"runs of the task {task!r} have no figures; allowed: {', '.join(EXHIBITS)}")
    found = EXHIBITS[task](results)
    if results.audit is not None:
        audit, names = results.audit, slugs(each.variable for each in results.audit.variables)
        for audited in audit.variables:
            found |= _audited(results, audited, names[audited.variable], audit.signal_efficiency)
    return found


def figures_of(results: RunResults, mode: Mode = "light") -> dict[str, go.Figure]:
    """Draw the figures of a run; those that have nothing to draw, such as a fit that failed, are left out.

    Args:
        results: of the run.
        mode: light or dark.

    Returns:
        Name → figure, in the order in which a page shows them.
    """
    drawn: dict[str, go.Figure] = {}
    for name, exhibit in exhibits(results).items():
        figure = _drawn(exhibit, mode)
        if figure is not None:
            drawn[name] = figure
    return drawn


def tables_of(results: RunResults) -> dict[str, pd.DataFrame]:
    """Return the tables of a run: figures of merit, the findings of the audit, and the numbers behind the figures.

    Args:
        results: of the run.

    Returns:
        Name → table; a figure's table has the figure's name.
    """
    found = {"figures-of-merit": merits_table(results), "history": history_table(results.history)}
    if results.audit is not None:
        found["audit"] = findings_table(results.audit)
    makers: set[int] = set()
    for name, exhibit in exhibits(results).items():
        if exhibit.table is not None and name not in ("loss", "elbo", "objective") and id(exhibit.table) not in makers:
            makers.add(id(exhibit.table))
            found[name] = exhibit.table()
    return found


def _drawn(exhibit: Exhibit, mode: Mode) -> go.Figure | None:
    try:
        return exhibit.figure(mode)
    except DataError:
        return None


def _audited(results: RunResults, audited: VariableAudit, slug: str, efficiency: float) -> dict[str, Exhibit]:
    column = results.column(audited.variable)
    return {
        f"{AUDIT}{slug}-spurious": Exhibit(lambda mode: spurious_figure(audited, column, efficiency, mode)),
        f"{AUDIT}{slug}-flatness": Exhibit(lambda mode: flatness_figure(audited, column, mode)),
        f"{AUDIT}{slug}-density": Exhibit(lambda mode: score_density_figure(audited, column, mode)),
    }

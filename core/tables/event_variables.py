"""A learnt event variable as tables: agreement with known ones, histograms, information about θ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.event_variables.results import Comparison, EventVariableView, Figure, Spectrum
from core.figures.steps import centres
from core.tables.described import described


def comparisons_table(view: EventVariableView) -> pd.DataFrame:
    """Return how each learnt variable agrees with each known one, one row a pair.

    Args:
        view: the judgement of a learnt event variable.
    """
    pairs = view.comparisons
    columns = {
        "learnt": [each.learnt.name for each in pairs],
        "known": [each.known.name for each in pairs],
        "tau": [each.tau.value for each in pairs],
        "tau_error": [each.tau.error for each in pairs],
        "mi [nats]": [each.information.value for each in pairs],
        "mi_error [nats]": [each.information.error for each in pairs],
        "share": [each.share.value for each in pairs],
        "share_error": [each.share.error for each in pairs],
    }
    words = {
        "tau": "Kendall's τ_b",
        "mi [nats]": "mutual information of the learnt and the known variable",
        "share": "that divided by the entropy of the binned known variable",
    }
    return described(columns, f"Learnt against known variables, on {view.n_signal} signal events.", words)


def density_table(comparison: Comparison) -> pd.DataFrame:
    """Return the 2-D histogram of a learnt and a known variable, one row a cell that is not empty.

    Args:
        comparison: of one learnt with one known variable.
    """
    x, y = np.nonzero(comparison.density)
    known, learnt = centres(comparison.known_edges), centres(comparison.learnt_edges)
    columns = {comparison.known.name: known[x], comparison.learnt.name: learnt[y], "share": comparison.density[x, y]}
    return described(columns, "2-D histogram, at the middle of each cell.", {"share": "share of the weight"})


def slices_table(spectrum: Spectrum) -> pd.DataFrame:
    """Return the histograms of a learnt variable, one row a bin of a slice of θ.

    Args:
        spectrum: the histograms.
    """
    n = len(spectrum.edges) - 1
    columns = {
        "theta_low": np.repeat([one.low for one in spectrum.slices], n),
        "theta_high": np.repeat([one.high for one in spectrum.slices], n),
        "is_background": np.repeat([one.is_background for one in spectrum.slices], n),
        "low": np.tile(spectrum.edges[:-1], len(spectrum.slices)),
        "high": np.tile(spectrum.edges[1:], len(spectrum.slices)),
        "share": np.concatenate([one.share for one in spectrum.slices]),
    }
    words = {"low": f"lower edge in {spectrum.learnt.name}", "share": "share of the slice's weight in the bin"}
    return described(columns, f"Histograms of {spectrum.learnt.name} in slices of θ.", words)


def figures_table(figures: tuple[Figure, ...], name: str, words: str) -> pd.DataFrame:
    """Return a figure of merit of each variable, one row each.

    Args:
        figures: of learnt and known variables.
        name: of the column that holds it.
        words: what it is.
    """
    columns = {
        "variable": [each.variable.name for each in figures],
        "learnt": [each.is_learnt for each in figures],
        name: [each.value.value for each in figures],
        f"{name}_error": [each.value.error for each in figures],
    }
    return described(columns, f"{words[:1].upper()}{words[1:]}.", {name: words})

"""The count of a background by four regions, as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.evaluation.abcd import REGIONS, Closure, ClosureMap
from core.tables.described import described


def regions_table(closure: Closure) -> pd.DataFrame:
    """Return what lies in each region, one row a region."""
    columns = {
        "region": list(REGIONS),
        "f_passes": [True, True, False, False],
        "g_passes": [True, False, True, False],
        "background": [region.background.value for region in closure.regions],
        "background_error": [region.background.error for region in closure.regions],
        "signal": [region.signal for region in closure.regions],
    }
    words = {
        "background": "Σw of the background events",
        "background_error": "its standard error √Σw²",
        "signal": "Σw of the signal events",
    }
    return described(columns, "Events in the four regions of two cuts.", words)


def closure_table(found: ClosureMap) -> pd.DataFrame:
    """Return the closure of all pairs of cuts, one row a pair."""
    k = len(found.efficiencies)
    columns = {
        "efficiency_f": np.tile(found.efficiencies, k),
        "efficiency_g": np.repeat(found.efficiencies, k),
        "cut_f": np.tile(found.cuts_f, k),
        "cut_g": np.repeat(found.cuts_g, k),
        "ratio": found.ratio.ravel(),
        "ratio_error": found.error.ravel(),
        "contamination": found.contamination.ravel(),
        "signal_efficiency": found.signal_efficiency.ravel(),
    }
    words = {
        "efficiency_f": "signal efficiency of the cut on f alone",
        "efficiency_g": "signal efficiency of the cut on g alone",
        "ratio": "predicted over true background in region A",
        "ratio_error": "its standard error",
        "contamination": "r = (δ_B + δ_C - δ_D)/δ_A, δ = S/B",
        "signal_efficiency": "share of the signal in region A",
    }
    return described(columns, "Closure of the ABCD count for pairs of cuts.", words)

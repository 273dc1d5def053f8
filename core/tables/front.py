"""The front of a scan as a table, one row a point."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import pandas as pd

from core.jobs.front import FrontPoint
from core.tables.described import described

WORDS = {
    "lam": "strength of the penalty; empty for a method without one",
    "runs": "ids of the runs behind the point, one a seed",
    "auc": "mean area under the ROC curve",
    "auc_error": "its standard error over seeds, or that of the runs themselves if larger",
    "r50": "mean background rejection at a signal efficiency of one half",
    "r50_error": "its standard error",
    "inverse_jsd [1/nats]": "1 over the mean Jensen-Shannon divergence of passing and failing background",
    "inverse_jsd_error [1/nats]": "its standard error",
    "inverse_limit [1/nats]": "the same of an independent score on as many events",
    "mig": "mean mutual information gap of the latent dimensions",
    "mig_error": "its standard error",
    "optimal": "whether no other point has both a higher AUC and a higher 1/JSD",
}


def front_table(points: Sequence[FrontPoint], parameter: str = "lam") -> pd.DataFrame:
    """Return what each method reaches at each λ, or value of another option, one row a point.

    Args:
        points: of the front, in the order of the rows.
        parameter: option that was varied; names its column.
    """
    columns = {
        "method": [p.method for p in points],
        parameter: [p.value for p in points],
        "n_runs": [len(p.runs) for p in points],
        "runs": [", ".join(p.runs) for p in points],
        "auc": [p.auc.value for p in points],
        "auc_error": [p.auc.error for p in points],
        "r50": [p.rejection.value for p in points],
        "r50_error": [p.rejection.error for p in points],
        "inverse_jsd [1/nats]": [p.inverse_jsd.value for p in points],
        "inverse_jsd_error [1/nats]": [p.inverse_jsd.error for p in points],
        "inverse_limit [1/nats]": [p.inverse_limit for p in points],
        "optimal": [p.optimal for p in points],
    }
    if any(isfinite(p.mig.value) for p in points):
        columns |= {"mig": [p.mig.value for p in points], "mig_error": [p.mig.error for p in points]}
    return described(columns, "Separation against sculpting; means over seeds.", WORDS)

"""The guide's own results as tables: what remains of features, and what sets of events gain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.guide.remaining import Remaining
from core.guide.sets import SetsGain
from core.tables.described import described


def remaining_table(found: Remaining) -> pd.DataFrame:
    """Return what each feature tells about the label, alone and once a protected variable is known, one row each.

    Args:
        found: what the features tell.
    """
    columns = {
        "feature": list(found.names),
        "mi [nats]": found.alone,
        "mi_error [nats]": found.alone_error,
        "given_mi [nats]": found.given,
        "given_mi_error [nats]": found.given_error,
    }
    words = {
        "mi [nats]": "I(feature; label) at even odds",
        "mi_error [nats]": "its standard error",
        "given_mi [nats]": f"I(feature; label | {found.protected})",
        "given_mi_error [nats]": "its standard error",
    }
    return described(columns, f"Information of features about the label, B = {found.bins}.", words)


def sets_gain_table(found: SetsGain) -> pd.DataFrame:
    """Return the points of the ROC curves of sets of N events, one row each.

    Args:
        found: curves of several N.
    """
    background = np.concatenate([curve.roc.background_efficiency for curve in found.curves])
    columns = {
        "events": [curve.size for curve in found.curves for _ in curve.roc.signal_efficiency],
        "signal_efficiency": np.concatenate([curve.roc.signal_efficiency for curve in found.curves]),
        "background_efficiency": background,
        "rejection": np.divide(1.0, background, out=np.full(len(background), np.inf), where=background > 0),
    }
    words = {"events": "N, that are judged together", "rejection": "1 / background_efficiency"}
    return described(columns, f"ROC curves of sums of log likelihood ratios of {found.feature}.", words)

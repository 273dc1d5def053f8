"""What signal shares more than background as a table, one row a pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.information.catalogue import ALL_MEASURES
from core.information.difference import InformationDifference
from core.tables.described import described, with_unit

WORDS = {
    "x": "first variable",
    "y": "second variable",
    "mi_signal [nats]": "mutual information in signal",
    "mi_signal_error [nats]": "its standard error",
    "mi_background [nats]": "mutual information in background",
    "mi_background_error [nats]": "its standard error",
    "mi_difference [nats]": "signal - background",
    "mi_difference_error [nats]": "standard error of the difference, from both",
    "p_value": "chance of as large a difference when both classes share alike",
    "q_value": "smallest false discovery rate at which the difference is a discovery",
}


def difference_table(difference: InformationDifference) -> pd.DataFrame:
    """Return the information of every pair i < j in both classes and its difference, one row a pair."""
    i, j = np.triu_indices(len(difference.names), 1)
    signal, background = difference.signal, difference.background
    columns = {
        "x": [difference.names[n] for n in i],
        "y": [difference.names[n] for n in j],
        "x_title": [difference.titles[n] for n in i],
        "y_title": [difference.titles[n] for n in j],
        "mi_signal [nats]": signal.mi[i, j],
        "mi_signal_error [nats]": signal.mi_error[i, j],
        "mi_background [nats]": background.mi[i, j],
        "mi_background_error [nats]": background.mi_error[i, j],
        "mi_difference [nats]": difference.mi[i, j],
        "mi_difference_error [nats]": difference.mi_error[i, j],
        **_others(difference, i, j),
        "p_value": difference.p_value[i, j],
        "q_value": difference.q_value[i, j],
        "n_events_signal": signal.n_events,
        "n_events_background": background.n_events,
        "estimator": difference.estimator,
    }
    return described(columns, "Information that every pair shares in signal and in background.", WORDS)


def _others(difference: InformationDifference, i: NDArray[np.intp], j: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Return signal - background of every other measure that both have."""
    both = [name for name in difference.signal.measures if name in difference.background.measures and name != "mi"]
    return {with_unit(f"{name}_difference", ALL_MEASURES[name].unit): difference.measure(name)[i, j] for name in both}

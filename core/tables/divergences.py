"""How far signal is from background in each variable, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.information.class_divergences import Divergence
from core.information.units import factor
from core.tables.described import described

WORDS = {
    "JSD [nats]": "Jensen-Shannon divergence of signal and background, from 0 to log 2 = 0.693",
    "± JSD [nats]": "its standard error",
    "JSD [bits]": "the same, from 0 to 1",
    "null level [nats]": "JSD of equal classes of as many events",
    "KL(s‖b) [nats]": "Kullback-Leibler divergence of signal from background; infinite where a cell has signal only",
    "KL(b‖s) [nats]": "the same with the classes exchanged",
    "H(s;b) [nats]": "cross entropy -Σ s log b",
    "H(b;s) [nats]": "cross entropy -Σ b log s",
    "H(s) [nats]": "entropy of the cells in signal",
    "H(b) [nats]": "entropy of the cells in background",
    "h(s) [nats]": "differential entropy in signal, with lengths in the variable's unit; it may be negative",
    "h(b) [nats]": "differential entropy in background",
    "Σ(s-b)²": "Bregman divergence of F = Σp²",
    "cells": "of the histograms, the one of missing values included",
    "negative cells": "share of the weight in cells whose weights sum to less than nothing",
}


def divergence_table(found: Sequence[Divergence]) -> pd.DataFrame:
    """Return entropies and divergences of signal and background, one row a variable, the most different first.

    Args:
        found: the variables.
    """
    rows = [
        {
            "variable": each.name,
            "symbol": each.title,
            "JSD [nats]": each.jensen_shannon,
            "± JSD [nats]": each.jensen_shannon_error,
            "JSD [bits]": each.jensen_shannon * factor("bits"),
            "null level [nats]": each.null_level,
            "KL(s‖b) [nats]": each.kullback_leibler[0],
            "KL(b‖s) [nats]": each.kullback_leibler[1],
            "H(s;b) [nats]": each.cross_entropy[0],
            "H(b;s) [nats]": each.cross_entropy[1],
            "H(s) [nats]": each.entropy[0],
            "H(b) [nats]": each.entropy[1],
            "h(s) [nats]": each.differential[0],
            "h(b) [nats]": each.differential[1],
            "Σ(s-b)²": each.squared_distance,
            "cells": each.bins,
            "negative cells": each.negative_cells,
        }
        for each in found
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    return described(columns, "Signal s against background b, from the same cells.", WORDS)

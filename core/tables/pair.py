"""Where two variables share information, as a table, one row a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.information.pointwise import Axis, PairMap
from core.information.units import factor
from core.tables.described import described, with_unit


def pair_table(pair: PairMap) -> pd.DataFrame:
    """Return the cells of a pair map, one row each, y fastest; NaN where no events are.

    Returns:
        Columns x, y (the names), the cell's place along both, density, pmi, npmi, ppmi and pmi².
    """
    n_x, n_y = pair.density.shape
    rows, columns = (each.ravel() for each in np.indices((n_x, n_y)))
    places = {**_places("x", pair.x, rows), **_places("y", pair.y, columns)}
    cells: dict[str, Any] = {
        "x": pair.x.column.name,
        "y": pair.y.column.name,
        **places,
        "density": pair.density.ravel(),
        "pmi [nats]": pair.pmi.ravel(),
        "npmi": pair.npmi.ravel(),
        "ppmi [nats]": pair.ppmi.ravel(),
        "pmi2 [nats]": pair.pmi_k(2).ravel(),
        "event_class": pair.event_class,
        "n_events": pair.n_events,
        "n_effective": pair.n_effective,
    }
    words = {
        "density": "p(x,y): share of the weight in the cell; sums to one",
        "pmi [nats]": "log p(x,y)/(p(x)p(y)): above zero where values come together more often than by chance",
        "npmi": "pmi / -log p(x,y), from -1 to 1",
        "ppmi [nats]": "max(pmi, 0)",
        "pmi2 [nats]": "log p(x,y)²/(p(x)p(y)), 0 at most",
    }
    return described(cells, f"Cells of {pair.x.column.name} and {pair.y.column.name}; {pair.estimator}.", words)


def entropy_table(pair: PairMap) -> pd.DataFrame:
    """Return what a pair shares and what each variable keeps for itself, one row a quantity, in nats and in bits."""
    rows = [
        ("I(X;Y)", pair.mi, pair.mi_error),
        ("H(X|Y)", pair.x_given_y, pair.x_given_y_error),
        ("H(Y|X)", pair.y_given_x, pair.y_given_x_error),
        ("H(X)", pair.entropy_x, None),
        ("H(Y)", pair.entropy_y, None),
        ("H(X,Y)", pair.joint_entropy, None),
    ]
    names, values, errors = zip(*rows, strict=True)
    nats, spread = np.array(values), np.array(errors, np.float64)
    columns: dict[str, Any] = {
        "x": pair.x.column.name,
        "y": pair.y.column.name,
        "quantity": names,
        "value [nats]": nats,
        "error [nats]": spread,
        "value [bits]": factor("bits") * nats,
        "error [bits]": factor("bits") * spread,
        "event_class": pair.event_class,
        "bins": pair.bins,
    }
    return described(columns, f"What {pair.x.column.name} and {pair.y.column.name} tell; {pair.estimator}.", {})


def _places(letter: str, axis: Axis, cells: NDArray[np.intp]) -> dict[str, Any]:
    """Return where cells lie along an axis: their edges, and what they hold in words; NaN for missing values."""
    beyond = np.full(len(axis.labels) - (len(axis.edges) - 1), np.nan)
    low, high = np.append(axis.edges[:-1], beyond), np.append(axis.edges[1:], beyond)
    unit = axis.column.unit
    return {
        with_unit(f"{letter}_low", unit): low[cells],
        with_unit(f"{letter}_high", unit): high[cells],
        f"{letter}_cell": np.array(axis.labels, dtype=object)[cells],
    }

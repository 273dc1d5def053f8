"""Where two variables share information, as a table, one row a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.information.pointwise import Axis, PairMap
from core.tables.described import described, with_unit


def pair_table(pair: PairMap) -> pd.DataFrame:
    """Return the cells of a pair map, one row each, y fastest; NaN where no events are.

    Returns:
        Columns x, y (the names), the cell's place along both, density, pmi, npmi and ppmi.
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
        "event_class": pair.event_class,
        "n_events": pair.n_events,
        "n_effective": pair.n_effective,
    }
    words = {
        "density": "p(x,y): share of the weight in the cell; sums to one",
        "pmi [nats]": "log p(x,y)/(p(x)p(y)): above zero where values come together more often than by chance",
        "npmi": "pmi / -log p(x,y), from -1 to 1",
        "ppmi [nats]": "max(pmi, 0)",
    }
    return described(cells, f"Cells of {pair.x.column.name} and {pair.y.column.name}; {pair.estimator}.", words)


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

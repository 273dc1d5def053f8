"""Which variables share information: one cell for each pair."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.events.table import Column
from core.figures.palette import PALETTES, Mode, Palette, Scale
from core.figures.style import SMALL_SIZE, compose
from core.figures.words import events, plain, symbol
from core.information.catalogue import MEASURES
from core.information.matrix import InformationMatrix
from core.numbers import MINUS, format_number

Floats = NDArray[np.float64]

LARGEST_PRINTED = 14
HEIGHT_BESIDE_CELLS, HEIGHT_OF_CELL, SMALLEST_HEIGHT, LARGEST_HEIGHT = 190, 34, 360, 640
SYMBOLS = {
    "mi": "I({x}; {y})",
    "r_i": "r<sub>I</sub>({x}, {y})",
    "pearson": "r({x}, {y})",
    "spearman": "ρ<sub>S</sub>({x}, {y})",
    "iqr": "IQR({x}, {y})",
    "distance": "D({x}, {y})",
    "symmetric_uncertainty": "U({x}, {y})",
    "nmi": "NMI({x}, {y})",
    "redundancy": "R({x}, {y})",
    "variation": "d({x}, {y})",
    "joint_entropy": "H({x}, {y})",
    "conditional_entropy": "H({x} | {y})",
}
SMALL_MEANS_CLOSE = ("distance", "variation", "conditional_entropy")
FIXED_RANGE = ("r_i", "pearson", "spearman")


def matrix_figure(matrix: InformationMatrix, measure: str = "mi", mode: Mode = "light") -> go.Figure:
    """Draw one measure of every pair in the order of the matrix; paper means nothing shared.

    The diagonal stands apart: a variable shares all it has, its entropy, with itself. Invisible points over the cells
    make them selectable: the customdata of each is (row's name, column's name).

    Args:
        matrix: the information of every pair.
        measure: a name of ``MEASURES``.
        mode: light or dark.

    Raises:
        DataError: the matrix has no such measure.
    """
    palette, values = PALETTES[mode], matrix.measure(measure)
    labels = [symbol(Column(name, title)) for name, title in zip(matrix.names, matrix.titles, strict=True)]
    k, words = len(labels), MEASURES[measure]
    ticks = {
        "tickvals": list(range(k)),
        "ticktext": labels,
        "tickfont": {"size": max(8, min(12, 250 // k)), "color": palette.ink},
        "range": [-0.5, k - 0.5],
        "showgrid": False,
        "showline": False,
        "ticks": "",
    }
    colours = _colours(values, measure, palette)
    traces = [
        _cells(values, colours, words.unit, k),
        _diagonal(values, measure, palette),
        _points(matrix, measure, labels, palette.runs[1]),
    ]
    return compose(
        traces,
        {
            "xaxis": ticks | {"autotickangles": [0, -90]},
            "yaxis": ticks | {"range": [k - 0.5, -0.5]},
            "hovermode": "closest",
            "hoverdistance": -1,
            "clickmode": "event+select",
            "showlegend": False,
        },
        title=words.title.replace("r_I", "r<sub>I</sub>"),
        notes=[
            f"{'signal and background' if matrix.event_class == 'all' else matrix.event_class}: "
            f"{events(matrix.n_events, matrix.n_effective)}",
            matrix.estimator,
            _scale_words(measure),
        ],
        alt=_alt(matrix, measure, values),
        mode=mode,
        height=min(max(HEIGHT_BESIDE_CELLS + HEIGHT_OF_CELL * k, SMALLEST_HEIGHT), LARGEST_HEIGHT),
        file=f"{measure}-matrix-{matrix.event_class}",
    )


def _off_diagonal(values: Floats) -> Floats:
    return np.where(np.eye(len(values), dtype=bool), np.nan, values)


def _colours(values: Floats, measure: str, palette: Palette) -> dict[str, Any]:
    """Return colour scale and range: fixed for correlations, else up to the largest cell beside the diagonal."""
    words = MEASURES[measure]
    if measure in FIXED_RANGE:
        scale = palette.diverging if words.lowest < 0 else palette.sequential
        return {"colorscale": scale, "zmin": words.lowest, "zmax": words.highest}
    seen = _off_diagonal(values)
    seen = seen[np.isfinite(seen)]
    if measure in SMALL_MEANS_CLOSE:
        top = words.highest if words.highest is not None else float(seen.max(initial=1e-3))
        low = min(float(seen.min(initial=top)), top - 1e-3)
        return {"colorscale": _reversed(palette.sequential), "zmin": low, "zmax": top}
    return {"colorscale": palette.sequential, "zmin": 0.0, "zmax": float(seen.max(initial=1e-3))}


def _reversed(scale: Scale) -> Scale:
    return tuple((1 - position, colour) for position, colour in reversed(scale))


def _cells(values: Floats, colours: Mapping[str, Any], unit: str, k: int) -> dict[str, Any]:
    printed: dict[str, Any] = {}
    if k <= LARGEST_PRINTED:
        printed = {
            "text": [[_short(value) for value in row] for row in _off_diagonal(values).tolist()],
            "texttemplate": "%{text}",
        }
    return {
        "type": "heatmap",
        "z": _off_diagonal(values),
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "skip",
        "colorbar": {
            "title": {"text": unit, "side": "top", "font": {"size": SMALL_SIZE}},
            "thickness": 12,
            "outlinewidth": 0,
            "nticks": 6,
            "len": 1,
        },
        **colours,
        **printed,
    }


def _diagonal(values: Floats, measure: str, palette: Palette) -> dict[str, Any]:
    """Return the diagonal in a quiet colour, with its entropies printed where the measure has them."""
    k = len(values)
    entropies = measure in ("mi", "joint_entropy") and k <= LARGEST_PRINTED
    printed = (
        {
            "text": [[_short(values[i, i]) if i == j else "" for j in range(k)] for i in range(k)],
            "texttemplate": "%{text}",
            "textfont": {"color": palette.muted},
        }
        if entropies
        else {}
    )
    return {
        "type": "heatmap",
        "z": np.where(np.eye(k, dtype=bool), 0.0, np.nan),
        "colorscale": ((0.0, palette.grid), (1.0, palette.grid)),
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "skip",
        **printed,
    }


def _points(matrix: InformationMatrix, measure: str, labels: list[str], colour: str) -> dict[str, Any]:
    """Return invisible points over the cells, which answer the mouse; a heatmap's cells cannot be selected."""
    rows, columns = (place.ravel() for place in np.indices((len(labels), len(labels))))
    names = np.array(matrix.names, dtype=object)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": columns,
        "y": rows,
        "customdata": np.stack([names[rows], names[columns]], axis=1),
        "text": np.array(_hovers(matrix, measure, labels), dtype=object),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"opacity": 0, "size": 20, "symbol": "square-open", "color": colour, "line": {"width": 2}},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0}},
    }


def _hovers(matrix: InformationMatrix, measure: str, labels: list[str]) -> list[str]:
    """Return the words about each cell, row by row."""
    unit, errors = MEASURES[measure].unit, matrix.mi_error.tolist() if measure == "mi" else None
    values, pearson, r_i = (array.tolist() for array in (matrix.measure(measure), matrix.pearson, matrix.r_i))
    texts = []
    for i, row in enumerate(labels):
        for j, column in enumerate(labels):
            if i == j:
                texts.append(f"H({row}) = {format_number(float(matrix.entropy[i]), unit='nats')}")
                continue
            number = format_number(values[i][j], errors[i][j] if errors else None, unit)
            cell = SYMBOLS[measure].format(x=row, y=column)
            texts.append(f"{cell} = {number}<br>r = {_short(pearson[i][j])}, r<sub>I</sub> = {_short(r_i[i][j])}")
    return texts


def _short(value: float) -> str:
    """Write a value with two decimals for a cell."""
    return "" if math.isnan(value) else f"{value:.2f}".replace("-0.00", "0.00").replace("-", MINUS)


def _scale_words(measure: str) -> str:
    if measure in ("pearson", "spearman"):
        return "green: together, purple: opposite"
    return (
        "strong colour: close"
        if measure in SMALL_MEANS_CLOSE
        else "grey diagonal: H of the variable"
        if measure == "mi"
        else ""
    )


def _alt(matrix: InformationMatrix, measure: str, values: Floats) -> str:
    words, seen = MEASURES[measure], _off_diagonal(values)
    sentence = f"{words.title} of {len(values)} variables in {matrix.n_events} events of class {matrix.event_class}"
    if not np.isfinite(seen).any():
        return f"{sentence}."
    key = np.where(np.isfinite(seen), np.abs(seen), np.inf if measure in SMALL_MEANS_CLOSE else -np.inf)
    place = key.argmin() if measure in SMALL_MEANS_CLOSE else key.argmax()
    i, j = np.unravel_index(place, seen.shape)
    x, y = (plain(symbol(Column(matrix.names[n], matrix.titles[n]))) for n in (i, j))
    return f"{sentence}: {x} and {y} are closest, {format_number(values[i, j], unit=words.unit)}."

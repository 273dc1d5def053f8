"""Which variables share information: one cell for each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.matrix_words import (
    SIGNED,
    SMALL_MEANS_CLOSE,
    Matrix,
    alternative,
    alternative_difference,
    difference_hovers,
    difference_notes,
    in_unit,
    labels,
    matrix_hovers,
    matrix_notes,
    off_diagonal,
    short,
)
from core.figures.palette import PALETTES, Mode, Palette, Scale
from core.figures.style import SMALL_SIZE, compose
from core.information.catalogue import ALL_MEASURES
from core.information.difference import InformationDifference
from core.information.significance import Significance
from core.information.units import Unit, shown_unit

Floats = NDArray[np.float64]
Cells = NDArray[np.bool_]

LARGEST_PRINTED = 14
HEIGHT_BESIDE_CELLS, HEIGHT_OF_CELL, SMALLEST_HEIGHT, LARGEST_HEIGHT = 190, 34, 360, 640
HEIGHT_OF_SMALLEST_CELL = 10.5
FIXED_RANGE = ("r_i", "pearson", "spearman")


def matrix_figure(
    matrix: Matrix,
    measure: str = "mi",
    mode: Mode = "light",
    significance: Significance | None = None,
    *,
    unit: Unit = "nats",
) -> go.Figure:
    """Draw one measure of every pair in the order of the matrix; paper means nothing shared.

    The diagonal stands apart: a variable shares all it has, its entropy, with itself. Invisible points over the cells
    make them selectable: the customdata of each is (row's name, column's name).

    Args:
        matrix: the information of every pair.
        measure: a name of ``MEASURES``, or of ``GIVEN_MEASURES`` where a third variable is known.
        mode: light or dark.
        significance: of the same variables in the same order; pairs that are no discoveries are left to the paper
            with a dot. None draws all.
        unit: of amounts of information.

    Raises:
        DataError: the matrix has no such measure.
    """
    palette, values = PALETTES[mode], in_unit(matrix, measure, unit)
    has_entropies = measure in ("mi", "joint_entropy") and np.isfinite(matrix.entropy).any()
    hidden = None if significance is None else ~significance.discoveries()
    return _draw(
        matrix.names, labels(matrix), values, matrix_hovers(matrix, measure, significance, unit), hidden,
        _colours(values, measure, palette),
        mode,
        entropies=np.diag(values) if has_entropies else None,
        title=ALL_MEASURES[measure].title,
        notes=[
            *matrix_notes(matrix),
            "grey diagonal: H of the variable" if has_entropies else _scale_words(measure),
            "" if hidden is None else "dot: not significant",
        ],
        unit=shown_unit(ALL_MEASURES[measure].unit, unit),
        alt=alternative(matrix, measure, unit),
        file=f"{measure}-matrix-{matrix.event_class}",
    )  # fmt: skip


def difference_figure(
    difference: InformationDifference,
    measure: str = "mi",
    mode: Mode = "light",
    *,
    only_significant: bool = False,
    unit: Unit = "nats",
) -> go.Figure:
    """Draw how much larger a measure is in signal than in background; paper means alike.

    Args:
        difference: of every pair.
        measure: a name of ``MEASURES``, or of ``GIVEN_MEASURES`` where a third variable is known.
        mode: light or dark.
        only_significant: whether pairs whose information does not differ significantly are left to the paper with a
            dot.
        unit: of amounts of information.

    Raises:
        DataError: the matrices have no such measure.
    """
    palette, values = PALETTES[mode], in_unit(difference, measure, unit)
    seen = np.abs(off_diagonal(values))
    top = float(seen[np.isfinite(seen)].max(initial=1e-3))
    hidden = ~difference.discoveries() if only_significant else None
    return _draw(
        difference.names, labels(difference), values, difference_hovers(difference, measure, unit), hidden,
        {"colorscale": palette.diverging, "zmin": -top, "zmax": top},
        mode,
        entropies=None,
        title=f"{ALL_MEASURES[measure].title}, signal − background",
        notes=[
            *difference_notes(difference),
            "green: more in signal, purple: more in background",
            "" if hidden is None else "dot: I does not differ significantly",
        ],
        unit=shown_unit(ALL_MEASURES[measure].unit, unit),
        alt=alternative_difference(difference, measure, unit),
        file=f"{measure}-matrix-difference",
    )  # fmt: skip


def _draw(
    names: Sequence[str],
    places: Sequence[str],
    values: Floats,
    hovers: Sequence[str],
    hidden: Cells | None,
    colours: Mapping[str, Any],
    mode: Mode,
    *,
    unit: str,
    entropies: Floats | None,
    title: str,
    **words: Any,
) -> go.Figure:
    """Draw cells, diagonal, dots on hidden cells and the points that answer the mouse."""
    k, palette = len(places), PALETTES[mode]
    height, font = _size(k)
    axis = {
        "type": "category",  # its ticks thin out where labels would collide
        "categoryorder": "array",
        "categoryarray": places,
        "tickfont": {"size": font, "color": palette.ink},
        "range": [-0.5, k - 0.5],
        "showgrid": False,
        "showline": False,
        "ticks": "",
    }
    beside = off_diagonal(values)
    traces = [
        _cells(places, beside if hidden is None else np.where(hidden, np.nan, beside), colours, unit),
        _diagonal(places, entropies, palette),
        *([] if hidden is None else [_dots(places, hidden, palette)]),
        _points(names, places, hovers, palette.runs[1]),
    ]
    return compose(
        traces,
        {
            "xaxis": axis | {"autotickangles": [0, -90]},
            "yaxis": axis | {"range": [k - 0.5, -0.5]},
            "hovermode": "closest",
            "hoverdistance": -1,
            "clickmode": "event+select",
            "showlegend": False,
        },
        title=title.replace("r_I", "r<sub>I</sub>"),
        mode=mode,
        height=height,
        **words,
    )


def _size(k: int) -> tuple[int, int]:
    """Return height of the figure and size of its labels, so that each row has one as long as a page allows."""
    wanted = min(max(HEIGHT_BESIDE_CELLS + HEIGHT_OF_CELL * k, SMALLEST_HEIGHT), LARGEST_HEIGHT)
    height = max(wanted, round(HEIGHT_BESIDE_CELLS + HEIGHT_OF_SMALLEST_CELL * k))
    return height, int(np.clip(0.8 * (height - HEIGHT_BESIDE_CELLS) / k, 8, 12))


def _colours(values: Floats, measure: str, palette: Palette) -> dict[str, Any]:
    """Return colour scale and range: fixed for correlations, else up to the largest cell beside the diagonal."""
    words = ALL_MEASURES[measure]
    if measure in FIXED_RANGE:
        scale = palette.diverging if words.lowest < 0 else palette.sequential
        return {"colorscale": scale, "zmin": words.lowest, "zmax": words.highest}
    seen = off_diagonal(values)
    seen = seen[np.isfinite(seen)]
    if measure in SIGNED:
        top = float(np.abs(seen).max(initial=1e-3))
        return {"colorscale": palette.diverging, "zmin": -top, "zmax": top}
    if measure in SMALL_MEANS_CLOSE:
        top = words.highest if words.highest is not None else float(seen.max(initial=1e-3))
        low = min(float(seen.min(initial=top)), top - 1e-3)
        return {"colorscale": _reversed(palette.sequential), "zmin": low, "zmax": top}
    return {"colorscale": palette.sequential, "zmin": 0.0, "zmax": float(seen.max(initial=1e-3))}


def _reversed(scale: Scale) -> Scale:
    return tuple((1 - position, colour) for position, colour in reversed(scale))


def _cells(places: Sequence[str], shown: Floats, colours: Mapping[str, Any], unit: str) -> dict[str, Any]:
    printed: dict[str, Any] = {}
    if len(places) <= LARGEST_PRINTED:
        printed = {"text": [[short(value) for value in row] for row in shown.tolist()], "texttemplate": "%{text}"}
    return {
        "type": "heatmap",
        "x": places,
        "y": places,
        "z": shown,
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


def _diagonal(places: Sequence[str], entropies: Floats | None, palette: Palette) -> dict[str, Any]:
    """Return the diagonal in a quiet colour, with entropies printed where there is room."""
    k = len(places)
    printed: dict[str, Any] = {}
    if entropies is not None and k <= LARGEST_PRINTED:
        printed = {
            "text": [[short(entropies[i]) if i == j else "" for j in range(k)] for i in range(k)],
            "texttemplate": "%{text}",
            "textfont": {"color": palette.muted},
        }
    return {
        "type": "heatmap",
        "x": places,
        "y": places,
        "z": np.where(np.eye(k, dtype=bool), 0.0, np.nan),
        "colorscale": ((0.0, palette.grid), (1.0, palette.grid)),
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "skip",
        **printed,
    }


def _dots(places: Sequence[str], hidden: Cells, palette: Palette) -> dict[str, Any]:
    """Return a dot for each hidden cell beside the diagonal."""
    rows, columns = (place.tolist() for place in np.nonzero(hidden & ~np.eye(len(places), dtype=bool)))
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [places[n] for n in columns],
        "y": [places[n] for n in rows],
        "hoverinfo": "skip",
        "marker": {"size": 4 if len(places) <= LARGEST_PRINTED else 2, "color": palette.muted},
        "unselected": {"marker": {"opacity": 1}},
    }


def _points(names: Sequence[str], places: Sequence[str], hovers: Sequence[str], colour: str) -> dict[str, Any]:
    """Return invisible points over the cells, which answer the mouse; a heatmap's cells cannot be selected."""
    rows, columns = (place.ravel().tolist() for place in np.indices((len(places), len(places))))
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [places[n] for n in columns],
        "y": [places[n] for n in rows],
        "customdata": [[names[row], names[column]] for row, column in zip(rows, columns, strict=True)],
        "text": list(hovers),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"opacity": 0, "size": 20, "symbol": "square-open", "color": colour, "line": {"width": 2}},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0}},
    }


def _scale_words(measure: str) -> str:
    if measure in ("pearson", "spearman"):
        return "green: together, purple: opposite"
    if measure in SIGNED:
        return "green: synergy, purple: redundancy"
    return "strong colour: close" if measure in SMALL_MEANS_CLOSE else ""

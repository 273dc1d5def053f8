"""Which latent dimension holds which variable: one row a dimension, one column a variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.disentanglement.results import Latents
from core.events.table import Column
from core.figures.matrix_words import short
from core.figures.palette import PALETTES, Mode, Palette
from core.figures.style import MIDDLE_HEIGHT, SMALL_SIZE, compose
from core.figures.words import described, events, plain, symbol
from core.numbers import format_number

MOST_PRINTED = 12
"""Columns up to which a cell has room for its number."""
SIGMAS = 2.0
"""Errors by which a dimension must tell more than z' does to be called the holder."""
HEIGHT_OF_ROW, HEIGHT_BESIDE_ROWS, LARGEST_HEIGHT = 22, 200, 720


def latents_figure(latents: Latents, columns: Mapping[str, Column], mode: Mode = "light") -> go.Figure:
    """Draw I(z_j; v) of every latent dimension and variable; paper means nothing shared.

    The protected variables stand left of a line. Dimensions z' that are taken out are marked, collapsed ones are grey.
    Invisible points over the cells make them selectable: the customdata of each is the index of its dimension.

    Args:
        latents: what the dimensions hold.
        columns: words about the variables.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    rows = [latent_label(latents, j) for j in range(len(latents.kl))]
    places = _places(latents, columns)
    grey = np.zeros(latents.mi.shape, dtype=bool)
    grey[list(latents.collapsed)] = True
    top = float(latents.mi[np.isfinite(latents.mi)].max(initial=1e-3))
    cells = _cells(rows, places, np.where(grey, np.nan, latents.mi), palette, top)
    axis = {"type": "category", "showgrid": False, "showline": False, "ticks": "", "categoryorder": "array"}
    is_wide = len(places) > MOST_PRINTED
    font = {"size": SMALL_SIZE, "color": palette.ink}
    turned = {"tickangle": -90, "tickfont": font | {"size": SMALL_SIZE - 2}, "dtick": 1}
    return compose(
        [cells, _greyed(rows, places, grey, palette), _points(latents, rows, places, palette)],
        {
            "xaxis": {
                **axis, "categoryarray": places, "range": [-0.5, len(places) - 0.5], "tickfont": font,
                "autotickangles": [0, -90], "title": {"text": "protected | features"}, **(turned if is_wide else {}),
            },
            "yaxis": {
                **axis, "categoryarray": rows, "range": [len(rows) - 0.5, -0.5], "tickfont": font,
                "title": {"text": "latent dimension"},
            },
            "shapes": [_border(latents, palette)],
            "hovermode": "closest",
            "clickmode": "event+select",
            "showlegend": False,
        },
        title="Mutual information of latent dimension and variable",
        notes=[
            f"background: {events(latents.n_events, latents.n_effective)}",
            f"MIG {format_number(latents.mig.value, latents.mig.error)}",
            "z′: taken out; grey: collapsed, carries nothing",
        ],
        alt=_alt(latents, columns),
        mode=mode,
        height=min(max(MIDDLE_HEIGHT, HEIGHT_BESIDE_ROWS + HEIGHT_OF_ROW * len(rows)), LARGEST_HEIGHT),
        file="latent-information",
    )  # fmt: skip


def latents_sentence(latents: Latents, titles: Mapping[str, str]) -> str:
    """Say which dimension holds each protected variable, how much the next one has, and the gap.

    Args:
        latents: what the dimensions hold.
        titles: variable → its symbol as in print, such as "M_bc".

    Returns:
        Such as "z_1 holds M_bc: 0.84 ± 0.01 of 3.10 nats; the next, z_4, 0.03 ± 0.01. MIG 0.26 ± 0.01."
    """
    sentences = []
    for v, name in enumerate(latents.variables[: latents.n_protected]):
        title, entropy = titles.get(name, name), format_number(float(latents.entropy[v]))
        first, *others = _holders(latents, v)
        if first in latents.collapsed:
            sentences.append(f"No latent dimension holds {title}: all have collapsed.")
            continue
        most = int(np.argmax(np.nan_to_num(latents.mi[:, v])))
        if not latents.mi[most, v] > SIGMAS * latents.mi_error[most, v]:
            told = f"the most, z_{most + 1}, {_cell(latents, most, v)} of {entropy} nats"
            sentences.append(f"No latent dimension tells of {title}: {told}.")
            continue
        second = f"; the next, z_{others[0] + 1}, {_cell(latents, others[0], v)}" if others else ""
        sentences.append(f"z_{first + 1} holds {title}: {_cell(latents, first, v)} of {entropy} nats{second}.")
        if first not in latents.sensitive:
            sentences.append(f"But z_{first + 1} is not among those that are taken out.")
    sentences.append(f"MIG {format_number(latents.mig.value, latents.mig.error)}.")
    return " ".join(sentences)


def _holders(latents: Latents, v: int) -> list[int]:
    """Return the dimensions by falling information on a variable; of the first that are alike, z' comes first."""
    order = [int(j) for j in np.argsort(-np.nan_to_num(latents.mi[:, v]), kind="stable")]
    first = order[0]
    for j in order[1:]:
        lead = latents.mi[first, v] - latents.mi[j, v]
        error = float(np.hypot(latents.mi_error[first, v], latents.mi_error[j, v]))
        if j in latents.sensitive and first not in latents.sensitive and lead <= SIGMAS * error:
            order.remove(j)
            return [j, *order]
    return order


def latent_label(latents: Latents, j: int) -> str:
    """Write a latent dimension, with a mark for those that are taken out.

    Args:
        latents: what the dimensions hold.
        j: index from 0; written from 1.
    """
    mark = " z′" if j in latents.sensitive else " –" if j in latents.collapsed else ""
    name = f"z<sub>{j + 1}</sub>"
    return f"<b>{name}{mark}</b>" if j in latents.sensitive else f"{name}{mark}"


def _cell(latents: Latents, j: int, v: int) -> str:
    return format_number(float(latents.mi[j, v]), float(latents.mi_error[j, v]))


def _places(latents: Latents, columns: Mapping[str, Column]) -> list[str]:
    """Return the symbols of the variables; those that look alike differ by spaces of no width."""
    found: list[str] = []
    for name in latents.variables:
        label = symbol(described(columns, name))
        while label in found:
            label += "\N{ZERO WIDTH SPACE}"
        found.append(label)
    return found


def _cells(rows: list[str], places: list[str], shown: Any, palette: Palette, top: float) -> dict[str, Any]:
    printed: dict[str, Any] = {}
    if len(places) <= MOST_PRINTED:
        printed = {"text": [[short(value) for value in row] for row in shown.tolist()], "texttemplate": "%{text}"}
    return {
        "type": "heatmap",
        "x": places,
        "y": rows,
        "z": shown,
        "zmin": 0.0,
        "zmax": top,
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "skip",
        "colorscale": palette.sequential,
        "colorbar": {
            "title": {"text": "nats", "side": "top", "font": {"size": SMALL_SIZE}},
            "thickness": 12,
            "outlinewidth": 0,
            "nticks": 6,
            "len": 1,
        },
        **printed,
    }


def _greyed(rows: list[str], places: list[str], grey: Any, palette: Palette) -> dict[str, Any]:
    """Return the rows of dimensions that carry nothing, in a quiet colour."""
    return {
        "type": "heatmap",
        "x": places,
        "y": rows,
        "z": np.where(grey, 0.0, np.nan),
        "colorscale": ((0.0, palette.grid), (1.0, palette.grid)),
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hoverinfo": "skip",
    }


def _points(latents: Latents, rows: list[str], places: list[str], palette: Palette) -> dict[str, Any]:
    """Return invisible points that answer the mouse."""
    cells = [(j, v) for j in range(len(rows)) for v in range(len(places))]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [places[v] for _, v in cells],
        "y": [rows[j] for j, _ in cells],
        "customdata": [j for j, _ in cells],
        "marker": {"size": 18, "symbol": "square", "color": palette.runs[1], "opacity": 0},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "text": [_hover(latents, j, v, places) for j, v in cells],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(latents: Latents, j: int, v: int, places: list[str]) -> str:
    kept = (
        "taken out as z′"
        if j in latents.sensitive
        else "collapsed: carries nothing, taken out"
        if j in latents.collapsed
        else "kept for the classifier"
    )
    return (
        f"I(z<sub>{j + 1}</sub>; {places[v]}) = {_cell(latents, j, v)} nats<br>"
        f"of H({places[v]}) = {format_number(float(latents.entropy[v]), unit='nats')}<br>"
        f"z<sub>{j + 1}</sub>: {kept}; KL to its prior {format_number(float(latents.kl[j]), unit='nats')}"
    )


def _border(latents: Latents, palette: Palette) -> dict[str, Any]:
    """Return the line between protected variables and features."""
    x = latents.n_protected - 0.5
    ends = {"xref": "x", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "line", **ends, "line": {"color": palette.ink, "width": 1.5}}


def _alt(latents: Latents, columns: Mapping[str, Column]) -> str:
    titles = {name: plain(symbol(described(columns, name))) for name in latents.variables}
    k, v = latents.mi.shape
    words = latents_sentence(latents, titles).replace("z_", "z")
    return f"Mutual information of {k} latent dimensions and {v} variables: {words}"

"""The panels that figures of a calibration are made of."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.figures.calibration_words import Columns, spectrum_title
from core.figures.palette import Palette

EXACT_DASH = "5px,3px"
GAP = 0.08


def closed_form(common: dict[str, Any], exact: NDArray[np.float64], colour: str, name: str) -> list[dict[str, Any]]:
    """Return a closed form, where it is known."""
    if not np.isfinite(exact).any():
        return []
    line = {"color": colour, "width": 1.5, "dash": EXACT_DASH}
    hover = f"{name}, closed form<br>%{{y:.3g}}<extra></extra>"
    return [common | {"y": exact, "line": line, "showlegend": False, "name": name, "hovertemplate": hover}]


def beside(bins: NDArray[np.float64], i: int, n: int) -> NDArray[np.float64]:
    """Return places a little beside the middle of bins, for the i-th of n series."""
    return np.asarray((bins[1:] + bins[:-1]) / 2 + (i - (n - 1) / 2) * 0.6 / n * np.diff(bins))


def panels(titles: Sequence[str], shown: str) -> dict[str, Any]:
    """Return the y axes of panels above each other that share one range."""
    n, axes = len(titles), {}
    height = (1 - GAP * (n - 1)) / n
    for i, title in enumerate(titles):
        top = 1 - i * (height + GAP)
        axis: dict[str, Any] = {"title": {"text": f"{title}<br>{shown}"}, "domain": [max(top - height, 0), top]}
        axes[y_axis(i).replace("y", "yaxis")] = axis | ({"matches": "y"} if i else {}) | {"nticks": 6}
    return axes


def level_and_bulk(
    palette: Palette,
    n: int,
    level: float | None,
    bulk: tuple[float, float] | None = None,
    bins: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Return a line where nothing is wrong in each panel, and a quiet area beyond the bulk."""
    line = {"color": palette.muted, "width": 1}
    shapes: list[dict[str, Any]] = []
    if level is not None:
        across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level, "line": line}
        shapes += [across | {"yref": y_axis(i)} for i in range(n)]
    if bulk is not None and bins is not None:
        area = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0}, "layer": "below"}
        ends = ((float(bins[0]), bulk[0]), (bulk[1], float(bins[-1])))
        shapes += [area | {"x0": a, "x1": b, "fillcolor": palette.panel} for a, b in ends if a < b]
    return {"shapes": shapes}


def last_axis(methods: dict[str, str]) -> str:
    """Return the y axis of the lowest panel."""
    return y_axis(len(methods) - 1)


def y_axis(i: int) -> str:
    """Return the name of the i-th y axis."""
    return f"y{i + 1}" if i else "y"


def bracketed(text: str, unit: str) -> str:
    """Write a quantity with its unit, if it has one."""
    return f"{text} [{escape(unit, quote=False)}]" if unit else text


def escaped(columns: Columns, name: str) -> str:
    """Return what a spectrum is called, for plotly."""
    return escape(spectrum_title(columns, name), quote=False)

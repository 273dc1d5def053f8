"""Outlines of histograms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def outline(edges: NDArray[np.float64], heights: NDArray[np.float64]) -> dict[str, Any]:
    """Return the part of a plotly trace that draws a histogram as steps that start and end at zero.

    Args:
        edges: shape (bins + 1,).
        heights: shape (bins,); NaN leaves a gap.

    Example:
        >>> steps = outline(np.array([0.0, 1.0, 2.0]), np.array([3.0, 4.0]))
        >>> steps["x"].tolist(), steps["y"].tolist()
        ([0.0, 0.0, 1.0, 1.0, 2.0, 2.0], [0.0, 3.0, 3.0, 4.0, 4.0, 0.0])
    """
    y = np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])
    return {"type": "scatter", "mode": "lines", "x": np.repeat(edges, 2), "y": y, "hoverinfo": "skip"}


def plateaus(edges: NDArray[np.float64], heights: NDArray[np.float64]) -> dict[str, Any]:
    """Return the part of a plotly trace that draws a value for each bin as steps that do not drop to zero.

    Example:
        >>> plateaus(np.array([0.0, 1.0, 2.0]), np.array([3.0, 4.0]))["y"].tolist()
        [3.0, 3.0, 4.0, 4.0]
    """
    x = np.repeat(edges, 2)[1:-1]
    return {"type": "scatter", "mode": "lines", "x": x, "y": np.repeat(heights, 2), "hoverinfo": "skip"}


def centres(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middle of each bin, shape (bins,)."""
    return (edges[1:] + edges[:-1]) / 2

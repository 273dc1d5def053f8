"""The cross-check figure: every column, signal over background."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .sample import Column, Rows, Sample

SIGNAL, BACKGROUND, PROTECTED, INK = "#0b6e99", "#c9b79c", "#a3241b", "#333333"
POINT_MASS = 0.1
PER_ROW = 5


def _set_word(match: re.Match) -> str:
    base, low, high = match.groups()
    base = base.replace("*", r"^\ast")
    return f"${base}_{{\\mathrm{{{low}}}}}" + (f"^{{\\mathrm{{{high}}}}}" if high else "") + "$"


def mathtext(title: str) -> str:
    """`p_T^μ1` as matplotlib sets it; titles without an index stay as they are."""
    return re.sub(r"([A-Za-zΔηθρστφ]+\*?)_([A-Za-z0-9μγ]+)(?:\^([A-Za-z0-9μ]+))?", _set_word, title)


def _edges(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, [0.2, 99.5])
    if np.all(values == np.round(values)):
        step = max(1, int(np.ceil((high - low + 1) / 50)))
        return np.arange(low - 0.5, high + step + 0.5, step)
    return np.linspace(low, high, 61)


def _panel(axes, column: Column, table: Rows) -> None:
    values, label, weight = (table[k].astype(float) for k in (column.name, "label", "weight"))
    weight = np.ones_like(weight) if column.role == "weight" else weight
    zero = (values == 0) & (len(np.unique(values)) > 20)  # small counts keep their zero
    if zero.mean() < POINT_MASS:
        zero[:] = False
    else:
        shares = [100 * np.average(zero[label == k], weights=weight[label == k]) for k in (1, 0)]
        axes.text(
            0.96,
            0.93,
            f"at 0: {shares[0]:.0f} % | {shares[1]:.0f} %",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=7,
            color=INK,
        )
    edges = _edges(values[~zero])
    for k, style in (
        (0, {"histtype": "stepfilled", "color": BACKGROUND}),
        (1, {"histtype": "step", "color": SIGNAL, "lw": 1.4}),
    ):
        use = (label == k) & ~zero
        axes.hist(values[use], edges, weights=weight[use], density=True, **style)
    axes.set_title(
        mathtext(column.title) + (f"  [{column.unit}]" if column.unit else ""),
        fontsize=9.5,
        color=PROTECTED if column.role == "protected" else INK,
    )


def _weight_panel(axes, column: Column, table: Rows) -> None:
    """Weights over the mean |w| of their class, since normalisations differ by orders of magnitude."""
    values, label = table[column.name].astype(float).copy(), table["label"]
    for k in (0, 1):
        values[label == k] /= np.abs(values[label == k]).mean()
    edges = np.linspace(*np.percentile(values, [0.05, 99.9]), 61)
    axes.hist(values[label == 0], edges, density=True, histtype="stepfilled", color=BACKGROUND)
    axes.hist(values[label == 1], edges, density=True, histtype="step", color=SIGNAL, lw=1.4)
    axes.set_title(r"$w\,/\,\langle|w|\rangle$ of the class", fontsize=9.5, color=INK)


def draw(sample: Sample, table: Rows, path: Path) -> None:
    """Small multiples of all columns, unit area, weighted."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    columns = [c for c in sample.columns if c.role != "label"]
    n_rows = -(-len(columns) // PER_ROW)
    figure, grid = plt.subplots(n_rows, PER_ROW, figsize=(11, 1.75 * n_rows + 0.7), layout="constrained")
    for axes in grid.flat:
        axes.set_yticks([])
        axes.tick_params(labelsize=7.5, colors=INK, length=2.5)
        axes.spines[["top", "left", "right"]].set_visible(False)
    for axes, column in zip(grid.flat, columns, strict=False):
        (_weight_panel if column.role == "weight" else _panel)(axes, column, table)
    for axes in grid.flat[len(columns) :]:
        axes.set_visible(False)
    handles = [plt.Line2D([], [], color=SIGNAL, lw=2), plt.Rectangle((0, 0), 1, 1, color=BACKGROUND)]
    figure.legend(
        handles,
        [mathtext(sample.signal), sample.background],
        loc="outside upper left",
        ncols=2,
        frameon=False,
        fontsize=10.5,
    )
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)

"""Histograms and the quality of the events as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.events.histograms import ClassHistogram
from core.events.quality import QualityReport
from core.tables.described import described, with_unit


def histogram_table(histogram: ClassHistogram) -> pd.DataFrame:
    """Return the bins of a histogram, one row each: edges, and density with error of each class.

    Args:
        histogram: the distributions.
    """
    unit = histogram.column.unit
    inverse = f"1/{unit}" if unit else ""
    columns: dict[str, Any] = {
        with_unit("low", unit): histogram.edges[:-1],
        with_unit("high", unit): histogram.edges[1:],
    }
    words: dict[str, str] = {}
    for name, shape in histogram.shapes.items():
        density, error = with_unit(name, inverse), with_unit(f"{name}_error", inverse)
        columns |= {density: shape.density, error: shape.error}
        words |= {density: "share of the weight in the bin over its width", error: "its standard error"}
    counts = "; ".join(
        f"{name}: {shape.n_events} events, N_eff {shape.n_effective:.6g}" for name, shape in histogram.shapes.items()
    )
    left_out = f"{histogram.n_outside} events outside, {histogram.n_missing} without a value"
    return described(columns, f"Histogram of {histogram.column.name}. {counts}; {left_out}.", words)


def histograms_table(histograms: Sequence[ClassHistogram]) -> pd.DataFrame:
    """Return how well each variable separates signal from background, and what its histogram leaves out.

    Args:
        histograms: one for each variable.
    """
    columns = {
        "variable": [each.column.name for each in histograms],
        "separation": [each.separation for each in histograms],
        "n_missing": [each.n_missing for each in histograms],
        "n_outside": [each.n_outside for each in histograms],
    }
    words = {
        "separation": "½ Σ (s - b)²/(s + b): 0 for equal shapes, 1 for shapes without overlap",
        "n_missing": "events without a finite value",
        "n_outside": "events beyond the first or the last edge",
    }
    return described(columns, "How well each variable separates signal from background.", words)


def quality_table(report: QualityReport) -> pd.DataFrame:
    """Return what is known of the values of each column, one row a column of the events.

    Args:
        report: what was found.
    """
    names = ("n_events", "n_missing", "n_infinite", "n_unique", "minimum", "maximum")
    columns: dict[str, Any] = {"column": [each.name for each in report.columns]}
    columns |= {name: [getattr(each, name) for each in report.columns] for name in names}
    columns["sentinels"] = [
        "; ".join(f"{v:g}: {n} events" for v, n in each.sentinels.items()) for each in report.columns
    ]
    findings = {each.name: [f.text for f in report.findings if f.column == each.name] for each in report.columns}
    columns["findings"] = ["; ".join(texts) for texts in findings.values()]
    words = {
        "n_unique": "distinct finite values",
        "minimum": "smallest finite value",
        "maximum": "largest finite value",
        "sentinels": "values that seem to stand for no value",
    }
    counts = f"{report.n_events} events, {report.n_invalid} invalid, {report.n_duplicates} duplicates"
    return described(columns, f"The values of each column: {counts}.", words)

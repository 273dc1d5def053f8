"""Classifiers of sets of events: their ROC curves beside the product's, and what they say in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, isfinite, isnan, log10
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.ensembles.results import Curve, EnsembleView
from core.figures.palette import PALETTES, Mode, Palette
from core.figures.set_losses import network_colour
from core.figures.style import LOG_TICKS, compose
from core.numbers import MINUS, format_count, format_number
from core.results import Estimate

HEIGHT = 520
SIGMAS = 2.0
"""Errors within which two areas are level."""
FEWEST_PASSING = 10
"""Sets of background that must pass for a ratio of rejections to be drawn."""
_LOW = str.maketrans("0123456789N", "₀₁₂₃₄₅₆₇₈₉ₙ")


def set_symbol(symbol: str) -> str:
    """Set the indices of a classifier's symbol low.

    Example:
        >>> set_symbol("f_1→3"), set_symbol("f_10 list"), set_symbol("exact")
        ('f₁→₃', 'f₁₀ list', 'exact')
    """
    head, _, rest = symbol.partition("_")
    low, space, words = rest.partition(" ")
    return f"{head}{low.translate(_LOW)}{space}{words}"


def in_order(view: EnsembleView) -> list[Curve]:
    """Return all curves, those of sets first, the product before all others and the exact one after them."""
    return sorted((*view.curves, *view.exact), key=lambda curve: -curve.size)


def difference_words(estimate: Estimate) -> str:
    """Write a small difference of areas without a power of ten, as the areas beside it are.

    Example:
        >>> difference_words(Estimate(0.00064, 0.00019)), difference_words(Estimate(-0.00012))
        ('0.0006 ± 0.0002', '−0.0001')
    """
    known = isfinite(estimate.error) and estimate.error > 0
    places = max(4, ceil(-log10(estimate.error))) if known else 4
    value = f"{estimate.value:.{places}f}".replace("-", MINUS) if isfinite(estimate.value) else "–"
    return f"{value} ± {estimate.error:.{places}f}" if known else value


def sets_words(view: EnsembleView) -> str:
    """Write how many sets judge, with N_eff when weights make it smaller."""
    sets = f"{format_count(view.n_sets)} sets of {format_count(view.size)} events"
    if isnan(view.n_effective) or round(view.n_effective) == view.n_sets:
        return sets
    return f"{sets} (N_eff {format_count(view.n_effective)})"


def sets_roc_figure(view: EnsembleView, mode: Mode = "light") -> go.Figure:
    """Draw the rejection 1/ε_b of sets and of single events against ε_s, and beneath it the ratio to the product's.

    Args:
        view: curves of single events and of sets; the exact ones are dashed.
        mode: light or dark.
    """
    palette = PALETTES[mode]
    curves = in_order(view)
    looks = _looks(curves, palette)
    traces = [_curve(curve, looks[curve.name]) for curve in curves]
    sets = [curve for curve in curves if curve.size > 1]
    ratios = [_ratio(curve, sets[0], view.n_sets, looks[curve.name]) for curve in sets[1:]]
    return compose(
        [*traces, *ratios],
        {
            "xaxis": {
                "title": {"text": "signal efficiency ε<sub>s</sub>"},
                "range": [0, 1],
                "tickformat": ".0%",
                "dtick": 0.2,
                "anchor": "y2",
            },
            "yaxis": {
                "title": {"text": "background rejection 1/ε<sub>b</sub>"},
                "type": "log",
                "range": [0, _top(view)],
                "domain": [0.36, 1],
                **LOG_TICKS,
            },
            "yaxis2": {"title": {"text": "over product's"}, "domain": [0, 0.3], "nticks": 5, **_span(ratios)},
            "shapes": [
                {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 1, "y1": 1,
                 "line": {"color": palette.ink, "width": 1}}
            ],
            "annotations": _why_empty(ratios, palette),
            "showlegend": True,
        },
        title=f"Rejection by sets of {format_count(view.size)} events and by single ones",
        notes=[
            sets_words(view).replace("N_eff", "N<sub>eff</sub>"),
            "dotted: one event" + (", dashed: exact" if view.exact else ""),
            f"ratio where {FEWEST_PASSING} or more sets of background pass",
        ],
        alt=_alt(view),
        mode=mode,
        height=HEIGHT,
        file="many-events-roc",
    )  # fmt: skip


def sets_sentence(view: EnsembleView) -> str:
    """Say whether N events at once help, and whether any network of whole sets beats the product.

    Args:
        view: curves of single events and of sets.

    Returns:
        Such as "3 events at once: AUC 0.967 ± 0.001 → 0.9994 ± 0.0001 by the product f₁→₃, and no network of whole sets
        is better: the best, f₃ set, is 0.0002 ± 0.0001 behind."
    """
    single = next(curve for curve in view.curves if curve.size == 1)
    product, *others = (curve for curve in view.curves if curve.size > 1)
    gain = f"{format_count(view.size)} events at once: AUC {_written(single.auc)} → {_written(product.auc)}"
    said = [f"{gain} by the product {set_symbol(product.symbol)}{_best(others)}."]
    for exact in view.exact:
        if exact.size > 1:
            behind = Estimate(-exact.behind.value, exact.behind.error)
            said.append(f"The exact likelihood ratio reaches {_written(exact.auc)}; the product is {_place(behind)}.")
    return " ".join(said)


def _best(others: Sequence[Curve]) -> str:
    """Compare the best network of whole sets with the product."""
    if not others:
        return ""
    best = min(others, key=lambda curve: curve.behind.value)
    name, behind = set_symbol(best.symbol), best.behind
    if isnan(behind.error):
        return f" so far; the best network of whole sets, {name}, is {_place(behind)}"
    if behind.value < -SIGMAS * behind.error:
        ahead = difference_words(Estimate(-behind.value, behind.error))
        return f", but {name}, a network of whole sets, is {ahead} better: f₁ has not learnt all it can"
    return f", and no network of whole sets is better: the best, {name}, is {_place(behind)}"


def _place(behind: Estimate) -> str:
    """Say how far behind or ahead something is, and whether errors allow it to be level."""
    away = f"{difference_words(Estimate(abs(behind.value), behind.error))} {'behind' if behind.value >= 0 else 'ahead'}"
    return f"level with it within errors ({away})" if abs(behind.value) <= SIGMAS * behind.error else away


def _written(estimate: Estimate) -> str:
    return format_number(estimate.value, estimate.error)


def _looks(curves: Sequence[Curve], palette: Palette) -> dict[str, str]:
    names = [name for name in dict.fromkeys(curve.name for curve in curves) if name != "exact"]
    return {name: network_colour(names, name, palette) for name in names} | {"exact": palette.muted}


def _rejection(curve: Curve) -> NDArray[np.float64]:
    passed = np.where(curve.roc.background_efficiency > 0, curve.roc.background_efficiency, np.nan)
    return np.asarray(1 / passed, np.float64)


def _curve(curve: Curve, colour: str) -> dict[str, Any]:
    is_exact, single = curve.name == "exact", curve.size == 1
    name = f"exact, {curve.size}" if is_exact else set_symbol(curve.symbol)
    dash = "6px,3px" if is_exact else "2px,2px" if single else "solid"
    first = curve.name == "product" and not single
    return {
        "type": "scatter",
        "mode": "lines",
        "x": curve.roc.signal_efficiency,
        "y": _rejection(curve),
        "line": {"color": colour, "width": 3 if first else 1.8, "dash": dash},
        "name": name,
        "hovertemplate": f"{name}, AUC {_written(curve.auc)}<br>ε<sub>s</sub> = %{{x:.1%}}<br>"
        "1/ε<sub>b</sub> = %{y:.3g}<extra></extra>",
    }


def _ratio(curve: Curve, product: Curve, n_sets: int, colour: str) -> dict[str, Any]:
    """Return the rejection over that of the product, where enough sets of background pass both."""
    least = 2 * FEWEST_PASSING / max(n_sets, 1)
    enough = np.minimum(curve.roc.background_efficiency, product.roc.background_efficiency) >= least
    ratio = np.where(enough, _rejection(curve) / _rejection(product), np.nan)
    name = set_symbol(curve.symbol)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": curve.roc.signal_efficiency,
        "y": ratio,
        "yaxis": "y2",
        "line": {"color": colour, "width": 1.5, "dash": "6px,3px" if curve.name == "exact" else "solid"},
        "name": name,
        "showlegend": False,
        "hovertemplate": f"{name} over product: %{{y:.3f}}<extra></extra>",
    }


def _span(ratios: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the range of the ratios, from 0 to 2 at most."""
    measured = np.concatenate([[1.0], *map(_below_all, ratios)])
    measured = measured[np.isfinite(measured)]
    low, high = max(float(measured.min()), 0.0), min(float(measured.max()), 2.0)
    margin = 0.08 * (high - low) + 0.01
    return {"range": [low - margin, high + margin]}


def _why_empty(ratios: Sequence[Mapping[str, Any]], palette: Palette) -> list[dict[str, Any]]:
    """Say in the lower panel why it has no ratio, or none but where nearly all signal passes; nothing if it has one."""
    if any(np.isfinite(_below_all(each)).any() for each in ratios):
        return []
    said = f"no ratio: fewer than {FEWEST_PASSING} sets of background<br>pass at every ε<sub>s</sub> below 99 %"
    if not ratios:
        said = "no ratio: only the product was trained"
    where = {"xref": "x domain", "x": 0.5, "yref": "y2 domain", "y": 0.75, "showarrow": False}
    return [{"text": said, **where, "font": {"color": palette.muted, "size": 12}}]


def _below_all(ratio: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return a ratio below a signal efficiency of 99 %, above which all are 1."""
    return np.asarray(ratio["y"], np.float64)[np.asarray(ratio["x"]) < 0.99]


def _top(view: EnsembleView) -> float:
    """Return the largest rejection that is drawn, as a power of ten: one where a few sets still pass."""
    drawn = np.concatenate([_rejection(c)[c.roc.signal_efficiency >= 0.02] for c in (*view.curves, *view.exact)])
    measured = drawn[np.isfinite(drawn)]
    most = min(float(measured.max(initial=2.0)), max(view.n_sets / 2, 10.0))
    top = float(np.log10(most)) + 0.1
    return top if abs(top - round(top)) > 0.15 else round(top) + 0.15  # no label right beneath the legend


def _alt(view: EnsembleView) -> str:
    areas = ", ".join(f"{set_symbol(c.symbol)} {_written(c.auc)}" for c in view.curves)
    exact = "".join(f", exact for {c.size} {_written(c.auc)}" for c in view.exact)
    return f"Background rejection against signal efficiency on {sets_words(view)}; AUC: {areas}{exact}."

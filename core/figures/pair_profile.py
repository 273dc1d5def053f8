"""One pair of variables, event by event and in bins: a sample of events, and how the one moves with the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.events.table import Column, EventClass
from core.figures.pair_axes import Range, axis_layout, class_words, left_out_words, span, union, window
from core.figures.palette import PALETTES, Mode, Palette, faint
from core.figures.style import compose
from core.figures.words import axis_title, key, plain, symbol
from core.information.pointwise import Axis, PairMap
from core.information.profile import PairSample, Profile
from core.numbers import format_count, format_number

Floats = NDArray[np.float64]

HEIGHT = 300
SPREAD = 0.6
"""Share of its cell over which the events of one whole number are spread."""
PADDING = 0.05
TURNS = ((np.sqrt(5) - 1) / 2, np.sqrt(2) - 1)
"""Steps of two sequences that fill a plane evenly."""


def scatter_figure(
    sample: PairSample, pair: PairMap, mode: Mode = "light", beside: Sequence[PairMap] = ()
) -> go.Figure:
    """Draw a sample of the events of one class.

    Args:
        sample: the events.
        pair: the maps of the pair, whose axes are used.
        mode: light or dark.
        beside: maps of other classes drawn beside this one; axes then suit all of them.
    """
    palette, seen = PALETTES[mode], window([pair, *beside])
    x, y = symbol(pair.x.column), symbol(pair.y.column)
    places = [
        _spread(values, axis, turn)
        for values, axis, turn in zip((sample.x, sample.y), (pair.x, pair.y), TURNS, strict=True)
    ]
    n = len(sample.x)
    notes = [class_words(sample.event_class, sample.n_events), f"{format_count(n)} of them, drawn {_how(sample)}"]
    traces = [_points(sample, places, ~sample.is_negative, _colour(sample.event_class, palette), pair)]
    if sample.is_negative.any():
        traces.append(_points(sample, places, sample.is_negative, palette.ink, pair) | {"name": "negative weight"})
        traces[-1]["marker"] = {"color": palette.ink, "size": 6, "symbol": "x-thin-open", "opacity": 0.8}
        notes.append(key(palette.ink, "negative weight", "×"))
    if pair.x.discrete or pair.y.discrete:
        notes.append("few values are spread out, so that no event hides another")
    notes.append(left_out_words(sample.n_left_out, sample.n_events))
    return compose(
        traces,
        {
            "showlegend": False,
            "xaxis": axis_layout(pair.x.column, seen.x, seen.x_values),
            "yaxis": axis_layout(pair.y.column, seen.y, seen.y_values),
        },
        title=f"Some events: {y} against {x}",
        notes=notes,
        alt=f"{format_count(n)} events as points, {plain(y)} against {plain(x)}.",
        mode=mode,
        height=HEIGHT,
        file=f"{pair.x.column.name}-{pair.y.column.name}-events-{sample.event_class}",
    )


def profile_figure(profile: Profile, mode: Mode = "light", beside: Sequence[Profile] = ()) -> go.Figure:
    """Draw mean, median and central 68 % of one variable in bins of the other.

    Args:
        profile: the conditional distribution.
        mode: light or dark.
        beside: profiles of other classes drawn beside this one; axes then suit all of them.
    """
    palette = PALETTES[mode]
    colour = _colour(profile.event_class, palette)
    x, y = symbol(profile.x), symbol(profile.y)
    across = union([_across(each) for each in (profile, *beside)])
    up = union([_reach(each) for each in (profile, *beside)])
    known = np.flatnonzero(np.isfinite(profile.mean))
    missing = len(profile.mean) - len(known)
    return compose(
        [_band(profile, colour), _medians(profile, palette), _means(profile, colour)],
        {
            "showlegend": False,
            "bargap": 0,
            "xaxis": axis_layout(profile.x, across, _values([profile, *beside])),
            "yaxis": {"title": {"text": axis_title(profile.y)}, "range": list(up), "nticks": 6},
        },
        title=f"How {y} moves with {x}",
        notes=[
            class_words(profile.event_class, profile.n_events - profile.n_left_out, profile.n_effective),
            key(colour, "mean ± its error", "●"),
            key(palette.ink, "median", "–"),
            key(colour, "central 68 %", "▒"),
            "empty: negative weights cancel the others" if missing else "",
            left_out_words(profile.n_left_out, profile.n_events),
        ],
        alt=_profile_alt(profile, known),
        mode=mode,
        height=HEIGHT,
        file=f"{profile.y.name}-in-{profile.x.name}-{profile.event_class}",
    )


def _colour(event_class: EventClass, palette: Palette) -> str:
    return {"signal": palette.signal, "background": palette.background}.get(event_class, palette.muted)


def _how(sample: PairSample) -> str:
    return "in proportion to |w|" if sample.is_weighted else "evenly"


def _points(
    sample: PairSample, places: list[Floats], chosen: NDArray[np.bool_], colour: str, pair: PairMap
) -> dict[str, Any]:
    x, y = (f"{symbol(axis.column)} = %{{customdata[{i}]:.4g}} {axis.column.unit}" for i, axis in
            enumerate((pair.x, pair.y)))  # fmt: skip
    return {
        "type": "scatter",
        "mode": "markers",
        "x": places[0][chosen],
        "y": places[1][chosen],
        "customdata": np.stack([sample.x, sample.y], axis=1)[chosen],
        "marker": {"color": colour, "size": 4, "opacity": 0.45},
        "hovertemplate": f"{x}<br>{y}<extra></extra>",
    }


def _spread(values: Floats, axis: Axis, turn: float) -> Floats:
    """Spread the events of a discrete variable evenly over a part of their cell."""
    if not axis.discrete:
        return values
    shift = np.arange(len(values)) * turn % 1.0 - 0.5
    return values + SPREAD * float(np.diff(axis.edges).min()) * shift


def _across(profile: Profile) -> Range:
    return (float(profile.edges[0]), float(profile.edges[-1])) if profile.discrete else span(profile.edges)


def _values(profiles: Sequence[Profile]) -> list[float]:
    """Return the values of x where it is discrete in every class."""
    if not all(each.discrete for each in profiles):
        return []
    return sorted({float(value) for each in profiles for value in each.place if np.isfinite(value)})


def _reach(profile: Profile) -> Range:
    """Return the range along y that holds the bands and means, with some room."""
    every = np.concatenate([profile.low, profile.high, profile.mean])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    room = PADDING * (high - low) or 0.5
    return low - room, high + room


def _band(profile: Profile, colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": (profile.edges[1:] + profile.edges[:-1]) / 2,
        "width": np.diff(profile.edges),
        "base": profile.low,
        "y": profile.high - profile.low,
        "marker": {"color": faint(colour, 0.22), "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _medians(profile: Profile, palette: Palette) -> dict[str, Any]:
    """Return a line across each bin at its median."""
    gap = np.full(len(profile.median), np.nan)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.stack([profile.edges[:-1], profile.edges[1:], gap], axis=1).ravel(),
        "y": np.repeat(profile.median, 3),
        "line": {"color": palette.ink, "width": 1.2},
        "hoverinfo": "skip",
    }


def _means(profile: Profile, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": profile.place,
        "y": profile.mean,
        "error_y": {"type": "data", "array": np.nan_to_num(profile.error), "thickness": 1.4, "width": 3},
        "marker": {"color": colour, "size": 6},
        "text": [_bin_words(profile, i) for i in range(len(profile.mean))],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _bin_words(profile: Profile, i: int) -> str:
    def words(column: Column, *numbers: str) -> str:
        return f"{' to '.join(numbers)} {column.unit}".strip()

    least = 1e-9 * float(profile.edges[-1] - profile.edges[0])
    low, high = (edge if abs(edge) > least else 0.0 for edge in profile.edges[i : i + 2].tolist())
    is_single = profile.discrete or high - low <= least
    here = [format_number(float(profile.place[i]))] if is_single else [format_number(low), format_number(high)]
    return "<br>".join(
        (
            f"{symbol(profile.x)} {words(profile.x, *here)}",
            f"mean {symbol(profile.y)} {words(profile.y, format_number(profile.mean[i], profile.error[i]))}",
            f"median {words(profile.y, format_number(profile.median[i]))}",
            f"68 % from {words(profile.y, format_number(profile.low[i]), format_number(profile.high[i]))}",
        )
    )


def _profile_alt(profile: Profile, known: NDArray[np.intp]) -> str:
    x, y = plain(symbol(profile.x)), plain(symbol(profile.y))
    if not len(known):
        return f"Mean of {y} in bins of {x}: 0 bins have a positive sum of weights."
    first, last = (
        f"{format_number(profile.mean[i], profile.error[i], profile.y.unit)} at {x} = "
        f"{format_number(profile.place[i], unit=profile.x.unit)}"
        for i in (known[0], known[-1])
    )
    return f"Mean of {y} in bins of {x}: from {first} to {last}."

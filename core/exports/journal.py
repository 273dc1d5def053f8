"""Figures at the size of a journal, as PDF, SVG or PNG, by matplotlib in mplhep's style."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any, get_args

import plotly.graph_objects as go

from core.errors import DataError
from core.exports.journal_lines import draw_bars, draw_scatter
from core.exports.journal_maps import draw_contour, draw_heatmap, fit_numbers
from core.exports.journal_marks import draw_annotation, draw_legend, draw_shape, legend_entries
from core.exports.journal_panels import Panel, draw_axis, draw_ranges, fit_labels, scale_of
from core.exports.journal_spec import Spec, light_spec
from core.exports.journal_style import PIXELS, Format, Width, inches, journal_style, letters_alone
from core.exports.journal_text import caption, keys_of
from core.figures.style import alt_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS: tuple[Format, ...] = get_args(Format)
DOTS_PER_INCH = 600
"""Of PNG files, and of maps of very many cells in PDF and SVG."""
_LOCK = Lock()  # matplotlib's settings are those of the whole program
Draw = Callable[[Panel, Spec, float], None]


def journal_figure(figure: go.Figure, format: Format, *, width: Width = "column") -> bytes:
    """Draw a figure for a paper and return it as a file.

    What the screen shows is drawn again by matplotlib: in light colours, without the title and without the mark of
    an experiment. Title and notes, such as the number of events, belong to the caption of a paper and stand in the
    metadata of the file. Fonts of PDF files are embedded as TrueType, letters of SVG files are outlines, so that both
    look the same everywhere; there are no dates in them: the same figure gives the same bytes.

    Args:
        figure: from core.figures, in light or dark colours.
        format: pdf, svg or png.
        width: 86 mm, one column of a journal, or 178 mm, the whole page.

    Raises:
        DataError: the format is unknown, or something in the figure has no form in print.
    """
    if format not in FORMATS:
        raise DataError(f"unknown format {format!r}; allowed: {', '.join(FORMATS)}")
    target = BytesIO()
    with _styled():
        drawn = _drawn(light_spec(figure), width)
        drawn.savefig(target, format=format, dpi=DOTS_PER_INCH, metadata=_metadata(figure, format))
    return target.getvalue()


def printed_figure(figure: go.Figure, width: Width = "column") -> Figure:
    """Return a figure as matplotlib draws it for `journal_figure`, to look at its parts."""
    with _styled():
        return _drawn(light_spec(figure), width)


@contextmanager
def _styled() -> Iterator[None]:
    """Set matplotlib's settings, and those by which it embeds fonts, for one drawing."""
    import matplotlib as mpl
    from fontTools import subset  # type: ignore[import-untyped]

    style: Any = journal_style()
    with _LOCK, mpl.rc_context(style):
        usual, subset.Options = subset.Options, letters_alone()
        try:
            yield
        finally:
            subset.Options = usual


def figure_caption(figure: go.Figure) -> str:
    """Return what the caption of a figure in a paper should say: its title and its notes."""
    title = figure.layout.title
    return caption(title.text or "", title.subtitle.text or "")


def _metadata(figure: go.Figure, format: Format) -> dict[str, Any]:
    words = f"{figure_caption(figure)} {alt_text(figure)}"
    if format == "pdf":
        return {"Title": figure.layout.meta["file"], "Subject": words, "Creator": "Infoscope", "CreationDate": None}
    if format == "svg":
        return {"Title": figure.layout.meta["file"], "Description": words, "Creator": "Infoscope", "Date": None}
    return {"Title": figure.layout.meta["file"], "Description": words, "Software": "Infoscope"}


def _drawn(spec: Spec, width: Width) -> Figure:
    """Draw everything on paper whose height keeps the proportions of the screen, beneath the legend."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    traces, layout = spec["data"], spec["layout"]
    wide = inches(width)
    tall = (layout["height"] - layout["margin"]["t"] + 14) * wide / PIXELS[width]
    figure = Figure(figsize=(wide, tall), layout="constrained")
    FigureCanvasAgg(figure)
    panels = _panels(figure, traces, layout)
    _draw_traces(panels, traces, layout)
    draw_ranges(list(panels.values()))
    for shape in layout.get("shapes", ()):
        draw_shape(panels, shape)
    for words in layout.get("annotations", ()):
        draw_annotation(panels, words)
    _finish(panels, layout)
    keys = keys_of(layout.get("title", {}).get("subtitle", {}).get("text", ""))
    figure.set_figheight(tall + draw_legend(figure, legend_entries(traces, layout, keys)))
    _share_out(figure, list(panels.values()))
    return figure


def _share_out(figure: Figure, panels: list[Panel]) -> None:
    """Give each part its room, then fit what stands in cells and beneath them, and let it be."""
    engine: Any = figure.get_layout_engine()
    engine.execute(figure)
    turned = [fit_labels(panel) for panel in panels]
    if any(turned):
        engine.execute(figure)
    for panel in panels:
        fit_numbers(panel)
    figure.set_layout_engine(None)  # with "none" matplotlib would draw all once more, for nothing, when it saves


def _panels(figure: Figure, traces: list[Spec], layout: Spec) -> dict[str, Panel]:
    """Return the panels by the names of their vertical axes, from top to bottom; they share the horizontal one."""
    names = sorted(name.replace("axis", "") for name in layout if name.startswith("yaxis")) or ["y"]
    used = {trace.get("xaxis", "x") for trace in traces}
    if used - {"x"}:
        raise DataError(f"horizontal axes {', '.join(sorted(used))} cannot be printed; allowed: x alone")
    options = {name: layout.get(f"yaxis{name[1:]}", {}) for name in names}
    domains = {name: tuple(options[name].get("domain", (0.0, 1.0))) for name in names}
    own = sorted((name for name in names if "overlaying" not in options[name]), key=lambda name: -domains[name][0])
    grid = figure.add_gridspec(len(own), 1, height_ratios=[domains[name][1] - domains[name][0] for name in own])
    scale_x = scale_of("x", layout, traces)
    panels: dict[str, Panel] = {}
    for i, name in enumerate(own):
        shared = panels[own[0]].axes if i else None
        panels[name] = Panel(figure.add_subplot(grid[i], sharex=shared), scale_x, scale_of(name, layout, traces),
                             domains[name])  # fmt: skip
    for name in set(names) - set(own):
        below = panels[options[name]["overlaying"]]
        panels[name] = Panel(below.axes.twinx(), scale_x, scale_of(name, layout, traces), below.domain)
    for panel in panels.values():
        panel.axes.set_xscale("log" if panel.x.is_log else "linear")
        panel.axes.set_yscale("log" if panel.y.is_log else "linear")
    return panels


def _draw_traces(panels: dict[str, Panel], traces: list[Spec], layout: Spec) -> None:
    kinds: dict[str, Draw] = {"scatter": draw_scatter, "heatmap": draw_heatmap, "contour": draw_contour}
    if layout.get("barmode", "group") != "group":
        raise DataError(f"bars that {layout['barmode']} cannot be printed; allowed: group")
    bars = [(trace.get("yaxis", "y"), i) for i, trace in enumerate(traces) if trace.get("type") == "bar"]
    for i, trace in enumerate(traces):
        kind, name = trace.get("type", "scatter"), trace.get("yaxis", "y")
        if kind == "bar":
            beside = [each for each in bars if each[0] == name]
            gap, place = layout.get("bargap", 0.2), beside.index((name, i))
            draw_bars(panels[name], trace, 2 + 0.01 * i, gap, place, len(beside))
        elif kind in kinds:
            kinds[kind](panels[name], trace, 2 + 0.01 * i)
        else:
            raise DataError(f"a trace of type {kind!r} cannot be printed; allowed: {', '.join([*kinds, 'bar'])}")


def _finish(panels: dict[str, Panel], layout: Spec) -> None:
    """Write the axes: the horizontal one at the panel to which plotly ties it."""
    anchor = layout.get("xaxis", {}).get("anchor", "y")
    own = [panel for panel in panels.values() if "overlaying" not in panel.y.options]
    for name, panel in panels.items():
        axes = panel.axes
        if panel.y.options.get("visible") is False and panel.x.options.get("visible") is False:
            axes.set_axis_off()
        if panel.y.options.get("visible") is False:
            axes.yaxis.set_visible(False)
        is_over = "overlaying" in panel.y.options
        draw_axis(panel, "x", is_stacked=len(own) > 1, has_labels=name == anchor and not is_over)
        if panel.y.options.get("visible", True):
            draw_axis(panel, "y", is_stacked=len(own) > 1, has_labels=True)
        if panel.y.options.get("showline") is False and panel.x.options.get("showline") is False:
            axes.spines[:].set_visible(False)
            axes.tick_params(which="both", length=0)
        if "scaleanchor" in panel.y.options:
            axes.set_aspect("equal", adjustable="box")
    if len(own) > 1:
        own[0].axes.get_figure().align_ylabels([panel.axes for panel in own])  # type: ignore[union-attr]

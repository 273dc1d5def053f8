"""Every figure that there is can be printed, and what is printed is what is on the screen."""

import importlib
import inspect
import logging
import math
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

import core.figures
from core.exports.journal import printed_figure
from core.exports.journal_spec import floats, light_spec
from core.exports.journal_text import printed
from core.figures.abcd import closure_figure, plane_figure
from core.figures.audit import flatness_figure, score_density_figure, spurious_figure
from core.figures.compare import efficiencies_figure, passing_figure
from core.figures.event_variables import agreement_figure, information_bars, separation_bars, slices_figure
from core.figures.guide import remaining_figure, sets_gain_figure
from core.figures.objective import objective_figure
from tests.figures import test_calibration, test_disentangled, test_ensembles
from tests.figures.conftest import MASS, Draw, Results
from tests.figures.test_abcd import scores
from tests.figures.test_audit import MASS as JET_MASS
from tests.figures.test_audit import seen
from tests.figures.test_compare import spectra
from tests.figures.test_event_variables import MT2, SPECTRUM, THETA, VIEW, compared
from tests.figures.test_guide import GAIN, REMAINING

__all__ = ["scores", "seen", "spectra"]
MODULES = [
    importlib.import_module(f"core.figures.{module.name}") for module in pkgutil.iter_modules(core.figures.__path__)
]
OBJECTIVE = [{"objective": 0.1, "validation_objective": 0.2, "dependence": 0.3}]


@pytest.fixture(scope="module")
def all_figures(
    results: Results, every_figure: dict[str, Draw], scores: Any, seen: Any, spectra: Any
) -> dict[str, Draw]:
    """Name every figure there is; each takes ``mode``."""
    judged = {"A": results.evaluation, "B": results.sculpting}
    others: dict[str, Draw] = {
        "abcd plane": lambda mode: plane_figure(scores.plane(10), scores.closure(0.7, 0.4), mode),
        "abcd closure": lambda mode: closure_figure(scores.scan((0.3, 0.6, 0.9)), (0.6, 0.9), mode),
        "audit density": lambda mode: score_density_figure(seen, JET_MASS, mode),
        "audit flatness": lambda mode: flatness_figure(seen, JET_MASS, mode),
        "audit spurious": lambda mode: spurious_figure(seen, JET_MASS, 0.5, mode),
        "passing": lambda mode: passing_figure(spectra, MASS, "Baseline", mode),
        "efficiencies": lambda mode: efficiencies_figure(judged, MASS, "B", mode),
        "agreement": lambda mode: agreement_figure(compared(MT2, 0.8), 300, mode),
        "slices": lambda mode: slices_figure(SPECTRUM, THETA, mode),
        "information": lambda mode: information_bars(VIEW, mode),
        "separation": lambda mode: separation_bars(VIEW, mode),
        "remaining": lambda mode: remaining_figure(REMAINING, mode),
        "sets gain": lambda mode: sets_gain_figure(GAIN, MASS, mode),
        "objective": lambda mode: objective_figure([1], OBJECTIVE, 5, mode=mode),
    }
    families = {"calibration": test_calibration, "disentangled": test_disentangled, "ensembles": test_ensembles}
    for family, module in families.items():
        others |= {f"{family} {name}": draw for name, draw in module.FIGURES.items()}
    return every_figure | others


@pytest.fixture(scope="module")
def drawn(all_figures: dict[str, Draw]) -> Iterator[tuple[dict[str, go.Figure], set[str]]]:
    """Draw all of them, every other one dark, and note which makers were at work."""
    makers: set[str] = set()

    def noted(compose: Callable[..., go.Figure]) -> Callable[..., go.Figure]:
        def draw(*arguments: Any, **options: Any) -> go.Figure:
            frame = sys._getframe(1)
            while not frame.f_code.co_name.endswith("_figure") and frame.f_back is not None:
                frame = frame.f_back
            makers.add(f"{frame.f_globals['__name__']}.{frame.f_code.co_name}")
            return compose(*arguments, **options)

        return draw

    with pytest.MonkeyPatch.context() as patch:
        for module in MODULES:
            if hasattr(module, "compose") and not module.__name__.endswith(".style"):
                patch.setattr(module, "compose", noted(module.compose))
        modes = ("light", "dark")
        yield {name: draw(modes[i % 2]) for i, (name, draw) in enumerate(all_figures.items())}, makers


def test_no_maker_of_figures_is_left_out(drawn: tuple[dict[str, go.Figure], set[str]]) -> None:
    known = {
        f"{module.__name__}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name.endswith("_figure") and function.__module__ == module.__name__
    }
    assert known - drawn[1] == set()


def test_what_is_printed_is_what_is_drawn(
    drawn: tuple[dict[str, go.Figure], set[str]], caplog: pytest.LogCaptureFixture
) -> None:
    """Lines and symbols at the same places, the same ranges and titles, on white paper, with every letter there."""
    for name, figure in drawn[0].items():
        with caplog.at_level(logging.WARNING, "matplotlib"):
            paper = printed_figure(figure)
            paper.draw_without_rendering()
        assert caplog.records == [], name
        spec = light_spec(figure)
        panels = dict(zip(_panel_names(spec["layout"]), paper.axes, strict=False))
        assert to_hex(paper.get_facecolor()) == "#ffffff"
        for trace in spec["data"]:
            if trace["type"] == "scatter" and _is_seen(trace):
                axes = panels[trace.get("yaxis", "y")]
                assert any(_same(place, _places(trace, spec, figure)) for place in _marks(axes)), (name, trace)
        for panel, axes in panels.items():
            across = spec["layout"]["xaxis"]
            _check_axis(axes, "x", across, has_texts=across.get("anchor", "y") == panel)
            _check_axis(axes, "y", spec["layout"][f"yaxis{panel[1:]}"])
        titles = [text for axis in paper.axes for text in (axis.get_xlabel(), axis.get_ylabel())]
        for key, options in spec["layout"].items():
            if re.match("[xy]axis", key) and options.get("title", {}).get("text") and options.get("visible", True):
                assert printed(options["title"]["text"]) in titles, (name, key)


def _panel_names(layout: dict[str, Any]) -> list[str]:
    """Return the panels in the order in which they are drawn: from above, then what lies over them."""
    axes = {f"y{key[5:]}": options for key, options in layout.items() if key.startswith("yaxis")}
    own = [name for name, options in axes.items() if "overlaying" not in options]
    own.sort(key=lambda name: -axes[name].get("domain", [0, 1])[0])
    return [*own, *(name for name in axes if name not in own)]


def _is_seen(trace: dict[str, Any]) -> bool:
    mode, marker = trace.get("mode", "lines"), trace.get("marker", {})
    lines = "lines" in mode and trace.get("line", {}).get("width", 2) > 0
    return lines or ("markers" in mode and marker.get("opacity", 1) != 0)


def _places(trace: dict[str, Any], spec: dict[str, Any], figure: go.Figure) -> list[np.ndarray]:
    found = []
    for letter in "xy":
        names = spec["layout"].get(f"{letter}axis", {}).get("categoryarray")
        values = trace.get(letter)
        named = values is not None and any(isinstance(value, str) for value in values)
        found.append(floats([names.index(value) for value in values] if named else values))
    return found


def _marks(axes: Axes) -> Iterator[list[np.ndarray]]:
    for line in axes.lines:
        yield [np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)]
    for points in axes.collections:
        offsets = np.ma.filled(points.get_offsets(), np.nan)
        yield [offsets[:, 0], offsets[:, 1]]


def _same(found: list[np.ndarray], wanted: list[np.ndarray]) -> bool:
    return all(
        one.shape == other.shape and np.array_equal(one, other, equal_nan=True)
        for one, other in zip(found, wanted, strict=True)
    )


def _check_axis(axes: Axes, letter: str, options: dict[str, Any], *, has_texts: bool = True) -> None:
    is_log = options.get("type") == "log"
    assert getattr(axes, f"get_{letter}scale")() == ("log" if is_log else "linear")
    if options.get("range") and None not in options["range"]:
        wanted = [10.0**end if is_log else end for end in options["range"]]
        assert getattr(axes, f"get_{letter}lim")() == pytest.approx(wanted)
    if options.get("ticktext") is not None and options.get("showticklabels", True) and has_texts:
        labels = [label.get_text() for label in getattr(axes, f"get_{letter}ticklabels")()]
        places = floats(options["tickvals"])
        ends = sorted(getattr(axes, f"get_{letter}lim")())
        inside = [text for text, at in zip(options["ticktext"], places, strict=True) if ends[0] <= at <= ends[1]]
        assert {printed(text) for text in inside} <= set(labels)
    assert math.isfinite(sum(getattr(axes, f"get_{letter}lim")()))

"""The one look: colours that everyone can tell apart, titles, templates and toolbar."""

import json
import re
import tomllib
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest

from core.figures.palette import PALETTES
from core.figures.style import alt_text, compose, file_name, toolbar
from core.figures.words import plain
from tests.figures.conftest import Draw

FIGURES = ["histogram", "matrix", "density", "pointwise", "entropy", "spectrum", "efficiency", "roc", "losses", "runs"]
FIGURES += ["scatter", "profile", "difference", "scoreboard", "path", "map", "dendrogram", "front"]
MODES = ["light", "dark"]


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    shares = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", MODES)
def test_lines_and_text_stand_out_from_the_paper(mode) -> None:
    p = PALETTES[mode]
    assert min(contrast(p.paper, colour) for colour in (p.ink, p.muted)) >= 4.5
    assert min(contrast(p.panel, colour) for colour in (p.ink, p.muted)) >= 4.5
    assert min(contrast(p.paper, c) for c in (p.signal, p.background, *p.runs, *p.working_points)) >= 3


@pytest.mark.parametrize("mode", MODES)
def test_ordered_colours_are_ordered_in_grey(mode) -> None:
    p = PALETTES[mode]
    away = 1 if mode == "light" else -1
    greys = np.array([luminance(colour) for _, colour in p.sequential])
    assert (np.diff(greys) * away < 0).all()
    half = len(p.diverging) // 2
    arms = np.array([luminance(colour) for _, colour in p.diverging])
    assert (np.diff(arms[half:]) * away < 0).all() and (np.diff(arms[: half + 1]) * away > 0).all()
    assert (np.diff([luminance(colour) for colour in p.working_points]) > 0).all()


@pytest.mark.parametrize("mode", MODES)
def test_nothing_shared_looks_like_paper(mode) -> None:
    p = PALETTES[mode]
    assert p.sequential[0] == (0.0, p.paper)
    assert dict(p.diverging)[0.5] == p.paper


def test_colours_are_those_of_the_pages() -> None:
    config = (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    theme = tomllib.loads(config)["theme"]
    for mode in MODES:
        found, p = theme[mode], PALETTES[mode]
        assert (found["backgroundColor"], found["secondaryBackgroundColor"]) == (p.paper, p.panel)
        assert found["textColor"] == p.ink


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FIGURES)
class TestEveryFigure:
    """What all figures promise."""

    def test_is_what_plotly_accepts(self, name, mode, every_figure: dict[str, Draw]) -> None:
        spec = json.loads(every_figure[name](mode=mode).to_json())
        assert go.Figure(spec).data

    def test_says_what_is_seen(self, name, mode, every_figure: dict[str, Draw]) -> None:
        figure = every_figure[name](mode=mode)
        assert len(plain(figure.layout.title.text)) > 5
        assert re.search(r"[.%\d]", alt_text(figure)) and alt_text(figure).endswith(".")
        assert "<" not in alt_text(figure).replace("< ", "")

    def test_tells_how_many_events_or_runs(self, name, mode, every_figure: dict[str, Draw]) -> None:
        notes = plain(every_figure[name](mode=mode).layout.title.subtitle.text)
        assert re.search(r"\d+ (events|runs)|epoch \d+ of \d+", notes)

    def test_axes_have_titles_or_name_each_place(self, name, mode, every_figure: dict[str, Draw]) -> None:
        layout = every_figure[name](mode=mode).layout
        axes = [axis for key, axis in layout.to_plotly_json().items() if re.fullmatch(r"[xy]axis\d*", key)]
        assert len(axes) >= 2
        places = {"title", "ticktext", "categoryarray"}
        assert all(places & set(axis) for axis in axes if axis.get("visible", True))

    def test_lies_on_the_paper_of_its_mode(self, name, mode, every_figure: dict[str, Draw]) -> None:
        template = every_figure[name](mode=mode).layout.template
        assert template.layout.paper_bgcolor == PALETTES[mode].paper
        assert template == pio.templates[f"infoscope_{mode}"]

    def test_lines_fit_a_phone(self, name, mode, every_figure: dict[str, Draw]) -> None:
        title = every_figure[name](mode=mode).layout.title
        assert all(len(plain(line)) <= 54 for line in title.text.split("<br>"))
        assert all(len(plain(line)) <= 60 for line in title.subtitle.text.split("<br>"))


def test_text_above_the_plot_has_room_for_its_lines() -> None:
    """Each further note moves plot and legend down by one line."""

    def drawn(n: int) -> go.Figure:
        notes = [f"note {i} that fills most of a line on a phone of usual width" for i in range(n)]
        return compose([], {}, title="title", notes=notes, alt="alt.", mode="light", height=400)

    tops = [drawn(n).layout.margin.t for n in range(4)]
    assert np.diff(tops).tolist() == [16, 16, 16]
    assert all(drawn(n).layout.legend.y == pytest.approx(1 - (top - 14) / 400) for n, top in enumerate(tops))


def test_margin_of_a_figure_keeps_the_room_of_the_title() -> None:
    arguments = {"title": "title", "notes": ["note"], "alt": "alt.", "mode": "light"}
    wide = compose([], {"margin": {"r": 99}}, **arguments)
    assert wide.layout.margin.r == 99
    assert wide.layout.margin.t == compose([], {}, **arguments).layout.margin.t


def test_toolbar_exports_under_a_speaking_name() -> None:
    figure = compose([], {}, title="m<sub>J</sub> [GeV]: a/b", notes=[], alt="alt.", mode="dark")
    options = toolbar(figure)
    assert options["displaylogo"] is False
    assert options["toImageButtonOptions"]["filename"] == "mj-gev-a-b" == file_name("m<sub>J</sub> [GeV]: a/b")

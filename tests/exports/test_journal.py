"""Figures for a paper: files that are what they say, letters that are there, and errors instead of wrong drawings."""

import json
import re
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import plotly.graph_objects as go
import pytest
from matplotlib.colors import to_hex

from core.errors import DataError
from core.exports.journal import figure_caption, journal_figure, printed_figure
from core.exports.journal_panels import log_label
from core.exports.journal_spec import light_spec
from core.exports.journal_style import MILLIMETRES, Width
from core.exports.journal_text import printed
from core.figures.palette import PALETTES, Mode
from core.figures.style import compose
from core.figures.words import key

LINE = {"type": "scatter", "mode": "lines", "x": [0.0, 1.0, 2.0], "y": [1.0, 4.0, 2.0], "name": "ε<sub>b</sub> ± 1"}
LAYOUT = {
    "xaxis": {"title": {"text": "p<sub>T</sub><sup>μμ</sup> [GeV]"}, "range": [0, 2]},
    "yaxis": {"title": {"text": "1/JSD"}},
    "showlegend": True,
}


def figure(*traces: dict[str, Any], mode: Mode = "light", layout: dict[str, Any] | None = None) -> go.Figure:
    line = {"color": PALETTES[mode].runs[0], "width": 2}
    return compose(
        [{"line": line, **trace} if trace["type"] == "scatter" else trace for trace in traces or (LINE,)],
        LAYOUT | (layout or {}),
        title="Spectrum of m<sub>J</sub>",
        notes=["3,000 events", key(PALETTES[mode].signal, "signal", "▨")],
        alt="A line from 1 to 4.",
        mode=mode,
        file="spectrum",
    )


def test_a_pdf_embeds_its_letters_and_has_the_caption_but_no_date() -> None:
    content = journal_figure(figure(), "pdf")
    assert content.startswith(b"%PDF-1") and b"/FontFile2" in content and b"/Type3" not in content
    assert b"/Subtype /CIDFontType2" in content or b"/Subtype /TrueType" in content
    assert b"FiraSans" in content and b"CreationDate" not in content
    assert b"Infoscope" in content and b"spectrum" in content


def test_fonts_are_embedded_without_the_tables_that_nobody_reads_in_a_pdf() -> None:
    """Fonts in the file have outlines, and neither ligatures nor kerning; other programs keep their settings."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    usual, fonts = subset.Options, []
    for packed in re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", journal_figure(figure(), "pdf"), re.S):
        content = zlib.decompress(packed)
        if content.startswith(b"\x00\x01\x00\x00"):
            fonts.append(set(TTFont(BytesIO(content)).keys()))
    assert fonts and all({"glyf", "hmtx"} <= tables for tables in fonts)
    assert not any({"GPOS", "GSUB", "GDEF", "kern"} & tables for tables in fonts)
    assert subset.Options is usual


@pytest.mark.parametrize("width", list(MILLIMETRES))
def test_a_figure_is_as_wide_as_the_column_or_the_page(width: Width) -> None:
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", journal_figure(figure(), "pdf", width=width))
    assert box is not None and float(box[1]) / 72 * 25.4 == pytest.approx(MILLIMETRES[width], abs=0.01)
    png = journal_figure(figure(), "png", width=width)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", png[16:20])[0] == pytest.approx(MILLIMETRES[width] / 25.4 * 600, abs=1)


def test_an_svg_is_drawn_in_outlines_and_says_what_it_shows() -> None:
    content = journal_figure(figure(), "svg").decode()
    root = ElementTree.fromstring(content)
    assert "A line from 1 to 4." in "".join(root.itertext()) and "Spectrum of mJ; 3,000 events." in content
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert "1/JSD" in content and r"p$_{\mathregular{T}}^{\mathregular{μμ}}$ [GeV]" in content  # beside the outlines


def test_the_same_figure_gives_the_same_bytes_in_any_thread() -> None:
    """Settings of matplotlib are global: they are as before, and figures drawn at once do not mix."""
    before = dict(mpl.rcParams)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda mode: journal_figure(figure(mode=mode), "svg"), ("light", "dark")))
    assert found[0] == found[1]
    assert dict(mpl.rcParams) == before


def test_dark_figures_are_printed_in_the_colours_of_light_ones() -> None:
    light, dark = (json.dumps(light_spec(figure(mode=mode))).lower() for mode in ("light", "dark"))
    assert light == dark


def test_title_and_notes_are_left_to_the_caption_but_keys_of_colours_are_not() -> None:
    paper = printed_figure(figure())
    words = [text.get_text() for text in paper.legends[0].get_texts()]
    assert words == ["signal", "ε$_{\\mathregular{b}}$ ± 1"]
    assert to_hex(paper.legends[0].get_patches()[0].get_edgecolor()) == PALETTES["light"].signal.lower()
    assert figure_caption(figure()) == "Spectrum of mJ; 3,000 events."


def test_the_legend_lies_above_the_panels() -> None:
    paper = printed_figure(figure(*(LINE | {"name": f"a run with a long name {i}"} for i in range(7))))
    paper.draw_without_rendering()
    assert paper.legends[0].get_window_extent().y0 >= paper.axes[0].get_window_extent().y1
    assert paper.legends[0].get_window_extent().x1 <= paper.get_figwidth() * paper.dpi


def test_no_letter_is_missing() -> None:
    """A letter that no font has is a warning, which is an error here; a formula would show a dummy."""
    greek = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"
    signs = "± × − – — · … ⁰¹²³⁴⁵⁶⁷⁸⁹⁻ ₀₁₂₃₄₅₆₇₈₉ ≤ ≥ ≈ ∞ √ ′ ° ‰ → ℓ θ̂ ẑ z̄"
    for text in (
        greek,
        signs,
        f"<b>{greek}</b>",
        f"x<sub>{greek}</sub>",
        f"a<sup>{signs}</sup>",
        f"{signs}<sub>i</sub>",
    ):
        paper = printed_figure(figure(layout={"yaxis": {"title": {"text": text}}}))
        paper.draw_without_rendering()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("costs $5", r"costs \$5"),
        ("$a$", r"\$a\$"),
        (r"a_b^c \alpha 50 % & # {x} ~", r"a_b^c \alpha 50 % & # {x} ~"),
        ("x<sub>a$b_c{%}</sub>", r"x$_{\mathregular{a\$b\_c\{\%\}}}$"),
        ("<b>a b</b> &lt;b&gt;", r"${\mathbf{a\ b}}$ <b>"),
        (r"y<sub>^~\</sub>", r"y^~" + "\\"),
    ],
)
def test_a_name_is_never_read_as_a_formula(text: str, wanted: str) -> None:
    assert printed(text) == wanted
    printed_figure(figure(layout={"xaxis": {"title": {"text": text}}})).draw_without_rendering()


def test_log_axes_reversed_axes_and_percent_are_as_on_the_screen() -> None:
    layout = {
        "xaxis": {"range": [0, 1], "tickformat": ".0%", "dtick": 0.2},
        "yaxis": {"type": "log", "range": [3, -1], "dtick": 1},
    }
    axes = printed_figure(figure(LINE | {"y": [1.0, 10.0, 100.0]}, layout=layout)).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()][1:-1] == ["0%", "20%", "40%", "60%", "80%", "100%"]
    assert axes.get_yscale() == "log" and axes.get_ylim() == pytest.approx((1000, 0.1))
    assert [log_label(tick) for tick in (0.1, 1000.0, 1e4, 1e-5)] == ["0.1", "1000", "10⁴", "10⁻⁵"]


def test_cells_have_their_values_colours_and_numbers() -> None:
    z = [[0.0, 1.0], [None, 0.25]]
    heat = {
        "type": "heatmap", "x": ["a", "b"], "y": ["c", "d"], "z": z, "zmin": 0, "zmax": 1,
        "text": [["0", "1"], ["", "¼"]], "texttemplate": "%{text}", "colorscale": [[0, "#ffffff"], [1, "#000000"]],
        "colorbar": {"title": {"text": "nats"}},
    }  # fmt: skip
    layout = {"xaxis": {"type": "category"}, "yaxis": {"type": "category", "range": [1.5, -0.5]}}
    paper = printed_figure(figure(heat, layout=layout))
    mesh = paper.axes[0].collections[0]
    np.testing.assert_array_equal(np.ma.filled(mesh.get_array(), np.nan), [[0, 1], [np.nan, 0.25]])
    assert [to_hex(shade) for shade in mesh.to_rgba(mesh.get_array()).reshape(-1, 4)[[0, 1]]] == ["#ffffff", "#000000"]
    assert [(text.get_text(), text.get_color()) for text in paper.axes[0].texts] == [
        ("0", "black"), ("1", "white"), ("¼", "black"),
    ]  # fmt: skip
    assert [label.get_text() for label in paper.axes[0].get_yticklabels()] == ["c", "d"]
    assert paper.axes[0].get_ylim() == (1.5, -0.5)


def test_numbers_too_small_to_read_are_left_out() -> None:
    n = 40
    heat = {
        "type": "heatmap", "z": np.zeros((n, n)), "text": [["0.123"] * n] * n, "texttemplate": "%{text}",
        "colorscale": [[0, "#ffffff"], [1, "#000000"]], "showscale": False,
    }  # fmt: skip
    assert not any(text.get_visible() for text in printed_figure(figure(heat, layout={"xaxis": {}})).axes[0].texts)


def test_bars_stand_beside_each_other_with_their_errors() -> None:
    bars = [
        {"type": "bar", "x": [0, 1], "y": [1.0, 2.0], "error_y": {"array": [0.1, 0.2]}, "marker": {"color": colour}}
        for colour in ("#007a50", "#d1468f")
    ]
    axes = printed_figure(figure(*bars, layout={"xaxis": {}, "bargap": 0.2})).axes[0]
    left, right = (sorted(bar.get_x() for bar in group) for group in axes.containers if hasattr(group, "patches"))
    assert left == pytest.approx([-0.4, 0.6]) and right == pytest.approx([0.0, 1.0])
    assert len(axes.collections) == 2


@pytest.mark.parametrize(
    ("trace", "layout", "words"),
    [
        ({"type": "pie"}, {}, "trace of type 'pie'"),
        (LINE | {"xaxis": "x2"}, {"xaxis2": {}}, "axes x2"),
        (LINE | {"line": {"dash": "wavy"}}, {}, "dash 'wavy'"),
        (LINE | {"mode": "markers", "marker": {"symbol": "star"}}, {}, "symbol 'star'"),
        (LINE | {"line": {"color": "red"}}, {}, "colour 'red'"),
        (LINE | {"fill": "tonexty"}, {}, "fill 'tonexty'"),
        (LINE, {"shapes": [{"type": "circle", "x0": 0, "x1": 1, "y0": 0, "y1": 1}]}, "shape 'circle'"),
        (LINE, {"annotations": [{"text": "here", "x": 1, "y": 1, "showarrow": True}]}, "arrow to 'here'"),
        (LINE, {"xaxis": {"tickformat": ".3s"}}, "tick format '.3s'"),
        ({"type": "bar", "x": [1], "y": [1]}, {"barmode": "stack"}, "bars that stack"),
    ],
)
def test_what_has_no_form_in_print_is_refused(trace: dict[str, Any], layout: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words) + ".*allowed"):
        printed_figure(figure(trace, layout=layout))


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(DataError, match="format 'eps'; allowed: pdf, svg, png"):
        journal_figure(figure(), "eps")  # type: ignore[arg-type]

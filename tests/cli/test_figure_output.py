"""Commands that explore write their figure for a paper, for plotly or for a browser, and their table for LaTeX."""

import json
import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from core.information import information_matrix

COLUMNS = ("--columns", "mass,leaking,noise")


def test_a_matrix_is_drawn_as_it_is_printed(run, toy, data_folder: Path) -> None:
    folder = data_folder.parent
    code, _, told = run("matrix", "toy.parquet", *COLUMNS, "--bins", "6", "--figure", "m.json", "--out", "m.tex")
    assert code == 0 and "figure in m.json" in told
    truth = information_matrix(toy, ("mass", "leaking", "noise"), bins=6)
    drawn = go.Figure(json.loads((folder / "m.json").read_text()))
    assert drawn.layout.title.text == "Mutual information I"
    cells = {text for row in drawn.data[0].text for text in row} | {text for row in drawn.data[1].text for text in row}
    assert f"{truth.mi[0, 1]:.2f}" in cells
    tex = (folder / "m.tex").read_text()
    assert r"\begin{tabular}" in tex and len(re.findall(r"^    (mass|leaking) & ", tex, re.MULTILINE)) == 3


def test_figures_for_a_paper_have_the_width_that_was_asked_for(run, data_folder: Path) -> None:
    folder = data_folder.parent
    assert run("geometry", "toy.parquet", *COLUMNS, "--figure", "tree.pdf", "--figure-width", "page")[0] == 0
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", (folder / "tree.pdf").read_bytes())
    assert box is not None and float(box[1]) == pytest.approx(178 / 25.4 * 72, abs=0.1)


def test_a_pair_is_drawn_for_either_class_on_the_same_axes(run, data_folder: Path) -> None:
    assert run("pair", "toy.parquet", "mass", "leaking", "--figure", "pair.json")[0] == 0
    drawn = [
        go.Figure(json.loads((data_folder.parent / f"pair-{name}.json").read_text()))
        for name in ("signal", "background")
    ]
    assert np.allclose(drawn[0].layout.xaxis.range, drawn[1].layout.xaxis.range)
    assert [each.layout.meta["file"].rpartition("-")[2] for each in drawn] == ["signal", "background"]


def test_a_ranking_becomes_a_page_that_opens_offline(run, data_folder: Path) -> None:
    assert run("rank", "toy.parquet", "--no-joint", "--figure", "rank.html")[0] == 0
    page = (data_folder.parent / "rank.html").read_text()
    assert "Plotly.newPlot" in page and len(page) > 1_000_000
    assert not re.search(r'<script[^>]+src="http', page)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--figure", "new.eps"), "file 'new.eps'; allowed extensions: .pdf, .svg, .png, .json, .html"),
        (("--figure", "nowhere/new.pdf"), "no folder 'nowhere'"),
        (("--figure", "new.pdf", "--figure-width", "poster"), "unknown width 'poster'; allowed: column, page"),
    ],
)
def test_a_figure_that_cannot_be_written_is_refused_first(run, data_folder: Path, options, message: str) -> None:
    code, out, told = run("matrix", "toy.parquet", *options)
    assert code == 2 and out == "" and message in told
    assert not list(data_folder.parent.glob("new*"))

"""Latents, ELBO, traversals, cuts and parameter scans: each draws and says what it is given."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from math import nan

import numpy as np
import plotly.graph_objects as go
import pytest

from core.disentanglement.results import Latents, TightCut, Traversal
from core.evaluation.sculpting import Spectrum
from core.events.table import Column
from core.figures.cuts import cut_figure, cuts_sentence, is_flat
from core.figures.elbo import elbo_figure
from core.figures.latents import latents_figure, latents_sentence
from core.figures.palette import PALETTES
from core.figures.parameter_scan import ParameterCurve, parameter_figure
from core.figures.style import alt_text
from core.figures.traversal import MOST_NAMED, moved_at, shifts, traversal_figure
from core.figures.words import plain
from core.results import Estimate

COLUMNS = {"mbc": Column("mbc", "M_bc", "GeV"), "de": Column("de", "ΔE", "GeV"), "r2": Column("r2", "R_2")}
LATENTS = Latents(
    variables=("mbc", "de", "r2"),
    n_protected=1,
    n_events=4000,
    n_effective=3500.0,
    mi=np.array([[0.84, 0.1, 0.0], [0.001, 0.002, 0.001], [0.03, 0.5, 0.2]]),
    mi_error=np.full((3, 3), 0.01),
    entropy=np.array([3.1, 2.0, 1.0]),
    kl=np.array([2.0, 0.0001, 1.5]),
    sensitive=(0,),
    collapsed=(1,),
    mig=Estimate(0.26, 0.012),
)
TRAVERSAL = Traversal(
    features=("de", "r2"),
    values=np.array([-2.0, 0.0, 2.0]),
    decoded=np.array(
        [
            [[1.0, 5.0], [3.0, 5.0], [5.0, 5.0]],
            [[3.0, 5.0], [3.0, 5.0], [3.0, 5.0]],
            [[3.0, 4.0], [3.0, 5.0], [3.5, 7.0]],
        ]
    ),
    spread=np.array([4.0, 1.0]),
)
EDGES = np.linspace(5.2, 5.29, 6)
CUT = TightCut(
    "mbc", 0.995, 0.12, 40, Spectrum(EDGES, *(np.array([10.0, 8, 8, 7, 7]) * k for k in (1, 99, 1, 99))),
    Estimate(0.0046, 0.0016), 0.012,
)  # fmt: skip
HISTORY = [
    {
        "reconstruction": 12.0 - epoch,
        "index_code": 3.0 + epoch,
        "total_correlation": 0.5,
        "dimension_wise": 1.0,
        "validation_reconstruction": 12.5 - epoch,
        "validation_index_code": 3.1 + epoch,
        "validation_total_correlation": 0.6,
        "validation_dimension_wise": 1.1,
    }
    for epoch in (1, 2)
]
CURVES = [
    ParameterCurve(
        "β-TCVAE",
        (1.0, 4.0, 16.0),
        (Estimate(0.9, 0.01), Estimate(0.92, 0.02), Estimate(0.85, 0.01)),
        (Estimate(10.0, 1.0), Estimate(90.0, 200.0), Estimate(120.0, 30.0)),
        (150.0, 160.0, 170.0),
        (Estimate(0.1, 0.01), Estimate(0.2, 0.02), Estimate(0.3, 0.01)),
        ids=("a", "b", "c"),
    )
]
FIGURES: dict[str, Callable[..., go.Figure]] = {
    "latents": lambda mode: latents_figure(LATENTS, COLUMNS, mode),
    "elbo": lambda mode: elbo_figure([1, 2], HISTORY, 5, mode=mode),
    "traversal": lambda mode: traversal_figure(TRAVERSAL, LATENTS, 0, COLUMNS, 1.0, mode),
    "cut": lambda mode: cut_figure(CUT, COLUMNS["mbc"], CUT, mode),
    "parameter": lambda mode: parameter_figure(CURVES, "inverse_jsd", "β", n_runs=6, mode=mode),
}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_keeps_the_promises_of_all_figures(name, mode) -> None:
    figure = FIGURES[name](mode=mode)
    assert go.Figure(json.loads(figure.to_json())).data
    assert re.search(r"\d", alt_text(figure)) and alt_text(figure).endswith(".") and "<" not in alt_text(figure)
    title = figure.layout.title
    assert re.search(r"\d+ (events|runs)|epoch \d+ of \d+", plain(title.subtitle.text))
    assert all(len(plain(line)) <= 54 for line in title.text.split("<br>"))
    assert all(len(plain(line)) <= 60 for line in title.subtitle.text.split("<br>"))
    assert figure.layout.template.layout.paper_bgcolor == PALETTES[mode].paper
    axes = [axis for key, axis in figure.layout.to_plotly_json().items() if re.fullmatch(r"[xy]axis\d*", key)]
    assert all({"title", "categoryarray"} & set(axis) for axis in axes)


class TestLatents:
    def test_cells_are_the_information_and_collapsed_rows_are_grey(self) -> None:
        cells, grey, points = latents_figure(LATENTS, COLUMNS).data
        assert np.nan_to_num(np.array(cells.z, float), nan=-1).tolist() == [[0.84, 0.1, 0], [-1] * 3, [0.03, 0.5, 0.2]]
        assert np.isfinite(np.array(grey.z, float)).tolist() == [[False] * 3, [True] * 3, [False] * 3]
        assert cells.zmin == 0 and cells.colorscale[0][1] == PALETTES["light"].paper
        assert list(points.customdata) == [0, 0, 0, 1, 1, 1, 2, 2, 2]

    def test_the_hover_has_error_and_entropy_and_says_what_is_taken_out(self) -> None:
        hover = latents_figure(LATENTS, COLUMNS).data[2].text
        assert "I(z<sub>1</sub>; M<sub>bc</sub>) = 0.840 ± 0.010 nats" in hover[0]
        assert "H(M<sub>bc</sub>) = 3.10 nats" in hover[0]
        assert "taken out as z′" in hover[0] and "collapsed" in hover[3] and "kept for the classifier" in hover[6]

    def test_rows_name_what_is_taken_out_and_a_line_parts_the_protected(self) -> None:
        figure = latents_figure(LATENTS, COLUMNS)
        assert list(figure.layout.yaxis.categoryarray) == [
            "<b>z<sub>1</sub> z′</b>",
            "z<sub>2</sub> –",
            "z<sub>3</sub>",
        ]
        assert figure.layout.shapes[0].x0 == 0.5

    def test_the_sentence_names_holder_next_one_and_gap(self) -> None:
        assert latents_sentence(LATENTS, {"mbc": "M_bc"}) == (
            "z_1 holds M_bc: 0.840 ± 0.010 of 3.10 nats; the next, z_3, 0.030 ± 0.010. MIG 0.260 ± 0.012."
        )

    def test_a_holder_that_stays_in_is_said(self) -> None:
        assert "But z_1 is not among those that are taken out." in latents_sentence(
            replace(LATENTS, sensitive=(2,)), {}
        )

    def test_of_dimensions_alike_within_errors_the_one_taken_out_is_the_holder(self) -> None:
        mi = LATENTS.mi.copy()
        mi[2, 0] = mi[0, 0] + 0.02
        assert latents_sentence(replace(LATENTS, mi=mi), {"mbc": "M_bc"}).startswith("z_1 holds M_bc: 0.840")
        mi[2, 0] = mi[0, 0] + 0.05
        assert latents_sentence(replace(LATENTS, mi=mi), {"mbc": "M_bc"}).startswith("z_3 holds M_bc: 0.890")

    def test_no_holder_is_named_where_errors_hide_it(self) -> None:
        lost = replace(LATENTS, mi=np.full((3, 3), 0.015) * [[0.5], [0.1], [1]])
        assert latents_sentence(lost, {"mbc": "M_bc"}).startswith(
            "No latent dimension tells of M_bc: the most, z_3, 0.015 ± 0.010 of 3.10 nats."
        )

    def test_a_collapsed_latent_holds_nothing(self) -> None:
        gone = replace(LATENTS, mi=np.zeros((3, 3)), collapsed=(0, 1, 2))
        assert latents_sentence(gone, {"mbc": "M_bc"}).startswith("No latent dimension holds M_bc")


class TestElbo:
    def test_terms_are_drawn_for_training_and_validation(self) -> None:
        curves = elbo_figure([1, 2], HISTORY, 5).data
        assert list(curves[0].y) == [11, 10] and list(curves[1].y) == [11.5, 10.5]
        assert {curve.yaxis for curve in curves[:2]} == {"y"} and {curve.yaxis for curve in curves[2:]} == {"y2"}
        assert list(curves[2].y) == [4, 5]
        assert [curve.line.dash for curve in curves] == ["solid", "5px,2px"] * 4

    def test_the_note_is_minus_the_sum_of_the_validation_terms(self) -> None:
        notes = plain(elbo_figure([1, 2], HISTORY, 5).layout.title.subtitle.text)
        assert "epoch 2 of 5" in notes and f"ELBO −{10.5 + 5.1 + 0.6 + 1.1:.1f} nats" in notes

    def test_a_total_correlation_below_nought_is_explained(self) -> None:
        below = {"total_correlation": -0.2, "validation_total_correlation": -0.3}
        words = "total correlation below 0: smaller than its bias"
        assert words not in plain(elbo_figure([1, 2], HISTORY, 5).layout.title.subtitle.text)
        figure = elbo_figure([1, 2], [HISTORY[0], HISTORY[1] | below], 5)
        assert words in plain(figure.layout.title.subtitle.text)

    def test_before_the_first_epoch_it_waits(self) -> None:
        assert "no epoch is complete" in alt_text(elbo_figure([], [], 5))


class TestTraversal:
    def test_shifts_are_in_units_of_the_spread_since_zero(self) -> None:
        assert shifts(TRAVERSAL, 0).tolist() == [[-0.5, 0], [0, 0], [0.5, 0]]
        assert shifts(TRAVERSAL, 2)[2].tolist() == [0.125, 2]

    def test_the_most_moved_feature_is_first_and_values_are_interpolated(self) -> None:
        first, second = moved_at(TRAVERSAL, 2, 1.0)
        assert (first.feature, second.feature) == ("r2", "de")
        assert (first.value, first.shift, first.reach) == (6.0, 1.0, 3.0)

    def test_the_value_is_marked_and_the_most_moved_named(self) -> None:
        figure = traversal_figure(TRAVERSAL, LATENTS, 2, COLUMNS, 1.0)
        assert figure.layout.shapes[0].x0 == 1.0
        assert [curve.name for curve in figure.data if curve.showlegend][-1] == "R<sub>2</sub>"
        assert "most moved: R2 by 300 % of its spread" in alt_text(figure)
        assert MOST_NAMED >= 2

    def test_a_constant_feature_does_not_move(self) -> None:
        still = replace(TRAVERSAL, spread=np.array([0.0, 1.0]))
        assert shifts(still, 0)[:, 0].tolist() == [0, 0, 0]


class TestCuts:
    def test_the_notes_have_divergence_limit_and_events(self) -> None:
        notes = plain(cut_figure(CUT, COLUMNS["mbc"]).layout.title.subtitle.text)
        assert "JSD 0.0046 ± 0.0016 nats" in notes and "limit 0.0120" in notes
        assert "40 events of background pass, 12 % of signal" in notes

    def test_the_sentence_compares_with_the_baseline_at_the_same_cut(self) -> None:
        worse = replace(CUT, jsd_nats=Estimate(0.23, 0.01))
        assert cuts_sentence([CUT], [worse], {"mbc": "M_bc"}) == (
            "With 99.5 % of background rejected, the JSD of M_bc 0.230 ± 0.010 → 0.0046 ± 0.0016 nats (statistical "
            "limit 0.0120), 50.0 times less than the baseline's: as flat as these events can tell."
        )
        assert "baseline" not in cuts_sentence([CUT], [replace(worse, rejected=0.95)], {})

    def test_a_baseline_that_is_flat_itself_is_no_gain(self) -> None:
        assert "times less" not in cuts_sentence([CUT], [replace(CUT, jsd_nats=Estimate(0.009))], {})

    def test_flat_is_within_two_standard_deviations_of_the_limit(self) -> None:
        edge = 0.012 * (1 + 2 * (2 / 4) ** 0.5)
        assert is_flat(replace(CUT, jsd_nats=Estimate(0.999 * edge)))
        assert not is_flat(replace(CUT, jsd_nats=Estimate(1.001 * edge)))


class TestParameter:
    def test_points_have_values_errors_and_ids(self) -> None:
        points = parameter_figure(CURVES, "mig", "β", n_runs=6).data[0]
        assert list(points.x) == [1, 4, 16] and list(points.y) == [0.1, 0.2, 0.3]
        assert list(points.error_y.array) == [0.01, 0.02, 0.01]
        assert list(points.customdata) == ["a", "b", "c"]

    def test_the_limit_stands_beside_the_divergence_and_no_bar_reaches_zero(self) -> None:
        figure = parameter_figure(CURVES, "inverse_jsd", "β", n_runs=6)
        assert list(figure.data[1].y) == [150, 160, 170]
        assert figure.layout.yaxis.type == "log"
        assert all(down < each.value for down, each in zip(
            figure.data[0].error_y.arrayminus, CURVES[0].inverse_jsd, strict=True
        ))  # fmt: skip
        assert len(parameter_figure(CURVES, "auc", "β", n_runs=6).data) == 1

    def test_a_wide_axis_is_logarithmic_unless_zero_is_on_it(self) -> None:
        assert parameter_figure(CURVES, "auc", "β", n_runs=6).layout.xaxis.type == "log"
        with_zero = replace(CURVES[0], values=(0.0, 4.0, 16.0))
        assert parameter_figure([with_zero], "auc", "λ_s", n_runs=6).layout.xaxis.type is None

    def test_large_values_of_the_parameter_are_written_as_everywhere(self) -> None:
        figure = parameter_figure([replace(CURVES[0], values=(0.5, 4000.0, 2e6))], "inverse_jsd", "λ", n_runs=6)
        assert list(figure.layout.xaxis.ticktext) == ["0.5", "4000", "2.00 × 10⁶"]
        assert "λ = 4000<br>" in figure.data[0].text[1] and "e+" not in str(figure.layout.meta["alt"])
        assert list(figure.data[1].text) == ["150", "160", "170"]

    def test_a_method_without_the_parameter_goes_across(self) -> None:
        one = (Estimate(0.95),)
        baseline = ParameterCurve("Baseline", (nan,), one, (Estimate(3.0),), (90.0,), (Estimate(nan),))
        line = parameter_figure([*CURVES, baseline], "auc", "β", n_runs=7).data[1]
        assert list(line.x) == [1, 4, 16] and list(line.y) == [0.95] * 3

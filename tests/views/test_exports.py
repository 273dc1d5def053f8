"""Every figure and table of a page can be taken along, and symbols in text are set as in print."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from tests.views.driving import figures_of, finished_run, opened_at, tables_opened
from views.parts.data.roles import guessed_dataset
from views.parts.words import symbol_text

pytestmark = pytest.mark.usefixtures("quick_classifiers")


@pytest.fixture
def toy(toys_of: Callable[[int], DatasetSpec]) -> DatasetSpec:
    return toys_of(3000)


def menus_opened(app: AppTest) -> AppTest:
    """Open every export menu of the page: a menu is made when it is opened."""
    for menu in app.get("popover"):
        _, is_export, key = menu.proto.popover.id.partition("-export-")
        if is_export:
            app.session_state[f"export-{key}"] = True
    return app.run()


def offered(app: AppTest, ending: str) -> list[str]:
    return [button.key for button in app.get("download_button") if button.key.startswith(f"{ending}-")]


@pytest.mark.parametrize(("page", "tables"), [("views/ranking.py", 4), ("views/geometry.py", 3)])
def test_each_figure_and_each_table_can_be_taken_along(page: str, tables: int, toy: DatasetSpec) -> None:
    app = tables_opened(menus_opened(opened_at(page, toy)))
    assert not app.exception
    assert len(app.get("popover")) == len(figures_of(app)) == len(offered(app, "paper-pdf")) == 2
    assert len(offered(app, "csv")) == len(offered(app, "parquet")) == len(offered(app, "tex")) == tables


def test_a_menu_that_is_closed_costs_nothing_and_one_for_a_paper_has_two_widths(toy: DatasetSpec) -> None:
    app = opened_at("views/geometry.py", toy)
    tables = offered(app, "csv")
    assert offered(app, "paper-pdf") == []
    menus_opened(app)
    assert len(offered(app, "csv")) > len(tables)
    widths = [each for each in app.get("button_group") if (each.key or "").startswith("width-")]
    assert [each.options for each in widths] == [["Column, 86 mm", "Page, 178 mm"]] * 2
    widths[0].set_value("page").run()
    assert not app.exception


def test_each_histogram_can_be_taken_along(toy: DatasetSpec) -> None:
    app = opened_at("views/data.py", toy)
    app.segmented_control(key="data-view").set_value("Signal against background").run()
    menus_opened(app)
    assert not app.exception
    names = {f"csv-histogram-{name}" for name in ("mass", "leaking", "clean", "noise")}
    assert set(offered(app, "csv")) == names | {"csv-separations"}


def test_the_quality_of_the_columns_can_be_taken_along(toy: DatasetSpec) -> None:
    app = opened_at("views/data.py", toy)
    app.segmented_control(key="data-view").set_value("Quality").run()
    assert not app.exception
    assert offered(app, "csv") == ["csv-quality"]
    assert set(app.dataframe[0].value["column"]) >= {"mass", "leaking", "clean", "noise", "label", "weight"}


def test_runs_and_their_figures_can_be_taken_along_with_the_baseline_in_grey(toy: DatasetSpec) -> None:
    baseline, disco = finished_run(toy, "baseline"), finished_run(toy, "disco", lam=5.0)
    app = menus_opened(opened_at("views/runs.py", toy))
    assert not app.exception
    table, *figures = offered(app, "csv")
    assert table.startswith("csv-runs-table")
    assert figures == ["csv-runs-compared", "csv-roc-compared"]
    assert baseline != disco
    lines = {}
    for drawn in figures_of(app):
        for trace in drawn["data"]:
            name = trace.get("name", "").partition(" ")[0].strip(",:")
            if "line" in trace and trace["mode"] == "lines":
                lines[name] = trace["line"]
    assert lines["Baseline"]["color"] == "#5A636D" and lines["Baseline"]["dash"] == "4px,2px"
    assert lines["DisCo"]["color"] == "#007A50"
    app.query_params["run"] = disco
    menus_opened(app.switch_page("views/unlearn.py").run())
    assert not app.exception
    assert len(offered(app, "parquet")) == 4


def test_symbols_are_set_as_in_print() -> None:
    said = opened_at("views/data.py", guessed_dataset(str(sample_path("boosted_w")))).sidebar.markdown[0].value
    assert "protected: $m_{J}$" in said and r"$N_{\mathrm{eff}}$" in said


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("p_T^μ1", "$p_{T}^{μ1}$"),
        ("cos θ*_B", "cos $θ_{B}^{*}$"),
        ("ΔR_kT", r"$ΔR_{\mathrm{kT}}$"),
        ("x_12", "x₁₂"),
        ("jet_mass", r"jet\_mass"),
        ("a*b costs $5 [GeV]", r"a\*b costs \$5 \[GeV\]"),
        ("1 - I(score; m_J) is r_I", f"1 {chr(0x2212)} I(score; $m_{{J}}$) is $r_{{I}}$"),
    ],
)
def test_a_text_keeps_its_words_and_sets_its_symbols(title: str, text: str) -> None:
    assert symbol_text(title) == text

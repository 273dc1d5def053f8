"""Rankings, maps, histograms, evaluations and runs as tables: each number in its row and column."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.events.histograms import class_histogram
from core.events.quality import quality_report
from core.events.spec import DatasetSpec
from core.events.table import Column, EventTable, Roles
from core.information.geometry import geometry
from core.information.ranking import JointInformation, greedy, scoreboard
from core.information.relevance import relevance
from core.store.request import RunRequest
from core.store.store import Recorded, Run
from core.tables.described import to_csv, to_parquet
from core.tables.evaluation import efficiency_table, roc_table, spectrum_table
from core.tables.histograms import histogram_table, histograms_table, quality_table
from core.tables.ranking import distance_table, geometry_table, path_table, ranking_table
from core.tables.runs import history_table, runs_table

NAMES = ("leaking", "clean", "noise")
MASS = Column("mass", "m", "GeV")


@pytest.fixture(scope="module")
def events(toy_table: Callable[..., EventTable]) -> EventTable:
    return toy_table(3000)


@pytest.fixture(scope="module")
def evaluations(events: EventTable) -> dict[str, Evaluation]:
    scores = {"flat": events["clean"], "sculpted": events["leaking"]}
    return {name: evaluate(each, events, rng=np.random.default_rng(1), replicas=0) for name, each in scores.items()}


def test_a_ranking_names_what_each_variable_tells_and_when_it_is_chosen(events: EventTable) -> None:
    board, leaks = scoreboard(events, NAMES, bins=8), relevance(events, NAMES, "mass", event_class="background", bins=8)
    steps = greedy(board, "jmi", 2)
    reached = {n: JointInformation(NAMES[:n], 0.1 * n, 0.01, 0.69, 100) for n in (1, 2)}
    table = ranking_table(board, [leaks], steps, reached).set_index("variable")
    for i, name in enumerate(NAMES):
        assert table.loc[name, "I(X; label) [nats]"] == board.relevance[i]
        assert table.loc[name, "± I(X; label) [nats]"] == board.relevance_error[i]
        assert table.loc[name, "I(X; mass) [nats]"] == leaks.mi[leaks.names.index(name)]
    assert table.loc[[step.name for step in steps], "chosen as"].tolist() == [1, 2]
    assert table.loc[steps[1].name, "joint information then [nats]"] == 0.2
    assert table["chosen as"].isna().sum() == 1


def test_a_path_has_a_row_a_step_and_one_for_all_variables(events: EventTable) -> None:
    steps = greedy(scoreboard(events, NAMES, bins=8), "jmi", 2)
    reached = {1: JointInformation(NAMES[:1], 0.0, 0.01, 0.69, 100)}
    table = path_table(steps, reached, JointInformation(NAMES, 0.3, 0.02, 0.69, 100))
    assert table["added"].tolist() == [steps[0].name, steps[1].name, "all variables"]
    assert table["score [nats]"].tolist()[:2] == [step.score for step in steps]
    np.testing.assert_array_equal(table["joint_information [nats]"], [0.0, np.nan, 0.3])
    assert table["n_variables"].tolist() == [1, 2, 3]


def test_a_map_has_places_and_distances_by_name(events: EventTable) -> None:
    found = geometry(events, NAMES, bins=8)
    table = geometry_table(found).set_index("variable")
    for i, name in enumerate(NAMES):
        assert table.loc[name, ["map x", "map y"]].tolist() == found.points[i].tolist()
        assert [table.loc[name, f"D from {other}"] for other in NAMES] == found.distance[i].tolist()
    assert distance_table(found)["distance"].tolist() == [merge.distance for merge in found.merges]


def test_a_histogram_integrates_to_one_in_its_unit(events: EventTable) -> None:
    histogram = class_histogram(events, "mass")
    table = histogram_table(histogram)
    widths = table["high [GeV]"] - table["low [GeV]"]
    for name in ("signal", "background"):
        shape = histogram.shapes[name]
        assert (table[f"{name} [1/GeV]"] * widths).sum() == pytest.approx(
            (shape.density * np.diff(histogram.edges)).sum()
        )
        np.testing.assert_array_equal(table[f"{name}_error [1/GeV]"], shape.error)
    assert table["low [GeV]"].tolist() == histogram.edges[:-1].tolist()
    assert histograms_table([histogram])["separation"].tolist() == [histogram.separation]


def test_unlabelled_events_have_one_distribution(events: EventTable) -> None:
    table = histogram_table(class_histogram(events.with_roles(Roles()), "noise"))
    assert list(table) == ["low", "high", "all", "all_error"]


def test_quality_has_a_row_a_column_of_the_events() -> None:
    values = np.array([1.0, np.nan, np.inf, -999.0] * 100)
    report = quality_report(EventTable("toy", {"x": values, "one": np.ones(400)}))
    table = quality_table(report).set_index("column")
    for name in ("n_missing", "n_infinite", "n_unique", "minimum", "maximum"):
        assert table[name].tolist() == [getattr(column, name) for column in report.columns]
    assert table.loc["x", "n_missing"] == 100
    assert "missing" in table.loc["x", "findings"] and "missing" not in table.loc["one", "findings"]


def test_roc_curves_stand_one_below_the_other(evaluations: dict[str, Evaluation]) -> None:
    table = roc_table(evaluations)
    for name, evaluation in evaluations.items():
        rows = table[table["run"] == name]
        np.testing.assert_array_equal(rows["signal_efficiency"], evaluation.roc.signal_efficiency)
        np.testing.assert_array_equal(rows["background_efficiency"], evaluation.roc.background_efficiency)
    measured = table[table["background_efficiency"] > 0]
    np.testing.assert_allclose(measured["rejection"] * measured["background_efficiency"], 1)
    assert np.isinf(table["rejection"]).sum() == len(table) - len(measured)
    assert len(roc_table({})) == 0


def test_spectra_have_the_edges_of_their_own_run(evaluations: dict[str, Evaluation]) -> None:
    table = spectrum_table(evaluations, MASS)
    for name, evaluation in evaluations.items():
        rows, spectrum = table[table["run"] == name], evaluation.protected[0].spectrum
        np.testing.assert_array_equal(rows["low [GeV]"], spectrum.edges[:-1])
        np.testing.assert_array_equal(rows["high [GeV]"], spectrum.edges[1:])
        np.testing.assert_array_equal(rows["passed"], spectrum.passed)
        np.testing.assert_array_equal(rows["failed"], spectrum.failed)
        np.testing.assert_allclose(rows["passed_error"] ** 2, spectrum.passed_variance)
        np.testing.assert_allclose(rows["failed_error"] ** 2, spectrum.failed_variance)
    with pytest.raises(DataError, match="noise"):
        spectrum_table(evaluations, Column("noise", "noise"))


def test_efficiencies_have_a_row_a_bin_and_working_point(evaluations: dict[str, Evaluation]) -> None:
    found = evaluations["sculpted"].protected[0].efficiency
    table = efficiency_table(evaluations["sculpted"], MASS)
    for k, point in enumerate(found.signal_efficiencies):
        rows = table[table["signal_efficiency"] == point]
        np.testing.assert_array_equal(rows["background_efficiency"], found.background[k])
        np.testing.assert_array_equal(rows["error"], found.error[k])
        np.testing.assert_array_equal(rows["low [GeV]"], found.edges[:-1])
        assert set(rows["inclusive"]) == {found.inclusive[k]}


def run(method: str, headline: dict[str, float], **config: object) -> Run:
    spec = DatasetSpec(path="/data/toy.parquet", roles=Roles(features=NAMES, label="label", protected=("mass",)))
    request = RunRequest(method=method, dataset=spec, config={}, seed=3)
    return Run(
        f"{method}-1", 86400.0, "done", request, config, 4, 5, 100.0, 160.0, "", (), headline, stopping=False
    )  # fmt: skip


def test_runs_with_different_options_share_a_table() -> None:
    runs = [
        run("disco", {"auc": 0.8, "r50": 9.0, "jsd_nats": 0.01}, lam=200.0, hidden=(64, 64), schedule=None),
        run("baseline", {}, hidden=[8]),
    ]
    table = runs_table(runs)
    assert table["run"].tolist() == ["disco-1", "baseline-1"]
    assert table["created"][0].isoformat() == "1970-01-02T00:00:00+00:00"
    assert table["duration [s]"].tolist() == [60.0, 60.0]
    assert table.loc[0, ["auc", "r50", "jsd_nats"]].tolist() == [0.8, 9.0, 0.01] and np.isnan(table.loc[1, "auc"])
    assert table["config.hidden"].tolist() == ["64, 64", "8"]
    assert table.loc[0, "config.lam"] == 200 and np.isnan(table.loc[1, "config.lam"])
    assert table["protected"].tolist() == ["mass", "mass"] and table["seed"].tolist() == [3, 3]
    assert BytesIO(to_parquet(table)).read(4) == b"PAR1" and to_csv(table).count("\n") == 3


def test_a_history_has_a_row_an_epoch() -> None:
    history = [Recorded(1, 0.5, {"classification": 0.6}), Recorded(2, 1.0, {"classification": 0.5, "lam": 10.0})]
    table = history_table(history)
    assert table["epoch"].tolist() == [1, 2] and table["time [s]"].tolist() == [0.5, 1.0]
    assert table["classification"].tolist() == [0.6, 0.5]
    assert np.isnan(table["lam"][0]) and table["lam"][1] == 10

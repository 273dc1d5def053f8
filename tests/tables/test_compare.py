"""The front and the comparison of runs as tables: each number in its row and column."""

from collections.abc import Callable

import numpy as np
import pytest

from core.evaluation.compare import Scored, compare, passing_spectra
from core.evaluation.evaluate import evaluate
from core.events.spec import DatasetSpec
from core.events.table import Column, EventTable, Roles
from core.jobs.front import FrontPoint
from core.results import Estimate
from core.store.request import RunRequest
from core.store.store import Run
from core.tables.compare import comparison_table, differing_options, efficiencies_table, passing_table
from core.tables.described import to_parquet
from core.tables.front import front_table

MASS = Column("mass", "m", "GeV")


@pytest.fixture(scope="module")
def scored(toy_table: Callable[..., EventTable]) -> list[Scored]:
    events = toy_table(2000)
    return [
        Scored(name, events[name], events, evaluate(events[name], events, rng=np.random.default_rng(1), replicas=3))
        for name in ("leaking", "clean")
    ]


def test_a_front_has_a_row_a_point() -> None:
    point = FrontPoint("disco", 5.0, ("a", "b"), Estimate(0.8, 0.1), Estimate(9, 1), Estimate(50, 5), 600.0, True)
    table = front_table([point])
    assert table.iloc[0].tolist() == ["disco", 5, 2, "a, b", 0.8, 0.1, 9, 1, 50, 5, 600, True]
    assert to_parquet(table)[:4] == b"PAR1"
    assert len(front_table([])) == 0


def test_figures_of_merit_stand_beside_their_differences(scored: list[Scored]) -> None:
    found = compare(scored, "mass", seed=1, replicas=5)
    table = comparison_table(scored, found, "mass").set_index("run")
    for each in scored:
        judged = each.evaluation.protected[0]
        row = table.loc[each.name, ["auc", "auc_error", "r50", "jsd_nats", "jsd_nats_error", "jsd_limit_nats", "mi"]]
        assert row.tolist() == [
            each.evaluation.auc.value, each.evaluation.auc.error, each.evaluation.rejection.value,
            judged.jsd_nats.value, judged.jsd_nats.error, judged.limit_nats, judged.mi.value,
        ]  # fmt: skip
    assert table["auc_difference"].isna().tolist() == [True, False]
    assert table.loc["clean", "times_less"] == found[0].times_less.value
    assert table.loc["clean", "times_less_error"] == found[0].times_less.error
    assert table.loc["clean", "same_events"]
    assert to_parquet(table.reset_index())[:4] == b"PAR1"


def test_spectra_and_efficiencies_name_the_run_of_each_row(scored: list[Scored]) -> None:
    spectra = passing_spectra(scored, "mass")
    table = passing_table(spectra, MASS)
    for each in spectra.spectra:
        rows = table[table["run"] == each.name]
        np.testing.assert_array_equal(rows["density [1/GeV]"], each.density)
        np.testing.assert_array_equal(rows["ratio_error"], each.ratio_error)
        np.testing.assert_array_equal(rows["high [GeV]"], spectra.edges[1:])
    evaluations = {each.name: each.evaluation for each in scored}
    table = efficiencies_table(evaluations, MASS)
    for name, evaluation in evaluations.items():
        found = evaluation.protected[0].efficiency.background
        np.testing.assert_array_equal(table[table["run"] == name]["background_efficiency"], found.ravel())


def run(seed: int, lam: float, protected: tuple[str, ...] = ("mass",), task: str = "unlearn") -> Run:
    spec = DatasetSpec(path="toy.parquet", roles=Roles(features=("x",), label="label", protected=protected))
    request = RunRequest(task=task, method="disco", dataset=spec, seed=seed)
    config = {"lam": lam, "epochs": 3, "hidden": [8, 8]}
    return Run("a", 0.0, "done", request, config, 3, 3, 0.0, 1.0, "", (), {}, stopping=False)


def test_only_options_that_differ_are_listed() -> None:
    assert differing_options([run(0, 1.0), run(0, 1.0)], ["A", "B"]).empty
    table = differing_options([run(0, 1.0), run(1, 2.5, ("mass", "pt"))], ["A", "B"])
    assert table.values.tolist() == [["protected", "mass", "mass, pt"], ["seed", "0", "1"], ["λ", "1", "2.5"]]
    assert differing_options([run(0, 1.0), run(0, 1.0, task="slide")], ["A", "B"])["option"].tolist() == ["task"]

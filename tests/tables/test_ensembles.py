"""Sets of events as tables: each number in its row and column."""

import numpy as np

from core.ensembles.results import Curve, EnsembleView, InformationCurve, Regressed, RegressionView
from core.evaluation.roc import RocCurve
from core.results import Estimate
from core.tables.ensembles import (
    areas_table,
    closure_table,
    differences_table,
    information_table,
    sets_roc_table,
    ways_table,
)

ROC = RocCurve(np.array([0.5, 1.0]), np.array([0.0, 0.25]))
VIEW = EnsembleView(
    3, 100, 90.0,
    (
        Curve("product", "f_1", "Product", 1, Estimate(0.8, 0.01), Estimate(0.0, 0.0), ROC),
        Curve("set", "f_3 set", "Set", 3, Estimate(0.9, 0.02), Estimate(0.05, 0.003), ROC),
    ),
    (Curve("exact", "exact", "Exact", 3, Estimate(0.95, 0.01), Estimate(-0.001, 0.002), ROC),),
)  # fmt: skip
WAYS = RegressionView(
    "theta", 50, 400, np.array([0.1]), np.array([-1.0, 0.0, 1.0]),
    tuple(
        Regressed(name, name.title(), np.array([0.2]), Estimate(0.01 * k, 0.001), Estimate(0.1 * k, 0.002),
                  np.array([0.3 * k, np.nan]), np.array([0.01, np.nan]))
        for k, name in ((1, "likelihood"), (2, "posterior"), (3, "exact"))
    ),
    np.array([[0.0, 0.5, 0.6], [0.5, 0.0, 0.7], [0.6, 0.7, 0.0]]),
)  # fmt: skip


def test_areas_have_a_row_a_classifier_and_the_exact_one() -> None:
    table = areas_table(VIEW).set_index(["construction", "events"])
    assert (table.loc[("set", 3), "auc"], table.loc[("set", 3), "behind"]) == (0.9, 0.05)
    assert table.loc[("set", 3), "behind_error"] == 0.003
    assert table.loc[("exact", 3), "auc"] == 0.95 and table.loc[("product", 1), "auc_error"] == 0.01


def test_curves_have_a_row_a_point_and_no_background_is_an_infinite_rejection() -> None:
    table = sets_roc_table(VIEW)
    assert len(table) == 6
    rows = table[(table["construction"] == "set") & (table["events"] == 3)]
    assert rows["rejection"].tolist() == [np.inf, 4.0] and rows["signal_efficiency"].tolist() == [0.5, 1.0]


def test_ways_have_resolution_and_bias() -> None:
    row = ways_table(WAYS).set_index("way").loc["posterior"]
    assert (row["resolution"], row["bias"], row["bias_error"], row["title"]) == (0.2, 0.02, 0.001, "Posterior")


def test_closure_has_a_row_a_way_and_bin() -> None:
    table = closure_table(WAYS)
    row = table[(table["way"] == "posterior") & (table["low"] == -1.0)]
    assert (row["closure"].item(), row["high"].item()) == (0.6, 0.0)
    assert table["closure"].isna().sum() == 3


def test_each_pair_of_ways_stands_once() -> None:
    table = differences_table(WAYS).set_index(["way", "other"])["difference"]
    assert table.to_dict() == {
        ("posterior", "likelihood"): 0.5, ("exact", "likelihood"): 0.6, ("exact", "posterior"): 0.7,
    }  # fmt: skip


def test_information_stands_beside_its_exact_value() -> None:
    curve = InformationCurve(np.array([0.0, 1.0]), np.array([0.01, 0.34]), np.array([0.02, 0.03]), np.array([0, 0.35]))
    row = information_table(curve).iloc[1]
    assert (row["epsilon"], row["mi [nats]"], row["exact [nats]"]) == (1.0, 0.34, 0.35)

"""The guide's results as tables: each number in its row and column."""

import numpy as np

from core.evaluation.roc import RocCurve
from core.guide.remaining import Remaining
from core.guide.sets import SetCurve, SetsGain
from core.results import Estimate
from core.tables.guide import remaining_table, sets_gain_table


def test_a_feature_has_a_row_with_both_informations() -> None:
    found = Remaining(
        ("a", "b"), ("a", "b"), np.array([0.2, 0.1]), np.array([0.01, 0.02]), np.array([0.15, 0.05]),
        np.array([0.03, 0.04]), "m", "m", Estimate(0.1), 16, 10, 10.0,
    )  # fmt: skip
    table = remaining_table(found).set_index("feature")
    assert table.loc["b"].tolist() == [0.1, 0.02, 0.05, 0.04]


def test_a_point_of_each_curve_has_a_row() -> None:
    roc = RocCurve(np.array([0.5, 1.0]), np.array([0.0, 0.25]))
    found = SetsGain(
        "x", "x", Estimate(0.1), 1, "x", Estimate(0.1), 5, 5, (SetCurve(3, Estimate(0.9), Estimate(4.0), roc),)
    )
    table = sets_gain_table(found)
    assert table["events"].tolist() == [3, 3]
    assert table["rejection"].tolist() == [np.inf, 4.0]

"""``scan``: its table holds what was found, and nothing else."""

import math
from dataclasses import replace

from core.cli.scan import _columns
from core.jobs.front import FrontPoint
from core.results import Estimate

POINT = FrontPoint("disco", 4000.0, ("r",), Estimate(0.8, 0.01), Estimate(9.0), Estimate(90.0, 9.0), 600.0, True)


def test_figures_that_no_point_has_are_left_out() -> None:
    baseline = replace(POINT, method="baseline", value=math.nan)
    names = ["method", "λ", "runs", "AUC", "R50", "1/JSD [1/nats]", "limit", "on the front"]
    columns = _columns([baseline, POINT], "λ")
    assert list(columns) == names
    assert columns["λ"] == ["–", "4000"]
    assert "MIG" in _columns([replace(POINT, mig=Estimate(0.2, 0.01)), POINT], "λ")
    assert "λ" not in _columns([baseline], "λ")

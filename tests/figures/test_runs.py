"""Runs compared: rejection against sculpting."""

import numpy as np
import pytest

from core.figures.runs import LIMIT_OF, RunPoint, runs_figure
from core.figures.words import plain

HEADLINE = {
    "r50": 20.0,
    "r50_error": 1.0,
    "jsd_nats": 0.01,
    "jsd_nats_error": 0.002,
    "jsd_limit_nats": 0.004,
    "auc": 0.9,
}


def point(name: str, group: str = "DisCo", **changes: float) -> RunPoint:
    return RunPoint(f"id-{name}", name, group, HEADLINE | changes)


def test_places_and_identities() -> None:
    figure = runs_figure([point("a"), point("b", r50=30.0, jsd_nats=0.1)])
    runs, limits = figure.data
    np.testing.assert_allclose(runs.x, [20, 30])
    np.testing.assert_allclose(runs.y, [100, 10])
    assert list(runs.customdata) == ["id-a", "id-b"]
    np.testing.assert_allclose(limits.y, [250, 250])


def test_error_bars_are_those_of_the_logarithm() -> None:
    """To first order ± error/JSD², and never below zero on the log axis."""
    runs = runs_figure([point("a", jsd_nats_error=1e-6), point("b", jsd_nats_error=0.05)]).data[0]
    assert runs.error_y.array[0] == pytest.approx(1e-6 / 0.01**2, rel=1e-3)
    assert runs.error_y.arrayminus[0] == pytest.approx(1e-6 / 0.01**2, rel=1e-3)
    assert 0 < runs.error_y.arrayminus[1] < runs.y[1]
    assert (runs.y[1] + runs.error_y.array[1]) * (runs.y[1] - runs.error_y.arrayminus[1]) == pytest.approx(
        runs.y[1] ** 2
    )


def test_each_method_has_colour_and_symbol_of_its_own() -> None:
    groups = [
        trace
        for trace in runs_figure([point("a"), point("b", "MoDe[0]"), point("c")]).data
        if trace.customdata is not None
    ]
    assert [trace.name for trace in groups] == ["DisCo", "MoDe[0]"]
    assert len({trace.marker.symbol for trace in groups}) == len({trace.marker.color for trace in groups}) == 2


@pytest.mark.parametrize("changes", [{"r50": float("inf")}, {"jsd_nats": 0.0}, {"jsd_nats": float("nan")}])
def test_runs_off_the_axes_are_counted(changes: dict[str, float]) -> None:
    figure = runs_figure([point("a"), point("b", **changes)])
    assert list(figure.data[0].customdata) == ["id-a"]
    assert "1 run not finite" in figure.layout.title.subtitle.text


def test_runs_without_results_or_limit() -> None:
    assert runs_figure([RunPoint("id", "a", "DisCo", {})]).data == ()
    without = {
        key: value for key, value in HEADLINE.items() if key not in ("jsd_limit_nats", "jsd_nats_error", "r50_error")
    }
    (only,) = runs_figure([RunPoint("id", "a", "DisCo", without)]).data
    assert list(only.error_x.array) == [0.0]


def test_the_limit_names_the_events_that_it_is_computed_on() -> None:
    """In the notes, where lines may break; without a limit there is nothing to explain."""
    with_limit, without = (runs_figure([point("a", jsd_limit_nats=limit)]) for limit in (0.004, 0.0))
    assert LIMIT_OF in plain(with_limit.layout.title.subtitle.text.replace("<br>", " "))
    assert LIMIT_OF not in plain(without.layout.title.subtitle.text.replace("<br>", " "))

"""Loss terms against the epoch."""

import numpy as np

from core.figures.losses import losses_figure
from tests.figures.conftest import Results


def drawn(figure, axis: str) -> dict[str, np.ndarray]:
    return {t.name: np.asarray(t.y) for t in figure.data if (t.yaxis or "y") == axis}


def test_lower_panel_is_lambda_times_dependence(results: Results) -> None:
    figure = losses_figure(range(1, 7), results.history, 10)
    lower = drawn(figure, "y2")
    np.testing.assert_allclose(lower["training"], [row["lam"] * row["dependence"] for row in results.history])
    np.testing.assert_allclose(
        lower["validation"], [row["lam"] * row["validation_dependence"] for row in results.history]
    )
    ramp = drawn(figure, "y3")
    np.testing.assert_allclose(ramp["λ, up to 40"], np.array([0, 0, 10, 20, 30, 40]) / 40)


def test_without_lambda_there_is_one_panel(results: Results) -> None:
    figure = losses_figure(range(1, 7), [row | {"lam": 0.0} for row in results.history], 10)
    assert {trace.yaxis or "y" for trace in figure.data} == {"y"}
    assert figure.layout.yaxis.domain is None


def test_axis_spans_the_whole_training_from_the_first_epoch(results: Results) -> None:
    for n in (1, 6):
        assert losses_figure(range(1, n + 1), results.history[:n], 200).layout.xaxis.range == (0, 200.5)


def test_before_the_first_epoch(results: Results) -> None:
    figure = losses_figure([], [], 30)
    assert "waiting" in figure.layout.title.subtitle.text
    assert "no epoch" in figure.layout.meta["alt"]


def test_missing_scalars_are_gaps() -> None:
    figure = losses_figure(
        [1, 2], [{"classification": 0.5}, {"classification": 0.4, "validation_classification": 0.45}], 2
    )
    np.testing.assert_array_equal(drawn(figure, "y")["validation"], [np.nan, 0.45])

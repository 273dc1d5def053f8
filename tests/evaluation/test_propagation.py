"""Propagated errors: those of the bootstrap, and of repeated samples, without either."""

from collections.abc import Callable

import numpy as np
import pytest

from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.propagation import sculpting_error, separation_errors
from core.evaluation.roc import Ranking, area_under_curve, rejection_at
from core.evaluation.sculpting import Spectrum, sculpting
from core.events.table import EventTable, Roles

ROLES = Roles(label="label", weight="w")


def judged(table: EventTable, score: str, efficiency: float, replicas: int) -> Evaluation:
    rng = np.random.default_rng(3)
    return evaluate(
        table[score], table, rng=rng, signal_efficiency=efficiency, replicas=replicas, dependence=False
    )  # fmt: skip


@pytest.mark.parametrize(("score", "efficiency"), [("leaking", 0.5), ("mass", 0.8), ("clean", 0.3)])
def test_propagated_errors_are_those_of_the_bootstrap(
    toy_table: Callable[..., EventTable], score: str, efficiency: float
) -> None:
    """With weights of both signs, for scores that shape the spectrum and one that does not."""
    table = toy_table(4000)
    quick, slow = judged(table, score, efficiency, 0), judged(table, score, efficiency, 200)
    assert quick.auc.value == slow.auc.value
    assert quick.auc.error == pytest.approx(slow.auc.error, rel=0.15)
    assert quick.rejection.error == pytest.approx(slow.rejection.error, rel=0.25)
    assert quick.protected[0].jsd_nats.error == pytest.approx(slow.protected[0].jsd_nats.error, rel=0.3)


def test_errors_of_separation_are_the_spread_of_repeated_samples(rng: np.random.Generator) -> None:
    n, said, found = 2000, [], []
    for _ in range(150):
        is_signal = np.arange(n) % 2 == 1
        scores, w = rng.normal(size=n) + 1.2 * is_signal, rng.uniform(0.2, 1.8, n)
        table = EventTable("t", {"label": is_signal.astype(np.int8), "w": w}, ROLES)
        ranking = Ranking(scores, is_signal)
        said.append(separation_errors(ranking, table, 0.6))
        found.append(figures(ranking, table))
    np.testing.assert_allclose(np.mean(said, axis=0), np.std(found, axis=0), rtol=0.2)


def figures(ranking: Ranking, table: EventTable) -> tuple[float, float]:
    signal, background = ranking.efficiencies(table.weights)
    return area_under_curve(signal, background), rejection_at(signal, background, 0.6)


@pytest.mark.parametrize("tilt", [0.0, 0.02])
def test_the_error_of_sculpting_is_the_spread_of_repeated_spectra(tilt: float, rng: np.random.Generator) -> None:
    """Also where both shapes are equal, and the first order vanishes."""
    x = np.linspace(-1, 1, 40)
    expected = 50 * np.exp(tilt * 40 * x), 200 * np.ones(40)
    edges, found, said = np.arange(41.0), [], []
    for _ in range(200):
        passed, failed = (rng.poisson(each).astype(float) for each in expected)
        spectrum = Spectrum(edges, passed, failed, passed, failed)
        found.append(sculpting(spectrum))
        said.append(sculpting_error(spectrum))
    assert np.mean(said) == pytest.approx(np.std(found), rel=0.2 if tilt else 0.8)
    assert np.mean(said) > 0.9 * np.std(found)


def test_without_passing_background_the_errors_say_so() -> None:
    empty, full = np.zeros(5), np.full(5, 10.0)
    assert np.isnan(sculpting_error(Spectrum(np.arange(6.0), empty, full, empty, full)))
    is_signal = np.arange(20) % 2 == 1
    table = EventTable("t", {"label": is_signal.astype(np.int8), "w": np.ones(20)}, ROLES)
    error = separation_errors(Ranking(is_signal.astype(float), is_signal), table, 0.5)
    assert error[0] == 0 and np.isinf(error[1])

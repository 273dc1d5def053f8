"""Scores compared: differences, their errors with and without shared events, spectra in common bins, and words."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.errors import DataError
from core.evaluation.compare import Scored, compare, passing_spectra, same_events
from core.evaluation.comparison import comparison_sentence
from core.evaluation.evaluate import evaluate
from core.events.table import EventTable

Make = Callable[..., EventTable]


def scored(name: str, scores: np.ndarray, events: EventTable, replicas: int = 30) -> Scored:
    found = evaluate(scores, events, rng=np.random.default_rng(5), replicas=replicas, dependence=False)
    return Scored(name, np.asarray(scores, np.float64), events, found)


@pytest.fixture(scope="module")
def pair(toy_table: Make) -> tuple[Scored, Scored]:
    events = toy_table(4000)
    return scored("sculpting", events["leaking"], events), scored("flat", events["clean"], events)


def test_values_are_those_of_the_evaluations(pair: tuple[Scored, Scored]) -> None:
    first, other = pair
    (found,) = compare([first, other], "mass", seed=1)
    assert found.same_events and found.name == "flat"
    assert found.auc.value == other.evaluation.auc.value - first.evaluation.auc.value
    assert found.rejection.value == other.evaluation.rejection.value - first.evaluation.rejection.value
    own, reference = (each.evaluation.protected[0].jsd_nats.value for each in (other, first))
    assert found.jsd.value == own - reference < 0
    assert found.times_less.value == pytest.approx(reference / own)


def test_errors_of_shared_events_are_the_spread_of_the_difference_itself(pair: tuple[Scored, Scored]) -> None:
    """Oracle: each replica evaluated in full by ``evaluate`` of the whole program, on resampled weights."""
    first, other = pair
    (found,) = compare([first, other], "mass", seed=1, replicas=40)
    rng, differences = np.random.default_rng(1), []
    for _ in range(40):
        weights = first.events.weights * rng.poisson(1.0, first.events.n_events)
        resampled = EventTable("toy", {**first.events.columns, "weight": weights}, first.events.roles)
        a, b = (evaluate(s.scores, resampled, rng=rng, replicas=0, dependence=False) for s in pair)
        differences.append((b.auc.value - a.auc.value, b.rejection.value - a.rejection.value))
    spread = np.std(differences, axis=0)
    assert found.auc.error == pytest.approx(spread[0], rel=1e-6)
    assert found.rejection.error == pytest.approx(spread[1], rel=1e-6)


def test_the_same_score_twice_differs_by_nothing(pair: tuple[Scored, Scored]) -> None:
    first, _ = pair
    (found,) = compare([first, replace(first, name="again")], "mass", seed=1)
    assert found.auc.value == found.auc.error == 0
    assert found.times_less.value == 1
    assert found.times_less.error == pytest.approx(0, abs=1e-7)


def test_errors_of_other_events_add_in_quadrature(pair: tuple[Scored, Scored], toy_table: Make) -> None:
    first, events = pair[0], toy_table(4000, seed=2)
    other = scored("elsewhere", events["leaking"], events)
    assert not same_events(first.events, other.events)
    (found,) = compare([first, other], "mass", seed=1)
    assert not found.same_events
    a, b = first.evaluation, other.evaluation
    assert found.auc.error == pytest.approx(np.hypot(a.auc.error, b.auc.error))
    one, two = a.protected[0].jsd_nats, b.protected[0].jsd_nats
    relative = np.hypot(one.error / one.value, two.error / two.value)
    assert found.times_less.error == pytest.approx(found.times_less.value * relative)


def test_events_in_another_order_are_not_the_same(toy_table: Make) -> None:
    events = toy_table(300)
    assert same_events(events, toy_table(300))
    assert not same_events(events, events.take(np.arange(300)[::-1]))
    assert not same_events(events, events.take(np.arange(299)))
    assert not same_events(events, events.with_roles(events.roles.model_copy(update={"protected": ("noise",)})))


def test_spectra_stand_in_the_bins_of_the_first_run_at_unit_area(pair: tuple[Scored, Scored]) -> None:
    found = passing_spectra(pair, "mass")
    first, other = found.spectra
    np.testing.assert_array_equal(found.edges, pair[0].evaluation.protected[0].spectrum.edges)
    for each in (found.every, first.density, other.density):
        assert (each * np.diff(found.edges)).sum() == pytest.approx(1)
    filled = first.density > 0
    np.testing.assert_allclose(first.ratio[filled], 1)
    np.testing.assert_allclose(first.ratio_error[filled], 0, atol=1e-6)
    np.testing.assert_allclose(other.ratio[filled], other.density[filled] / first.density[filled])


def test_the_error_of_a_ratio_knows_the_events_in_both(toy_table: Make) -> None:
    """Two cuts that share most events: the ratio's true spread over many samples is far below that in quadrature."""
    ratios, errors, naive = [], [], []
    for seed in range(60):
        events = toy_table(2000, seed=seed + 10)
        events = EventTable("toy", {**events.columns, "weight": np.ones(2000)}, events.roles)
        a = scored("a", events["clean"], events, 0)
        b = Scored("b", a.scores + 0.05 * events["noise"], events, a.evaluation)
        coarse = replace(a.evaluation.protected[0].spectrum, edges=np.array([50.0, 80.0, 120.0]))
        judged = replace(a.evaluation.protected[0], spectrum=coarse)
        first = replace(a, evaluation=replace(a.evaluation, protected=(judged,)))
        found = passing_spectra([first, b], "mass").spectra[1]
        ratios.append(found.ratio[0])
        errors.append(found.ratio_error[0])
        naive.append(np.sqrt(2) * found.error[0] / found.density[0])
    assert np.std(ratios) < np.mean(errors) * 1.5 < np.mean(naive)


def test_words_say_what_is_significant_and_nothing_else(pair: tuple[Scored, Scored]) -> None:
    first, other = pair
    (found,) = compare([first, other], "mass", seed=1)
    words = comparison_sentence(first, other, found, "mass", "m")
    assert words.startswith("Beside sculpting, flat has ")
    assert "background rejection at 50 % signal efficiency and sculpts m " in words
    assert words.rstrip(".").endswith(("times less", "times less: as flat as these events can tell"))
    (back,) = compare([other, first], "mass", seed=1)
    assert "times more" in comparison_sentence(other, first, back, "mass", "m")
    (same,) = compare([first, replace(first, name="again")], "mass", seed=1)
    words = comparison_sentence(first, replace(first, name="again"), same, "mass", "m")
    assert "the same background rejection" in words and "no differently" in words


def test_what_one_run_was_not_judged_on_is_said(pair: tuple[Scored, Scored]) -> None:
    first, other = pair
    (found,) = compare([first, other], "noise", seed=1, replicas=5)
    assert np.isnan(found.jsd.value)
    assert "was judged on noise" in comparison_sentence(first, other, found, "noise", "noise")
    with pytest.raises(DataError, match="no score was judged on 'noise'"):
        passing_spectra(pair, "noise")
    with pytest.raises(DataError, match="at least two"):
        compare([first], "mass", seed=1)

"""The whole evaluation of a score, and the words about it."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.verdict import flatness, verdict
from core.events.table import EventTable, Roles
from core.numbers import format_number, format_percent
from core.results import from_json, to_json


@pytest.fixture
def events(toy_table: Callable[..., EventTable]) -> EventTable:
    return toy_table(6000)


def test_an_independent_score_is_flat_and_a_copy_of_the_mass_is_not(
    events: EventTable, rng: np.random.Generator
) -> None:
    independent = evaluate(events["clean"], events, rng=rng).protected[0]
    copy = evaluate(events["mass"], events, rng=rng).protected[0]
    assert flatness(independent)
    assert not flatness(copy)
    assert independent.dcorr < 0.01
    assert copy.dcorr > 0.9
    assert abs(independent.mi.value) < 4 * independent.mi.error + 0.01
    assert copy.mi.value > 1


def test_standard_errors_are_those_of_repeated_samples(toy_table: Callable[..., EventTable]) -> None:
    """The spread of AUC, rejection and JSD over fifty samples is what the bootstrap says of one."""

    def judge(seed: int, replicas: int) -> Evaluation:
        table = toy_table(3000, seed=seed)
        return evaluate(table["leaking"], table, rng=np.random.default_rng(seed), replicas=replicas)

    sample = [judge(seed, 0) for seed in range(50)]
    one = judge(99, 100)
    assert one.auc.error == pytest.approx(np.std([e.auc.value for e in sample]), rel=0.35)
    assert one.rejection.error == pytest.approx(np.std([e.rejection.value for e in sample]), rel=0.5)
    assert one.protected[0].jsd_nats.error == pytest.approx(
        np.std([e.protected[0].jsd_nats.value for e in sample]), rel=0.5
    )


def test_results_survive_json(events: EventTable, rng: np.random.Generator) -> None:
    found = evaluate(events["leaking"], events, rng=rng, replicas=0)
    back = from_json(Evaluation, to_json(found))
    assert back.auc.value == found.auc.value
    assert back.protected[0].jsd_nats == found.protected[0].jsd_nats
    assert np.isnan(back.protected[0].mi.error) == np.isnan(found.protected[0].mi.error)
    np.testing.assert_array_equal(back.protected[0].spectrum.passed, found.protected[0].spectrum.passed)
    np.testing.assert_array_equal(back.roc.background_efficiency, found.roc.background_efficiency)


def test_results_stored_before_there_were_values_still_load(events: EventTable, rng: np.random.Generator) -> None:
    stored = json.loads(to_json(evaluate(events["leaking"], events, rng=rng, replicas=0, dependence=False)))
    for part in ("spectrum", "efficiency"):
        assert stored["protected"][0][part].pop("values") == []
    judged = from_json(Evaluation, json.dumps(stored)).protected[0]
    assert len(judged.spectrum.values) == len(judged.efficiency.values) == 0


def test_a_year_has_one_bin_a_value_and_a_limit_of_three_bins(events: EventTable, rng: np.random.Generator) -> None:
    year = rng.choice([2016, 2017, 2018], events.n_events)
    roles = events.roles.model_copy(update={"protected": ("year",)})
    table = EventTable("toy", {**events.columns, "year": year}, roles)
    judged = evaluate(events["clean"], table, rng=rng, replicas=5).protected[0]
    assert judged.spectrum.values.tolist() == judged.efficiency.values.tolist() == [2016, 2017, 2018]
    assert judged.spectrum.passed.shape == (3,) and judged.efficiency.background.shape == (5, 3)
    background = ~events.is_signal
    w = events.weights[background]
    passes = events["clean"][background] >= evaluate(events["clean"], events, rng=rng, replicas=0).threshold
    per_bin = sum(np.square(w[side]).sum() / w[side].sum() ** 2 for side in (passes, ~passes)) / 8
    assert judged.limit_nats == pytest.approx(2 * per_bin)
    assert flatness(judged)
    copy = evaluate(year + 0.01 * rng.normal(size=len(year)), table, rng=rng, replicas=5).protected[0]
    assert not flatness(copy)


def test_headline_is_of_the_worst_protected_variable(events: EventTable, rng: np.random.Generator) -> None:
    both = events.with_roles(Roles(label="label", protected=("noise", "mass"), weight="weight"))
    found = evaluate(both["leaking"], both, rng=rng)
    assert found.headline()["jsd_nats"] == found.protected[1].jsd_nats.value
    assert found.headline()["jsd_bits"] == pytest.approx(found.headline()["jsd_nats"] / np.log(2))


def test_the_verdict_states_both_figures_and_whether_it_is_flat(events: EventTable, rng: np.random.Generator) -> None:
    baseline, clean = (evaluate(events[name], events, rng=rng) for name in ("mass", "clean"))
    words = verdict(clean, baseline)
    assert words.startswith(f"Background rejection at {format_percent(0.5)} signal efficiency")
    assert words.count("→") == 3
    assert "as flat as these events can tell" in words
    jsd, limit = baseline.protected[0].jsd_nats, baseline.protected[0].limit_nats
    excess = format_number(jsd.value / limit, jsd.error / limit)
    assert f"the cut still shapes the background, {excess} times what statistics" in verdict(baseline)
    assert "±" in excess


def test_unusable_tables_are_refused(events: EventTable, rng: np.random.Generator) -> None:
    unprotected = events.with_roles(Roles(label="label"))
    with pytest.raises(DataError, match="no protected variable"):
        evaluate(events["clean"], unprotected, rng=rng)
    with pytest.raises(DataError, match="only one class"):
        evaluate(events["clean"][::2], events.take(np.arange(0, 6000, 2)), rng=rng)

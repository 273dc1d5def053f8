"""The audit: what passes, what fails, and what it says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from core.audit.audit import audit
from core.audit.audited import Audit
from core.audit.findings import DEFINITIONS
from core.errors import DataError
from core.evaluation.sculpting import sculpting, spectrum_edges, split_spectrum
from core.events.table import EventTable, Roles
from core.events.toys import sculpting_toy
from core.results import from_json, to_json


def audited(events: EventTable, column: str, seed: int = 2, **options: float) -> Audit:
    score = expit(np.asarray(events[column], np.float64) - np.mean(events[column]))
    return audit(score, events, rng=np.random.default_rng(seed), permutations=30, **options)  # type: ignore[arg-type]


def with_columns(events: EventTable, **columns: np.ndarray) -> EventTable:
    weight = "w" if "w" in columns else None
    return replace(
        events,
        columns={**events.columns, **columns},
        roles=events.roles.model_copy(update={"weight": weight}),
    )


@pytest.fixture(scope="module")
def events() -> EventTable:
    return sculpting_toy(8000, np.random.default_rng(1))


@pytest.fixture(scope="module")
def found(events: EventTable) -> dict[str, Audit]:
    return {
        name: audit(
            expit((events[name] - events[name].mean()) / 9), events, rng=np.random.default_rng(2), permutations=50
        )
        for name in ("clean", "proxy", "m")
    }


@pytest.mark.parametrize("seed", range(6))
def test_an_independent_score_passes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    events = sculpting_toy(4000, rng)
    w = rng.uniform(0.5, 1.5, 4000) * rng.choice([1.0, -1.0], 4000, p=[0.95, 0.05])
    result = audited(with_columns(events, w=w) if seed % 2 else events, "clean")
    assert result.passed and "found nothing" in result.verdict()


def test_the_mass_itself_fails_every_test(found: dict[str, Audit]) -> None:
    judged = [finding for finding in found["m"].findings if finding.name != "S/√B in the peak"]
    assert len(judged) == 6
    assert all(finding.passed is False for finding in judged)
    assert all(finding.adjusted_p_value < 0.05 for finding in judged)


def test_a_failure_is_told_with_numbers_and_errors(found: dict[str, Audit]) -> None:
    verdict = found["proxy"].verdict()
    assert verdict.startswith("The score failed 6 of 6 tests")
    information = found["proxy"].variables[0].information.estimate
    for part in (f"{information.value:.2f}", "nats", "bits", "±", "p < 10⁻⁶", "4,000 events", "σ", "χ²/ndf"):
        assert part in verdict


def test_every_finding_has_a_definition_and_the_same_events_the_same_audit(events: EventTable) -> None:
    first, second = (audited(events, "clean") for _ in range(2))
    assert [finding.name for finding in first.findings] == list(DEFINITIONS)
    assert to_json(first) == to_json(second)


def test_json_brings_it_back(found: dict[str, Audit]) -> None:
    text = to_json(found["clean"])
    again = from_json(Audit, text)
    assert to_json(again) == text
    assert again.verdict() == found["clean"].verdict()


def test_figures_are_those_of_held_out_background_at_the_cut(events: EventTable, found: dict[str, Audit]) -> None:
    result, background = found["proxy"], ~events.is_signal
    score, m = expit((events["proxy"] - events["proxy"].mean()) / 9), np.asarray(events["m"])
    passes = score >= result.threshold
    assert np.mean(passes[events.is_signal]) == pytest.approx(0.5, abs=1e-3)
    truth = sculpting(split_spectrum(m[background], passes[background], np.ones(4000), spectrum_edges(m[background])))
    assert result.variables[0].sculpting.jsd_nats.value == pytest.approx(truth)
    assert result.n_background == 4000 and result.n_effective == 4000
    assert [flat.signal_efficiency for flat in result.variables[0].flatness] == [0.3, 0.5, 0.7, 0.9]


def test_events_without_m_are_left_out(events: EventTable) -> None:
    m = np.where(np.arange(8000) % 4 < 2, np.asarray(events["m"]), np.nan)
    part = audited(with_columns(events, m=m), "clean").variables[0]
    kept = audited(events.take(np.arange(8000) % 4 < 2), "clean").variables[0]
    assert (part.n_missing, part.n_background) == (4000, 2000)
    assert part.dcorr.estimate.value == pytest.approx(kept.dcorr.estimate.value, rel=0.2)


def test_a_signal_without_m_leaves_the_tests_of_the_background(events: EventTable) -> None:
    result = audited(with_columns(events, m=np.where(events.is_signal, np.nan, np.asarray(events["m"]))), "clean")
    judged = {finding.name: finding for finding in result.findings}
    assert judged["Information"].passed and judged["Flat efficiency"].passed
    assert judged["Spurious signal"].passed is None and result.variables[0].peak is None
    assert "0 signal events" in judged["S/√B in the peak"].words


def test_equal_weights_are_no_weights(events: EventTable) -> None:
    plain, weighted = (audited(each, "proxy") for each in (events, with_columns(events, w=np.full(8000, 0.25))))
    for a, b in zip(plain.variables, weighted.variables, strict=True):
        assert b.information == a.information and b.dcorr == a.dcorr
        assert b.spurious is not None and a.spurious is not None
        assert b.spurious.significance == pytest.approx(a.spurious.significance, rel=1e-3)
        assert b.flatness[0].chi2 == pytest.approx(a.flatness[0].chi2)


def test_a_year_is_judged_by_value_and_has_no_peak(events: EventTable) -> None:
    year = np.random.default_rng(4).choice([2016.0, 2017.0, 2018.0], 8000)
    shifted = events["clean"] + (year - 2017)
    table = with_columns(events, m=year, clean=np.asarray(events["clean"]), shifted=shifted)
    free, bound = audited(table, "clean"), audited(table, "shifted")
    assert free.passed and not bound.passed
    judged = {finding.name: finding.passed for finding in bound.findings}
    assert [judged[name] for name in ("Information", "Distance correlation", "Sculpting", "Flat efficiency")] == [
        False
    ] * 4
    assert judged["Spurious signal"] is None and judged["Information, neighbours"] is None
    assert bound.variables[0].reasons["spurious"] == "it takes few values"
    assert len(bound.variables[0].flatness[0].efficiency) == 3


def test_two_variables_are_judged_together(events: EventTable) -> None:
    table = replace(events, roles=events.roles.model_copy(update={"protected": ("m", "proxy")}))
    result = audited(table, "clean")
    assert [finding.variable for finding in result.findings] == ["m"] * 7 + ["proxy"] * 7
    assert result.passed


def test_few_passing_events_leave_words_not_numbers() -> None:
    events = sculpting_toy(3000, np.random.default_rng(3))
    result = audited(events, "clean", signal_efficiency=0.05)
    words = {finding.name: finding for finding in result.findings}
    assert words["Spurious signal"].passed is None
    assert "200 are needed" in words["Spurious signal"].words


def refused(table: EventTable, score: np.ndarray | None = None, **options: float) -> str:
    scores = np.random.default_rng(0).random(table.n_events) if score is None else score
    with pytest.raises(DataError) as problem:
        audit(scores, table, rng=np.random.default_rng(1), **options)  # type: ignore[arg-type]
    return str(problem.value)


def test_bad_input_is_refused_in_words(events: EventTable) -> None:
    n = events.n_events
    assert "the score is 0.5 for all events" in refused(events, np.full(n, 0.5))
    assert "not finite" in refused(events, np.where(np.arange(n) == 3, np.nan, 0.1))
    assert "one score for each of 8000 events" in refused(events, np.zeros(3))
    assert "only one class" in refused(events.take(events.is_signal))
    assert "400 effective background events; an audit needs 500" in refused(events.take(np.arange(800)))
    uneven = with_columns(events, w=np.where(np.arange(n) < 10, 1e4, 1.0))
    assert "effective background events of 4,000" in refused(uneven)
    assert "m is 90 for all background events" in refused(
        with_columns(events, m=np.where(events.is_signal, 80.0, 90.0))
    )
    assert "m is missing in all background events" in refused(
        with_columns(events, m=np.where(events.is_signal, events["m"], np.nan))
    )
    assert "no protected variable" in refused(events.with_roles(Roles(label="label")))
    assert "weights sum to" in refused(with_columns(events, w=np.where(events.is_signal, 1.0, -1.0)))
    assert "allowed: between 0 and 1" in refused(events, signal_efficiency=1.0)
    assert "5 permutations; allowed: 20 or more" in refused(events, permutations=5)

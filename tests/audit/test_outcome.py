"""The audit's sentence agrees with the verdict on the one cut."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.audit.audited import Audit, Finding
from core.audit.outcome import outcome
from core.evaluation.evaluate import Evaluation, evaluate
from core.events.table import EventTable


@pytest.fixture
def flat(toy_table: Callable[..., EventTable], rng: np.random.Generator) -> Evaluation:
    events = toy_table(3000)
    return evaluate(events["clean"], events, rng=rng, replicas=2)


def audit_of(*rows: tuple[str, bool | None]) -> Audit:
    audit = Audit.__new__(Audit)
    object.__setattr__(audit, "findings", tuple(Finding("m", *row, 0.5, 0.5, "", "") for row in rows))
    return audit


def test_it_says_which_tests_fail_and_nothing_where_none_was_judged(flat: Evaluation) -> None:
    shaped = replace(flat, protected=tuple(replace(each, limit_nats=0.0) for each in flat.protected))
    audit = audit_of(("Information", False), ("Sculpting", True), ("Flat efficiency", False), ("S/√B", None))
    assert outcome(audit, shaped) == "The audit fails 2 of 3 tests: Information; Flat efficiency."
    assert outcome(audit_of(("Sculpting", True)), flat) == "All tests of the audit are passed (1)."
    assert outcome(None, flat) == ""


def test_beside_a_flat_cut_it_says_that_the_whole_score_is_not(flat: Evaluation) -> None:
    said = outcome(audit_of(("Information", False), ("Sculpting", True)), flat)
    assert said.startswith("Flat is the cut at 50 % signal efficiency, not the whole score: its audit fails 1 of 2")
    sharper = outcome(audit_of(("Information", False), ("Sculpting", False)), flat)
    assert "not the whole score" not in sharper and sharper.endswith("fails 2 of 2 tests: Information; Sculpting.")

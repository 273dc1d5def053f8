"""What an audit says of a spurious bump, in words for a verdict."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from core.audit.audit import audit
from core.audit.audited import Audit
from core.audit.bump import bump_sentence
from core.audit.findings import SPURIOUS
from core.events.toys import sculpting_toy
from core.numbers import format_number
from core.results import Estimate


@pytest.fixture(scope="module")
def clean() -> Audit:
    events = sculpting_toy(4000, np.random.default_rng(5))
    return audit(expit(events["clean"]), events, rng=np.random.default_rng(2), permutations=20)


def judged(audit: Audit, passed: bool | None, fake: Estimate) -> Audit:
    """Return the audit with another outcome of the fit."""
    (variable,) = audit.variables
    assert variable.spurious is not None
    changed = replace(variable, spurious=replace(variable.spurious, fake=fake))
    findings = tuple(replace(each, passed=passed) if each.name == SPURIOUS else each for each in audit.findings)
    return replace(audit, variables=(changed,), findings=findings)


def test_no_bump_is_told_with_its_yield_error_and_background(clean: Audit) -> None:
    spurious = clean.variables[0].spurious
    assert spurious is not None
    fake, under = spurious.fake, spurious.under_peak
    share = format_number(100 * fake.value / under, 100 * fake.error / under)
    events = format_number(fake.value, fake.error)
    said = f"No spurious bump in m_J: ({share}) % of the background under it: "
    said += f"{events} of {format_number(under)} in sums of event weights."
    assert bump_sentence(clean, {"m": "m_J"}) == said


@pytest.mark.parametrize(("value", "shape"), [(30.0, "bump"), (-30.0, "dip")])
def test_a_failed_test_is_a_bump_or_a_dip_with_its_significance(clean: Audit, value: float, shape: str) -> None:
    said = bump_sentence(judged(clean, False, Estimate(value, 6.0)))
    assert said.startswith(f"A spurious {shape} in m: (")
    assert f": {format_number(value, 6.0)} of " in said
    assert said.endswith(f" in sums of event weights, {format_number(5.0)} σ.")


def test_nothing_is_said_of_what_was_not_judged(clean: Audit) -> None:
    assert bump_sentence(judged(clean, None, Estimate(1.0, 1.0))) == ""
    unfitted = replace(clean, variables=(replace(clean.variables[0], spurious=None),))
    assert bump_sentence(unfitted) == ""

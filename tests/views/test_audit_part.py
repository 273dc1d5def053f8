"""An audit on a page: its verdict, a row for each test, and its figures."""

from streamlit.testing.v1 import AppTest

from tests.views.driving import figures_of

PAGE = """
import numpy as np
from scipy.special import expit
from core.audit.audit import audit
from core.events.toys import sculpting_toy
from views.parts.training.audit import show_audit

events = sculpting_toy(4000, np.random.default_rng(1))
score = expit(events[{column!r}] - events[{column!r}].mean())
show_audit(audit(score, events, rng=np.random.default_rng(2), permutations=20), events.described, "run")
"""


def shown(column: str) -> AppTest:
    app = AppTest.from_string(PAGE.format(column=column), default_timeout=120).run()
    assert not app.exception
    return app


def test_a_score_that_fails_says_so_with_numbers() -> None:
    app = shown("proxy")
    said = " ".join([app.error[0].value, *(each.help for each in app.markdown if each.help)])
    assert r"N_{\mathrm{eff}}$" in said and "N_eff" not in said and r"N\_eff" not in said
    assert any("corrected for 4 working points" in each.value for each in app.markdown)
    assert "fails" in app.error[0].value and "nats" in app.error[0].value
    rows = [element for element in app.markdown if element.value.startswith("**")]
    assert [row.value for row in rows][:2] == ["**Information**", "**Information, neighbours**"]
    assert all(row.help for row in rows) and len(rows) == 7
    assert sum("[fail]" in element.value for element in app.markdown) >= 4
    assert len(figures_of(app)) == 3


def test_a_score_that_passes_says_what_an_independent_one_would() -> None:
    app = shown("clean")
    assert "passes all" in app.success[0].value
    (said,) = (each.value for each in app.caption if "held out from the training" in each.value)
    assert "5 %" in said and "4,000" not in said

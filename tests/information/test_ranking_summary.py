"""The sentence and the table say what the scoreboard holds, and make no news of noise."""

import numpy as np
import pytest

from core.events.table import EventTable, Roles
from core.information.ranking import JointInformation, greedy, scoreboard
from core.information.ranking_summary import ranking_columns, ranking_sentence
from core.information.relevance import relevance

FEATURES = ("noise", "clean", "leaking")


@pytest.fixture(scope="module")
def table(toy_table):
    return toy_table(6000)


def test_the_sentence_names_the_best_the_leak_and_what_few_reach(table):
    board = scoreboard(table, FEATURES, bins=8)
    leak = relevance(table, FEATURES, "mass", event_class="background", bins=8)
    few, every = (JointInformation(names, value, 0.01, 0.69, 9) for names, value in ((("a",), 0.3), (("a", "b"), 0.4)))
    best, leaking, together = ranking_sentence(board, leak, few, every).split("; ")
    assert best == f"clean tells most about the label ({board.relevance.max():.3f} of 0.693 nats at even odds)"
    assert leaking == f"leaking leaks most of m ({leak.mi[0]:.3f} nats on background)"
    assert together == "1 variable holds 0.300 of the 0.400 nats of all 2."
    assert "2 variables together hold 0.400" in ranking_sentence(
        board, leak, every, JointInformation(("a", "b", "c"), 0.5, 0.01, 0.69, 9)
    )
    assert "hold" not in ranking_sentence(board, leak, None, None)
    assert "leaks" not in ranking_sentence(board, None, None, None)


def test_noise_is_no_news(rng):
    columns = {name: rng.normal(size=4000) for name in "ab"}
    columns["y"] = np.arange(4000) % 2
    noise = EventTable("t", columns, Roles(label="y", protected=("b",)))
    sentence = ranking_sentence(
        scoreboard(noise, ["a", "b"], bins=8), relevance(noise, ["a", "b"], "b", bins=8), None, None
    )
    assert sentence.startswith("no variable alone tells anything about the label beyond the statistical error")
    assert "none leaks b" in sentence


def test_the_table_has_one_row_a_variable(table):
    names = (*FEATURES, "mass")
    board = scoreboard(table, names, bins=8)
    leak = relevance(table, names, "mass", event_class="background", bins=8)
    steps = greedy(board, "jmi", 2)
    columns = ranking_columns(board, [leak], steps, {1: JointInformation(("clean",), 0.3, 0.01, 0.69, 9)})
    assert {len(values) for values in columns.values()} == {4}
    first = columns["variable"].index(steps[0].name)
    assert (columns["chosen as"][first], columns["joint information then"][first]) == (1, 0.3)
    assert columns["I(X; label)"] == sorted(columns["I(X; label)"], reverse=True)
    assert columns["I(X; mass)"][columns["variable"].index("mass")] is None
    assert columns["I(X; mass)"][columns["variable"].index(leak.names[0])] == pytest.approx(leak.mi[0])
    assert columns["chosen as"].count(None) == 2
    assert columns["± I(X; label)"][first] == pytest.approx(board.relevance_error[board.names.index(steps[0].name)])
    assert columns["null level of I(X; label)"][0] == pytest.approx(7 / (2 * board.n_effective))
    assert columns["null level of I(X; mass)"][columns["variable"].index("mass")] is None

"""The scoreboard agrees with independent formulas, and each criterion chooses what it is meant to choose."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from core.errors import DataError
from core.events.table import Column, EventTable, Roles
from core.information.ranking import CRITERIA, JointInformation, greedy, nested_bounds, scoreboard
from core.information.relevance import relevance

N = 40_000


def coins(rng, n=N):
    return rng.integers(0, 2, n)


def flipped(values, chance, rng):
    return np.where(rng.random(len(values)) < chance, 1 - values, values)


@pytest.fixture
def together(rng):
    """``first`` and ``second`` tell most of the label together, their exclusive or; ``copy`` repeats first."""
    first, second = coins(rng), coins(rng)
    label = flipped(first ^ second, 0.1, rng)
    first = np.where(rng.random(N) < 0.2, label, first)  # tells something alone
    copy = flipped(first, 0.2, rng)
    noise = coins(rng)
    weak = np.where(rng.random(N) < 0.15, label, coins(rng))
    columns = {"noise": noise, "copy": copy, "second": second, "weak": weak, "first": first, "label": label}
    described = {"first": Column("first", "x₁")}
    return EventTable("toy", columns, Roles(features=tuple(columns)[:-1], label="label"), described)


def test_relevance_is_that_of_the_information_page(toy_table):
    """Weighted events, negative weights among them, unequal class weights."""
    table = toy_table(8000)
    board = scoreboard(table, table.roles.features, bins=8)
    ranking = relevance(table, table.roles.features, "label", bins=8)
    for name, value, error, null in zip(ranking.names, ranking.mi, ranking.error, ranking.null_level, strict=True):
        i = board.names.index(name)
        assert board.relevance[i] == pytest.approx(value)
        assert board.relevance_error[i] == pytest.approx(error)
        assert board.null_level[i] == pytest.approx(null)
    assert board.ceiling == ranking.ceiling == np.log(2), "even odds by construction: nothing is estimated"


def test_pairs_agree_with_scikit_learn(rng):
    """Equal classes without weights: I(X_i;X_j), and I(X_i;X_j|Y) as the mean over the classes."""
    label = np.arange(N) % 2
    x = rng.integers(0, 5, N)
    y = np.where(rng.random(N) < 0.3, x, rng.integers(0, 5, N)) * np.where(label == 1, 1, -1)
    table = EventTable("toy", {"x": x, "y": y, "label": label}, Roles(label="label"))
    board = scoreboard(table, ["x", "y", "label"])
    cells = (len(np.unique(y)) - 1) * 4
    assert board.names == ("x", "y")
    assert board.redundancy[0, 1] == pytest.approx(mutual_info_score(x, y) - cells / 2 / N, abs=1e-4)
    within = np.mean([mutual_info_score(x[label == c], y[label == c]) for c in (0, 1)])
    assert board.conditional_redundancy[0, 1] == pytest.approx(within, abs=1e-3)
    np.testing.assert_allclose(board.redundancy, board.redundancy.T)


def test_the_chain_rule_gives_conditional_information(together):
    """I(X_i;Y|X_j) = I(X_i;Y) - I(X_i;X_j) + I(X_i;X_j|Y) is the mean of I(X_i;Y) over the values of X_j."""
    balanced = together.take(np.concatenate([np.flatnonzero(together["label"] == c)[:15_000] for c in (0, 1)]))
    board = scoreboard(balanced, balanced.roles.features)
    i, j = board.names.index("second"), board.names.index("first")
    chained = board.relevance[i] - board.redundancy[i, j] + board.conditional_redundancy[i, j]
    given = balanced["first"]
    direct = sum(
        np.mean(given == v) * mutual_info_score(balanced["second"][given == v], balanced["label"][given == v])
        for v in (0, 1)
    )
    assert direct > 0.2
    assert chained == pytest.approx(direct, abs=3e-4)


@pytest.mark.parametrize(("criterion", "second"), [("jmi", "second"), ("cmim", "second"), ("mrmr", "weak")])
def test_only_conditional_criteria_see_what_two_tell_together(together, criterion, second):
    steps = greedy(scoreboard(together, together.roles.features), criterion)
    assert [step.name for step in steps[:2]] == ["first", second]
    assert {step.name for step in steps} == set(together.roles.features)
    assert steps[0].title == "x₁"


def test_scores_follow_the_formulas(together):
    board = scoreboard(together, together.roles.features)
    for criterion in CRITERIA:
        steps = greedy(board, criterion, 4)
        chosen = [board.names.index(step.name) for step in steps]
        assert steps[0].score == steps[0].relevance == board.relevance.max()
        assert steps[0].redundancy == steps[0].conditional_redundancy == 0
        last, before = chosen[3], chosen[:3]
        terms = [board.redundancy[last, j] - board.conditional_redundancy[last, j] for j in before]
        lost = {"mrmr": steps[3].redundancy, "jmi": np.mean(terms), "cmim": max(terms)}[criterion]
        assert steps[3].score == pytest.approx(board.relevance[last] - lost)
        assert steps[3].redundancy == pytest.approx(np.mean([board.redundancy[last, j] for j in before]))


def test_a_copy_comes_last_by_cmim(together):
    """What a copy tells is known: I(copy; label | first) = 0. Noise is as good, so both share the last two places."""
    steps = greedy(scoreboard(together, together.roles.features), "cmim")
    assert {step.name for step in steps[-2:]} == {"copy", "noise"}


def test_mean_redundancy_leaves_the_variable_itself_out(together):
    board = scoreboard(together, together.roles.features)
    i, j = board.names.index("copy"), board.names.index("first")
    others = [board.redundancy[i, n] for n in range(5) if n != i]
    assert board.mean_redundancy[i] == pytest.approx(np.mean(others))
    assert board.redundancy[i, j] > 0.15


def test_what_cannot_be_ranked_is_refused(together):
    board = scoreboard(together, together.roles.features)
    with pytest.raises(DataError, match="unknown criterion 'best'; allowed: jmi, cmim, mrmr"):
        greedy(board, "best")
    with pytest.raises(DataError, match="6 steps; allowed: 1 to 5"):
        greedy(board, "jmi", 6)
    with pytest.raises(DataError, match="no label column"):
        scoreboard(together.with_roles(Roles()), ["first", "copy"])
    with pytest.raises(DataError, match="1 variable"):
        scoreboard(together, ["first", "label"])


def test_steps_carry_the_error_and_the_null_level_of_their_variable(together):
    board = scoreboard(together, together.roles.features)
    for step in greedy(board):
        i = board.names.index(step.name)
        assert (step.relevance_error, step.null_level) == (board.relevance_error[i], board.null_level[i])


def test_the_null_level_is_the_bias_that_was_subtracted(rng):
    """The mean plug-in estimate of independent variables, (B - 1)/2N, and after its subtraction nothing is left."""
    n = 2000
    label = np.arange(n) % 2
    columns = {f"x{k}": rng.normal(size=n) for k in range(60)}
    board = scoreboard(EventTable("t", {**columns, "y": label}, Roles(label="y")), list(columns), bins=10)
    np.testing.assert_allclose(board.null_level, 9 / (2 * n))
    assert abs(board.relevance.mean()) < 3 * board.relevance.std() / np.sqrt(60)
    assert board.relevance.mean() + 9 / (2 * n) > 10 * board.relevance.std() / np.sqrt(60)


def test_a_set_tells_at_least_what_its_subsets_tell():
    def found(names, value, error):
        return JointInformation(tuple(names), value, error, np.log(2), 100)

    path = [found("a", 0.3, 0.01), found("ab", 0.5, 0.02), found("abc", 0.4, 0.03), found("xy", 0.1, 0.04)]
    bounds = nested_bounds(path)
    assert [(each.value, each.error) for each in bounds] == [(0.3, 0.01), (0.5, 0.02), (0.5, 0.02), (0.1, 0.04)]
    assert [each.names for each in bounds] == [each.names for each in path]
    assert nested_bounds(path[::-1]) == bounds[::-1]


def test_an_infinite_weight_is_named_before_the_classes_are_balanced(toy_table):
    table = toy_table(500)
    weight = np.where(np.arange(500) == 7, np.inf, 1.0)
    table = replace(table, columns={**table.columns, "weight": weight})
    with pytest.raises(DataError, match=r"^1 of 500 weights are NaN or infinite; allowed: finite weights$"):
        scoreboard(table, table.roles.features, bins=8)

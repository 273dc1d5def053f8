"""Variables are ranked by what they tell about the label or a protected variable."""

import numpy as np
import pytest

from core.events.table import Column, EventTable, Roles
from core.information import dendrogram_order, information_matrix, matrix_sentence, relevance
from core.numbers import format_number


@pytest.fixture
def table(rng):
    """d2 and tau21 follow the mass; planar tells about the label; noise tells nothing."""
    n = 20_000
    label = np.arange(n) % 2
    mass = rng.normal(size=n)
    columns = {
        "noise": rng.normal(size=n),
        "d2": mass + 0.5 * rng.normal(size=n),
        "planar": rng.normal(size=n) + 1.2 * label,
        "tau21": mass + 0.5 * rng.normal(size=n),
        "mass": mass,
        "label": label,
    }
    described = {
        "d2": Column("d2", "D₂"),
        "tau21": Column("tau21", "τ₂₁"),
        "mass": Column("mass", "the jet mass", "GeV"),
        "planar": Column("planar", "planar flow"),
    }
    features = ("noise", "d2", "planar", "tau21")
    return EventTable("toy", columns, Roles(features=features, label="label", protected=("mass",)), described)


def test_columns_that_hold_one_value_or_none_are_named_after_the_sentence(rng: np.random.Generator) -> None:
    x, label = rng.normal(size=4000), np.arange(4000) % 2
    columns = {"x": x, "y": x + rng.normal(size=4000), "flag": np.ones(4000), "gap": np.full(4000, np.nan)}
    table = EventTable("toy", {**columns, "label": label}, Roles(features=tuple(columns), label="label"))
    matrix = information_matrix(table, [*columns, "label"], event_class="signal", bins=16)
    told = matrix_sentence(matrix, relevance(table, ["x", "y"], "label"))
    assert told.endswith("flag and gap have one value, or none, in all of these events: their rows say nothing.")
    alone = matrix_sentence(information_matrix(table, ["x", "y", "gap"], bins=16))
    assert alone.endswith(" gap has one value, or none, in all of these events: its row says nothing.")
    assert "one value" not in matrix_sentence(information_matrix(table, ["x", "y"], bins=16))


def test_relevance_is_the_row_of_the_matrix_in_decreasing_order(table):
    names = table.roles.features
    ranking = relevance(table, [*names, "label"], "label")
    matrix = information_matrix(table, [*names, "label"])
    assert ranking.names[0] == "planar"
    assert ranking.target_title == "the label"
    assert ranking.ceiling == np.log(2)
    assert np.all(np.diff(ranking.mi) <= 0)
    for name, value, error, null in zip(ranking.names, ranking.mi, ranking.error, ranking.null_level, strict=True):
        i = names.index(name)
        assert (value, error, null) == (matrix.mi[i, -1], matrix.mi_error[i, -1], matrix.null_level[i, -1])


def test_leakage_is_relevance_for_a_protected_variable(table):
    ranking = relevance(table, table.roles.features, "mass", event_class="background")
    assert set(ranking.names[:2]) == {"d2", "tau21"}
    assert ranking.target_title == "the jet mass"
    assert not ranking.target_is_label
    assert ranking.mi[2] < 0.01


def test_the_dendrogram_puts_related_variables_together(table):
    """The mass stands between the two variables that follow it; sorting changes no value."""
    matrix = information_matrix(table, event_class="background")
    ordered = matrix.take(dendrogram_order(matrix.distance))
    at = {name: ordered.names.index(name) for name in ordered.names}
    assert sorted(ordered.names) == sorted(matrix.names)
    assert abs(at["mass"] - at["d2"]) == abs(at["mass"] - at["tau21"]) == 1


def test_order_of_few_or_undefined_distances():
    assert dendrogram_order(np.zeros((1, 1))) == (0,)
    assert dendrogram_order(np.ones((2, 2))) == (0, 1)
    undefined = np.full((4, 4), np.nan)
    assert sorted(dendrogram_order(undefined)) == [0, 1, 2, 3]


def test_the_sentence_says_who_shares_and_who_tells(table):
    matrix = information_matrix(table)
    ranking = relevance(table, table.roles.features, "label")
    sharing, telling = matrix_sentence(matrix, ranking).split("; ")
    weakest = min(((1, 3), (1, 4), (3, 4)), key=lambda pair: matrix.mi[pair])
    least = format_number(matrix.mi[weakest], matrix.mi_error[weakest], "nats")
    for title in ("D₂", "τ₂₁", "the jet mass"):
        assert title in sharing
    assert sharing.endswith(f" share {least} or more, pair by pair")
    told = format_number(ranking.mi[0], ranking.error[0])
    assert telling == f"planar flow tells most about the label ({told} of 0.693 nats at even odds)."


def test_the_sentence_says_which_variable_gives_the_protected_one_away(table):
    matrix = information_matrix(table)
    _, leaking = matrix_sentence(matrix, unit="bits", protected=("absent", "mass")).split("; ")
    place, bits = matrix.names.index("mass"), 1 / np.log(2)
    best = max(
        (n for n, name in enumerate(matrix.names) if name not in ("mass", "label")), key=lambda n: matrix.mi[n, place]
    )
    told = format_number(bits * matrix.mi[best, place], bits * matrix.mi_error[best, place], "bits")
    assert leaking == f"{matrix.titles[best]} tells most about the jet mass ({told})."


def test_the_sentence_of_a_single_pair(table):
    """A variable that shares a fifth as much is not of the block."""
    weak = EventTable(
        "toy", {**table.columns, "noise": table["noise"] + 0.7 * table["mass"]}, table.roles, table.described
    )
    matrix = information_matrix(weak, ["noise", "d2", "mass"])
    assert 0.05 < matrix.mi[0, 2] / matrix.mi[1, 2] < 0.4
    shared = format_number(matrix.mi[1, 2], matrix.mi_error[1, 2], "nats")
    assert matrix_sentence(matrix) == f"D₂ and the jet mass share {shared}, more than any other pair."


def test_the_sentence_does_not_make_news_of_noise(rng):
    columns = {name: rng.normal(size=3000) for name in "abc"}
    columns["label"] = np.arange(3000) % 2
    noise = EventTable("toy", columns, Roles(features=("a", "b", "c"), label="label"))
    sentence = matrix_sentence(information_matrix(noise), relevance(noise, ["a", "b"], "label"), protected=("c",))
    assert sentence == (
        "No two variables share information beyond the statistical error; "
        "none tells anything about c beyond the statistical error; "
        "none tells anything about the label beyond the statistical error."
    )


def test_there_is_no_sentence_without_a_pair(table):
    """A variable and the label: what the variables share among themselves is left out."""
    matrix = information_matrix(table, ["planar", "label"])
    ranking = relevance(table, ["planar"], "label")
    assert matrix_sentence(matrix, ranking).startswith("planar flow tells most about the label")

"""The matrix of any estimator equals its pairs, one by one, in the core and on the command line."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core.cli.main import build
from core.errors import DataError
from core.events.table import EventTable, Roles
from core.information.estimate import estimate_mi
from core.information.estimated import estimated_matrix
from core.information.estimators.estimator import ESTIMATORS
from core.information.matrix import information_matrix


@pytest.fixture
def table(rng: np.random.Generator) -> EventTable:
    label = rng.integers(0, 2, 600)
    n_jets = label + rng.integers(0, 3, 600)
    x = rng.normal(size=600) + label
    columns = {"x": x, "y": x + rng.normal(size=600), "n_jets": n_jets, "label": label}
    return EventTable("toy", columns, Roles(features=("x", "y", "n_jets"), label="label"))


@pytest.mark.parametrize("name", ["auto", "adaptive", "mixed"])
def test_every_cell_is_the_estimate_of_its_pair(name: str, table: EventTable) -> None:
    seen: list[tuple[int, int]] = []
    found = estimated_matrix(table, estimator=name, on_pair=lambda done, total: seen.append((done, total)))
    assert found.names == ("x", "y", "n_jets", "label")
    assert seen == [(i, 6) for i in range(1, 7)]
    for i, first in enumerate(found.names):
        for j in range(i):
            pair = estimate_mi(table[found.names[j]], table[first], name)
            assert found.mi[i, j] == found.mi[j, i] == pytest.approx(pair.value)
            assert found.mi_error[i, j] == pytest.approx(pair.error)


def test_entropies_and_ratios_exist_for_discrete_variables_only(table: EventTable) -> None:
    """H(label) of a label at even odds is log 2; D = 1 - I/H(X,Y) of the two discrete variables, from their table."""
    found = estimated_matrix(table)
    assert np.isnan(found.entropy[:2]).all()
    assert found.entropy[3] == pytest.approx(np.log(2), abs=0.01)
    counts = np.histogram2d(table["n_jets"], table["label"], bins=(4, 2))[0]
    p = counts[counts > 0] / 600
    joint = -(p @ np.log(p))
    assert found.distance[2, 3] == pytest.approx(1 - found.mi[2, 3] / joint, abs=0.01)
    assert np.isnan(found.distance[0, 1])


def test_one_class_and_its_weights_are_used(table: EventTable, rng: np.random.Generator) -> None:
    columns = {**table.columns, "weight": rng.uniform(0.5, 2.0, 600)}
    weighted = EventTable("toy", columns, Roles(features=("x", "y"), label="label", weight="weight"))
    found = estimated_matrix(weighted, ["x", "y"], "adaptive", event_class="signal")
    keep = weighted.is_signal
    pair = estimate_mi(columns["x"][keep], columns["y"][keep], "adaptive", weights=columns["weight"][keep])
    assert found.mi[0, 1] == pytest.approx(pair.value)
    assert found.n_events == keep.sum()
    assert found.n_effective < found.n_events


def test_correlations_are_those_of_the_counted_matrix(table: EventTable) -> None:
    found, counted = estimated_matrix(table, estimator="adaptive"), information_matrix(table)
    np.testing.assert_allclose(found.pearson, counted.pearson)
    np.testing.assert_allclose(found.spearman, counted.spearman)
    np.testing.assert_allclose(found.measure("r_i")[0, 1], np.sqrt(1 - np.exp(-2 * found.mi[0, 1])))
    with pytest.raises(DataError, match="measure 'nmi' of an estimate; allowed: mi, r_i, pearson, spearman"):
        found.measure("nmi")


def test_options_reach_the_estimator(table: EventTable) -> None:
    found = estimated_matrix(table, ["x", "y"], "equal_width", bins=5)
    assert found.mi[0, 1] == pytest.approx(estimate_mi(table["x"], table["y"], "equal_width", bins=5).value)
    assert found.estimator == "binned equal-width, B = 5, Miller-Madow"
    with pytest.raises(DataError, match="x and y: adaptive has no option 'bins'"):
        estimated_matrix(table, ["x", "y"], "adaptive", bins=5)


def test_the_choices_of_auto_are_counted_and_explained(table: EventTable) -> None:
    """What was chosen for each pair by itself, with its reason; whoever chose needs no reason."""
    found = estimated_matrix(table)
    alone = Counter(
        estimate_mi(table[x], table[y]).estimator.partition("because ")[2] for x, y in combinations(found.names, 2)
    )
    counted: Counter[str] = Counter()
    for each in found.choices:
        counted[each.reason] += each.n_pairs
    assert counted == alone and len(alone) > 1
    assert [each.n_pairs for each in found.choices] == sorted((each.n_pairs for each in found.choices), reverse=True)
    assert "for 1 of 6 pairs, because both variables are discrete" in found.choice_sentence
    one = estimated_matrix(table, ["n_jets", "label"])
    assert one.choice_sentence.endswith("for all pairs, because both variables are discrete.")
    assert estimated_matrix(table, estimator="adaptive").choice_sentence == ""


def test_order_turns_every_array(table: EventTable) -> None:
    found = estimated_matrix(table, estimator="adaptive")
    turned = found.take([3, 0, 2, 1])
    assert turned.names == ("label", "x", "n_jets", "y")
    np.testing.assert_array_equal(turned.entropy, found.entropy[[3, 0, 2, 1]])
    for name in ("mi", "mi_error", "pearson", "spearman"):
        assert getattr(turned, name)[0, 2] == getattr(found, name)[3, 2]


def test_a_pair_that_is_refused_is_named(table: EventTable) -> None:
    with pytest.raises(DataError, match=r"x and n_jets: values of y repeat .* ksg1 does not take"):
        estimated_matrix(table, ["x", "n_jets"], "ksg1")
    with pytest.raises(DataError, match=r"1 variable \(x\); allowed: two or more"):
        estimated_matrix(table, ["x"], "ksg1")


def test_the_command_line_takes_any_estimator(table: EventTable, tmp_path: Path) -> None:
    pq.write_table(pa.table(dict(table.columns)), tmp_path / "toy.parquet")
    for name in ("ksg1", "gaussian_copula", "adaptive"):
        arguments = ["matrix", str(tmp_path / "toy.parquet"), "--columns", "x,y", "--estimator", name, "--json"]
        answer = CliRunner().invoke(build("matrix"), arguments)
        assert answer.exit_code == 0, answer.output
        printed = json.loads(answer.stdout)
        assert printed["names"] == ["x", "y"]
        assert printed["mi"][0][1] == pytest.approx(estimate_mi(table["x"], table["y"], name).value)
        assert printed["mi"][0][0] is None
        assert printed["iqr"][0][1] is None
        assert printed["n_effective"] == printed["n_events"] == 600


def test_the_command_line_lists_every_estimator() -> None:
    answer = CliRunner().invoke(build("matrix"), ["matrix", "--help"], env={"COLUMNS": "200"})
    assert all(name in answer.output for name in ESTIMATORS.names())

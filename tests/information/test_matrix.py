"""The matrix holds every measure of every pair, of the chosen class of events."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.errors import DataError
from core.events.table import Column, EventTable, Roles
from core.information import MEASURES, default_names, estimate_mi, information_matrix, warm
from core.information import measures as formulas
from core.information.counts import count_pairs
from core.information.estimate import pair_information
from core.information.quantise import quantise


@pytest.fixture
def table(rng):
    """Signal is shifted in x, which y copies with noise; z is the square of x; n_jets is discrete; m is protected."""
    n = 6000
    label = np.arange(n) % 2
    x = rng.normal(size=n) + 0.8 * label
    columns = {
        "x": x.astype(np.float32),
        "y": x + 0.5 * rng.normal(size=n),
        "z": x**2,
        "n_jets": rng.poisson(2.0, n),
        "m": rng.exponential(1.0, n),
        "label": label,
        "weight": rng.uniform(0.5, 1.5, n),
    }
    roles = Roles(features=("x", "y", "z", "n_jets"), label="label", protected=("m",), weight="weight")
    return EventTable("toy", columns, roles, {"m": Column("m", "m_μμ", "GeV")})


@pytest.mark.parametrize("event_class", ["all", "signal", "background"])
@pytest.mark.parametrize("correction", ["miller_madow", "none"])
def test_every_cell_equals_the_estimate_of_its_pair(table, event_class, correction):
    """Counting by triples and pair by pair give the same numbers, for the weighted events of each class."""
    matrix = information_matrix(table, event_class=event_class, bins=8, correction=correction)
    chosen = table.of_class(event_class)
    assert matrix.n_events == chosen.n_events
    assert matrix.n_effective == pytest.approx(chosen.n_effective)
    for i, first in enumerate(matrix.names):
        for j, second in enumerate(matrix.names):
            if i != j:
                pair = estimate_mi(chosen[first], chosen[second], weights=chosen.weights, bins=8, correction=correction)
                assert matrix.mi[i, j] == pytest.approx(pair.value)
                assert 0 < matrix.mi_error[i, j] <= pair.error * (1 + 1e-9)
                columns = {name: chosen[name] for name in (first, second)}
                codes = quantise(columns, bins=8, weights=chosen.weights)
                counted = pair_information(count_pairs(codes, chosen.weights), correction)
                assert matrix.mi_error[i, j] == pytest.approx(counted.error[0])


def test_default_variables_include_the_label_among_all_events_only(table):
    assert default_names(table) == ("x", "y", "z", "n_jets", "m", "label")
    assert information_matrix(table, event_class="signal").names == ("x", "y", "z", "n_jets", "m")
    assert information_matrix(table).titles == ("x", "y", "z", "n_jets", "m_μμ", "label")


def test_the_diagonal_holds_entropies_and_every_measure_is_symmetric_but_the_conditional(table):
    matrix = information_matrix(table)
    assert np.diag(matrix.mi) == pytest.approx(matrix.entropy)
    assert np.diag(matrix.joint_entropy) == pytest.approx(matrix.entropy)
    assert np.diag(matrix.iqr) == pytest.approx(1.0)
    assert np.diag(matrix.distance) == pytest.approx(0.0)
    for name in MEASURES:
        values = matrix.measure(name)
        assert values.shape == (6, 6)
        if name == "conditional_entropy":
            assert values + matrix.entropy == pytest.approx(matrix.joint_entropy)  # H(row|column) + H(column)
        else:
            assert values == pytest.approx(values.T)


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_measures_stay_in_the_range_that_menus_state(table, name):
    values, words = information_matrix(table).measure(name), MEASURES[name]
    lowest = -0.02 if name == "mi" else words.lowest
    assert values.min() >= lowest - 1e-12
    assert values.max() <= (np.inf if words.highest is None else words.highest) + 1e-12
    assert words.title
    assert words.definition.endswith(".")


def test_matrix_measures_are_the_formulas(table):
    matrix = information_matrix(table)
    for name in ("iqr", "distance", "variation", "redundancy", "symmetric_uncertainty", "nmi"):
        assert np.array_equal(matrix.measure(name), getattr(formulas, name)(matrix.entropies))
    assert matrix.r_i == pytest.approx(np.sqrt(1 - np.exp(-2 * np.maximum(matrix.mi, 0))))


def test_zero_correlation_can_hide_information(rng):
    """The lesson of the page: x and x² share much and correlate not at all."""
    x = rng.normal(size=20_000)
    matrix = information_matrix(EventTable("toy", {"x": x, "square": x**2}), ["x", "square"])
    assert abs(matrix.pearson[0, 1]) < 0.05
    assert matrix.r_i[0, 1] > 0.9


def test_equal_weights_are_no_weights(table):
    """A luminosity factor common to all events changes nothing, not even the error."""
    roles = table.roles.model_copy(update={"weight": None})
    scaled = EventTable("toy", {**table.columns, "weight": np.full(6000, 0.01)}, table.roles)
    first, second = information_matrix(table.with_roles(roles)), information_matrix(scaled)
    assert np.array_equal(first.mi, second.mi)
    assert np.array_equal(first.mi_error, second.mi_error)
    assert second.n_effective == 6000


def test_negative_weights_are_reported(table, rng):
    signs = rng.choice([1.0, -1.0], 6000, p=[0.9, 0.1])
    signed = EventTable("toy", {**table.columns, "weight": signs}, table.roles)
    matrix = information_matrix(signed, ["x", "y"], bins=16)
    assert 0 < matrix.negative_cells[0, 1] < 0.05
    assert information_matrix(table).negative_cells.max() == 0


def test_a_constant_shares_nothing(table):
    constant = EventTable("toy", {**table.columns, "one": np.ones(6000)}, table.roles)
    matrix = information_matrix(constant, ["x", "one"])
    assert matrix.mi[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert matrix.entropy[1] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(matrix.nmi[0, 1])


def test_taking_variables_reorders_every_array(table):
    matrix = information_matrix(table)
    some = matrix.take([4, 0, 2])
    assert some.names == ("m", "x", "z")
    assert some.titles[0] == "m_μμ"
    for name in MEASURES:
        assert np.array_equal(some.measure(name), matrix.measure(name)[np.ix_([4, 0, 2], [4, 0, 2])], equal_nan=True)
    assert np.array_equal(some.mi_error, matrix.mi_error[np.ix_([4, 0, 2], [4, 0, 2])])


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["x", "x"], {}, "variables x, x; allowed: each variable once"),
        (["x", "pt"], {}, "toy has no column 'pt'; there are: x, y"),
        (["x"], {}, r"1 variable \(x\); allowed: two or more"),
        (["x", "y"], {"event_class": "data"}, "unknown event class 'data'; allowed: all, signal, background"),
        (["x", "y"], {"bins": 300}, "300 bins; allowed: 2 to 255"),
    ],
)
def test_bad_input_is_named(table, names, options, message):
    with pytest.raises(DataError, match=message):
        information_matrix(table, names, **options)


def test_an_unknown_measure_is_named(table):
    with pytest.raises(DataError, match="unknown measure 'mutual'; allowed: mi, r_i"):
        information_matrix(table, ["x", "y"]).measure("mutual")


def test_a_class_without_events_is_named(table):
    only_signal = EventTable("toy", {**table.columns, "label": np.ones(6000)}, table.roles)
    with pytest.raises(DataError, match="toy has no background events; allowed: at least one"):
        information_matrix(only_signal, event_class="background")


@pytest.mark.parametrize("weights", [np.tile([1.0, -1.0], 3000), np.full(6000, -1.0), np.zeros(6000)])
def test_weights_that_sum_to_nothing_are_named(table, weights):
    cancelled = EventTable("toy", {**table.columns, "weight": weights}, table.roles)
    with pytest.raises(DataError, match="allowed: a positive sum"):
        information_matrix(cancelled, ["x", "y"])


def test_read_only_columns_are_fine(table):
    """Columns that come from Parquet without a copy cannot be written to."""
    for values in table.columns.values():
        values.flags.writeable = False
    assert information_matrix(table).mi[0, 1] > 0.5


def test_warming_up_leaves_nothing_to_compile(table):
    warm()
    from core.information.counts import _count, _weigh
    from core.information.quantise import _encode

    compiled = [len(kernel.signatures) for kernel in (_count, _weigh, _encode)]
    information_matrix(table)
    information_matrix(table.with_roles(Roles(features=("x", "y"))))
    assert [len(kernel.signatures) for kernel in (_count, _weigh, _encode)] == compiled


def test_many_sessions_at_once_see_the_same_numbers(table):
    """Numba's own threads end the process when two sessions enter them together; these do not."""
    alone = information_matrix(table).mi
    with ThreadPoolExecutor(8) as sessions:
        together = list(sessions.map(lambda _: information_matrix(table).mi, range(16)))
    assert all(np.array_equal(each, alone) for each in together)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_share_that_is_done_rises_to_one(rng, weighted) -> None:
    columns = {name: rng.normal(size=9000) for name in "abcdefg"}
    weights = {"w": rng.uniform(0.5, 1.5, 9000)} if weighted else {}
    table = EventTable("toy", columns | weights, Roles(features=tuple("abcdefg"), weight="w" if weighted else None))
    shares: list[float] = []
    matrix = information_matrix(table, progress=shares.append)
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.1
    assert shares[-1] == pytest.approx(1)
    assert len(set(shares)) > len("abcdefg"), "columns, then tables, then blocks of events"
    assert np.array_equal(matrix.mi, information_matrix(table).mi)


def test_counting_ends_when_its_listener_does(rng) -> None:
    """What is raised while progress is told, as when a user stops it, comes out at once and leaves no work behind."""
    table = EventTable("toy", {f"x{k}": rng.normal(size=2000) for k in range(12)})

    def stop(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        information_matrix(table, list(table.columns), progress=stop)
    assert not [each for each in threading.enumerate() if each.name.startswith("information")]

"""Tables of pairs are right to the event, weighted or not, and add up over batches."""

import numpy as np
import pytest

from core.errors import DataError
from core.information.counts import count_pairs, cover_by_triples
from core.information.quantise import Codes, find_bins, quantise


def random_codes(rng, k=7, n=20_000, bins=12):
    """Make codes of k variables with different numbers of codes, some of them strongly related."""
    base = rng.integers(0, bins, n)
    columns = {f"x{i}": np.minimum(base * (i % 2) + rng.integers(0, 3 + i, n), bins - 1) for i in range(k)}
    return quantise(columns, bins=bins)


def tables_of(codes, weights=None):
    """Count with numpy, pair by pair."""
    size = codes.n_bins.max()
    cells = np.arange(size + 1)
    rows, columns = np.triu_indices(len(codes.names), 1)
    return np.stack(
        [
            np.histogram2d(codes.codes[i], codes.codes[j], (cells, cells), weights=weights)[0]
            for i, j in zip(rows, columns, strict=True)
        ]
    )


@pytest.mark.parametrize("k", [2, 3, 4, 7, 8])
def test_counts_equal_numpy_to_the_event(k, rng):
    codes = random_codes(rng, k)
    counts = count_pairs(codes)
    assert np.array_equal(counts.sum_w, tables_of(codes))
    assert counts.sum_w.dtype == np.int64
    assert counts.sum_w2 is counts.sum_w
    assert counts.n_events == counts.n_effective == 20_000


@pytest.mark.parametrize("n", [1, 255, 256, 257, 2047, 2048, 2049, 70_000])
def test_a_cell_that_holds_all_events_carries(n):
    """The kernel counts in bytes and in blocks: sizes around their limits."""
    codes = Codes(("a", "b", "c"), np.zeros((3, n), np.uint8), (find_bins(np.zeros(1)),) * 3, np.ones(3, np.intp))
    assert count_pairs(codes).sum_w.tolist() == [[[n]]] * 3


def test_many_bins_are_counted_pair_by_pair(rng):
    codes = quantise({name: rng.normal(size=30_000) for name in "abc"}, bins=255)
    assert np.array_equal(count_pairs(codes).sum_w, tables_of(codes))


@pytest.mark.parametrize("bins", [12, 100])
def test_weighted_sums_equal_numpy(bins, rng):
    codes = quantise({name: rng.normal(size=20_000) for name in "abcd"}, bins=bins)
    weights = rng.normal(0.5, 1.0, 20_000)
    counts = count_pairs(codes, weights)
    assert counts.sum_w == pytest.approx(tables_of(codes, weights), abs=1e-9)
    assert counts.sum_w2 == pytest.approx(tables_of(codes, weights**2), abs=1e-9)
    assert counts.n_effective == pytest.approx(weights.sum() ** 2 / np.sum(weights**2))


def test_threads_do_not_change_a_digit(rng):
    """Weighted sums are the same in every run: each table is summed by one thread, in the order of the events."""
    codes, weights = random_codes(rng), rng.normal(size=20_000)
    first = count_pairs(codes, weights)
    assert all(np.array_equal(count_pairs(codes, weights).sum_w, first.sum_w) for _ in range(5))


@pytest.mark.parametrize("weighted", [False, True])
def test_tables_of_batches_add_up(weighted, rng):
    """A NaN that only the second batch has widens its tables; the sum is that of all events."""
    columns = {name: rng.normal(size=10_000) for name in "abc"}
    columns["b"][9_000:9_100] = np.nan
    weights = rng.normal(1.0, 1.0, 10_000) if weighted else None
    whole = quantise(columns, bins=10)

    def batch(part):
        codes = whole.codes[:, part]
        n_bins = np.array([max(b.n_codes, row.max() + 1) for b, row in zip(whole.bins, codes, strict=True)])
        mine = Codes(whole.names, np.ascontiguousarray(codes), whole.bins, n_bins)
        return count_pairs(mine, None if weights is None else weights[part])

    total = batch(slice(0, 4_000)) + batch(slice(4_000, None))
    expected = count_pairs(whole, weights)
    assert total.n_events == 10_000
    assert total.sum_w == pytest.approx(expected.sum_w, abs=1e-9)
    assert total.sum_w2 == pytest.approx(expected.sum_w2, abs=1e-9)
    assert (total.sum_w2 is total.sum_w) != weighted


def test_counts_of_other_variables_do_not_add_up(rng):
    x, y = rng.normal(size=(2, 10))
    with pytest.raises(DataError, match="counts of a, c cannot be added to counts of a, b"):
        count_pairs(quantise({"a": x, "b": y})) + count_pairs(quantise({"a": x, "c": y}))


def test_a_variable_with_itself_fills_the_diagonal(rng):
    codes = random_codes(rng, 3)
    selves = count_pairs(codes).with_selves()
    assert selves.pairs[3:].tolist() == [[0, 0], [1, 1], [2, 2]]
    for table, row in zip(selves.sum_w[3:], codes.codes, strict=True):
        assert np.array_equal(table, np.diag(np.bincount(row, minlength=len(table))))


@pytest.mark.parametrize("k", [2, 3, 4, 6, 9, 13, 20, 31])
def test_triples_cover_every_pair(k):
    triples = cover_by_triples(k)
    covered = {pair for i, j, h in triples for pair in ((i, j), (i, h), (j, h))}
    assert {(i, j) for i in range(k) for j in range(i + 1, k)} <= covered
    assert all(i < j < h or (k == 2 and h == -1) for i, j, h in triples)


def test_triples_are_nearly_as_few_as_possible():
    """67 triples is Schönheim's lower bound for 20 variables."""
    assert 67 <= len(cover_by_triples(20)) <= 70


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(4), r"weights of shape \(4,\); allowed: one for each of the 5 events"),
        (np.array([1, np.nan, 1, np.inf, 1]), "2 of 5 weights are NaN or infinite; allowed: finite weights"),
    ],
)
def test_bad_weights_are_named(weights, message):
    with pytest.raises(DataError, match=message):
        count_pairs(quantise({"x": np.arange(5), "y": np.arange(5)}), weights)


def test_one_variable_is_no_pair():
    with pytest.raises(DataError, match=r"1 variable \(x\); allowed: two or more"):
        count_pairs(quantise({"x": np.arange(5)}))

"""A file counted batch by batch gives what the same events give in memory, to the count."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events.plan import Plan
from core.events.spec import DatasetSpec, load_events
from core.events.table import Roles
from core.information import coding as coding_module
from core.information import partition
from core.information.coding import Reservoir, merged
from core.information.counts import count_pairs
from core.information.matrix import information_matrix
from core.information.selection import select
from core.information.streaming import count_file, find_coding, matrix_of_file, stream_matrix

N = 9000
NAMES = ("x", "y", "n_jets", "m")


@pytest.fixture
def spec(tmp_path, rng):
    """A file sorted by its label, with integer weights, missing values and a sentinel."""
    label = np.sort(rng.integers(0, 2, N))
    x = rng.normal(size=N) + label
    y = (x + rng.normal(size=N)).astype(np.float32)
    y[rng.random(N) < 0.02] = np.nan
    m = np.where(rng.random(N) < 0.03, -999.0, 80.0 + 10 * rng.normal(size=N))
    weights = rng.choice([-1, 1, 2, 3], N, p=[0.03, 0.5, 0.3, 0.17])
    columns = {"x": x, "y": y, "n_jets": rng.integers(2, 7, N), "m": m, "label": label, "weight": weights, "unused": x}
    pq.write_table(pa.table(columns), tmp_path / "toy.parquet", row_group_size=2000)
    roles = Roles(features=("x", "y", "n_jets"), protected=("m",), label="label", weight="weight")
    return DatasetSpec(path=str(tmp_path / "toy.parquet"), roles=roles)


def last_tally(spec, names=None, **options):
    return list(stream_matrix(spec, names, **options))[-1].tally


def require_equal(streamed, in_memory):
    assert streamed.names == in_memory.names
    assert streamed.titles == in_memory.titles
    assert (streamed.n_events, streamed.event_class, streamed.bins) == (
        in_memory.n_events,
        in_memory.event_class,
        in_memory.bins,
    )
    assert streamed.n_effective == pytest.approx(in_memory.n_effective)
    assert streamed.estimator == in_memory.estimator
    for name in ("mi", "joint_entropy", "mi_error", "spearman", "null_level", "negative_cells"):
        assert getattr(streamed, name) == pytest.approx(getattr(in_memory, name), abs=1e-12)
    assert streamed.pearson == pytest.approx(in_memory.pearson, abs=1e-12)


@pytest.mark.parametrize("event_class", ["all", "signal", "background"])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("rule", ["equal_frequency", "equal_width"])
def test_a_small_file_gives_the_matrix_of_the_same_events_in_memory(spec, event_class, weighted, rule):
    """Up to 10⁵ events the sample is all of them, so that even the boundaries are the same."""
    if not weighted:
        spec = spec.model_copy(update={"roles": spec.roles.model_copy(update={"weight": None})})
    options = {"event_class": event_class, "bins": 16, "rule": rule}
    expected = information_matrix(load_events(spec), **options)
    require_equal(last_tally(spec, batch=700, **options).matrix(), expected)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (np.where(np.arange(N) % 100, np.arange(N) % 2, np.nan), r"missing in 7 of 700 events looked at; drop invalid"),
        (
            np.where(np.arange(N) < N / 2, 345, 410470),
            r"holds 345 \(700 events looked at\); choose which value is signal",
        ),
        (np.repeat([-1, 0, 1], N // 3), r"holds -1 \(3,000 events looked at\), 0 \(.*; choose which value is signal"),
    ],
)
@pytest.mark.parametrize("event_class", ["all", "background"])
def test_labels_that_tell_no_classes_are_refused_as_in_memory(spec, tmp_path, event_class, label, said):
    """Also where no batch has all of the values; a matrix that needs no label is counted as before."""
    columns = pq.read_table(spec.path).drop_columns("label").append_column("label", pa.array(label))
    pq.write_table(columns, tmp_path / "odd.parquet", row_group_size=2000)
    spec = spec.model_copy(update={"path": str(tmp_path / "odd.parquet")})
    with pytest.raises(DataError, match=said):
        last_tally(spec, batch=700, event_class=event_class)
    with pytest.raises(DataError, match=r"drop invalid events|choose which value"):
        information_matrix(load_events(spec), event_class=event_class)
    assert last_tally(spec, NAMES, batch=700).counts.n_events == N


@pytest.mark.parametrize("event_class", ["all", "background"])
def test_counts_are_those_in_memory_with_the_same_boundaries(spec, event_class, monkeypatch):
    """To the count, with boundaries from a sample and codes counted in several blocks; integer weights add exactly."""
    monkeypatch.setattr(coding_module, "SAMPLE_SIZE", 500)
    monkeypatch.setattr(partition, "_BLOCK", 1500)
    tally = last_tally(spec, NAMES, event_class=event_class, batch=700)
    chosen = select(load_events(spec), NAMES, event_class)
    expected = count_pairs(tally.coding.encode(chosen.columns), chosen.weights)
    size = expected.sum_w.shape[-1]
    assert np.array_equal(tally.counts.sum_w[:, :size, :size], expected.sum_w)
    assert np.array_equal(tally.counts.sum_w2[:, :size, :size], expected.sum_w2)
    assert tally.counts.n_events == expected.n_events == chosen.n_events


def test_parts_of_a_data_set_add_up(spec, tmp_path):
    """Two files counted apart, as two machines would, give the counts of the whole."""
    whole = pq.read_table(spec.path)
    parts = []
    for i, rows in enumerate((whole.slice(0, 3100), whole.slice(3100))):
        pq.write_table(rows, tmp_path / f"part{i}.parquet")
        parts.append(spec.model_copy(update={"path": str(tmp_path / f"part{i}.parquet")}))
    coding = find_coding(spec, NAMES)
    added = count_file(parts[0], coding) + count_file(parts[1], coding)
    together = count_file(spec, coding)
    assert np.array_equal(added.counts.sum_w, together.counts.sum_w)
    require_equal(added.matrix(), together.matrix())


def test_tallies_of_other_bins_do_not_add_up(spec):
    one, other = count_file(spec, find_coding(spec, NAMES)), count_file(spec, find_coding(spec, NAMES, bins=8))
    with pytest.raises(DataError, match="counts of 'x' in other bins cannot be added"):
        one + other
    signal = count_file(spec, find_coding(spec, NAMES, event_class="signal"))
    with pytest.raises(
        DataError, match=r"counts of x, y, n_jets, m \(signal\) cannot be added to counts of .* \(all\)"
    ):
        one + signal


def test_selections_and_derived_columns_are_those_of_loading(spec):
    spec = spec.model_copy(update={"derived": {"z": "x + y"}, "selection": "m > 85", "drop_invalid": True})
    expected = information_matrix(load_events(spec), ["x", "z", "m"])
    require_equal(last_tally(spec, ["x", "z", "m"], batch=500).matrix(), expected)


def test_progress_goes_over_both_passes(spec):
    steps = list(stream_matrix(spec, NAMES, batch=1000))
    assert [step.n_done for step in steps] == sorted(step.n_done for step in steps)
    assert {step.n_total for step in steps} == {2 * N}
    assert steps[-1].n_done == 2 * N
    assert steps[0].coding is None
    assert steps[-1].tally.counts.n_events == N


def test_size_decides_whether_a_file_is_loaded(spec):
    """Both ways give one answer; only the streamed one reports."""
    seen = []
    loaded = matrix_of_file(spec, NAMES, report=seen.append)
    assert not seen
    streamed = matrix_of_file(spec, NAMES, max_bytes=1000, report=seen.append)
    assert len(seen) >= 3
    require_equal(streamed, loaded)


def test_only_needed_columns_are_read(spec, monkeypatch):
    read = []
    original = Plan.numbered

    def spy(plan, size):
        for n_read, rows, batch in original(plan, size):
            read.append(set(batch))
            yield n_read, rows, batch

    monkeypatch.setattr(Plan, "numbered", spy)
    last_tally(spec, ["x", "m"])
    assert all(columns == {"x", "m", "weight"} for columns in read)


def filled(rows, **options):
    """A reservoir that saw rows one thousand at a time, whose value is the row."""
    reservoir = Reservoir(("x",), 12345, size=2000, **options)
    for start in range(0, len(rows), 1000):
        batch = rows[start : start + 1000]
        reservoir.add(batch, {"x": batch.astype(float)}, batch + 0.5)
    return reservoir.sample()


def test_the_reservoir_keeps_every_event_with_the_same_chance():
    """Of 40 batches in rising order, each is represented by its share, and weights stay with their values."""
    sample = filled(np.arange(40_000))
    kept = sample.values[0]
    assert len(np.unique(kept)) == 2000
    assert np.array_equal(sample.weights, kept + 0.5)
    assert (sample.n_events, sample.extremes) == (40_000, ((0.0, 39_999.0),))
    per_quarter = np.bincount((kept // 10_000).astype(int), minlength=4)
    assert np.all(np.abs(per_quarter - 500) < 4 * np.sqrt(375))


@pytest.mark.parametrize("borders", [[3, 40_000], [17_001, 17_001], [5000, 10_000, 39_999]])
def test_samples_of_parts_merge_to_that_of_the_whole(borders, rng):
    """However the rows are divided and in whatever order the parts come, also below a limit that all stay under."""
    rows = np.sort(rng.choice(100_000, 40_000, replace=False))
    whole = filled(rows)
    parts = [filled(part) for part in np.split(rows, borders)]
    limit = int(whole.keys[-1])
    limited = [filled(part, below=limit) for part in np.split(rows, borders)]
    for found in (merged(parts[::-1], 2000), merged([merged(parts[1:], 2000), parts[0]], 2000), merged(limited, 2000)):
        assert np.array_equal(found.rows, whole.rows)
        assert np.array_equal(found.keys, whole.keys)
        assert np.array_equal(found.values[0], whole.values[0])
        assert np.array_equal(found.weights, whole.weights)
        assert (found.extremes, found.n_events) == (whole.extremes, whole.n_events)


def test_a_value_that_the_sample_missed_has_a_code(rng):
    reservoir = Reservoir(("label", "x"), 3, size=50)
    for i in range(20):
        label = np.zeros(1000)
        label[0] = i == 7
        reservoir.add(np.arange(1000 * i, 1000 * (i + 1)), {"label": label, "x": rng.normal(size=1000)}, None)
    coding = reservoir.sample().coding(("label", "x"), ("label", "x"), "all", 32, "equal_frequency")
    assert coding.boundaries[0].values.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["x"], {}, "variables x; allowed: two or more, each once"),
        (["x", "x"], {}, "variables x, x; allowed: two or more, each once"),
        (NAMES, {"bins": 1}, "1 bins; allowed: 2 to 255"),
        (NAMES, {"event_class": "both"}, "unknown event class 'both'; allowed: all, signal, background"),
        (["x", "q"], {}, "has no column 'q'"),
        (NAMES, {"batch": 0}, "batch size is 0; allowed: 1 or more"),
    ],
)
def test_bad_input_is_named(spec, names, options, message):
    with pytest.raises(DataError, match=message):
        last_tally(spec, names, **options)


def test_a_class_without_events_is_named(spec):
    none_left = spec.model_copy(update={"selection": "x > 1e9"})
    with pytest.raises(DataError, match="has no signal events that pass; allowed: at least one"):
        last_tally(none_left, NAMES, event_class="signal")
    with pytest.raises(DataError, match="has no all events that pass; allowed: at least one"):
        count_file(none_left, find_coding(spec, NAMES))
    unlabelled = spec.model_copy(update={"roles": Roles(features=("x", "y"))})
    with pytest.raises(DataError, match="has no label column"):
        last_tally(unlabelled, event_class="signal")

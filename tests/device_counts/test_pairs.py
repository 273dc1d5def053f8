"""Counts by torch are those of numba, on the processor and, where there is one, on a graphics processor."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from core.device_counts import pairs as pairs_module
from core.device_counts.pairs import count_pairs_by_torch
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.information.counts import count_pairs
from core.information.quantise import quantise
from core.information.streaming import count_file, find_coding

no_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
devices = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=no_gpu)])


@pytest.fixture
def codes(rng, monkeypatch):
    """Variables of different numbers of codes, one with missing values, counted in several blocks."""
    monkeypatch.setattr(pairs_module, "_BLOCK", 700)
    x = rng.normal(size=5000)
    y = np.where(rng.random(5000) < 0.1, np.nan, x + rng.normal(size=5000))
    return quantise({"x": x, "n": rng.integers(0, 3, 5000), "y": y, "z": x**2}, bins=16)


@devices
def test_counts_equal_those_of_numba(codes, device):
    ours, theirs = count_pairs_by_torch(codes, device=torch.device(device)), count_pairs(codes)
    assert ours.sum_w.dtype == theirs.sum_w.dtype
    assert np.array_equal(ours.sum_w, theirs.sum_w)
    assert ours.sum_w2 is ours.sum_w
    assert np.array_equal(ours.pairs, theirs.pairs)
    assert (ours.names, ours.n_events) == (theirs.names, theirs.n_events)


@devices
@pytest.mark.parametrize("integer", [True, False])
def test_sums_of_signed_weights_equal_those_of_numba(codes, device, integer, rng):
    """To the last digit for integer weights, to rounding otherwise."""
    weights = rng.integers(-2, 5, 5000).astype(float) if integer else rng.normal(1.0, 1.0, 5000)
    ours, theirs = count_pairs_by_torch(codes, weights, device=torch.device(device)), count_pairs(codes, weights)
    tolerance = 0.0 if integer else 1e-10
    assert ours.sum_w == pytest.approx(theirs.sum_w, abs=tolerance, rel=tolerance)
    assert ours.sum_w2 == pytest.approx(theirs.sum_w2, abs=tolerance, rel=tolerance)


@devices
def test_a_file_is_counted_with_it(device, tmp_path, rng):
    pq.write_table(pa.table({"x": rng.normal(size=3000), "y": rng.normal(size=3000)}), tmp_path / "toy.parquet")
    spec = DatasetSpec(path=str(tmp_path / "toy.parquet"), roles=Roles(features=("x", "y")))
    coding = find_coding(spec)
    by_torch = count_file(spec, coding, count=partial(count_pairs_by_torch, device=torch.device(device)))
    assert np.array_equal(by_torch.counts.sum_w, count_file(spec, coding).counts.sum_w)


def test_bad_input_is_named(codes):
    cpu = torch.device("cpu")
    with pytest.raises(DataError, match=r"1 variable \(x\); allowed: two or more"):
        count_pairs_by_torch(quantise({"x": np.arange(3)}), device=cpu)
    with pytest.raises(DataError, match=r"weights of shape \(2,\); allowed: one for each of the 5000 events"):
        count_pairs_by_torch(codes, np.ones(2), device=cpu)

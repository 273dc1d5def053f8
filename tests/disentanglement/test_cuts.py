"""Sculpting by cuts at a given background rejection, with weights."""

import numpy as np
import pytest

from core.disentanglement.cuts import REJECTED, tight_cuts
from core.evaluation.propagation import sculpting_error
from core.evaluation.sculpting import sculpting, spectrum_edges, split_spectrum
from core.events.table import EventTable, Roles

N = 40_000


def events_of(mass: np.ndarray, label: np.ndarray, weight: np.ndarray | None = None) -> EventTable:
    columns = {"mass": mass, "label": label} | ({} if weight is None else {"w": weight})
    roles = Roles(label="label", protected=("mass",), weight=None if weight is None else "w")
    return EventTable("toy", columns, roles)


def test_an_independent_score_is_at_the_statistical_limit(rng: np.random.Generator) -> None:
    label = (np.arange(N) % 2).astype(np.int8)
    score = rng.normal(size=N) + label
    cuts, remarks = tight_cuts(score, events_of(rng.uniform(size=N), label), rng=rng, replicas=30)
    assert [cut.rejected for cut in cuts] == list(REJECTED) == [0.995, 0.95] and not remarks
    assert [cut.n_pass for cut in cuts] == [100, 1000]
    for cut in cuts:
        share = cut.n_pass / 20_000
        assert cut.limit_nats == pytest.approx(49 / 8 * (1 / cut.n_pass + 1 / (20_000 - cut.n_pass)))
        assert cut.jsd_nats.value < 2 * cut.limit_nats
        assert 0 < cut.jsd_nats.error < cut.jsd_nats.value
        assert np.mean(score[label == 1] >= np.quantile(score[label == 0], 1 - share)) == pytest.approx(
            cut.signal_efficiency, abs=1e-3
        )


def test_a_score_that_is_the_mass_sculpts_as_computed_by_hand(rng: np.random.Generator) -> None:
    label, mass = (np.arange(N) % 2).astype(np.int8), rng.uniform(size=N)
    (cut,), _ = tight_cuts(mass, events_of(mass, label), rng=rng, replicas=2, rejected=[0.9])
    background = mass[label == 0]
    passes = background >= np.sort(background)[-cut.n_pass]
    assert cut.n_pass == pytest.approx(2000, abs=1)
    spectrum = split_spectrum(background, passes, np.ones(len(background)), spectrum_edges(background))
    assert cut.jsd_nats.value == pytest.approx(sculpting(spectrum))
    assert cut.jsd_nats.value > 20 * cut.limit_nats


def test_the_cut_rejects_the_share_of_the_weighted_background(rng: np.random.Generator) -> None:
    """High scores weigh a tenth: ten times as many events may pass."""
    label, score = (np.arange(N) % 2).astype(np.int8), rng.uniform(size=N)
    weight = np.where(score > 0.8, 0.1, 1.0)
    events = events_of(rng.uniform(size=N), label, weight)
    (cut,), _ = tight_cuts(score, events, rng=rng, replicas=0, rejected=[0.99])
    background = label == 0
    allowed = 0.01 * weight[background].sum()
    assert cut.n_pass == pytest.approx(allowed / 0.1, abs=5)  # the cut lies at a signal event
    assert cut.spectrum.passed.sum() == pytest.approx(allowed, rel=0.02)
    assert cut.jsd_nats.error == sculpting_error(cut.spectrum)  # propagated, without replicas


def test_a_cut_that_no_signal_passes_is_told_and_left_out(rng: np.random.Generator) -> None:
    label = (np.arange(2000) % 2).astype(np.int8)
    score = np.where(label == 0, rng.uniform(0.9, 1.0, 2000), rng.uniform(0.0, 0.95, 2000))
    score[np.flatnonzero(label == 0)[:100]] = 2.0
    cuts, remarks = tight_cuts(score, events_of(rng.uniform(size=2000), label), rng=rng, replicas=0)
    assert cuts == ()
    assert (
        remarks[0]
        == "no cut at 0.995 background rejection: no signal passes a cut that rejects 0.995 of the background"
    )

"""ROC curves against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.errors import DataError
from core.evaluation.roc import Ranking, area_under_curve, efficiency_at, rejection_at


@pytest.mark.parametrize("decimals", [8, 1])
def test_auc_equals_scikit_learn_with_weights_and_ties(rng: np.random.Generator, decimals: int) -> None:
    is_signal = rng.random(500) < 0.4
    scores = np.round(rng.normal(size=500) + is_signal, decimals)
    weights = rng.uniform(0.1, 3, 500)
    auc = area_under_curve(*Ranking(scores, is_signal).efficiencies(weights))
    assert auc == pytest.approx(roc_auc_score(is_signal, scores, sample_weight=weights), abs=1e-12)


def test_negative_weights_cancel_the_events_they_copy(rng: np.random.Generator) -> None:
    is_signal = np.arange(300) % 2 == 0
    scores = rng.normal(size=300) + is_signal
    cancelled = np.concatenate([scores, scores[:40], scores[:40]])
    labels = np.concatenate([is_signal, is_signal[:40], is_signal[:40]])
    weights = np.concatenate([np.ones(300), np.ones(40), -np.ones(40)])
    plain = area_under_curve(*Ranking(scores, is_signal).efficiencies(np.ones(300)))
    assert area_under_curve(*Ranking(cancelled, labels).efficiencies(weights)) == pytest.approx(plain)


def test_rejection_and_threshold_by_hand() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    is_signal = np.array([True, False, True, False, True, False])
    ranking = Ranking(scores, is_signal)
    signal, background = ranking.efficiencies(np.ones(6))
    assert rejection_at(signal, background, 2 / 3) == pytest.approx(3)
    assert ranking.threshold(np.ones(6), 2 / 3) == 0.7
    assert ranking.threshold(np.ones(6), 0.5) == 0.7
    assert rejection_at(signal, background, 0.3) == np.inf


def test_unusable_scores_are_refused() -> None:
    with pytest.raises(DataError, match="only one class"):
        Ranking(np.zeros(3), np.ones(3, bool))
    with pytest.raises(DataError, match="1 scores are not finite"):
        Ranking(np.array([0.1, np.nan]), np.array([True, False]))
    with pytest.raises(DataError, match="the background weights sum to 0"):
        Ranking(np.array([0.1, 0.2]), np.array([True, False])).efficiencies(np.array([1.0, 0.0]))


def test_the_cut_that_rejects_a_share_of_the_background_keeps_the_most_signal(rng: np.random.Generator) -> None:
    is_signal = np.arange(4000) % 2 == 0
    scores = rng.normal(size=4000) + is_signal
    signal, background = Ranking(scores, is_signal).efficiencies(np.ones(4000))
    first_that_must_fail = np.sort(scores[~is_signal])[-21]
    kept = (scores[is_signal] > first_that_must_fail).mean()
    assert efficiency_at(signal, background, 0.99) == pytest.approx(kept)
    for share in (0.0, 1.0, float("nan")):
        with pytest.raises(DataError, match="rejected share of the background is"):
            efficiency_at(signal, background, share)

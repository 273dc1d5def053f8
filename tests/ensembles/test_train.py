"""Classifiers of sets: the product is as good as the exact ratio; runs repeat; bad input is refused."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from core.ensembles.config import EnsembleConfig
from core.ensembles.results import EnsembleView
from core.ensembles.sets import group
from core.ensembles.toys import exact_auc, two_gaussians
from core.ensembles.train import conclude, fit
from core.errors import DataError
from core.events.table import EventTable, Roles
from core.learning.snapshot import Conclusion, Snapshot
from core.results import from_json, to_json

CPU = torch.device("cpu")
SHIFT, SIZE = 0.3, 5
SMALL = EnsembleConfig(set_size=SIZE, epochs=3, hidden=(16,), batch_size=512, truth="log_ratio")


@cache
def toy(n: int = 10_000) -> EventTable:
    return two_gaussians(n, SHIFT, np.random.default_rng(5))


@cache
def trained() -> tuple[Snapshot[EnsembleView], Conclusion[EnsembleView]]:
    *_, last = fit(toy(), SMALL, device=CPU, seed=1)
    return last, conclude(toy(), SMALL, last.save(), device=CPU, seed=1)


def first_epoch(events: EventTable, config: EnsembleConfig) -> Snapshot[EnsembleView]:
    return next(fit(events, config, device=CPU, seed=1))


def test_the_product_is_as_good_as_the_exact_ratio() -> None:
    view = trained()[1].view
    product = next(curve for curve in view.curves if (curve.name, curve.size) == ("product", SIZE))
    single = next(curve for curve in view.curves if (curve.name, curve.size) == ("product", 1))
    for curve, exact in zip((single, product), view.exact, strict=True):
        assert exact.size == curve.size
        assert abs(exact.behind.value) < max(2 * exact.behind.error, 1e-3)
        assert curve.auc.value == pytest.approx(exact_auc(SHIFT, curve.size), abs=2 * curve.auc.error)


def test_no_classifier_of_sets_beats_the_product() -> None:
    curves = [curve for curve in trained()[1].view.curves if curve.size == SIZE]
    assert [curve.name for curve in curves] == ["product", "list", "sorted", "set", "readback"]
    assert all(curve.behind.value > -2 * curve.behind.error for curve in curves[1:])


def test_errors_are_those_of_the_sets_that_were_judged() -> None:
    """Hanley and McNeil's error of an AUC of n + n sets; differences on the same sets are known better."""
    view = trained()[1].view
    n, auc = view.n_sets / 2, exact_auc(SHIFT, SIZE)
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    expected = np.sqrt((auc * (1 - auc) + (n - 1) * (q1 + q2 - 2 * auc**2)) / n**2)
    product, *others = (curve for curve in view.curves if curve.size == SIZE)
    assert product.auc.error == pytest.approx(expected, rel=0.4)
    assert product.behind.value == product.behind.error == 0
    assert all(curve.behind.error < curve.auc.error for curve in others)


def test_single_events_are_judged_by_f_1_and_by_what_is_read_back() -> None:
    singles = [curve for curve in trained()[1].view.curves if curve.size == 1]
    assert [curve.symbol for curve in singles] == ["f_1", "f_5→1"]
    assert singles[1].auc.value == pytest.approx(exact_auc(SHIFT), abs=0.02)


def test_a_live_view_has_curves_without_errors_and_goes_to_json() -> None:
    view = trained()[0].look()
    assert all(np.isnan(curve.auc.error) for curve in view.curves)
    again = from_json(EnsembleView, to_json(trained()[1].view))
    assert again.headline() == trained()[1].view.headline()
    assert set(again.headline()) >= {"auc_product_1", "auc_product_5", "auc_set_5_error", "auc_exact_5"}


def test_the_conclusion_scores_every_event_by_f_1() -> None:
    last, found = trained()
    assert found.score.shape == found.split.shape == (toy().n_events,)
    x, order = np.asarray(toy()["x"]), np.argsort(found.score)
    assert np.corrcoef(np.argsort(np.argsort(x)), np.argsort(order))[0, 1] > 0.99
    assert set(last.save()) == set(found.model)


def test_the_same_seed_gives_the_same_networks() -> None:
    config = SMALL.model_copy(update={"constructions": ("set",), "epochs": 1})
    one, other = (first_epoch(toy(), config).save() for _ in range(2))
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_weights_count_like_copies() -> None:
    """Background events kept with probability p and weighted 1/p give the same curves as all of them."""
    whole = toy()
    x, rng = np.asarray(whole["x"]), np.random.default_rng(9)
    p = np.where(whole.is_signal, 1.0, 1 / (1 + np.exp(x)))
    kept = rng.random(len(x)) < p
    roles = Roles(features=("x",), label="label", weight="w")
    thinned = replace(whole, columns={**whole.columns, "w": 1 / p}, roles=roles).take(np.flatnonzero(kept))
    config = SMALL.model_copy(update={"constructions": ("readback",)})
    *_, last = fit(thinned, config, device=CPU, seed=1)
    view = conclude(thinned, config, last.save(), device=CPU, seed=1).view
    for curve in view.curves:
        assert curve.auc.value == pytest.approx(exact_auc(SHIFT, curve.size), abs=3 * curve.auc.error)
    assert view.n_effective < view.n_sets


def test_a_set_holds_no_event_twice() -> None:
    index = group(23, 4, torch.Generator().manual_seed(0))
    assert index.shape == (5, 4)
    assert len(index.flatten().unique()) == 20


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"set_size": 1000}, "sets of 1000 events: .* training events of signal make 5; at least 10"),
        ({"constructions": ("bag",)}, "unknown construction 'bag'; allowed: list, product"),
        ({"sort_by": "y"}, "sorted by 'y', which is no feature; allowed: x"),
        ({"truth": "nothing"}, "has no column 'nothing'"),
    ],
)
def test_impossible_settings_are_refused(config: dict[str, object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        first_epoch(toy(), SMALL.model_copy(update=config))


def test_unusable_events_are_refused() -> None:
    good = toy(500)
    broken = replace(good, columns={**good.columns, "x": np.where(np.arange(1000) == 3, np.nan, good["x"])})
    constant = replace(good, columns={**good.columns, "x": np.ones(1000)})
    weights = np.where(np.arange(1000) < 7, np.inf, 1.0)
    endless = replace(good, columns={**good.columns, "w": weights}).with_roles(
        Roles(features=("x",), label="label", weight="w")
    )
    for events, words in (
        (broken, "1 values of 'x' are missing or infinite"),
        (constant, "x has one value only"),
        (endless, "7 of 1,000 weights are NaN or infinite"),
        (good.with_roles(Roles(label="label")), "no feature"),
        (good.with_roles(Roles(features=("x",))), "no label column"),
    ):
        with pytest.raises(DataError, match=words):
            first_epoch(events, SMALL)

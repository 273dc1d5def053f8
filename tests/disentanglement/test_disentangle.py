"""Both stages of a training: one split, one checkpoint, a judgement, and nothing lost when it is stopped."""

from collections.abc import Callable
from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest
import torch

from core.disentanglement.conclude import conclude
from core.disentanglement.disentangle import fit
from core.disentanglement.downstream import downstream_config, downstream_methods
from core.disentanglement.judge import latent_remarks
from core.disentanglement.model import MODELS
from core.disentanglement.results import DisentangleView
from core.errors import DataError
from core.events.table import Column, EventTable, Roles
from core.learning.snapshot import Snapshot
from core.results import from_json, to_json
from core.unlearning.conclude import split_of

CPU = torch.device("cpu")
SMALL = {"latent": 3, "epochs": 2, "downstream_epochs": 3, "hidden": (16,), "batch_size": 256}


@pytest.fixture(scope="module")
def events(toy_table: Callable[..., EventTable]) -> EventTable:
    return toy_table(1500)


def config_of(model: str = "beta_tcvae", **fields: Any) -> Any:
    return MODELS[model].item.config(**{**SMALL, **fields})


def train(
    events: EventTable, model: str = "beta_tcvae", seed: int = 0, looks: bool = False, **fields: Any
) -> list[Snapshot[DisentangleView]]:
    snapshots = []
    for snapshot in fit(events, model, config_of(model, **fields), device=CPU, seed=seed):
        if looks:
            snapshot.look()
        snapshots.append(snapshot)
    return snapshots


def test_the_stages_follow_each_other_and_their_scalars_tell_them_apart(events: EventTable) -> None:
    snapshots = train(events)
    assert [(each.epoch, each.n_epochs) for each in snapshots] == [(k, 5) for k in range(1, 6)]
    first, second = [set(each.scalars) for each in snapshots[:2]], [set(each.scalars) for each in snapshots[2:]]
    assert all("reconstruction" in names and "classification" not in names for names in first)
    assert all("classification" in names and "reconstruction" not in names for names in second)


def test_a_live_view_has_an_evaluation_from_the_second_stage_on(events: EventTable) -> None:
    views = [snapshot.look() for snapshot in fit(events, "beta_tcvae", config_of(), device=CPU, seed=0)]
    assert [view.evaluation is None for view in views] == [True, True, False, False, False]
    assert all(view.cuts == () and np.isnan(view.latents.mig.error) for view in views)
    assert views[0].latents.variables == ("mass", "leaking", "clean", "noise")
    assert views[0].latents.mi.shape == (3, 4) and views[0].traversal.decoded.shape == (3, 13, 3)
    assert views[-1].headline()["auc"] > 0.5


def test_looking_changes_nothing_and_a_seed_repeats(events: EventTable) -> None:
    one, two = train(events)[-1].save(), train(events, looks=True)[-1].save()
    assert one.keys() == two.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, two[name])
    assert any((value != train(events, seed=1)[-1].save()[name]).any() for name, value in one.items())


def test_the_end_judges_held_out_events_of_one_split(events: EventTable) -> None:
    config, last = config_of(), train(events)[-1]
    found = conclude(events, config, last.save(), device=CPU, seed=0)
    np.testing.assert_array_equal(found.split, split_of(events, downstream_config(config), 0))
    assert found.view.evaluation is not None and found.view.evaluation.n_events == (found.split == 2).sum()
    assert found.view.latents.n_events == ((found.split == 2) & ~events.is_signal).sum()
    assert found.score.shape == (1500,) and np.isfinite(found.score).all()
    assert [cut.rejected for cut in found.view.cuts] == [0.995, 0.95]
    assert {"auc", "jsd_nats", "mig", "mig_error", "elbo", "rejected", "tight_jsd_limit_nats"} <= set(found.scalars)
    assert found.scalars["tight_jsd_bits"] == pytest.approx(found.scalars["tight_jsd_nats"] / log(2))
    assert found.scalars["elbo"] == pytest.approx(found.view.elbo.value) and found.view.elbo.value < 0
    assert found.audit is not None or any("not audited" in remark for remark in found.remarks)
    text = to_json(found.view)
    assert to_json(from_json(DisentangleView, text)) == text


def test_the_classifier_sees_neither_the_sensitive_dimension_nor_a_feature(events: EventTable) -> None:
    arrays = train(events, latent=4)[-1].save()
    assert arrays["latent.sensitive"].tolist() == [0]
    assert arrays["classifier.networks.0.layers.0.weight"].shape[1] == (arrays["latent.kl"][1:] >= 0.01).sum()


def test_the_terms_of_the_elbo_add_up_to_the_divergence(events: EventTable) -> None:
    """Index code, total correlation and dimension-wise KL together are E KL(q(z|x) ‖ p), which has a closed form."""
    large = replace(events, columns={**events.columns, "weight": np.ones(events.n_events)})
    config = config_of(signal_share=0.5, epochs=6)
    view = conclude(large, config, train(large, signal_share=0.5, epochs=6)[5].save(), device=CPU, seed=0).view
    parts = view.elbo.index_code + view.elbo.total_correlation + view.elbo.dimension_wise
    assert parts == pytest.approx(view.latents.kl.sum(), rel=0.1)  # of training events, and of one draw an event


def test_stopped_in_the_first_stage_the_autoencoder_is_kept(events: EventTable) -> None:
    config = config_of()
    first = next(iter(fit(events, "beta_tcvae", config, device=CPU, seed=0)))
    found = conclude(events, config, first.save(), device=CPU, seed=0)
    assert found.view.evaluation is None and found.view.cuts == () and found.audit is None
    assert np.isnan(found.score).all() and np.isfinite(found.scalars["mig"]) and "auc" not in found.scalars
    assert found.remarks[0].startswith("the training ended before its classifier: the autoencoder is kept")
    assert "autoencoder.encoder.0.weight" in found.model and "latent.sensitive" in found.model


def test_what_the_latent_lost_is_said(events: EventTable) -> None:
    """Under a huge β without supervision nothing survives: said when it is stopped, refused by the second stage."""
    fields = {
        "beta": 1e4,
        "supervision": 0.0,
        "resolution": 10.0,
        "epochs": 25,
        "batch_size": 32,
        "learning_rate": 1e-2,
    }
    snapshots = fit(events, "beta_vae", config_of("beta_vae", **fields), device=CPU, seed=0)
    first = [next(snapshots) for _ in range(25)][-1]
    printed = replace(events, described={"mass": Column("mass", "m_J")})
    found = conclude(printed, config_of("beta_vae", **fields), first.save(), device=CPU, seed=0)
    assert "3 of 3 latent dimensions carry nothing and left the representation: z_1, z_2, z_3" in found.remarks
    assert any("which is to hold m_J, carries nothing" in remark for remark in found.remarks)
    with pytest.raises(DataError, match="all 3 latent dimensions hold a protected variable or nothing"):
        next(snapshots)


def test_the_mass_leaves_the_representation(rng: np.random.Generator) -> None:
    """One feature is the mass: the tied dimension holds it, the others next to nothing of it."""
    label = (np.arange(4000) % 2).astype(np.int8)
    mass, x, y = rng.uniform(5.2, 5.3, 4000), rng.normal(3, 2, 4000) + label, rng.normal(size=4000)
    columns = {"m": mass, "rebuilt": mass.copy(), "x": x, "y": y, "label": label}
    events = EventTable("toy", columns, Roles(features=("rebuilt", "x", "y"), label="label", protected=("m",)))
    fields = {"latent": 4, "epochs": 15, "hidden": (32,), "beta": 20.0, "supervision": 20.0, "batch_size": 64}
    config = config_of("beta_tcvae_sensitive", **fields, learning_rate=5e-3)
    *_, last = fit(events, "beta_tcvae_sensitive", config, device=CPU, seed=0)
    found = conclude(events, config, last.save(), device=CPU, seed=0)
    latents = found.view.latents
    assert latents.mi[0, 0] > 0.5 and max(latents.mi[j, 0] for j in latents.kept) < 0.05
    assert latents.mig.value > 10 * latents.mig.error
    assert not any("tells more of m" in remark for remark in found.remarks)


def test_a_dimension_that_tells_more_than_the_one_taken_out_is_named(events: EventTable) -> None:
    latents = next(iter(fit(events, "beta_tcvae", config_of(), device=CPU, seed=0))).look().latents
    mi, error = np.full((3, 4), 0.1), np.full((3, 4), 0.01)
    mi[2, 0], titles = 0.4, {"mass": "m_J"}
    (remark,) = latent_remarks(replace(latents, mi=mi, mi_error=error, collapsed=(), kl=np.ones(3)), (0,), titles)
    assert remark == "z_3 tells more of m_J than z_1, which is taken out: 0.4 against 0.1 nats; raise λ_s or β"
    hidden = replace(latents, mi=mi * 0, mi_error=error, collapsed=(), kl=np.ones(3), means_mi=np.full((3, 1), 0.1))
    assert latent_remarks(hidden, (0,), titles)[0] == (
        "the mean of z_2, which the classifier sees, tells 0.1 nats of m_J, a draw only 0; "
        "refine the resolution, or raise β"
    )
    assert len(latent_remarks(hidden, (0,), {})) == 2
    mi[2, 0] = 0.12
    assert latent_remarks(replace(latents, mi=mi, mi_error=error, collapsed=()), (0,), titles) == ()


@pytest.mark.parametrize("downstream", ["disco", "planing", "percentile"])
def test_any_method_of_one_score_may_follow(events: EventTable, downstream: str) -> None:
    config = config_of(downstream=downstream, train_fraction=0.6)
    *_, last = fit(events, "beta_tcvae", config, device=CPU, seed=0)
    found = conclude(events, config, last.save(), device=CPU, seed=0)
    assert np.isfinite(found.score).all()
    assert any(name.startswith("classifier.transform.") for name in found.model) == (downstream == "percentile")


def test_the_classifier_s_config_is_asked_for_in_one_place() -> None:
    config = config_of(downstream="disco", downstream_lam=30.0, downstream_epochs=7, train_fraction=0.7)
    found = downstream_config(config)
    assert (found.strength, found.epochs, found.train_fraction) == (30.0, 7, 0.7)
    assert downstream_config(config_of(downstream="disco")).strength == 2000.0
    assert "double_disco" not in downstream_methods() and "baseline" in downstream_methods()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"downstream": "dicso"}, "unknown method 'dicso'; allowed: "),
        ({"downstream": "double_disco"}, "double_disco trains 2 classifiers against each other .* baseline"),
        ({"downstream_lam": 5.0}, "downstream_lam is 5: baseline has no λ; allowed: 0"),
        (
            {"downstream": "disco", "downstream_lam": 5.0, "latent": 2, "protected": ("mass", "noise")},
            "latent is 2, as ",
        ),
        ({"label": None}, "no label column"),
        ({"constant": True}, "protected variable 'mass' is constant on background"),
        ({"protected": ("mass", "clean")}, "clean is protected and a feature at once"),
        ({"few": True}, "signal events; at least 50 are needed"),
        ({"model": "vae"}, "unknown model 'vae'; allowed: .*beta_tcvae"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_the_first_epoch(
    events: EventTable, fields: dict[str, Any], message: str
) -> None:
    options = dict(fields)
    roles = events.roles.model_copy(
        update={name: options.pop(name) for name in ("protected", "label") if name in options}
    )
    if roles.protected == ("mass", "noise"):
        roles = roles.model_copy(update={"features": ("leaking", "clean")})
    columns = dict(events.columns)
    if options.pop("constant", False):
        columns["mass"] = np.full(events.n_events, 90.0)
    broken = replace(events, columns=columns, roles=roles)
    broken = broken.take(np.arange(60)) if options.pop("few", False) else broken
    model = options.pop("model", "beta_tcvae")
    with pytest.raises(DataError, match=message):
        next(iter(fit(broken, model, config_of(**options), device=CPU, seed=0)))

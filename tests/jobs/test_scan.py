"""Scans: which runs they make, and the front that finished runs reach."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.jobs.command import command_line
from core.jobs.front import front
from core.jobs.scan import ScanPlan, parameter_title, scan_requests
from core.store.request import RunRequest
from core.store.store import RunStore

DATA = DatasetSpec(path="events.parquet")


def test_a_scan_is_methods_times_lambdas_times_seeds() -> None:
    plan = ScanPlan(methods=("baseline", "disco"), points=4, seeds=2, config={"epochs": 3, "mass_bins": 4})
    requests = scan_requests(plan, DATA)
    assert len(requests) == 2 * (1 + 4)
    assert [r.seed for r in requests] == [0] * 5 + [1] * 5
    assert requests[0].config == {"epochs": 3}
    lams = [r.config["lam"] for r in requests if r.method == "disco"][:4]
    assert lams[0] == 20
    assert lams[-1] == 4000
    assert len({r.scan for r in requests}) == 1
    assert "scan" not in command_line(requests[0])


def test_own_lambdas_replace_the_grid() -> None:
    plan = ScanPlan(methods=("disco",), lams={"disco": (1.0, 2.0)}, seeds=1)
    assert [r.config["lam"] for r in scan_requests(plan, DATA)] == [1, 2]


def test_plans_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValidationError, match="unknown method 'dicso'; allowed: "):
        ScanPlan(methods=("dicso",))
    with pytest.raises(ValidationError, match="name a method twice"):
        ScanPlan(methods=("disco", "disco"))
    with pytest.raises(DataError, match="λ values for baseline; allowed: for baseline, where they have a λ"):
        scan_requests(ScanPlan(methods=("baseline",), lams={"baseline": (1.0,)}), DATA)


def test_any_one_number_of_a_task_can_vary() -> None:
    plan = ScanPlan(task="disentangle", methods=("beta_tcvae", "factor_vae"), vary="beta", values=(1, 4), seeds=2)
    requests = scan_requests(plan, DATA)
    assert [(r.task, r.method, r.config, r.seed) for r in requests] == [
        ("disentangle", method, {"beta": value}, seed)
        for seed in (0, 1)
        for method in ("beta_tcvae", "factor_vae")
        for value in (1.0, 4.0)
    ]
    whole = ScanPlan(task="disentangle", methods=("beta_vae",), vary="latent", values=(4.0,), seeds=1)
    assert type(scan_requests(whole, DATA)[0].config["latent"]) is int


def test_a_method_without_the_parameter_is_trained_once() -> None:
    plan = ScanPlan(methods=("baseline", "transport"), vary="mix", values=(0.25, 1.0), seeds=1)
    assert [(r.method, r.config) for r in scan_requests(plan, DATA)] == [
        ("baseline", {}),
        ("transport", {"mix": 0.25}),
        ("transport", {"mix": 1.0}),
    ]


def test_parameters_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValidationError, match="no number 'betta' to vary; allowed: latent, beta"):
        ScanPlan(task="disentangle", methods=("beta_vae",), vary="betta", values=(1.0,))
    with pytest.raises(ValidationError, match="no number 'estimator' to vary"):
        ScanPlan(task="disentangle", methods=("beta_vae",), vary="estimator", values=(1.0,))
    with pytest.raises(ValidationError, match="no values of beta"):
        ScanPlan(task="disentangle", methods=("beta_vae",), vary="beta")
    with pytest.raises(ValidationError, match="unknown model 'disco'; allowed: "):
        ScanPlan(task="disentangle", methods=("disco",), vary="beta", values=(1.0,))
    with pytest.raises(DataError, match="λ values for transport"):
        scan_requests(ScanPlan(methods=("transport",), vary="mix", values=(1,), lams={"transport": (1,)}), DATA)


def test_a_parameter_is_called_as_the_methods_call_it() -> None:
    assert parameter_title("disentangle", ("beta_vae", "beta_tcvae"), "beta") == "β"
    assert parameter_title("disentangle", ("beta_vae", "factor_vae"), "beta") == "β or γ"
    assert parameter_title("unlearn", ("baseline", "disco"), "lam") == "λ"


def test_points_of_a_parameter_have_the_tight_divergence_and_the_gap(tmp_path: Path) -> None:
    """A run that was stopped before its classifier has no AUC and makes no point."""
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    roc = {"auc": 0.9, "r50": 10.0, "jsd_nats": 0.01, "jsd_limit_nats": 0.001}
    tight = {"tight_jsd_nats": 0.05, "tight_jsd_nats_error": 0.01, "tight_jsd_limit_nats": 0.04, "rejected": 0.995}
    for beta, seed, headline in (
        (1.0, 0, roc | tight | {"mig": 0.1, "mig_error": 0.01}),
        (1.0, 1, roc | tight | {"mig": 0.3, "mig_error": 0.01}),
        (4.0, 0, roc | tight | {"mig": 0.5, "mig_error": 0.01}),
        (9.0, 0, {"mig": 0.6, "mig_error": 0.01, "elbo": -3.0}),
    ):
        request = RunRequest(task="disentangle", method="beta_vae", dataset=DATA, config={"beta": beta}, seed=seed)
        run = store.add(request, {"beta": beta, "epochs": 1, "downstream_epochs": 1})
        store.finish(run.id, "done", headline=headline)
    first, second = front(store.runs(), "beta", "tight_jsd")
    assert (first.value, second.value) == (1.0, 4.0)
    assert first.mig.value == pytest.approx(0.2) and first.mig.error == pytest.approx(0.1)
    assert first.inverse_jsd.value == pytest.approx(20) and first.inverse_limit == pytest.approx(25)
    assert front(store.runs(), "beta")[0].inverse_jsd.value == pytest.approx(100)


def test_points_are_means_over_seeds_with_their_spread(tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")

    def finished(lam: float, seed: int, auc: float, jsd: float) -> None:
        request = RunRequest(dataset=DATA, config={"lam": lam}, seed=seed, scan="s")
        run = store.add(request, {"lam": lam, "epochs": 1})
        headline = {"auc": auc, "auc_error": 0.01, "r50": 10.0, "r50_error": 1.0, "jsd_nats": jsd}
        store.finish(run.id, "done", headline=headline | {"jsd_nats_error": jsd / 10, "jsd_limit_nats": 0.001})

    finished(1.0, 0, 0.80, 0.01)
    finished(1.0, 1, 0.84, 0.03)
    finished(9.0, 0, 0.70, 0.10)
    weak, strong = front(store.runs())
    assert (weak.value, len(weak.runs), weak.optimal, strong.optimal) == (1.0, 2, True, False)
    assert weak.auc.value == pytest.approx(0.82)
    assert weak.auc.error == pytest.approx(0.02)
    assert weak.inverse_jsd.value == pytest.approx(50)
    assert weak.inverse_jsd.error == pytest.approx(25)
    assert strong.inverse_jsd.error == pytest.approx(1)
    assert strong.inverse_limit == pytest.approx(1000)
    assert front([replace(store.runs()[0], headline={})]) == ()

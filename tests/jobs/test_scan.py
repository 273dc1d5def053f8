"""Scans: which runs they make, and the front that finished runs reach."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.jobs.command import command_line
from core.jobs.request import RunRequest
from core.jobs.scan import ScanPlan, front, scan_requests
from core.jobs.store import RunStore

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
    assert (weak.lam, len(weak.runs), weak.optimal, strong.optimal) == (1.0, 2, True, False)
    assert weak.auc.value == pytest.approx(0.82)
    assert weak.auc.error == pytest.approx(0.02)
    assert weak.inverse_jsd.value == pytest.approx(50)
    assert weak.inverse_jsd.error == pytest.approx(25)
    assert strong.inverse_jsd.error == pytest.approx(1)
    assert strong.inverse_limit == pytest.approx(1000)
    assert front([replace(store.runs()[0], headline={})]) == ()

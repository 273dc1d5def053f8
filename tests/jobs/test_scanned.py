"""Scans that were started: their command, progress, cost, and what their fronts say."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import core.cli.scan as command
from core.cli.main import main
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.front import FrontPoint, front
from core.jobs.runner import ThreadRunner
from core.jobs.scan import ScanPlan, lam_values, scan_command, scan_requests
from core.jobs.scanned import Scan, expected_seconds, front_sentence, hypervolumes, scans, submit_scan
from core.results import Estimate
from core.store.request import RunRequest
from core.store.store import Run, RunStore

DATA = DatasetSpec(path="events.parquet")
HEADLINE = {"auc": 0.8, "r50": 10.0, "jsd_nats": 0.01, "jsd_limit_nats": 0.001}


def run(n: int, status: str, epoch: int, seconds: float, **request: object) -> Run:
    asked = RunRequest(dataset=DATA, scan="s", **request)  # type: ignore[arg-type]
    return Run(
        f"r{n}", float(n), status, asked, {"epochs": 10}, epoch, 10, 100.0 if seconds else None,  # type: ignore[arg-type]
        100.0 + seconds if seconds else None, "", (), HEADLINE if status == "done" else {}, stopping=False,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")


PLANS = [
    ScanPlan(
        methods=("baseline", "disco", "flat0"), points=2, seeds=2, lams={"flat0": (0.5, 30.0)}, config={"epochs": 3}
    ),
    ScanPlan(methods=("baseline", "transport"), vary="mix", values=(0.25, 1.0), seeds=2),
    ScanPlan(
        task="disentangle", methods=("beta_vae",), vary="beta", values=(1.0, 4.0), seeds=1,
        config={"epochs": 3, "downstream_epochs": "2"},
    ),
]  # fmt: skip


@pytest.mark.parametrize("plan", PLANS, ids=["λ", "mix", "β"])
def test_the_command_makes_the_same_runs(
    plan: ScanPlan, toy_table: Callable[..., EventTable], data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Oracle: the command line itself reads the command back, up to where it would train."""
    events, path = toy_table(200), data_folder / "a toy.parquet"
    pq.write_table(pa.table(dict(events.columns)), path)
    spec = DatasetSpec(path=str(path), roles=events.roles, derived={"twice": "2 * clean"}, selection="mass > 40")
    asked: list[RunRequest] = []

    def remember(_store: object, requests: list[RunRequest], *_: object, **__: object) -> list[Run]:
        asked.extend(requests)
        return []

    monkeypatch.setattr(command, "run_scan", remember)
    words = shlex.split(scan_command(plan, spec))
    assert words[:3] == ["python", "-m", "core"]
    monkeypatch.setattr("sys.argv", ["core", *words[3:]])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    expected = scan_requests(plan, spec)
    assert [(r.task, r.method, r.config, r.seed, r.dataset) for r in asked] == [
        (r.task, r.method, r.config, r.seed, r.dataset) for r in expected
    ]


def test_lambda_values_are_read_as_typed() -> None:
    assert lam_values("1, 10 ,1e2 10") == (1, 10, 100)
    assert lam_values(" ") == ()
    with pytest.raises(DataError, match="'1, ten' cannot be read"):
        lam_values("1, ten")
    for wrong in ("-1", "nan", "inf"):
        with pytest.raises(DataError, match="finite numbers of at least 0"):
            lam_values(wrong)


def test_runs_without_lambda_are_one_point() -> None:
    (point,) = front([run(n, "done", 10, 5.0, method="baseline", seed=n) for n in range(3)])
    assert point.runs == ("r0", "r1", "r2")


def test_seeds_that_agree_by_chance_are_known_no_better_than_their_events_allow() -> None:
    alike = [run(n, "done", 10, 5.0, method="disco", seed=n) for n in range(2)]
    alike = [replace(each, headline=HEADLINE | {"auc_error": 0.01}) for each in alike]
    assert front(alike)[0].auc.error == pytest.approx(0.01 / 2**0.5)
    assert front(alike)[0].rejection.error == 0


def test_runs_are_grouped_by_scan_newest_first(store: RunStore) -> None:
    for name in ("old", "", "new", "old"):
        store.add(RunRequest(dataset=DATA, scan=name), {"epochs": 1})
    found = scans(store.runs())
    assert [(scan.name, len(scan.runs)) for scan in found] == [("old", 2), ("new", 1)]
    assert found[0].runs[0].created < found[0].runs[1].created


def test_a_scan_knows_what_it_varied() -> None:
    def made(*configs: dict[str, object]) -> Scan:
        return Scan("s", tuple(run(n, "done", 10, 1.0, config=config) for n, config in enumerate(configs)))

    assert made({"epochs": 3, "lam": 1.0}, {"epochs": 3, "lam": 2.0}).parameter == "lam"
    assert made({"epochs": 3, "mix": 0.5}).parameter == "mix"
    assert made({"latent": 4, "epochs": 3, "downstream_epochs": 3}, {"latent": 8, "epochs": 3}).parameter == "latent"
    assert made({"epochs": 3}).parameter == "lam"


def test_progress_counts_epochs_and_tells_the_time_left() -> None:
    scan = Scan("s", (run(1, "done", 10, 20.0), run(2, "failed", 0, 1.0), run(3, "queued", 0, 0.0)))
    assert (scan.n_ended, scan.is_live, scan.share) == (2, True, pytest.approx(2 / 3))
    assert [each.id for each in scan.failed] == ["r2"]
    assert scan.seconds_left == pytest.approx(20.0)
    assert Scan("s", (run(1, "queued", 0, 0.0),)).seconds_left is None
    assert not Scan("s", (run(1, "done", 10, 20.0),)).is_live


def test_cost_is_training_by_epochs_and_the_rest_once(store: RunStore) -> None:
    assert expected_seconds([RunRequest(dataset=DATA)], store) is None
    known = store.add(RunRequest(dataset=DATA, method="disco"), {"epochs": 2})
    store.claim(known.id)
    for epoch in (1, 2):
        store.record(known.id, epoch, {})
    store.finish(known.id, "done", headline=HEADLINE)
    finished = store.get(known.id)
    trained = store.history(known.id)[-1].seconds
    requests = [RunRequest(dataset=DATA, method=m, config={"epochs": 20}) for m in ("disco", "flat0")]
    expected = 2 * (trained / 2 * 20 + finished.seconds - trained)
    assert expected_seconds(requests, store) == pytest.approx(expected)
    assert expected_seconds(requests, store, workers=2) == pytest.approx(expected / 2)
    other = [RunRequest(dataset=DatasetSpec(path="other.parquet"))]
    assert expected_seconds(other, store) is None
    fewer = [RunRequest(dataset=DATA, method="disco", config={"train_events": 500})]
    assert expected_seconds(fewer, store) is None


def test_one_wrong_request_queues_nothing(store: RunStore, tmp_path: Path) -> None:
    runner = ThreadRunner(store, tmp_path / "runs", workers=0)
    good = RunRequest(dataset=DATA, method="disco", scan="s")
    with pytest.raises(DataError, match=r"λ \(lam\) is 1000000000.0"):
        submit_scan(runner, [good, good.model_copy(update={"config": {"lam": 1e9}})])
    assert store.runs() == []
    assert len(submit_scan(runner, [good, good])) == len(store.runs()) == 2


def point(method: str, auc: float, flat: float, error: float = 0.001, flat_error: float = 1.0) -> FrontPoint:
    flatness = Estimate(flat, flat_error)
    return FrontPoint(method, 1.0, ("r",), Estimate(auc, error), Estimate(9.0), flatness, 600.0, True)


def test_the_sentence_names_who_is_best_at_the_flattest_common_level() -> None:
    points = [point("disco", 0.82, 120), point("disco", 0.86, 20), point("flat0", 0.85, 150), point("flat0", 0.8, 540)]
    words = front_sentence([*points, point("baseline", 0.9, 7)], {"disco": "DisCo", "flat0": "Flat"})
    assert words == (
        "At 1/JSD ≥ 100 per nat, Flat keeps AUC 0.8500 ± 0.0010, 0.0300 ± 0.0014 more than DisCo. "
        "Flat goes furthest: 1/JSD 540.0 ± 1.0 per nat at AUC 0.8000 ± 0.0010 (statistical limit 600)."
    )


def test_a_baseline_that_is_as_flat_leads() -> None:
    points = [point("disco", 0.82, 120), point("flat0", 0.83, 150), point("baseline", 0.9, 130)]
    titles = {"disco": "DisCo", "flat0": "Flat", "baseline": "Baseline"}
    assert front_sentence(points, titles).startswith("At 1/JSD ≥ 100 per nat, Baseline keeps AUC 0.9000")
    alone = front_sentence([points[0], points[2]], titles)
    assert alone.startswith("At 1/JSD ≥ 100 per nat, Baseline keeps") and "more than DisCo" in alone


def test_the_sentence_claims_no_lead_within_errors() -> None:
    points = [point("disco", 0.82, 120, 0.01), point("flat0", 0.83, 150, 0.01)]
    assert "as well within the errors" in front_sentence(points, {"disco": "DisCo", "flat0": "Flat"})
    assert front_sentence([], {}) == ""
    assert "furthest" in front_sentence([point("baseline", 0.9, 5)], {"baseline": "Baseline"})


def test_a_point_that_passes_the_level_within_its_error_only_is_said_as_such() -> None:
    titles = {"disco": "DisCo", "flat0": "Flat"}
    points = [point("disco", 0.82, 104, flat_error=9.0), point("flat0", 0.85, 150, flat_error=9.0)]
    words = front_sentence(points, titles)
    assert "DisCo is that flat only within its uncertainty (1/JSD 104 ± 9 per nat)." in words
    assert "Flat is that flat" not in words
    assert "uncertainty" not in front_sentence([point("disco", 0.82, 120, flat_error=9.0), points[1]], titles)


def test_who_is_as_flat_within_the_errors_is_named_beside_who_goes_furthest() -> None:
    titles = {"disco": "DisCo", "flat0": "Flat", "mode0": "Mode"}
    points = [
        point("disco", 0.82, 540, flat_error=90.0),
        point("flat0", 0.85, 500, flat_error=90.0),
        point("mode0", 0.85, 110, flat_error=9.0),
    ]
    words = front_sentence(points, titles)
    assert words.endswith("(statistical limit 600); as far within the errors: Flat.")
    assert "as far" not in front_sentence([points[0], points[2]], titles)


def test_areas_are_those_of_each_method_alone() -> None:
    found = hypervolumes([point("disco", 0.8, 1000), point("disco", 0.9, 10), point("flat0", 0.75, 100)])
    assert found["disco"] == pytest.approx(0.2 * 0.7 + 0.1 * (2.7 - 0.7))
    assert found["flat0"] == pytest.approx(0.05 * 1.7)

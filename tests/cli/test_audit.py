"""``python -m core audit``."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from core.audit.audit import audit
from core.cli.audit import add_to
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.artifacts import write_artifacts
from core.jobs.held_out import held_out_scores
from core.learning.snapshot import Conclusion
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore


@pytest.fixture
def events(toy_table: Callable[..., EventTable]) -> EventTable:
    return toy_table(6000)


@pytest.fixture
def run_id(data_folder: Path, events: EventTable) -> str:
    """A run whose score is 'clean' on held-out events and the label on those it was trained on."""
    store = RunStore(settings().database_url)
    request = RunRequest(method="baseline", dataset=DatasetSpec(path="gone.parquet", name="toy", roles=events.roles))
    run = store.add(request, {"epochs": 1})
    split = (np.arange(6000) // 2 % 3).astype(np.int8)
    score = np.where(split == 2, 1 / (1 + np.exp(-events["clean"])), events["label"])
    conclusion = Conclusion(
        view=None, scalars={}, remarks=(), score=score.astype(np.float32), split=split, model={"w": np.zeros(1)}
    )
    write_artifacts(settings().runs / run.id, run, events, conclusion)
    store.claim(run.id)
    store.finish(run.id, "done")
    return run.id


@pytest.fixture
def call() -> Callable[..., str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)

    def run(*arguments: str) -> str:
        answer = CliRunner().invoke(app, ["audit", *arguments], catch_exceptions=False)
        assert answer.exit_code == 0
        return str(answer.stdout)

    return run


def test_only_held_out_events_are_read_with_their_roles(run_id: str, events: EventTable) -> None:
    scores, held_out = held_out_scores(settings().runs / run_id)
    kept = np.arange(6000) // 2 % 3 == 2
    np.testing.assert_array_equal(held_out["mass"], events["mass"][kept])
    np.testing.assert_array_equal(held_out.weights, events.weights[kept])
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-events["clean"][kept])), rtol=1e-6)
    assert held_out.roles.protected == ("mass",) and held_out.roles.features == ()


def test_json_has_the_numbers_of_the_core(run_id: str, call: Callable[..., str]) -> None:
    answer = json.loads(call(run_id, "--json", "--permutations", "30", "--seed", "5"))
    scores, held_out = held_out_scores(settings().runs / run_id)
    truth = audit(scores, held_out, rng=np.random.default_rng(5), permutations=30)
    assert answer["passed"] is truth.passed and answer["verdict"] == truth.verdict()
    assert [finding["p_value"] for finding in answer["findings"][:1]] == [truth.findings[0].p_value]
    mass = answer["variables"]["mass"]
    assert mass["jsd_nats"]["value"] == truth.variables[0].sculpting.jsd_nats.value
    assert mass["jsd_bits"]["value"] == pytest.approx(mass["jsd_nats"]["value"] / np.log(2))
    assert [each["chi2"] for each in mass["flatness"]] == [each.chi2 for each in truth.variables[0].flatness]
    assert mass["reasons"] == truth.variables[0].reasons


def test_a_table_and_a_verdict_in_words(run_id: str, call: Callable[..., str]) -> None:
    written = call(run_id, "--permutations", "30")
    for part in ("Spurious signal", "pass", "S/√B in the peak", "not judged", "1,000 events (N_eff", "The audit found"):
        assert part in written


def test_the_file_of_scores_is_taken_too(run_id: str, call: Callable[..., str]) -> None:
    path = settings().runs / run_id / "scores.parquet"
    by_path, by_name = (json.loads(call(str(name), "--json", "--permutations", "20")) for name in (path, run_id))
    assert by_path["findings"] == by_name["findings"]


def test_what_is_no_finished_run_is_refused(run_id: str, call: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no run 'nothing'"):
        call("nothing")
    with pytest.raises(DataError, match="no file"):
        call(str(tmp_path / "scores.parquet"))
    store = RunStore(settings().database_url)
    waiting = store.add(store.get(run_id).request, {"epochs": 1})
    with pytest.raises(DataError, match="is queued; an audit needs one that is done"):
        call(waiting.id)
    folder = settings().runs / run_id
    pq.write_table(pq.read_table(folder / "scores.parquet").drop(["mass"]), folder / "scores.parquet")
    with pytest.raises(DataError, match="no column mass"):
        call(run_id)
    (folder / "scores.parquet").unlink()
    with pytest.raises(DataError, match=r"has no scores\.parquet"):
        call(run_id)

"""``python -m core disentangle``, and what its autoencoder does on other events."""

import json
import shlex
from collections.abc import Callable
from math import log
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.cli.disentangle import config_fields
from core.disentanglement.config import VAEConfig
from core.events.table import EventTable
from core.jobs.command import command_line
from core.settings import settings
from core.store.store import RunStore

Run = Callable[..., tuple[int, str, str]]
FAST = ["--epochs", "2", "--downstream-epochs", "2", "--hidden", "8", "--batch-size", "256", "--latent", "3"]


@pytest.fixture
def trained(run: Run) -> dict[str, object]:
    code, out, err = run("disentangle", "toy.parquet", "--model", "beta_vae", *FAST, "--json")
    assert code == 0, err
    answer: dict[str, object] = json.loads(out)
    return answer


def test_one_json_object_with_the_figures_of_the_talk(trained: dict[str, object]) -> None:
    assert {"auc", "jsd_bits", "jsd_nats", "mig", "elbo", "limit_nats", "n_pass", "rejected", "seconds"} <= set(trained)
    assert trained["rejected"] == 0.995 and trained["model"] == "beta_vae" and trained["sensitive"] == [1]
    cuts = trained["cuts"]
    assert isinstance(cuts, list) and [cut["rejected"] for cut in cuts] == [0.995, 0.95]
    assert trained["jsd_nats"] == cuts[0]["jsd_nats"]
    assert trained["n_pass"] == cuts[0]["n_pass"] < cuts[1]["n_pass"]
    assert cuts[1]["jsd_bits"] == pytest.approx(cuts[1]["jsd_nats"] / log(2))
    parts = ("reconstruction", "index_code", "total_correlation", "dimension_wise")
    assert trained["elbo"] == pytest.approx(-sum(float(str(trained[name])) for name in parts))


def test_an_option_of_all_models_has_the_words_of_all() -> None:
    fields = config_fields()
    assert fields["beta"] == (VAEConfig.model_fields["beta"], "")
    assert "beta_tcvae_sensitive" in fields["alpha"][1]


def test_words_and_a_table_for_people(run: Run) -> None:
    code, out, _ = run("disentangle", "toy.parquet", *FAST)
    assert code == 0
    for part in (
        "AUC",
        "Sculpting by tight cuts",
        "99.5 %",
        "z_1 of 3 latent dimensions left out, for mass; MIG",
        "ELBO",
    ):
        assert part in out


def test_the_shown_command_repeats_the_run(run: Run, trained: dict[str, object]) -> None:
    request = RunStore(settings().database_url).get(str(trained["run"])).request
    words = shlex.split(command_line(request))
    assert words[3] == "disentangle"
    again = json.loads(run(*words[3:], "--json")[1])
    figures = ("auc", "jsd_nats", "mig", "elbo")
    assert [again[key] for key in figures] == [trained[key] for key in figures]


def test_apply_and_export_take_the_run(run: Run, trained: dict[str, object], data_folder: Path) -> None:
    name, folder = str(trained["run"]), data_folder.parent
    assert run("apply", name, "toy.parquet", "--out", "scores.parquet")[0] == 0
    scores = pq.read_table(settings().runs / name / "scores.parquet")["score"].to_numpy()
    np.testing.assert_allclose(pq.read_table(folder / "scores.parquet")["score"].to_numpy(), scores, atol=1e-6)
    assert run("export", name, "--out", "model.onnx")[0] == 0
    assert (folder / "model.onnx").stat().st_size > 1000


def test_events_are_generated_at_a_mass(
    run: Run, trained: dict[str, object], data_folder: Path, toy: EventTable
) -> None:
    options = ("--set", "mass=95", "--out", "generated.parquet", "--keep", "label", "--json")
    code, out, err = run("intervene", str(trained["run"]), "toy.parquet", *options)
    assert code == 0, err
    answer, table = json.loads(out), pq.read_table(data_folder.parent / "generated.parquet")
    assert table.column_names == ["label", "leaking", "clean", "noise"] == answer["columns"]
    assert len(table) == 1500 == answer["events"] and list(answer["positions"]) == ["z_1"]
    np.testing.assert_array_equal(table["label"].to_numpy(), toy["label"])


def test_events_are_scored_by_how_unlikely_they_are(run: Run, trained: dict[str, object], data_folder: Path) -> None:
    code, out, _ = run("anomaly", str(trained["run"]), "toy.parquet", "--out", "anomaly.parquet", "--json")
    table = pq.read_table(data_folder.parent / "anomaly.parquet").to_pandas()
    assert code == 0 and json.loads(out)["columns"] == list(table)
    np.testing.assert_allclose(table.anomaly, table.reconstruction + table.kl, rtol=1e-4)
    assert table.mass_from_z.between(50, 200).all() and table.notna().all().all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "vae"], "unknown model 'vae'; allowed: "),
        (["--latent", "1"], "is 1; allowed: at least 2"),
        (["--latent", "2", "--protected", "mass,noise"], "latent is 2, as many dimensions as 2 protected variables"),
        (["--downstream", "dicso"], "unknown method 'dicso'"),
        (["--downstream", "double_disco"], "double_disco trains 2 classifiers"),
        (["--downstream-lam", "3"], "baseline has no λ"),
        (["--label", "noise"], "label 'noise'"),
        (["--features", "mass,clean"], "is protected and a feature at once"),
        (["--select", "(mass > 79) & (mass < 80)"], "at least 50 are needed"),
        (["--gamma", "3"], "beta_tcvae has no option 'gamma'"),
    ],
)
def test_bad_input_ends_with_two_and_one_sentence(run: Run, arguments: list[str], message: str) -> None:
    code, out, err = run("disentangle", "toy.parquet", *FAST[:-2], *arguments)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split()) and "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mass", "'mass' sets nothing; write NAME=VALUE, such as m_bc=5.25"),
        ("mass=heavy", "'mass=heavy' sets nothing"),
        ("mass=1e6", "mass = 1e+06 is not among the values that the latent can tell"),
        ("noise=1", "'noise' is no protected variable of this model; allowed: mass"),
    ],
)
def test_an_intervention_that_cannot_be_made_is_refused(
    run: Run, trained: dict[str, object], text: str, message: str
) -> None:
    code, out, err = run("intervene", str(trained["run"]), "toy.parquet", "--set", text, "--out", "generated.parquet")
    assert (code, out) == (2, "") and message in " ".join(err.split())


def test_a_run_without_an_autoencoder_is_refused(run: Run) -> None:
    fast = ["--epochs", "1", "--hidden", "8", "--method", "baseline"]
    name = json.loads(run("train", "toy.parquet", *fast, "--json")[1])["run"]
    code, _, err = run("anomaly", name, "toy.parquet", "--out", "anomaly.parquet")
    assert code == 2 and "trained baseline, which has no autoencoder" in " ".join(err.split())

"""The options of every command that name two files or windows of the mass instead of a label."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.cli.dataset import dataset_spec
from core.errors import DataError
from core.events.spec import DatasetSpec, load_events
from core.events.table import EventTable
from core.information import information_matrix
from core.jobs.command import command_line
from core.store.request import RunRequest

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def halves(toy: EventTable, data_folder: Path) -> None:
    """The toy events as a file of signal and one of background, without their label."""
    for name, keep in (("signal", toy.is_signal), ("background", ~toy.is_signal)):
        columns = {each: values[keep] for each, values in toy.columns.items() if each != "label"}
        pq.write_table(pa.table(columns), data_folder.parent / f"{name}.parquet")


@pytest.mark.usefixtures("halves")
def test_two_files_have_the_numbers_of_one_with_a_label(run: Run, toy: EventTable) -> None:
    files = ("signal.parquet", "--background-file", "background.parquet")
    for event_class in ("signal", "background", "all"):
        code, out, err = run("matrix", *files, "--class", event_class, "--bins", "8", "--json")
        assert code == 0, err
        answer = json.loads(out)
        truth = information_matrix(toy, ["mass", "clean"], event_class=event_class, bins=8)
        i, j = (answer["names"].index(name) for name in ("mass", "clean"))
        # The table's order differs, which moves sums in the last digits only.
        assert answer["mi"][i][j] == pytest.approx(truth.mi[0, 1], rel=1e-9)
    columns = {each["name"]: each["role"] for each in json.loads(run("info", *files, "--json")[1])["columns"]}
    assert (columns["is_signal"], columns["weight"], columns["mass"]) == ("label", "weight", "protected")


def words_of(command: str) -> list[str]:
    """Return the words of a command from its file on, without those of the training."""
    return shlex.split(command)[4:]


def spec_again(command: str) -> DatasetSpec:
    """Read a command's options of the data set as the program does."""
    words = words_of(command)
    given = {words[k][2:].replace("-", "_"): words[k + 1] for k in range(1, len(words) - 1) if words[k][:2] == "--"}
    listed = {"protected", "features"}
    names = ("label", "weight", *listed, "select", "background_file")
    options = {name: [given[name]] if name in listed else given[name] for name in names if name in given}
    derive = [words[k + 1] for k, word in enumerate(words) if word == "--derive"]
    return dataset_spec(words[0], derive=derive, **options)  # type: ignore[arg-type]


@pytest.mark.usefixtures("halves")
def test_the_command_that_repeats_a_run_names_both_files(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data_folder.parent)
    spec = dataset_spec("signal.parquet", background_file="background.parquet")
    command = command_line(RunRequest(dataset=spec, config={"lam": 5.0}))
    assert "--background-file background.parquet" in command
    assert spec_again(command) == spec


@pytest.mark.usefixtures("halves")
def test_a_classifier_is_trained_on_two_files(run: Run) -> None:
    fast = ["--method", "disco", "--epochs", "2", "--hidden", "8", "--batch-size", "256"]
    code, out, err = run("train", "signal.parquet", "--background-file", "background.parquet", *fast, "--json")
    assert code == 0, err
    assert 0 <= json.loads(out)["auc"] <= 1
    (listed,) = json.loads(run("runs", "--json")[1])["runs"]
    assert "background.parquet" in json.dumps(listed)


def test_windows_of_the_mass_are_a_label_and_their_command_repeats_them(
    toy: EventTable, data_folder: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(data_folder.parent)
    low, middle, high, top = np.quantile(toy["mass"], [0.1, 0.4, 0.6, 0.9]).round(2).tolist()
    region, sides = f"mass:{middle}:{high}", f"{low}:{middle},{high}:{top}"
    spec = dataset_spec("toy.parquet", signal_region=region, sidebands=sides)
    assert spec.roles.label == "in_signal_region"
    assert (spec.roles.protected, "label" in spec.roles.features) == (("mass",), False)
    mass = np.asarray(toy["mass"], np.float64)
    inside = (mass >= low) & (mass < top)
    events = load_events(spec)
    np.testing.assert_array_equal(events["clean"], toy["clean"][inside])
    np.testing.assert_array_equal(events.is_signal, ((mass >= middle) & (mass < high))[inside])
    assert spec_again(command_line(RunRequest(dataset=spec, config={"lam": 5.0}))) == spec
    code, out, err = run("divergences", "toy.parquet", "--signal-region", region, "--sidebands", sides, "--json")
    assert code == 0, err
    assert "clean" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--signal-region", "mass:60:80"], "needs both --signal-region"),
        (["--sidebands", "60:80"], "needs both --signal-region"),
        (["--signal-region", "60:80", "--sidebands", "80:90"], "'60:80' is no signal region"),
        (["--signal-region", "mass:60:80", "--sidebands", "70:90"], "overlap"),
        (["--signal-region", "mass:60:80", "--sidebands", "9000:9001"], "holds no event; its values lie between"),
        (["--signal-region", "mess:60:80", "--sidebands", "80:90"], "did you mean 'mass'"),
        (["--signal-region", "mass:60:80", "--sidebands", "80:90", "--label", "label"], "both give a label"),
        (["--background-file", "toy.parquet"], "toy.parquet is given twice"),
        (["--background-file", "none.parquet"], "there is no file or folder 'none.parquet'"),
    ],
)
def test_wrong_options_are_refused_in_words(run: Run, options: list[str], said: str) -> None:
    code, _, err = run("divergences", "toy.parquet", *options)
    assert code == 2
    assert said in " ".join(err.split())


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["-999"], {"*": (-999.0,)}),
        (["-999,-1"], {"*": (-999.0, -1.0)}),
        (["mass=-999,clean=0.5", "mass=1e9"], {"mass": (-999.0, 1e9), "clean": (0.5,)}),
    ],
)
@pytest.mark.usefixtures("halves")
def test_values_that_mean_no_value_are_read_and_written(
    given: list[str], meant: dict[str, tuple[float, ...]], data_folder: Path
) -> None:
    path = str(data_folder.parent / "signal.parquet")
    spec = dataset_spec(path, label="", missing=given)
    assert spec.missing == meant
    words = words_of(command_line(RunRequest(method="flat0", dataset=spec)))
    again = [words[k + 1] for k, word in enumerate(words) if word == "--missing"]
    assert dataset_spec(path, label="", missing=again).missing == meant


@pytest.mark.parametrize("text", ["low", "=-999", "mass=", "nan", "mass=inf"])
def test_what_is_no_number_means_no_missing_value(text: str) -> None:
    with pytest.raises(DataError, match="is no missing value; write VALUE or COLUMN=VALUE, such as -999 or pt=-999"):
        dataset_spec("dimuon", missing=[text])


def test_info_says_which_option_reads_a_spike_as_missing(run: Run, data_folder: Path) -> None:
    path = data_folder.parent / "spiked.parquet"
    pq.write_table(
        pa.table({"pt": np.append(np.linspace(20, 80, 95), [-999.0] * 5), "m": np.linspace(0, 1, 100)}), path
    )
    answer = json.loads(run("info", "spiked.parquet", "--json")[1])
    assert answer["hint"] == "to read such values as missing: --missing pt=-999"
    after = json.loads(run("info", "spiked.parquet", "--missing", "-999", "--json")[1])
    assert after["hint"] is None
    assert after["findings"] == [{"severity": "warning", "text": "pt is missing in 5 of 100 events (5.0 %)"}]


def test_values_that_seem_to_mean_none_are_told_with_their_remedy(run: Run, toy: EventTable, data_folder: Path) -> None:
    columns = dict(toy.columns)
    columns["clean"] = np.where(np.arange(toy.n_events) < 30, -999.0, columns["clean"])
    columns["w_pu"] = np.ones(toy.n_events)
    pq.write_table(pa.table(columns), data_folder.parent / "spiked.parquet")
    code, out, err = run("matrix", "spiked.parquet", "--bins", "8", "--json")
    assert code == 0 and json.loads(out)
    assert '−999 seems to mean "no value" but is used as a number: in 30 of 1,500 events looked at of clean' in err
    assert "--missing clean=-999" in err
    code, _, err = run("matrix", "spiked.parquet", "--bins", "8", "--json", "--missing", "clean=-999")
    assert code == 0 and "no value" not in err


def test_columns_without_values_are_told_with_the_option_that_leaves_them_out(run: Run, data_folder: Path) -> None:
    columns = {"pt": np.linspace(20, 80, 100), "dead": np.full(100, np.nan), "const": np.full(100, 0.5)}
    pq.write_table(pa.table(columns), data_folder.parent / "dead.parquet")
    told = "dead has no value in the 100 events looked at; const is always 0.5: to leave them out: --features pt"
    assert json.loads(run("info", "dead.parquet", "--json")[1])["hint"] == told
    assert f"hint: {told}\n" in run("info", "dead.parquet")[1]
    code, _, err = run("matrix", "dead.parquet", "--bins", "8", "--json")
    assert code == 0 and f"remark: {told}" in err


def test_the_hint_proposes_neither_the_label_nor_a_weight_nor_the_mass_as_a_feature(
    run: Run, data_folder: Path
) -> None:
    n, k = 200, np.arange(200)
    columns = {"origin_code": 2 + 5 * (k % 2), "fatjet_m_sd": 90 + k % 37, "w_pu": 1 + k / 1e3, "pt": k + 20.0}
    pq.write_table(pa.table({**columns, "dead": np.full(n, np.nan)}), data_folder.parent / "asked.parquet")
    label, weight, useless = json.loads(run("info", "asked.parquet", "--json")[1])["hint"].splitlines()
    assert label.endswith("--label origin_code --signal-value 2|7") and weight.endswith("--weight w_pu")
    assert useless.endswith("dead has no value in the 200 events looked at: to leave it out: --features pt")


@pytest.mark.parametrize(
    "options",
    [["matrix", "--columns", "pt,eta"], ["matrix", "--features", "pt,eta"], ["pair", "pt", "eta"]],
)
def test_nothing_is_said_of_columns_that_a_command_does_not_use(
    run: Run, data_folder: Path, options: list[str]
) -> None:
    k = np.arange(200)
    spiked = np.where(k < 30, -999.0, k / 7)
    columns = {"pt": k % 17 + 20.0, "eta": k % 5 / 3, "dead": np.full(200, np.nan), "spiked": spiked}
    pq.write_table(pa.table(columns), data_folder.parent / "unused.parquet")
    command, *rest = options
    code, _, err = run(command, "unused.parquet", *rest, "--bins", "4", "--json")
    assert code == 0 and "remark" not in err
    code, _, err = run("matrix", "unused.parquet", "--columns", "pt,spiked", "--bins", "4", "--json")
    assert code == 0 and "--missing spiked=-999" in err and "dead" not in err


def test_info_hints_what_may_be_the_weight(run: Run, toy: EventTable, data_folder: Path) -> None:
    columns = {name: values for name, values in toy.columns.items() if name != toy.roles.weight}
    pq.write_table(pa.table({**columns, "w_pu": np.full(toy.n_events, 0.9)}), data_folder.parent / "weighted.parquet")
    hint = json.loads(run("info", "weighted.parquet", "--json")[1])["hint"]
    assert "w_pu may be the weight: --weight w_pu" in (hint or "")


def test_weights_of_one_file_only_are_told_once(run: Run, data_folder: Path) -> None:
    for name, more in (("mc", {"w": np.full(100, 1e-3)}), ("real", {})):
        pq.write_table(
            pa.table({"pt": np.linspace(20, 80, 100), "x": np.arange(100.0), **more}), data_folder.parent / name
        )
    pair = ("matrix", "mc", "--background-file", "real", "--bins", "4", "--json")
    code, _, err = run(*pair)
    assert code == 0
    assert err.count("remark: event_weight is w of mc, 1 for real; to weigh every event 1: --weight ''\n") == 1
    assert "event_weight" not in run(*pair, "--weight", "")[2]
    columns = json.loads(run("info", "mc", "--background-file", "real", "--json")[1])["columns"]
    reasons = {each["name"]: each["reason"] for each in columns}
    assert reasons["is_signal"] == "1 for events of mc, 0 for those of real"
    assert reasons["event_weight"] == "w of mc, 1 for real"

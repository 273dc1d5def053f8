"""Commands that explore print the core's numbers, write tables, and refuse bad input before they write anything."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.cli.output import err
from core.information import information_matrix, pair_map, suitable_bins
from core.information.class_divergences import class_divergences
from core.information.difference import information_difference
from core.information.geometry import geometry
from core.information.given import given_matrix
from core.information.significance import significance

NAMES = ("mass", "leaking", "noise")
COLUMNS = ("--columns", ",".join(NAMES))


def answer(run, *arguments: str) -> dict:
    code, out, _ = run(*arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_bins_suit_the_events_and_are_stated(run, toy) -> None:
    """N_eff of 750 background events bears 7 bins, not 32; the answer and the words say so."""
    found = answer(run, "matrix", "toy.parquet", "--class", "background")
    fitting = suitable_bins(toy.of_class("background").n_effective)
    assert found["bins"] == fitting < 32
    assert f"B = {fitting}," in run("matrix", "toy.parquet", "--class", "background")[1]
    assert answer(run, "matrix", "toy.parquet", "--bins", "12")["bins"] == 12


def test_significance_tells_pairs_that_share_from_noise(run, toy) -> None:
    found = answer(run, "matrix", "toy.parquet", *COLUMNS, "--class", "background", "--bins", "6", "--significance")
    truth = significance(toy, NAMES, rng=np.random.default_rng(0), event_class="background", bins=6)
    np.testing.assert_allclose(found["p_value"][0][1:], truth.p_value[0, 1:])
    np.testing.assert_allclose(found["jackknife_error"], truth.error)
    assert found["p_value"][0][0] is None
    assert found["discovery"] == truth.discoveries(0.05).tolist()
    assert (found["discovery"][0][1], found["discovery"][1][2]) == (True, False)
    out = run("matrix", "toy.parquet", *COLUMNS, "--class", "background", "--bins", "6", "--significance")[1]
    told = {line.split("│")[1].strip(): line.split("│")[-2].strip() for line in out.splitlines() if ", " in line[:20]}
    assert (told["mass, leaking"], told["leaking, noise"]) == ("yes", "no")
    assert f"{list(told.values()).count('yes')} of 3 pairs share information at a false discovery rate of 5 %" in out


def test_the_difference_is_signal_minus_background(run, toy) -> None:
    found = answer(run, "matrix", "toy.parquet", *COLUMNS, "--class", "difference", "--bins", "6")
    truth = information_difference(
        *(information_matrix(toy, NAMES, event_class=each, bins=6) for each in ("signal", "background"))
    )
    np.testing.assert_allclose(found["mi"], truth.mi)
    assert found["mi"][0][1] < 0  # leaking follows the mass, which hardly varies in signal
    assert found["n_events"] == {"signal": 750, "background": 750}
    assert "−" in run("matrix", "toy.parquet", *COLUMNS, "--class", "difference")[1]


def test_a_slow_estimator_shows_its_progress_on_stderr(run, monkeypatch) -> None:
    monkeypatch.setattr(err, "_force_terminal", True)
    code, out, told = run("matrix", "toy.parquet", *COLUMNS, "--estimator", "adaptive", "--json")
    assert code == 0
    assert json.loads(out)["names"] == list(NAMES)
    assert "Estimating pairs" in told and "3/3" in told


@pytest.mark.parametrize(
    ("words", "n_rows"),
    [
        (("matrix", "toy.parquet", *COLUMNS, "--significance"), 3),
        (("matrix", "toy.parquet", *COLUMNS, "--class", "difference"), 3),
        (("matrix", "toy.parquet", *COLUMNS, "--estimator", "adaptive"), 3),
        (("pair", "toy.parquet", "mass", "noise", "--bins", "5"), 50),
        (("geometry", "toy.parquet", *COLUMNS), 3),
        (("rank", "toy.parquet", "--no-joint"), 3),
    ],
)
def test_tables_are_written_in_both_formats_and_stdout_stays_json(run, tmp_path: Path, words, n_rows) -> None:
    for name, read in (("table.csv", pd.read_csv), ("table.parquet", pd.read_parquet)):
        code, out, told = run(*words, "--out", str(tmp_path / name), "--json")
        assert code == 0
        assert isinstance(json.loads(out), dict)
        assert f"{n_rows} rows in" in told
        assert len(read(tmp_path / name)) == n_rows


def test_significance_is_in_the_table(run, tmp_path: Path) -> None:
    run("matrix", "toy.parquet", *COLUMNS, "--significance", "--out", str(tmp_path / "table.csv"))
    assert {"p_value", "q_value"} <= set(pd.read_csv(tmp_path / "table.csv").columns)


def test_pair_compares_signal_with_background_in_the_same_bins(run, toy) -> None:
    found = answer(run, "pair", "toy.parquet", "mass", "leaking", "--bins", "6")
    assert list(found["classes"]) == ["signal", "background"]
    for event_class, told in found["classes"].items():
        truth = pair_map(toy, "mass", "leaking", event_class=event_class, bins=6)
        counted = information_matrix(toy, ["mass", "leaking"], event_class=event_class, bins=6)
        assert (told["mi"], told["mi_error"]) == (truth.mi, truth.mi_error)
        assert told["x_given_y"] == pytest.approx(told["entropy_x"] - told["mi"])
        assert told["npmi_lowest"] == np.nanmin(truth.npmi) < 0 < told["npmi_highest"] <= 1
        assert told["spearman"] == counted.spearman[0, 1]
        assert told["r_i"] == pytest.approx(np.sqrt(1 - np.exp(-2 * told["mi"])))
    out = run("pair", "toy.parquet", "mass", "leaking")[1]
    assert "signal ┃" in out and "background ┃" in out and "H(mass|leaking)" in out


def test_pair_tells_what_a_third_variable_explains(run, toy) -> None:
    found = answer(run, "pair", "toy.parquet", "mass", "leaking", "--given", "noise")
    for event_class, told in found["classes"].items():
        truth = given_matrix(toy, "noise", ("mass", "leaking"), event_class=event_class)
        assert told["given_mi"] == truth.given_mi[0, 1]
        assert told["total_correlation"] == truth.total_correlation[0, 1]
        assert (told["given"], told["given_bins"]) == ("noise", truth.bins)
    assert "I(mass;leaking|noise), B = " in run("pair", "toy.parquet", "mass", "leaking", "--given", "noise")[1]
    assert run("pair", "toy.parquet", "mass", "leaking", "--given", "mass")[0] == 2


def test_divergences_are_printed_and_written(run, toy, tmp_path: Path) -> None:
    found = answer(run, "divergences", "toy.parquet", *COLUMNS, "--bins", "6", "--out", str(tmp_path / "d.csv"))
    truth = class_divergences(toy, NAMES, bins=6)
    assert [each["name"] for each in found["variables"]] == [each.name for each in truth]
    assert found["variables"][0]["jensen_shannon"] == truth[0].jensen_shannon
    assert len(pd.read_csv(tmp_path / "d.csv")) == 3
    assert "JSD [bits]" in run("divergences", "toy.parquet")[1]


def test_a_pair_with_a_column_without_values_is_printed(run, toy, data_folder: Path) -> None:
    columns = {"x": toy["mass"], "nothing": np.full(1500, np.nan), "label": toy["label"]}
    pq.write_table(pa.table(columns), data_folder.parent / "holed.parquet")
    code, out, _ = run("pair", "holed.parquet", "x", "nothing")
    assert code == 0 and "H(nothing)" in out


def test_events_without_a_label_are_shown_together(run, toy, tmp_path: Path) -> None:
    pq.write_table(pa.table({name: toy[name] for name in ("mass", "noise")}), tmp_path / "bare.parquet")
    found = answer(run, "pair", str(tmp_path / "bare.parquet"), "mass", "noise")
    assert list(found["classes"]) == ["all"]
    assert answer(run, "geometry", str(tmp_path / "bare.parquet"), "--columns", "mass,noise")["class"] == "all"


def test_geometry_prints_map_and_order_of_the_tree(run, toy) -> None:
    found = answer(run, "geometry", "toy.parquet", *COLUMNS, "--bins", "6")
    truth = geometry(toy, NAMES, event_class="background", bins=6)
    np.testing.assert_allclose(found["distance"], truth.distance)
    np.testing.assert_allclose(found["points"], truth.points)
    assert found["order"] == [NAMES[i] for i in truth.order]
    assert len(found["merges"]) == 2
    rows = [
        line.split("│")[1].strip() for line in run("geometry", "toy.parquet", *COLUMNS)[1].splitlines() if "│" in line
    ]
    assert rows == [found["order"][k] for k in range(3)]


@pytest.mark.parametrize("command", [("matrix",), ("pair",), ("geometry",), ("rank", "--no-joint")])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--bins", "0"), "0 bins; allowed: 2 to 255"),
        (("--bins", "1"), "1 bins; allowed: 2 to 255"),
        (("--bins", "1000"), "1000 bins; allowed: 2 to 255"),
        (("--out", "new.txt"), "file 'new.txt'; allowed extensions: .csv, .parquet"),
        (("--out", "new"), "file 'new'; allowed extensions: .csv, .parquet"),
        (("--out", "nowhere/new.csv"), "no folder 'nowhere' for 'new.csv'"),
        (("--out", "folder.csv"), "'folder.csv' is a folder"),
        (("--select", "mass > 1e9", "--out", "new.csv"), ""),
    ],
)
def test_bad_options_end_with_two_and_nothing_written(run, data_folder: Path, command, options, message) -> None:
    (data_folder.parent / "folder.csv").mkdir()
    before = sorted(data_folder.parent.rglob("*"))
    code, out, told = run(
        command[0], "toy.parquet", *(NAMES[:2] if command == ("pair",) else ()), *command[1:], *options
    )
    assert code == 2
    assert out == ""
    assert told.startswith("error: ") and told.count("\n") == 1
    assert message in told
    assert sorted(data_folder.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("pair", "gone.parquet", "mass", "noise"), "no file or folder 'gone.parquet'"),
        (("geometry", "gone.parquet"), "no file or folder 'gone.parquet'"),
        (("rank", "gone.parquet"), "no file or folder 'gone.parquet'"),
        (("pair", "toy.parquet", "mass", "mas"), "no column 'mas'"),
        (("pair", "toy.parquet", "mass", "mass"), "each variable once"),
        (("geometry", "toy.parquet", "--columns", "mas,noise"), "no column 'mas'"),
        (("geometry", "toy.parquet", "--columns", "noise"), "1 variable (noise)"),
        (("geometry", "toy.parquet", "--class", "sgnal"), "unknown event class 'sgnal'"),
        (("geometry", "bare.parquet", "--class", "signal"), "no label column"),
        (("matrix", "bare.parquet", "--class", "signal"), "no label column"),
        (("matrix", "bare.parquet", "--class", "difference"), "no label column"),
        (("rank", "bare.parquet"), "no label column"),
        (("matrix", "toy.parquet", "--estimator", "adaptive", "--significance"), "--significance with estimator"),
        (("matrix", "toy.parquet", "--estimator", "adaptive", "--bins", "8"), "--bins with estimator 'adaptive'"),
        (("matrix", "toy.parquet", "--class", "difference", "--significance"), "p-values of its own"),
    ],
)
def test_bad_input_is_told_in_one_line(run, toy, data_folder: Path, arguments, message) -> None:
    bare = {name: toy[name] for name in ("mass", "noise")}
    pq.write_table(pa.table(bare), data_folder.parent / "bare.parquet")
    code, out, told = run(*arguments)
    assert (code, out) == (2, "")
    assert message in told
    assert told.count("\n") == 1


def test_every_command_that_reads_events_takes_the_same_options(run) -> None:
    shared = ("--label", "--weight", "--protected", "--features", "--derive", "--select", "--signal-value")
    for command in ("info", "matrix", "pair", "rank", "geometry", "train"):
        code, out, _ = run(command, "--help")
        assert code == 0
        assert [option for option in (*shared, "--drop-invalid") if option not in out] == []
        assert out.index("--drop-invalid") < out.index("--json")


def test_pairs_are_shown_given_a_third_variable_in_the_unit_that_is_asked_for(run) -> None:
    options = ("matrix", "toy.parquet", "--columns", "leaking,clean", "--given", "mass")
    found = answer(run, *options)
    shared = found["given_mi"][0][1]
    assert found["given"] == "mass"
    assert found["interaction"][0][1] == pytest.approx(shared - found["mi"][0][1])
    code, printed, _ = run(*options, "--unit", "bits")
    assert code == 0 and "I(X;Y|Z) [bits]" in printed and f"{shared / math.log(2):.3f}" in printed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--measure", "nope"], "unknown measure 'nope'"),
        (["--measure", "interaction"], "needs a third variable"),
        (["--unit", "hartley"], "unknown unit 'hartley'; allowed: nats, bits"),
        (["--given", "mass", "--estimator", "adaptive"], "--given with another estimator"),
        (["--measure", "iqr", "--class", "difference"], "--measure with another estimator"),
    ],
)
def test_measures_that_do_not_go_together_are_refused(run, options: list[str], words: str) -> None:
    code, _, problem = run("matrix", "toy.parquet", "--columns", "leaking,clean", *options)
    assert code == 2 and words in " ".join(problem.split())


def test_an_infinite_weight_is_told_in_one_sentence(run, toy, data_folder: Path) -> None:
    weight = np.where(np.arange(1500) < 8, np.inf, 1.0)
    pq.write_table(pa.table(dict(toy.columns) | {"weight": weight}), data_folder.parent / "inf.parquet")
    commands = {
        ("matrix", "inf.parquet"): "8 of 1500",
        ("matrix", "inf.parquet", "--given", "mass"): "8 of 1500",
        ("pair", "inf.parquet", "mass", "noise"): "4 of 750",
        ("geometry", "inf.parquet"): "4 of 750",
        ("rank", "inf.parquet", "--no-joint"): "8 of 1500",
        ("divergences", "inf.parquet"): "8 of 1500",
    }
    for command, counted in commands.items():
        code, out, told = run(*command)
        assert (code, out) == (2, "")
        assert f"error: {counted} weights are NaN or infinite; allowed: finite weights" in told
        assert "Warning" not in told


def test_too_few_events_for_the_bins_are_remarked_on(run, toy, data_folder: Path) -> None:
    few = toy.take(np.r_[np.arange(0, 1500, 2), [1, 3, 5]]).columns
    pq.write_table(pa.table(dict(few) | {"weight": np.ones(753)}), data_folder.parent / "few.parquet")
    remark = "remark: N_eff of signal is 3, under 10 B² = 160 for B = 4: bias may exceed the errors; more events"
    for command in (("matrix", "few.parquet", "--class", "signal"), ("pair", "few.parquet", "mass", "noise")):
        code, _, told = run(*command)
        assert code == 0 and remark in told
    code, out, told = run("matrix", "few.parquet", "--class", "difference")
    assert (code, out) == (2, "") and "3 effective signal events; allowed: 20 or more of each class" in told
    assert "remark: N_eff of both classes at even odds is 12," in run("rank", "few.parquet", "--no-joint")[2]
    assert "take --bins 8 or more events" in run("matrix", "few.parquet", "--weight", "", "--bins", "30")[2]
    assert "N_eff" not in run("matrix", "few.parquet", "--class", "background")[2]


def test_columns_of_numbers_that_are_text_are_told(run, toy, data_folder: Path) -> None:
    frame = pd.DataFrame({name: toy[name] for name in ("mass", "clean", "label")})
    frame.to_csv(data_folder.parent / "comma.csv", sep=";", decimal=",", index=False)
    for command in ("matrix", "rank", "geometry", "divergences"):
        code, out, told = run(command, "comma.csv")
        assert (code, out) == (2, "")
        assert "no column of numbers has the role that is needed; mass, clean hold text such as" in told
        assert "write decimals with a point" in told
    frame["clean"] = frame["clean"].astype(object)
    frame.loc[777, "clean"] = "bad"
    frame.to_csv(data_folder.parent / "bad.csv", index=False)
    code, _, told = run("matrix", "bad.csv")
    assert code == 0 and "remark: clean holds numbers but for 1 value ('bad') and is read as text" in told

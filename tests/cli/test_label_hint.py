"""The options that name the label are said by every command that misses it, in the words of ``info``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
HINT = "kind holds bkg and sig only and may be the label: --label kind --signal-value bkg|sig"

EXPLORING = (
    ("matrix", "{path}"),
    ("matrix", "{path}", "--class", "background"),
    ("pair", "{path}", "pt", "mass"),
    ("rank", "{path}"),
    ("divergences", "{path}"),
    ("geometry", "{path}"),
    ("histograms", "{path}", "--out", "{path}.root"),
)


@pytest.fixture
def texts(tmp_path: Path) -> str:
    path = tmp_path / "texts.csv"
    rows = (f"{k % 37},{(k * k) % 41 + 80},{('bkg', 'sig')[k % 2]}\n" for k in range(400))
    path.write_text("pt,mass,kind\n" + "".join(rows))
    return str(path)


@pytest.mark.parametrize("command", ["train", "slide", "scan", "disentangle", "rank"])
def test_a_command_that_misses_the_label_says_what_info_says(run: Run, texts: str, command: str) -> None:
    assert json.loads(run("info", texts, "--json")[1])["hint"] == HINT
    code, _, err = run(command, texts)
    assert code == 2
    assert f"texts has no label column; choose the column that is 1 for signal and 0 for background; {HINT}" in err


@pytest.mark.parametrize("command", ["train", "rank", "info"])
def test_a_label_of_text_says_which_option_takes_its_signal_value(run: Run, texts: str, command: str) -> None:
    code, _, err = run(command, texts, "--label", "kind")
    assert code == 2
    assert "choose which value is signal; the option that says it: --signal-value bkg|sig" in err


def labelled_by(path: Path, held: tuple[object, ...]) -> str:
    rows = (f"{k % 37},{(k * k) % 41 + 80},{held[k % len(held)]}\n" for k in range(300))
    path.write_text("pt,mass,label\n" + "".join(rows))
    return str(path)


def test_a_label_of_three_texts_is_hinted(run: Run, tmp_path: Path) -> None:
    path = labelled_by(tmp_path / "texts.csv", ("Z", "ggH", "ttbar"))
    hint = "label holds Z, ggH and ttbar only and may be the label: --label label --signal-value Z|ggH|ttbar"
    assert json.loads(run("info", path, "--json")[1])["hint"] == hint
    assert hint in run("rank", path)[2]


@pytest.mark.parametrize("held", [(2, 7), (345, 364100, 410470)])
def test_codes_are_no_classes_before_one_is_said_to_be_signal(run: Run, tmp_path: Path, held: tuple[int, ...]) -> None:
    path = labelled_by(tmp_path / "codes.csv", held)
    for command in EXPLORING:
        code, _, err = run(*(each.format(path=path) for each in command))
        assert code == 2, command
        assert (
            "choose which value is signal; the option that says it: --signal-value " + "|".join(map(str, held)) in err
        )
    code, out, _ = run("matrix", path, "--class", "signal", "--signal-value", str(held[0]), "--json")
    assert code == 0 and json.loads(out)["n_events"] == 300 / len(held)


def test_few_codes_are_hinted_where_their_name_says_what_they_are(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("pt,n_jets,process\n" + "".join(f"{k % 37},{k % 4},{(345, 9, 71)[k % 3]}\n" for k in range(300)))
    expected = "process holds 9, 71 and 345 only and may be the label: --label process --signal-value 9|71|345"
    assert json.loads(run("info", str(path), "--json")[1])["hint"] == expected


def test_events_without_a_label_are_no_background(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "unlabelled.csv"
    label = ("", *"01" * 20)
    path.write_text("pt,mass,label\n" + "".join(f"{k % 37},{k * k % 41 + 80},{label[k % 41]}\n" for k in range(410)))
    for command in EXPLORING:
        code, _, err = run(*(each.format(path=path) for each in command))
        assert code == 2, command
        assert (
            "label 'label' is missing in 10 of 410 events; drop invalid events; the option that does it: --drop-invalid"
            in err
        )
    code, out, _ = run("matrix", str(path), "--class", "background", "--drop-invalid", "--json")
    assert code == 0 and json.loads(out)["n_events"] == 200


def test_nothing_is_said_of_labels_where_the_error_is_another(run: Run, texts: str) -> None:
    _, _, err = run("train", texts, "--label", "kind", "--signal-value", "sig", "--protected", "")
    assert "no protected variable" in err and "--signal-value" not in err
    _, _, err = run("matrix", texts, "--columns", "nothing")
    assert "--label" not in err
    _, _, err = run("train", texts, "--protected", "", "--label", "")
    assert "--label" not in err

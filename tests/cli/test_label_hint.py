"""The options that name the label are said by every command that misses it, in the words of ``info``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
HINT = "kind holds bkg and sig only and may be the label: --label kind --signal-value bkg|sig"


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


def test_nothing_is_said_of_labels_where_the_error_is_another(run: Run, texts: str) -> None:
    _, _, err = run("train", texts, "--label", "kind", "--signal-value", "sig", "--protected", "")
    assert "no protected variable" in err and "--signal-value" not in err
    _, _, err = run("matrix", texts, "--columns", "nothing")
    assert "--label" not in err
    _, _, err = run("train", texts, "--protected", "", "--label", "")
    assert "--label" not in err

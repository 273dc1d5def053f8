"""``export``, ``figures`` and ``histograms`` write what they name and say so."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import uproot

from core.cli.main import main
from core.exports.results import RunResults
from core.exports.run_figures import figures_of

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run ``python -m core`` in this process, in an empty folder, and return its exit code, stdout and stderr."""
    monkeypatch.setenv("INFOSCOPE_DATA", str(data))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["core", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        written = capsys.readouterr()
        return int(end.value.code or 0), written.out, written.err

    return run


def test_the_ending_of_the_name_says_what_is_written(call: Call, unlearnt: RunResults, tmp_path: Path) -> None:
    run = unlearnt.run.id
    code, said, _ = call("export", run, "--out", "report.html")
    assert code == 0 and "a report that opens offline" in said
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    code, said, _ = call("export", run, "--out", "submission.tar.gz")
    assert code == 0 and "a valid submission to HEPData, 4 tables" in said
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "submission.tar.gz").read_bytes())) as archive:
        assert "submission.yaml" in archive.getnames()
    code, said, _ = call("export", run, "--out", "run.root")
    assert code == 0 and "8 histograms" in said
    code, said, _ = call("export", run, "--out", "run.safetensors")
    assert code == 0 and "disco, inputs leaking, clean" in said


def test_an_ending_that_is_not_known_and_a_lambda_in_vain_are_refused(call: Call, unlearnt: RunResults) -> None:
    code, _, said = call("export", unlearnt.run.id, "--out", "run.docx")
    assert code == 2 and "unknown kind of file 'run.docx'; allowed: a name that ends in .onnx, .safetensors" in said
    code, _, said = call("export", unlearnt.run.id, "--out", "report.html", "--lam", "3")
    assert code == 2 and "--lam 3 is of no use to 'report.html'" in said
    code, _, said = call("export", unlearnt.run.id, "--out", "missing/report.html")
    assert code == 2 and "cannot be written" in said


def test_figures_and_tables_go_into_a_folder(
    call: Call, unlearnt: RunResults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = {name: figure for name, figure in figures_of(unlearnt).items() if name in ("roc", "spectrum-mass")}
    monkeypatch.setattr("core.exports.paper.figures_of", lambda *_: drawn)
    code, said, _ = call(
        "figures", unlearnt.run.id, "--out", "paper", "--format", "svg", "--width", "page", "--tables", "tex,csv"
    )
    assert code == 0
    written = {path.name for path in (tmp_path / "paper").iterdir()}
    assert {"roc.svg", "spectrum-mass.svg", "figures-of-merit.tex", "roc.csv"} <= written
    assert len(said.splitlines()) == len(written)
    assert call("figures", unlearnt.run.id, "--out", "paper", "--tables", "xlsx")[0] == 2


def test_histograms_of_a_sample(call: Call, tmp_path: Path) -> None:
    code, said, _ = call("histograms", "dimuon", "--select", "110 < m_mumu < 150", "--out", "dimuon.root")
    assert code == 0, said
    with uproot.open(tmp_path / "dimuon.root") as file:
        assert any(kind == "TH1D" for kind in file.classnames().values())

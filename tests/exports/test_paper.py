"""The figures and tables of a run become files for a paper."""

import io
import zipfile

import pytest

from core.errors import DataError
from core.exports.paper import paper_archive, table_files
from core.exports.results import RunResults
from core.exports.run_figures import figures_of, tables_of


def test_an_archive_holds_every_figure_and_table(unlearnt: RunResults, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {name: figure for name, figure in figures_of(unlearnt).items() if name in ("roc", "loss")}
    monkeypatch.setattr("core.exports.paper.figures_of", lambda *_: drawn)
    with zipfile.ZipFile(io.BytesIO(paper_archive(unlearnt))) as archive:
        names = archive.namelist()
        assert set(names) == {f"figures/{name}.pdf" for name in drawn} | {
            f"tables/{name}.csv" for name in tables_of(unlearnt)
        }
        assert all(archive.read(name).startswith(b"%PDF") for name in names if name.endswith(".pdf"))


def test_long_tables_are_not_written_as_latex(unlearnt: RunResults) -> None:
    names = [name for name, _ in table_files(unlearnt, ("tex", "parquet"))]
    assert "figures-of-merit.tex" in names and "roc.tex" not in names
    assert {f"{name}.parquet" for name in tables_of(unlearnt)} <= set(names)


def test_an_unknown_format_is_refused(unlearnt: RunResults) -> None:
    with pytest.raises(DataError, match="unknown format of tables 'xlsx'; allowed: csv, parquet, tex"):
        list(table_files(unlearnt, ("xlsx",)))  # type: ignore[arg-type]

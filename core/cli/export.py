"""``export``: what a run leaves to others, in one file: its model, a report, a submission to HEPData, histograms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from core.cli.apply import RunId
from core.cli.output import out
from core.errors import DataError
from core.events.spec import load_events
from core.jobs.artifacts import MODEL
from core.jobs.saved import load_model
from core.settings import settings
from core.store.store import RunStore


def export(
    run: RunId,
    out_file: Annotated[
        Path,
        typer.Option(
            "--out",
            help="File to write: a model (.onnx or .safetensors), a report (.html), a submission to HEPData (.tar.gz), "
            "histograms (.root), or all figures as PDF and tables as CSV (.zip).",
        ),
    ],
    lam: Annotated[float | None, typer.Option(help="λ of a slider's model; its largest when not given.")] = None,
) -> None:
    """Write a run as one file; the ending of its name says what is written.

    ONNX is compared with our own scores to 1e-5, a submission is validated by HEPData's schemas.
    """
    write = next((each for ending, each in KINDS.items() if out_file.name.endswith(ending)), None)
    if write is None:
        *first, last = KINDS
        raise DataError(
            f"unknown kind of file {out_file.name!r}; allowed: a name that ends in {', '.join(first)} or {last}"
        )
    if lam is not None and write is not _onnx:
        raise DataError(f"--lam {lam:g} is of no use to {out_file.name!r}; allowed: with a name that ends in .onnx")
    content, words = write(RunStore(settings().database_url).get(run).id, lam)
    write_file(out_file, content)
    out.print(f"{out_file}: {len(content):,} bytes, {words}")


def write_file(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        DataError: the disk does not take it.
    """
    try:
        path.write_bytes(content)
    except OSError as problem:
        raise DataError(f"{path} cannot be written: {problem.strerror or problem}") from problem


def _onnx(run: str, lam: float | None) -> tuple[bytes, str]:
    from core.unlearning.onnx_export import onnx_bytes  # imports onnxruntime, which other commands can do without

    saved = load_model(settings().runs / run, lam)
    events = load_events(RunStore(settings().database_url).get(run).request.dataset)
    x, m = events.matrix(saved.inputs, np.float32), events.matrix(saved.protected, np.float64)
    content = onnx_bytes(saved.model, saved.inputs, saved.protected, x, m)
    return content, f"{saved.method}, inputs {', '.join(saved.inputs)}"


def _safetensors(run: str, _lam: float | None) -> tuple[bytes, str]:
    saved = load_model(settings().runs / run)
    return (settings().runs / run / MODEL).read_bytes(), f"{saved.method}, inputs {', '.join(saved.inputs)}"


def _report(run: str, _lam: float | None) -> tuple[bytes, str]:
    from core.exports.report import report_html
    from core.exports.results import read_results
    from core.exports.run_figures import figures_of

    results = read_results(RunStore(settings().database_url), run, settings().runs)
    return report_html(results).encode(), f"a report that opens offline, {len(figures_of(results))} figures"


def _hepdata(run: str, _lam: float | None) -> tuple[bytes, str]:
    from core.exports.hepdata import hepdata_archive
    from core.exports.hepdata_tables import data_tables
    from core.exports.results import read_results

    results = read_results(RunStore(settings().database_url), run, settings().runs)
    return hepdata_archive(results), f"a valid submission to HEPData, {len(data_tables(results))} tables"


def _root(run: str, _lam: float | None) -> tuple[bytes, str]:
    from core.exports.histograms import root_file, run_histograms
    from core.exports.results import read_results

    histograms = run_histograms(read_results(RunStore(settings().database_url), run, settings().runs))
    return root_file(histograms), f"{len(histograms)} histograms of held-out events"


def _paper(run: str, _lam: float | None) -> tuple[bytes, str]:
    from core.exports.paper import paper_archive
    from core.exports.results import read_results

    results = read_results(RunStore(settings().database_url), run, settings().runs)
    return paper_archive(results), "figures as PDF for one column, tables as CSV"


KINDS: dict[str, Callable[[str, float | None], tuple[bytes, str]]] = {
    ".onnx": _onnx,
    ".safetensors": _safetensors,
    ".html": _report,
    ".tar.gz": _hepdata,
    ".root": _root,
    ".zip": _paper,
}
"""Ending of a file's name → what makes its content and says what it is."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("export")(export)

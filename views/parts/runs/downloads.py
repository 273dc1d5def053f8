"""What a finished run offers to take along: files for a paper, for others, and what it wrote itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.errors import DataError
from core.jobs.artifacts import MANIFEST, MODEL, SCORES
from core.jobs.command import command_line
from core.settings import settings
from core.store.store import Run, RunStore, StoreError
from views.parts.frame.alone import alone
from views.parts.frame.state import store, told
from views.parts.words import sentence

FILES = {
    SCORES: (
        "Scores (Parquet)",
        "Score, label, weight and protected variables of every event, and its part in the training.",
    ),
    MODEL: ("Model (safetensors)", "The network with its input standardisation; metadata name the inputs."),
    MANIFEST: ("Manifest (JSON)", "Data fingerprint, config, seed and versions: what repeats the run."),
}
"""File of a run's folder → its label, and what it holds."""
log = logging.getLogger(__name__)
GONE = "The run left no such file."


@dataclass(frozen=True)
class Made:
    """Describe a file that is made from a run when it is asked for.

    Args:
        label: of its button.
        icon: of its button.
        ending: of its name.
        help: what it holds.
        make: (store, id of the run) → its content; imports what it needs, so that no page waits for it.
        needs: files of the run's folder without which it cannot be made.
    """

    label: str
    icon: str
    ending: str
    help: str
    make: Callable[[RunStore, str], bytes]
    needs: tuple[str, ...] = ()


def _report(runs: RunStore, run_id: str) -> bytes:
    from core.exports.report import report_html
    from core.exports.results import read_results

    return report_html(read_results(runs, run_id, settings().runs)).encode()


def _paper(runs: RunStore, run_id: str) -> bytes:
    from core.exports.paper import paper_archive
    from core.exports.results import read_results

    return paper_archive(read_results(runs, run_id, settings().runs))


def _hepdata(runs: RunStore, run_id: str) -> bytes:
    from core.exports.hepdata import hepdata_archive
    from core.exports.results import read_results

    return hepdata_archive(read_results(runs, run_id, settings().runs))


def _root(runs: RunStore, run_id: str) -> bytes:
    from core.exports.histograms import root_file, run_histograms
    from core.exports.results import read_results

    return root_file(run_histograms(read_results(runs, run_id, settings().runs)))


MADE: Mapping[str, Made] = {
    "report": Made(
        "Report (HTML)", ":material/article:", "report.html",
        "Verdict, figures, audit, options and manifest in one file of about 5 MB that opens without a network; its "
        "figures stay interactive.",
        _report,
    ),
    "paper": Made(
        "Figures (zip of PDFs)", ":material/picture_as_pdf:", "figures.zip",
        "All figures as PDF for one column of a journal, 86 mm wide, without the mark of an experiment, and their "
        "numbers as CSV, in a zip. Drawing them takes some seconds; the page can be used meanwhile.",
        _paper,
    ),
    "hepdata": Made(
        "HEPData (tar.gz)", ":material/database_upload:", "hepdata.tar.gz",
        "Numbers of the figures with their errors and a picture of each, as HEPData takes them; validated by its "
        "schemas.",
        _hepdata,
    ),
    "root": Made(
        "Histograms (ROOT)", ":material/bar_chart:", "histograms.root",
        "Protected variables before and after the cut, and scores, of signal and background held out from the "
        "training: TH1D with Σw and Σw².",
        _root, (SCORES,),
    ),
}  # fmt: skip
"""What is made from a run when it is asked for."""


def downloads(run: Run) -> None:
    """Offer all that can be taken from a finished run, and the command that repeats it."""
    st.subheader("Export", anchor=False)
    alone(_row)(run)
    with st.expander("The command that repeats this run"):
        st.code(command_line(run.request), language="bash", wrap_lines=True)


def export_menu(run: Run) -> None:
    """Offer the same in a small menu, for a place under the verdict of a finished run."""
    with st.popover("Export", icon=":material/download:", key=f"export-menu-{run.id}"):
        alone(_menu)(run)


@told()
def _row(run: Run) -> None:
    if _is_there(run):
        _offer(run, "download", [*st.columns(len(MADE)), *st.columns(len(FILES))])


@told()
def _menu(run: Run) -> None:
    if _is_there(run):
        _offer(run, "menu", [st.container() for _ in (*MADE, *FILES)])


def _is_there(run: Run) -> bool:
    """Return whether a run is still in the store; say where it went if it was deleted since the page was drawn.

    Each click on a button draws the buttons again, and so asks anew.
    """
    try:
        store().get(run.id)
    except StoreError:  # the run may be there
        raise
    except DataError:
        st.error(
            f"Run {run.id} was deleted meanwhile: nothing of it can be downloaded. For a day, *Deleted runs* on the "
            "page Runs brings it back.",
            icon=":material/delete:",
        )
        return False
    return True


def _offer(run: Run, key: str, places: list[st.delta_generator.DeltaGenerator]) -> None:
    """Draw a button for each file; one that lacks what it needs, or failed before, says so."""
    folder = settings().runs / run.id
    found = run.status in ("done", "stopped") and folder.exists()
    for place, (name, made) in zip(places, MADE.items(), strict=False):
        lacking = not found or not all((folder / each).exists() for each in made.needs)
        failed = _problems().get((run.id, name))
        place.download_button(
            made.label, partial(_content, _problems(), made, name, store(), run.id), f"{run.id}-{made.ending}",
            icon=made.icon, help=GONE if lacking else made.help, disabled=lacking, key=f"{key}ed-{run.id}-{name}",
            width="stretch",
        )  # fmt: skip
        if failed is not None:
            place.caption(f"{made.label} could not be made. {sentence(failed)}")
    for place, (name, (label, words)) in zip(places[len(MADE) :], FILES.items(), strict=True):
        there = (folder / name).exists()
        place.download_button(
            label, partial(_kept, store(), run.id, name), f"{run.id}-{name}", help=words if there else GONE,
            disabled=not there, key=f"{key}-{run.id}-{name}", width="stretch",
        )  # fmt: skip


def _kept(runs: RunStore, run_id: str, name: str) -> bytes:
    """Return a file of a run's folder, unless the run was deleted."""
    runs.get(run_id)
    return (settings().runs / run_id / name).read_bytes()


@st.cache_resource(show_spinner=False)
def _problems() -> dict[tuple[str, str], str]:
    """Keep why files could not be made: Streamlit says only that one failed, the page, drawn again, says why."""
    return {}


def _content(problems: dict[tuple[str, str], str], made: Made, name: str, runs: RunStore, run_id: str) -> bytes:
    """Make a file, outside the page's own thread; remember and log what hindered it."""
    problems.pop((run_id, name), None)
    try:
        return made.make(runs, run_id)
    except DataError as problem:
        problems[run_id, name] = str(problem)
        log.warning("%s of run %s could not be made: %s", made.label, run_id, problem)
        raise

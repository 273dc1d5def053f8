"""Histograms with weights: of a run's protected variables and scores, and of the columns of a data set."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import DataError
from core.events.histograms import BINS, class_histogram
from core.events.table import Column, EventClass, EventTable
from core.exports.drawn import slugs
from core.exports.results import RunResults
from core.jobs.artifacts import SCORE_NAMES, SCORES
from core.learning.split import HELD_OUT
from core.numbers import format_percent

if TYPE_CHECKING:
    import hist

_INDEX = re.compile(r"([_^])([^\s_^{}()\[\]/]+)")
SCORE_BINS = 50


def run_histograms(results: RunResults) -> dict[str, hist.Hist[Any]]:
    """Histogram the held-out events of a run: protected variables before and after the cut, and scores, by class.

    A bin holds Σw and Σw². The bins of a protected variable are those of the run's own spectra, so that the background
    that passes has the run's own contents; events beyond the edges are in the flow bins. A protected variable without a
    finite value has no bins and is left out.

    Args:
        results: of the run.

    Returns:
        Path in a ROOT file, such as "spectra/mass/background/passing" → histogram.

    Raises:
        DataError: the run left no scores, or none of single events.
    """
    events, scores = _held_out(results)
    evaluation = results.evaluation
    parts: dict[str, tuple[NDArray[np.bool_], str]] = {"all": (np.ones(events.n_events, np.bool_), "")}
    if evaluation is not None:
        passes = scores["score"] >= evaluation.threshold
        cut = f"{format_percent(evaluation.signal_efficiency)} signal efficiency"
        parts |= {"passing": (passes, f", passing at {cut}"), "failing": (~passes, f", failing at {cut}")}
    found: dict[str, hist.Hist[Any]] = {}
    empty = without_values(events, events.roles.protected)
    for name, slug in slugs([name for name in events.roles.protected if name not in empty]).items():
        values, edges = np.asarray(events[name], np.float64), _edges(results, events, name)
        for group, members in _classes(events):
            for part, (chosen, words) in parts.items():
                keep = members & chosen
                found[f"spectra/{slug}/{group}/{part}"] = filled(
                    results.column(name), values[keep], events.weights[keep], edges, f"{group}{words}"
                )
    for name, values in scores.items():
        edges = _score_edges(values)
        for group, members in _classes(events):
            column = Column(name, name.replace("_", " "))
            found[f"scores/{name}/{group}"] = filled(column, values[members], events.weights[members], edges, group)
    return found


def class_histograms(table: EventTable, names: tuple[str, ...] | None = None) -> dict[str, hist.Hist[Any]]:
    """Histogram columns of a data set in each class, over the bins of `core.events.histograms.class_histogram`.

    A column without a finite value has no bins and is left out; see `without_values`.

    Args:
        table: events; without a label there is one class, "all".
        names: of the columns; those with a role, but for the label, when None.

    Returns:
        Path in a ROOT file, such as "jet_mass/signal" → histogram of Σw and Σw².

    Raises:
        DataError: no such column.
    """
    roles, empty = table.roles, without_values(table, names)
    chosen = tuple(name for name in _chosen(table, names) if name not in empty)
    found: dict[str, hist.Hist[Any]] = {}
    for name, slug in slugs(chosen).items():
        edges = class_histogram(table, name, BINS).edges
        weights = np.ones(table.n_events) if name == roles.weight else table.weights
        values = np.asarray(table[name], np.float64)
        for group, members in _classes(table):
            found[f"{slug}/{group}"] = filled(table.describe(name), values[members], weights[members], edges, group)
    return found


def without_values(table: EventTable, names: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the columns that `class_histograms` leaves out: none of their values is finite.

    Example:
        >>> without_values(EventTable("toy", {"x": np.array([1.0, np.nan]), "dead": np.full(2, np.nan)}))
        ('dead',)
    """
    return tuple(name for name in _chosen(table, names) if not np.isfinite(table[name]).any())


def _chosen(table: EventTable, names: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the columns that were asked for, else those with a role but the label, else all."""
    roles = table.roles
    return names or tuple(each for each in roles.used() if each != roles.label) or tuple(table.columns)


def filled(
    column: Column, values: NDArray[np.float64], weights: NDArray[np.float64], edges: NDArray[np.float64], title: str
) -> hist.Hist[Any]:
    """Fill one histogram; its last edge belongs to the last bin, and what is not finite is left out.

    Args:
        column: words about what is filled.
        values: shape (n,).
        weights: shape (n,).
        edges: shape (bins + 1,), in the column's unit.
        title: of the histogram.

    Example:
        >>> m, weights, edges = np.array([1.0, 3.0]), np.array([2.0, -1.0]), np.array([0.0, 2.0, 3.0])
        >>> h = filled(Column("m", "m_J", "GeV"), m, weights, edges, "background")
        >>> h.values().tolist(), h.variances().tolist(), h.axes[0].label
        ([2.0, -1.0], [4.0, 1.0], 'm_{J} [GeV]')
    """
    import hist

    words = in_root(column.axis) if column.title not in ("", column.name) else column.axis
    axis = hist.axis.Variable(edges, label=words)
    made = hist.Hist(axis, storage=hist.storage.Weight(), name=title, label="events")
    finite = np.isfinite(values)
    inside = np.where(values == edges[-1], np.nextafter(edges[-1], -np.inf), values)
    made.fill(inside[finite], weight=weights[finite])
    return made


def root_file(histograms: Mapping[str, hist.Hist[Any]]) -> bytes:
    """Write histograms as a ROOT file of TH1D with Σw² (Sumw2), titles and axis titles.

    Args:
        histograms: path in the file → histogram.

    Raises:
        DataError: there is nothing to write, or the disk does not take it.
    """
    import uproot

    if not histograms:
        raise DataError(
            "there is no histogram to write; allowed: a run with protected variables or scores, or columns with values"
        )
    try:
        with tempfile.TemporaryDirectory(prefix="infoscope-") as folder:
            path = Path(folder) / "histograms.root"
            with uproot.recreate(path) as file:
                for name, each in histograms.items():
                    file[name] = each  # its name is the title
            return path.read_bytes()
    except OSError as problem:
        raise DataError(f"the ROOT file cannot be written: {problem.strerror or problem}") from problem


def in_root(text: str) -> str:
    r"""Return a text with its symbols as ROOT sets them: indices in braces, Greek letters by their names.

    Example:
        >>> in_root("m_J [GeV]"), in_root("p_T^μμ"), in_root("τ₂₁")
        ('m_{J} [GeV]', 'p_{T}^{#mu#mu}', '#tau_{21}')
    """
    low = re.sub("[₀-₉]+", lambda found: f"_{{{unicodedata.normalize('NFKD', found[0])}}}", text)
    indexed = _INDEX.sub(r"\1{\2}", low)
    return "".join(_greek(letter) for letter in indexed)


def _greek(letter: str) -> str:
    words = unicodedata.name(letter, "").split()
    if words[:1] != ["GREEK"] or len(words) != 4 or words[2] != "LETTER":
        return letter
    name = {"LAMDA": "lambda"}.get(words[3], words[3].lower())
    return f"#{name.capitalize() if words[1] == 'CAPITAL' else name}"


def _held_out(results: RunResults) -> tuple[EventTable, dict[str, NDArray[np.float64]]]:
    """Read the held-out events that a run judged and their scores."""
    path = results.folder / SCORES
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as problem:
        raise DataError(f"run {results.run.id} left no scores: {path.name} cannot be read") from problem
    roles = results.run.request.dataset.roles
    known = [name for name in (roles.label, roles.weight, *roles.protected) if name and name in table.column_names]
    kept = table["split"].to_numpy() == HELD_OUT
    columns = {name: table[name].to_numpy()[kept] for name in known}
    scores = {
        name: table[name].to_numpy()[kept].astype(np.float64) for name in SCORE_NAMES if name in table.column_names
    }
    if not kept.any() or not scores:
        raise DataError(f"run {results.run.id} left no scores of single events; allowed: a run whose model scores them")
    used = roles.model_copy(
        update={"features": (), "protected": tuple(name for name in roles.protected if name in known)}
    )
    return EventTable(results.run.id, columns or scores, used), scores


def _classes(events: EventTable) -> Iterator[tuple[EventClass, NDArray[np.bool_]]]:
    if events.roles.label is None:
        yield "all", np.ones(events.n_events, np.bool_)
        return
    yield "signal", events.is_signal
    yield "background", ~events.is_signal


def _edges(results: RunResults, events: EventTable, name: str) -> NDArray[np.float64]:
    """Return the edges of the run's own spectrum of a variable, else 50 over its central 99.8 %."""
    if results.evaluation is not None:
        with suppress(StopIteration):
            return next(each for each in results.evaluation.protected if each.variable == name).spectrum.edges
    return class_histogram(events, name, BINS).edges


def _score_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return equal bins over [0, 1] for probabilities, else over all values."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    return np.linspace(low, high if high > low else low + 1, SCORE_BINS + 1)

"""A submission to HEPData of a run's figures, validated before it is given away."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any

from core.errors import DataError
from core.exports.drawn import Exhibit
from core.exports.hepdata_tables import STATISTICAL, Axis, DataTable, Measured, centre_of_mass_energy, data_tables
from core.exports.merits import outcome
from core.exports.results import RunResults
from core.exports.run_figures import exhibits
from core.exports.titles import dataset_words, public_command, run_title

DIGITS = 6
"""Significant digits of the numbers of a submission."""
NOTHING = "-"
"""What stands for a value that is not defined."""
THUMBNAIL = (240, 240)
"""Most pixels of a thumbnail across and down."""
_RANGE = re.compile(r"(?<=[\d.])\s*-\s*(?=[\d+-])")
_ONE_AT_A_TIME = threading.Lock()


def hepdata_archive(results: RunResults, *, images: bool = True) -> bytes:
    """Make a submission of a run: a table for each figure with numbers, and a picture beside it.

    Args:
        results: of the run.
        images: whether to draw a picture and a thumbnail of each figure.

    Returns:
        A tar.gz, the same for the same run: names in order, no times.

    Raises:
        DataError: the submission is not valid by HEPData's own schemas, or cannot be written.
    """
    tables = data_tables(results)
    with tempfile.TemporaryDirectory(prefix="infoscope-") as name, _quiet(name):
        folder = Path(name)
        try:
            _write(results, tables, folder, exhibits(results) if images else {})
        except OSError as problem:
            raise DataError(f"the submission cannot be written: {problem.strerror or problem}") from problem
        _validate(folder)
        return _packed(folder)


@contextmanager
def _quiet(folder: str) -> Iterator[None]:
    """Keep from the log what HEPData's libraries provoke: old names of jsonschema, and files of ours left open.

    Filters of warnings are the whole process's: one submission at a time may set them, and other threads meanwhile miss
    these messages and no others.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("ignore", f"unclosed file .*{re.escape(folder)}", ResourceWarning)
        for deprecated in ("RefResolver", "RefResolutionError"):
            warnings.filterwarnings("ignore", f"jsonschema.*{deprecated} is deprecated", DeprecationWarning)
        yield


def _write(results: RunResults, tables: Sequence[DataTable], folder: Path, drawn: dict[str, Exhibit]) -> None:
    import hepdata_lib

    submission = hepdata_lib.Submission()
    head = {
        "comment": _comment(results),
        "additional_resources": submission.additional_resources,
    }
    text = hepdata_lib.yaml.safe_dump(head, default_flow_style=False, explicit_start=True, allow_unicode=True)
    (folder / "submission.yaml").write_text(text, encoding="utf-8")
    energy = centre_of_mass_energy(results.card)
    names: set[str] = set()
    for k, each in enumerate(tables):
        name = each.name if each.name.lower() not in names else f"{each.name[:60]} {k + 1}"
        names.add(name.lower())
        table = hepdata_lib.Table(name)
        table.description, table.location = each.description, f"Run {results.run.id}, {each.figure or 'verdict'}"
        table.keywords = {"phrases": ["Decorrelation", "Mutual Information"]}
        if each.observables:
            table.keywords["observables"] = list(each.observables)
        if energy is not None:
            table.keywords["cmenergies"] = [energy]
        for variable in (*map(_independent, each.axes), *map(_dependent, each.measured)):
            table.add_variable(variable)
        if each.figure in drawn:
            _add_picture(table, drawn[each.figure], folder, f"figure-{k:02d}.png")
        table.write_yaml(str(folder))


def _comment(results: RunResults) -> str:
    """Return what applies to all tables: the run, its data, what was found, and what repeats it."""
    request = results.run.request
    entire = " (trains all its epochs)" if results.run.status == "stopped" else ""
    return (
        f"{run_title(results.run)} on {dataset_words(request, results.card.get('title'))}. {outcome(results)} "
        "All numbers are of events held out from the training; errors are statistical. "
        f"Repeated by{entire}: {public_command(request)}"
    )


def _independent(axis: Axis) -> Any:
    import hepdata_lib

    binned = bool(axis.values) and isinstance(axis.values[0], tuple)
    made = hepdata_lib.Variable(axis.name, is_independent=True, is_binned=binned, units=axis.unit)
    made.values = [each if binned else _no_range(_written(each)) for each in axis.values]
    made.digits = DIGITS
    return made


def _dependent(measured: Measured) -> Any:
    import hepdata_lib

    made = hepdata_lib.Variable(
        measured.name, is_independent=False, is_binned=False, units=measured.unit, zero_uncertainties_warning=False
    )
    made.values = [_written(each) for each in measured.values]
    made.digits = DIGITS
    if measured.errors:
        error = hepdata_lib.Uncertainty(STATISTICAL, is_symmetric=True)
        error.values = [
            each if isfinite(each) and _written(value) != NOTHING else None
            for each, value in zip(measured.errors, measured.values, strict=True)
        ]
        made.add_uncertainty(error)
    for name, value, unit in measured.qualifiers:
        made.add_qualifier(name, value, unit)
    return made


def _written(value: Any) -> Any:
    """Return a number that is defined, or a text; a dash for what is not."""
    if isinstance(value, float) and not isfinite(value):
        return NOTHING
    return value


def _no_range(value: Any) -> Any:
    """Return a text that HEPData does not take for the two ends of a bin: a dash between digits gets longer."""
    return _RANGE.sub("\N{EN DASH}", value) if isinstance(value, str) else value


def _add_picture(table: Any, exhibit: Exhibit, folder: Path, name: str) -> None:
    """Put a figure at the size of a journal's column and its thumbnail beside a table, where it can be drawn."""
    from PIL import Image

    from core.exports.journal import journal_figure

    try:
        picture = journal_figure(exhibit.figure("light"), "png")
    except DataError:
        return
    (folder / name).write_bytes(picture)
    with Image.open(io.BytesIO(picture)) as small:
        small.thumbnail(THUMBNAIL)
        small.save(folder / f"thumb_{name}")
    table.add_additional_resource("Image file", name)
    table.add_additional_resource("Thumbnail image file", f"thumb_{name}")


def _validate(folder: Path) -> None:
    """Check a submission by HEPData's schemas, which are installed with its validator; no network is asked."""
    from hepdata_validator.full_submission_validator import FullSubmissionValidator

    validator = FullSubmissionValidator()
    if validator.validate(directory=str(folder)):
        return
    found = [message.message for messages in validator.get_messages().values() for message in messages]
    said = re.sub(rf"{re.escape(str(folder))}/?", "", "; ".join(found))
    raise DataError(f"HEPData does not take this submission: {' '.join(said.split())[:500]}")


def _packed(folder: Path) -> bytes:
    """Pack the files of a folder by name, without times and owners."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile("", "wb", mtime=0, fileobj=packed) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            entry = tarfile.TarInfo(path.name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()

"""Information of files that do not fit in memory: codes are counted part by part, and counts add up.

A first pass over the file keeps an even random sample, which gives the boundaries; a second one codes and counts. The
memory needed is that of one batch, of about a million events as codes, and of the tables. Parts of a data set, on one
machine or several, are counted with one ``Coding`` and added: ``count_file(a, coding) + count_file(b, coding)``.

Sample, boundaries and order of the additions depend on the data set alone, so that the answer is the same to the last
bit wherever its parts are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import DataError
from core.events.spec import DatasetSpec, bytes_in_memory, load_events
from core.events.table import EventClass
from core.information.coding import Coding, Reservoir
from core.information.counts import count_pairs
from core.information.estimate import Correction
from core.information.matrix import InformationMatrix, information_matrix
from core.information.partition import BATCH, Counter, Source, count_part, find_source
from core.information.quantise import Rule, check_binning
from core.information.tally import RunningTally, Tally

MAX_BYTES_IN_MEMORY = 1 << 28  # larger files are also faster streamed: loading them fills fresh memory


@dataclass(frozen=True)
class Progress:
    """Say how far the passes over a file are.

    Args:
        n_done: events read, over both passes.
        n_total: events to read, over both passes.
        coding: how values become codes; None during the first pass.
        tally: what was counted, in the last progress; None before, and where no event passes.
    """

    n_done: int
    n_total: int
    coding: Coding | None = None
    tally: Tally | None = None


def stream_matrix(
    spec: DatasetSpec,
    names: Sequence[str] | None = None,
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    rule: Rule = "equal_frequency",
    seed: int = 0,
    batch: int = BATCH,
    count: Counter = count_pairs,
) -> Iterator[Progress]:
    """Count all pairs of variables of a file that need not fit in memory; stop iterating to cancel.

    Args:
        spec: file, roles, derived columns and selection.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255.
        rule: where the boundaries of the codes lie.
        seed: of the random sample that gives the boundaries; up to 10⁵ events all of them are in it.
        batch: number of events read at a time.
        count: counts the codes of about a million events.

    Yields:
        Progress after each batch of both passes; the matrix is ``tally.matrix()`` of the last.

    Raises:
        DataError: the file, columns, weights, class or bins cannot be used, or no event is left.
    """
    check_binning(bins, rule)
    source = find_source(spec, names, event_class)
    reservoir, n_rows = Reservoir(source.names, seed), source.n_rows
    for part in source.parts:
        for found in source.read(part, batch):
            reservoir.add(found.rows, found.columns, found.weights)
            yield Progress(min(part.first_row + found.n_read, n_rows), 2 * n_rows)
    sample = reservoir.sample()
    if not sample.n_events:
        raise no_events(source)
    coding = sample.coding(source.names, source.titles, event_class, bins, rule)
    yield Progress(n_rows, 2 * n_rows, coding)
    for n_read, tally in _count(source, coding, batch, count):
        yield Progress(n_rows + n_read, 2 * n_rows, coding, tally)


def no_events(source: Source) -> DataError:
    """Return the error that says that no event passes."""
    return DataError(f"{source.spec.path} has no {source.event_class} events that pass; allowed: at least one")


def find_coding(
    spec: DatasetSpec,
    names: Sequence[str] | None = None,
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    rule: Rule = "equal_frequency",
    seed: int = 0,
    batch: int = BATCH,
) -> Coding:
    """Choose the boundaries of all variables by one pass over a file; the arguments are those of ``stream_matrix``."""
    passes = stream_matrix(spec, names, event_class=event_class, bins=bins, rule=rule, seed=seed, batch=batch)
    return next(progress.coding for progress in passes if progress.coding is not None)


def count_file(spec: DatasetSpec, coding: Coding, *, batch: int = BATCH, count: Counter = count_pairs) -> Tally:
    """Count all pairs of variables of a file, or of a part of a data set, with given boundaries.

    Args:
        spec: file, roles, derived columns and selection.
        coding: how values become codes, from ``find_coding`` of this or of another part.
        batch: number of events read at a time.
        count: counts the codes of about a million events.

    Returns:
        The tally; those of several parts add up.

    Raises:
        DataError: the file, columns or weights cannot be used, or no event is left.

    Example:
        >>> from core.events.table import Roles
        >>> spec = DatasetSpec(path="sample_data/dimuon.parquet", roles=Roles(features=("mu1_pt", "mu2_pt")))
        >>> count_file(spec, find_coding(spec)).counts.n_events
        60000
    """
    source = find_source(spec, coding.names, coding.event_class)
    *_, (_, tally) = _count(source, coding, batch, count)
    if tally is None:
        raise no_events(source)
    return tally


def matrix_of_file(
    spec: DatasetSpec,
    names: Sequence[str] | None = None,
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    rule: Rule = "equal_frequency",
    correction: Correction = "miller_madow",
    max_bytes: int = MAX_BYTES_IN_MEMORY,
    report: Callable[[Progress], None] = lambda progress: None,
) -> InformationMatrix:
    """Compute the information of every pair of variables of a file: in memory when it fits, batch by batch otherwise.

    Args:
        spec: file, roles, derived columns and selection.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255.
        rule: where the boundaries of the codes lie.
        correction: "miller_madow" removes the bias (right for N_eff ≥ 10 B²), "none" leaves it.
        max_bytes: size of the needed columns up to which they are loaded whole [bytes]; told by the file's metadata.
        report: is called after every batch of a file that is streamed.

    Returns:
        The matrix. Boundaries of a streamed file come from another random sample of 10⁵ events.

    Raises:
        DataError: the file, columns, weights, class or bins cannot be used, or no event is left.
    """
    if bytes_in_memory(spec, names or ()) <= max_bytes:
        events = load_events(spec, extra_columns=names or ())
        return information_matrix(events, names, event_class=event_class, bins=bins, rule=rule, correction=correction)
    tally = None
    for progress in stream_matrix(spec, names, event_class=event_class, bins=bins, rule=rule):
        report(progress)
        tally = progress.tally
    if tally is None:
        raise DataError(f"{spec.path} changed while it was read; read it again")
    return tally.matrix(correction)


def _count(source: Source, coding: Coding, batch: int, count: Counter) -> Iterator[tuple[int, Tally | None]]:
    """Yield how many rows were read, and at the end what was counted of all of them."""
    total = RunningTally()
    for part in source.parts:
        counted = None
        for n_read, found in count_part(source, part, coding, batch=batch, count=count):
            yield min(part.first_row + n_read, source.n_rows), None
            counted = found
        total.add(counted)
    yield source.n_rows, total.total()

"""Information of files that do not fit in memory: codes are counted batch by batch, and counts add up.

A first pass over the file keeps an even random sample, which gives the boundaries; a second one codes and counts. The
memory needed is that of one batch, of about a million events as codes, and of the tables. Parts of a data set, on one
machine or several, are counted with one ``Coding`` and added: ``count_file(a, coding) + count_file(b, coding)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.plan import Plan
from core.events.source import inspect_file
from core.events.spec import DEFAULT_LIMITS, DatasetSpec, load_events, stream_events
from core.events.table import EventClass, Roles
from core.information.coding import Coding, Reservoir
from core.information.correlation import correlation, product_moments
from core.information.counts import PairCounts, count_pairs
from core.information.estimate import Correction
from core.information.matrix import InformationMatrix, information_matrix, matrix_of_counts
from core.information.quantise import Codes, Rule, check_binning, checked_weights

Floats = NDArray[np.float64]
Counter = Callable[[Codes, Floats | None], PairCounts]
Part = tuple[dict[str, NDArray[Any]], Floats | None, int]

BATCH = 1 << 17
MAX_BYTES_IN_MEMORY = 1 << 28  # larger files are also faster streamed: loading them fills fresh memory
_BLOCK = 1 << 20  # events counted at once: a table of three variables is then filled much more often than it is folded


@dataclass(frozen=True)
class Tally:
    """Hold what is counted of some events; tallies of other events under the same coding add up.

    Args:
        coding: how values became codes.
        counts: the joint tables of all pairs.
        moments: the sums of ``product_moments`` around the coding's centres, shape (4, k, k).
    """

    coding: Coding
    counts: PairCounts
    moments: Floats

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of both sets of events."""
        self.coding.require_same(other.coding)
        return Tally(self.coding, self.counts + other.counts, self.moments + other.moments)

    def matrix(self, correction: Correction = "miller_madow") -> InformationMatrix:
        """Return every measure of every pair.

        Raises:
            DataError: weights that sum to nothing, or too much weight in negative cells.
        """
        return matrix_of_counts(
            self.counts,
            correlation(self.moments),
            self.coding.boundaries,
            titles=self.coding.titles,
            event_class=self.coding.event_class,
            bins=self.coding.bins,
            rule=self.coding.rule,
            correction=correction,
        )


@dataclass(frozen=True)
class Progress:
    """Say how far the passes over a file are.

    Args:
        n_done: events read, over both passes.
        n_total: events to read, over both passes.
        coding: how values become codes; None during the first pass.
        tally: what has been counted; None before the first count. That of the last progress is complete.
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
    names = _checked_names(spec, names, event_class)
    n_events = inspect_file(spec.path).n_events
    reservoir = Reservoir(names, np.random.default_rng(seed))
    n_kept = 0
    for n_read, (columns, weights, n) in _parts(spec, names, event_class, batch, n_events):
        reservoir.add(columns, weights)
        n_kept += n
        yield Progress(n_read, 2 * n_events)
    if not n_kept:
        raise DataError(f"{spec.path} has no {event_class} events that pass; allowed: at least one")
    coding = reservoir.coding(_titles(spec, names), event_class, bins, rule)
    yield Progress(n_events, 2 * n_events, coding)
    for n_read, tally in _tallies(spec, coding, batch, n_events, count):
        yield Progress(n_events + n_read, 2 * n_events, coding, tally)


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
        >>> spec = DatasetSpec(path="sample_data/dimuon.parquet", roles=Roles(features=("mu1_pt", "mu2_pt")))
        >>> count_file(spec, find_coding(spec)).counts.n_events
        60000
    """
    tally = None
    for _, counted in _tallies(spec, coding, batch, inspect_file(spec.path).n_events, count):
        tally = counted
    if tally is None:
        raise DataError(f"{spec.path} has no {coding.event_class} events that pass; allowed: at least one")
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


def bytes_in_memory(spec: DatasetSpec, names: Sequence[str] = ()) -> int:
    """Return how much memory the columns that a specification and some names need would take, from the metadata."""
    plan = Plan(spec, tuple(names), DEFAULT_LIMITS)
    return sum(plan.summary[name].uncompressed_bytes for name in {pick.column for pick in plan.picks})


def _tallies(
    spec: DatasetSpec, coding: Coding, batch: int, n_events: int, count: Counter
) -> Iterator[tuple[int, Tally | None]]:
    """Yield the number of events read and what has been counted, after each batch and at the end."""
    block = max(_BLOCK, batch)
    codes = np.empty((len(coding.names), block), np.uint8)
    block_weights = np.empty(block)
    tally: Tally | None = None
    filled, n_read, moments = 0, 0, np.zeros((4, len(coding.names), len(coding.names)))
    weights: Floats | None = None

    def counted() -> Tally:
        part = coding.with_codes(codes[:, :filled])
        added = Tally(coding, count(part, None if weights is None else block_weights[:filled]), moments)
        return added if tally is None else tally + added

    for n_read, (columns, weights, n) in _parts(spec, coding.names, coding.event_class, batch, n_events):
        if filled + n > block:
            tally, filled, moments = counted(), 0, np.zeros_like(moments)
        if n:
            codes[:, filled : filled + n] = coding.encode(columns).codes
            if weights is not None:
                block_weights[filled : filled + n] = weights
            moments = moments + product_moments([columns[name] for name in coding.names], coding.centres, weights)
            filled += n
        yield n_read, tally
    if filled:
        yield n_events, counted()


def _parts(
    spec: DatasetSpec, names: tuple[str, ...], event_class: EventClass, batch: int, n_events: int
) -> Iterator[tuple[int, Part]]:
    """Yield about how many events were read, and of each batch the columns, weights and number of those to count."""
    roles = spec.roles
    needed = spec
    if not spec.drop_invalid:  # which looks at every column that has a role
        label = roles.label if event_class != "all" or roles.label in names else None
        protected = tuple(name for name in roles.protected if name in names)  # text is read as codes in this role only
        needed = spec.model_copy(update={"roles": Roles(label=label, weight=roles.weight, protected=protected)})
    for i, events in enumerate(stream_events(needed, batch, extra_columns=names), 1):
        is_signal = None if needed.roles.label is None else np.asarray(events[needed.roles.label]) > 0.5
        columns = {name: events[name] if name != roles.label else np.asarray(is_signal) for name in names}
        weights = None if roles.weight is None else events[roles.weight]
        n = len(columns[names[0]])
        if event_class != "all":
            keep = np.asarray(is_signal) == (event_class == "signal")
            columns = {name: values[keep] for name, values in columns.items()}
            weights = None if weights is None else weights[keep]
            n = int(np.count_nonzero(keep))
        yield min(i * batch, n_events), (columns, None if weights is None else checked_weights(weights, n), n)


def _checked_names(spec: DatasetSpec, names: Sequence[str] | None, event_class: EventClass) -> tuple[str, ...]:
    """Return the variables, before any event is read."""
    if event_class not in get_args(EventClass):
        raise DataError(f"unknown event class {event_class!r}; allowed: {', '.join(get_args(EventClass))}")
    roles = spec.roles
    if event_class != "all" and roles.label is None:
        raise DataError(f"{spec.path} has no label column; choose the column that is 1 for signal and 0 for background")
    if names is None:
        label = (roles.label,) if roles.label and event_class == "all" else ()
        names = tuple(dict.fromkeys((*roles.features, *roles.protected, *label)))
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"variables {', '.join(names) or 'none'}; allowed: two or more, each once")
    return tuple(names)


def _titles(spec: DatasetSpec, names: tuple[str, ...]) -> tuple[str, ...]:
    plan = Plan(spec, names, DEFAULT_LIMITS)
    return tuple(plan.words(name).title or name for name in names)

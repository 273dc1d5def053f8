"""Values that mean "no value", such as -999: which columns hold them, and data sets that read them as missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.events.glance import some_events
from core.events.oddities import ValueTally
from core.events.plan import Plan
from core.events.quality import QualityReport
from core.events.readers import Reader
from core.events.readers._many import SeveralFiles
from core.events.spec import DatasetSpec, plan_of_stream
from core.events.summary import FileSummary
from core.events.valueless import Valueless, valueless
from core.numbers import MINUS, format_count

_NAMED = 3


@dataclass(frozen=True)
class Suspects:
    """Hold the values that seem to stand for "no value" among some events, and the columns that tell nothing.

    Args:
        n_events: events that were looked at.
        found: value → column → how many of these events have it there; the value of the most columns first.
        useless: columns without a value in any of these events, or always of the same one.
    """

    n_events: int
    found: Mapping[float, Mapping[str, int]]
    useless: Valueless = field(default_factory=Valueless)


def suspects(report: QualityReport) -> dict[float, dict[str, int]]:
    """Return the values that seem to stand for "no value", and of each the columns and how many events have it there.

    Those of the most columns come first.
    """
    return _by_columns({column.name: column.sentinels for column in report.columns})


def quick_suspects(spec: DatasetSpec) -> Suspects:
    """Look for values that seem to stand for "no value", and for none at all, among some events.

    At most about 80,000 events from all over the file are looked at: their features and protected variables, after
    derived columns, the selection and what is missing already.

    Args:
        spec: file, roles, derived columns and selection.

    Raises:
        DataError: the file, a column or an expression cannot be read.
    """
    whole = plan_of_stream(spec)
    texts = {column.name for column in whole.summary.columns if column.kind == "string"}
    roles = spec.roles.model_copy(
        update={
            "label": None,
            "weight": None,
            "protected": tuple(name for name in spec.roles.protected if name not in texts),
        }
    )
    names = (*roles.features, *roles.protected)
    if not names:
        return Suspects(0, {})
    plan = Plan(spec.model_copy(update={"roles": roles}), (), whole.limits)
    tallies = {name: ValueTally() for name in names}
    n_events = 0
    for batch in plan.over(_Some(plan.reader)).batches(plan.batch_size):
        n_events += len(batch[names[0]])
        for name, tally in tallies.items():
            tally.add(batch[name])
    found = _by_columns({name: tally.sentinels() for name, tally in tallies.items()})
    return Suspects(n_events, found, valueless(tallies, roles))


def absent_sentence(seen: Suspects) -> str | None:
    """Say which values seem to stand for "no value" and are used as numbers; None where there are none.

    Example:
        >>> absent_sentence(Suspects(400, {-999.0: {"pt": 20, "eta": 12}}))
        '−999 seems to mean "no value" but is used as a number: in 20 of 400 events looked at of pt, 12 of eta'
    """
    told = [_told(value, columns, seen.n_events) for value, columns in seen.found.items()]
    return "; ".join(told) or None


def _told(value: float, columns: Mapping[str, int], n_events: int) -> str:
    (first, n), *others = columns.items()
    more = len(others) - _NAMED + 1
    named = "".join(f", {format_count(each)} of {name}" for name, each in others[: _NAMED - 1])
    named += f", and of {more} more column{'' if more == 1 else 's'}" if more > 0 else ""
    number = f"{value:.10g}".replace("-", MINUS)
    return (
        f'{number} seems to mean "no value" but is used as a number: in {format_count(n)} of '
        f"{format_count(n_events)} events looked at of {first}{named}"
    )


class _Some(SeveralFiles):
    """Read a few events from places all over a file."""

    def __init__(self, whole: Reader) -> None:
        self._whole = whole

    def tables(self) -> tuple[str | None, ...]:
        """Return the tables of the whole."""
        return self._whole.tables()

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield a few batches, of a size of their own."""
        return some_events(self._whole, columns)

    @property
    def _summary(self) -> FileSummary:
        return self._whole.summary()


def _by_columns(of_column: Mapping[str, Mapping[float, int]]) -> dict[float, dict[str, int]]:
    found: dict[float, dict[str, int]] = {}
    for name, sentinels in of_column.items():
        for value, n_events in sentinels.items():
            found.setdefault(value, {})[name] = n_events
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def with_missing(spec: DatasetSpec, value: float, columns: Iterable[str]) -> DatasetSpec:
    """Return a data set in which a value of some columns means that there is none.

    Example:
        >>> with_missing(DatasetSpec(path="x.parquet", missing={"pt": (-1.0,)}), -999.0, ["pt", "eta"]).missing
        {'pt': (-1.0, -999.0), 'eta': (-999.0,)}
    """
    missing = dict(spec.missing)
    for name in columns:
        missing[name] = tuple(dict.fromkeys((*missing.get(name, ()), value)))
    return spec.model_copy(update={"missing": missing})


def by_value(spec: DatasetSpec) -> dict[float, tuple[str, ...]]:
    """Return the values that mean no value in a data set, and the columns of each.

    Example:
        >>> by_value(DatasetSpec(path="x.parquet", missing={"pt": (-999.0,), "eta": (-999.0,)}))
        {-999.0: ('pt', 'eta')}
    """
    found: dict[float, tuple[str, ...]] = {}
    for name, values in spec.missing.items():
        for value in values:
            found[value] = (*found.get(value, ()), name)
    return found

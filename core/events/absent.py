"""Values that mean "no value", such as -999: which columns hold them, and data sets that read them as missing."""

from __future__ import annotations

from collections.abc import Iterable

from core.events.quality import QualityReport
from core.events.spec import DatasetSpec


def suspects(report: QualityReport) -> dict[float, dict[str, int]]:
    """Return the values that seem to stand for "no value", and of each the columns and how many events have it there.

    Those of the most columns come first.
    """
    found: dict[float, dict[str, int]] = {}
    for column in report.columns:
        for value, n_events in column.sentinels.items():
            found.setdefault(value, {})[column.name] = n_events
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

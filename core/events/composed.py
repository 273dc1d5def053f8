"""Two files as one table: the events of one are signal, those of the other background."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import DataError
from core.events.readers import Reader
from core.events.readers._many import SeveralFiles, kind_shared, merged, mixed_types, widened
from core.events.roles import guess_roles, roles_from_guesses
from core.events.summary import ONLY_IN, ColumnSummary, FileSummary
from core.events.table import Column

LABEL, WEIGHT = "is_signal", "event_weight"
"""What the label is called, and the weight where the files call theirs differently; with "_2" where that is taken."""
_SHOWN = 8


@dataclass(frozen=True)
class _Made:
    """Name a column that is made rather than read: for each file the stored column it comes from, or a constant."""

    name: str
    sources: tuple[str | float, str | float]


class ComposedReader(SeveralFiles):
    """Read the events of a signal file, then those of a background file, with a label of 1 and 0.

    The columns are those that both have; numbers of different types become double precision. Where the files
    have weights under different names, or only one has any, one column holds them, 1 where a file has none.

    Args:
        signal: reader of the events with label 1.
        background: reader of the events with label 0.

    Raises:
        DataError: no column in common, or a column holds numbers in one and text or lists in the other.
    """

    def __init__(self, signal: Reader, background: Reader) -> None:
        self._readers = (signal, background)

    def tables(self) -> tuple[str | None, ...]:
        """Return that there is one table without a name."""
        return (None,)

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of up to ``size`` events at a time, signal first, name → pyarrow.Array."""
        for side in (0, 1):
            yield from self.side(side, columns, size)

    def side(self, side: int, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the same of the signal file, side 0, or of the background file, side 1, alone."""
        stored = [name for name in columns if name not in self._made]
        mixed = mixed_types(self._files, stored)
        made = {name: self._made[name].sources[side] for name in columns if name in self._made}
        wanted = list(dict.fromkeys([*stored, *(each for each in made.values() if isinstance(each, str))]))
        # Without a stored column nobody would tell how many events there are.
        for batch in self._readers[side].batches(wanted or [self._countable], size):
            n = len(next(iter(batch.values())))
            found = {name: widened(batch[name]) if name in mixed else batch[name] for name in stored}
            found |= {name: _column(batch, source, n) for name, source in made.items()}
            yield {name: found[name] for name in columns}

    def one_sided(self, weight: str | None) -> str | None:
        """Return where the weights come from if only one file has any, such as "w of mc.csv, 1 for data.csv"."""
        made = self._made.get(weight or "")
        if made is None or made.name == next(iter(self._made)) or all(isinstance(each, str) for each in made.sources):
            return None
        return self._weighed(made)

    @cached_property
    def _files(self) -> tuple[FileSummary, FileSummary]:
        return self._readers[0].summary(), self._readers[1].summary()

    @cached_property
    def _common(self) -> tuple[str, ...]:
        """Return the columns that both files have, in the order of the first."""
        here, there = ({column.name: column for column in each.columns} for each in self._files)
        for name in here:
            if name in there and kind_shared([here[name], there[name]]) is None:
                raise DataError(
                    f"column {name!r} is {here[name].kind} in {self._files[0].path.name} and {there[name].kind} in "
                    f"{self._files[1].path.name}; both must hold the same, or one of them another name"
                )
        common = tuple(name for name in here if name in there)
        if not any(here[name].offers for name in common):
            told = " and ".join(f"{each.path.name} has {_some(each)}" for each in self._files)
            raise DataError(f"the files have no column of numbers in common: {told}")
        return common

    @property
    def _countable(self) -> str:
        return next(name for name in self._common if self._files[0][name].offers)

    @cached_property
    def _made(self) -> dict[str, _Made]:
        """Return the label and, where one is needed, the weight, by name."""
        taken = {column.name for each in self._files for column in each.columns}
        made = [_Made(_free(LABEL, taken), (1.0, 0.0))]
        weights = [roles_from_guesses(guess_roles(each)).weight for each in self._files]
        if weights[0] != weights[1]:
            made.append(_Made(_free(WEIGHT, taken), (weights[0] or 1.0, weights[1] or 1.0)))
        return {each.name: each for each in made}

    @cached_property
    def _summary(self) -> FileSummary:
        first, second = self._files
        formats = tuple(dict.fromkeys((first.format, second.format)))
        return FileSummary(
            path=Path(f"{first.path.name} and {second.path.name}"),
            name=f"{first.name} and {second.name}",
            format=f"a pair of {formats[0]} files" if len(formats) == 1 else " and ".join(formats),
            n_events=first.n_events + second.n_events,
            columns=(*self._shared(), *self._described(), *self._left_out()),
            bytes_on_disk=first.bytes_on_disk + second.bytes_on_disk,
        )

    def _shared(self) -> Iterator[ColumnSummary]:
        made_weight = len(self._made) > 1
        for name in self._common:
            column = merged([each[name] for each in self._files], self._files)
            if column.stated_role == "label" or (column.stated_role == "weight" and made_weight):
                column = replace(column, stated_role="ignore")
            yield column

    def _described(self) -> Iterator[ColumnSummary]:
        first, second = (each.path.name for each in self._files)
        n_bytes = 8 * sum(each.n_events for each in self._files)
        label, *weight = self._made
        text = f"1 for events of {first}, 0 for those of {second}"
        yield ColumnSummary(Column(label, label, "", f"{text}."), "int8", "numeric", text, n_bytes, "label")
        for name in weight:
            text = self._weighed(self._made[name])
            yield ColumnSummary(Column(name, name, "", f"{text}."), "double", "numeric", text, n_bytes, "weight")

    def _weighed(self, weight: _Made) -> str:
        told = zip(weight.sources, (each.path.name for each in self._files), strict=True)
        return ", ".join(f"{each} of {file}" if isinstance(each, str) else f"1 for {file}" for each, file in told)

    def _left_out(self) -> Iterator[ColumnSummary]:
        for each in self._files:
            for column in each.columns:
                if column.name not in self._common:
                    yield replace(column, kind="unsupported", reason=f"{ONLY_IN}{each.path.name}", stated_role="")


def left_out(summary: FileSummary) -> dict[str, str]:
    """Return the columns that only one of two files has, each with why it is left out: "only in signal.parquet"."""
    return {column.name: column.reason for column in summary.columns if column.reason.startswith(ONLY_IN)}


def _column(batch: Mapping[str, Any], source: str | float, n: int) -> Any:
    return widened(batch[source]) if isinstance(source, str) else pa.repeat(pa.scalar(source, pa.float32()), n)


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no stored column has."""
    names = [name, *(f"{name}_{k}" for k in range(2, len(taken) + 3))]
    return next(each for each in names if each not in taken)


def _some(summary: FileSummary) -> str:
    names = [column.name for column in summary.columns]
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")

"""Readers, one file a format: each turns a file into Arrow arrays, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from core.events.summary import FileSummary
from core.registry import Registry


class Reader(Protocol):
    """Read one file of one format.

    A reader tells what the file holds from its metadata and streams the columns asked for, and only those.
    It is made by ``Reader(path, tree)``, where ``tree`` names one of several tables in the file, if any.
    """

    suffixes: ClassVar[tuple[str, ...]]
    mark: ClassVar[str]
    """How a file of the format begins, in words for an error message."""

    def __init__(self, path: Path, tree: str | None) -> None: ...

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return whether a file whose first bytes are ``head`` is of this format."""

    def summary(self) -> FileSummary:
        """Return what the file holds, from its metadata alone."""

    def tables(self) -> tuple[str | None, ...]:
        """Return the names of the tables that the file holds; None is the only one of a format without names."""

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of up to ``size`` events at a time, name → pyarrow.Array."""


readers: Registry[type[Reader]] = Registry("format", "core.events.readers")

"""ROOT: a TTree or an RNTuple of one file."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from core.errors import DataError
from core.events.readers import readers
from core.events.readers._arrow import reading, summarise, validated
from core.events.summary import ColumnSummary, FileSummary, near
from core.events.table import Column

_TREES = ("TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple")
_HEAD, _LARGE = 20, 1_000_000
"""Bytes of the header up to the end that it states; files of this version on state it with eight bytes, not four."""
_LEAF_LIST = re.compile(r"\S*/[A-Za-z]")


class RootReader:
    """Read ROOT through uproot.

    uproot and awkward are imported when the first ROOT file is opened, not before: they take half a second.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".root",)
    mark: ClassVar[str] = "a ROOT file begins with the bytes root"

    def __init__(self, path: Path, tree: str | None) -> None:
        self.path = path
        self.tree = tree

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Return whether ``head`` begins as a ROOT file does."""
        return head.startswith(b"root")

    def summary(self) -> FileSummary:
        """Return what the tree holds, from the file's metadata alone."""
        return self._summary

    def tables(self) -> tuple[str | None, ...]:
        """Return the names of the trees."""
        return self._trees

    def batches(self, columns: Sequence[str], size: int) -> Iterator[Mapping[str, Any]]:
        """Yield the columns of up to ``size`` events at a time, name → pyarrow.Array."""
        n_events = self.summary().n_events
        for start in range(0, n_events, size):
            stop = min(start + size, n_events)
            with reading(self.path.name, "ROOT"):
                yield {name: self._values(name, start, stop) for name in columns}

    def _values(self, name: str, start: int, stop: int) -> Any:
        values = _to_arrow(self._branches[name].array(entry_start=start, entry_stop=stop))
        if len(values) != stop - start:
            raise DataError(
                f"the column {name!r} of {self.path.name} holds {len(values):,} values for the events"
                f" {start:,} to {stop:,}; the file is damaged: copy it again"
            )
        return values

    @cached_property
    def _file(self) -> Any:
        import uproot

        require_whole(self.path)
        with reading(self.path.name, "ROOT"):
            # Caches off: they would keep more than one batch alive.
            return uproot.open({str(self.path): None}, object_cache=None, array_cache=None)

    @cached_property
    def _trees(self) -> tuple[str, ...]:
        with reading(self.path.name, "ROOT"):
            kinds = self._file.classnames(recursive=True, cycle=False)
            trees = tuple(str(name) for name, kind in kinds.items() if kind in _TREES)
        if not trees:
            raise DataError(f"{self.path.name} holds no tree; a TTree or an RNTuple is needed")
        return trees

    @cached_property
    def _tree(self) -> Any:
        trees = self._trees
        with reading(self.path.name, "ROOT"):
            if self.tree is None and len(trees) > 1:
                choices = ", ".join(f"{self.path.name}:{name}" for name in trees[:20])
                raise DataError(f"{self.path.name} holds {len(trees)} trees; choose one of: {choices}")
            name = self.tree or trees[0]
            if name not in trees:
                raise DataError(f"{self.path.name} has no tree {name!r}{near(name, trees)}")
            return self._file[name]

    @cached_property
    def _branches(self) -> dict[str, Any]:
        """Return the branches that hold values, by name; the first of two wins."""
        branches: dict[str, Any] = {}
        for name, branch in self._tree.items():
            branches.setdefault(name, branch)
        return branches

    @cached_property
    def _summary(self) -> FileSummary:
        with reading(self.path.name, "ROOT"):
            n_events = int(self._tree.num_entries)
            columns = tuple(_describe(name, branch, n_events) for name, branch in self._branches.items())
        tree = self.tree.rsplit("/", 1)[-1] if self.tree else ""
        name = f"{self.path.stem} {tree}".strip()
        return FileSummary(self.path, name, "ROOT", n_events, columns, self.path.stat().st_size)


def require_whole(path: Path) -> None:
    """Check that a file is as long as its header says: a copy that broke off may still open.

    Raises:
        DataError: it is shorter.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if len(head) < _HEAD:
        raise DataError(f"{path.name} is cut short: {len(head)} bytes, not even its header; copy it again")
    (version,) = struct.unpack_from(">i", head, 4)
    (end,) = struct.unpack_from(">q" if version >= _LARGE else ">i", head, 12)
    size = path.stat().st_size
    if size < end:
        raise DataError(f"{path.name} is cut short: {size:,} of {end:,} bytes; copy it again")


def _describe(name: str, branch: Any, n_events: int) -> ColumnSummary:
    stored = int(getattr(branch, "uncompressed_bytes", 0))
    title = getattr(branch, "title", "") or getattr(branch, "description", "")
    # A branch without words of its own has its leaf list as its title, such as "pt[nMuon]/F".
    words = {} if _LEAF_LIST.fullmatch(title) or title == name else {"description": title}
    try:
        dtype = _to_arrow(_form(branch).length_zero_array()).type
    except Exception as problem:  # uproot raises many kinds for classes that arrays cannot hold
        reason = f"its class is not one that arrays can hold ({type(problem).__name__})"
        return ColumnSummary(Column(name, name), branch.typename, "unsupported", reason, stored)
    column = summarise(pa.field(name, dtype, metadata=words), n_events, stored)
    return replace(column, dtype=branch.typename or column.dtype)


def _form(branch: Any) -> Any:
    """Return the awkward form of a branch of a TTree or of a field of an RNTuple."""
    if hasattr(branch, "interpretation"):
        return branch.interpretation.awkward_form(branch.file)
    return branch.to_akform()[0].contents[0]


def _to_arrow(array: Any) -> Any:
    import awkward

    return validated(awkward.to_arrow(array, extensionarray=False))


readers.register(
    "ROOT",
    RootReader,
    title="ROOT",
    summary="A TTree or an RNTuple; events.root:Events picks one of several.",
    reference="ROOT, https://root.cern; uproot, https://uproot.readthedocs.io",
)

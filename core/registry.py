"""Registries that discover their items: one file, one item."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.errors import DataError

T = TypeVar("T")


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One registered item with the words that menus, help texts and docs show of it.

    Args:
        name: what configs and the command line call it.
        item: the registered object.
        title: what a menu shows.
        summary: one sentence for hovers and help.
        reference: authors, year and arXiv id of its source.
        formula: what it computes or minimises, one line.
    """

    name: str
    item: T
    title: str
    summary: str
    reference: str
    formula: str = ""


class Registry(Generic[T]):
    """Map names to items registered by the modules of one package.

    Every module of ``package`` that does not start with an underscore is imported at the first look-up, so
    that dropping a file in is enough to add an item.

    Args:
        noun: what an item is called in errors, such as "method".
        package: dotted name of the package whose modules register items.

    Example:
        >>> shapes = Registry[int]("shape", "")
        >>> shapes.register("square", 4, title="Square", summary="Four equal sides.", reference="Euclid")
        >>> shapes["square"].item
        4
    """

    def __init__(self, noun: str, package: str) -> None:
        self.noun = noun
        self.package = package
        self._entries: dict[str, Entry[T]] = {}
        self._discovered = not package
        self._lock = threading.RLock()

    def register(self, name: str, item: T, *, title: str, summary: str, reference: str, formula: str = "") -> None:
        """File an item under ``name``; a second item of that name is a mistake in the code."""
        if name in self._entries:
            raise ValueError(f"{self.noun} {name!r} is registered twice")
        self._entries[name] = Entry(name, item, title, summary, reference, formula)

    def __getitem__(self, name: str) -> Entry[T]:
        """Return the entry called ``name``.

        Raises:
            DataError: no item has that name; the message lists those that exist.
        """
        self._discover()
        if name not in self._entries:
            raise DataError(f"unknown {self.noun} {name!r}; allowed: {', '.join(sorted(self._entries))}")
        return self._entries[name]

    def __iter__(self) -> Iterator[Entry[T]]:
        self._discover()
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        self._discover()
        return len(self._entries)

    def names(self) -> list[str]:
        """Return the registered names in the order of registration."""
        return [entry.name for entry in self]

    def _discover(self) -> None:
        if self._discovered:
            return
        with self._lock:  # a second thread waits until all items are there
            if not self._discovered:
                package = importlib.import_module(self.package)
                for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
                    if not module.startswith("_"):
                        importlib.import_module(f"{self.package}.{module}")
                self._discovered = True

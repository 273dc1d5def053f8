"""How much memory there is, and a cache that keeps to its share of it."""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

CONTAINER_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux tells a container how much memory it may use."""


@cache
def memory_bytes() -> int:
    """Return the memory of this machine, or of the container where that is less [bytes]."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in CONTAINER_LIMITS:
        text = path.read_text().strip() if path.is_file() else ""
        limits += [int(text)] if text.isdecimal() else []
    return min(limits)


@dataclass(frozen=True)
class CacheUse:
    """Hold how full a cache is.

    Args:
        entries: how many values it keeps.
        n_bytes: what they take together [bytes].
        max_bytes: what they may take [bytes].
        evicted: how many values left to make room for others.
        idle: how many values left because nobody asked for them.
    """

    entries: int
    n_bytes: int
    max_bytes: int
    evicted: int
    idle: int


class ByteCache(Generic[Key, Value]):
    """Keep what is costly to make, up to a number of bytes; what was not asked for the longest leaves first.

    Threads may share a cache; what two ask for at the same time is made once. One value that is larger than all that
    is allowed is kept alone, as it would otherwise be made anew at every step of a page.

    Args:
        max_bytes: what the values may take together [bytes].
        size: the size of a value [bytes].
        idle_seconds: what nobody asked for in this time is forgotten, whether or not others need the room [s].

    Example:
        >>> cache = ByteCache(10, len, idle_seconds=60)
        >>> [cache.get(letter, lambda: letter * 4) for letter in "aba"], cache.get("c", lambda: "cccc")
        (['aaaa', 'bbbb', 'aaaa'], 'cccc')
        >>> "a" in cache, "b" in cache, cache.use.n_bytes
        (True, False, 8)
    """

    def __init__(self, max_bytes: int, size: Callable[[Value], int], *, idle_seconds: float) -> None:
        self._max_bytes, self._size, self._idle_seconds = max_bytes, size, idle_seconds
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, _Kept[Value]] = OrderedDict()
        self._making: dict[Key, threading.Lock] = {}
        self._evicted = self._idle = 0
        self._timer: threading.Timer | None = None

    def __del__(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def __contains__(self, key: Key) -> bool:
        with self._lock:
            return key in self._kept

    @property
    def use(self) -> CacheUse:
        """Return how full the cache is."""
        with self._lock:
            return CacheUse(len(self._kept), self._n_bytes(), self._max_bytes, self._evicted, self._idle)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key; make it when it is not kept.

        Args:
            key: of the value.
            make: makes the value; what it raises goes to the caller, and nothing is kept.
        """
        with self._lock:
            if key in self._kept:
                return self._found(key)
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._found(key)
            try:
                value = make()
                with self._lock:
                    self._keep(key, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def forget_idle(self) -> float:
        """Forget what nobody asked for of late, and return the seconds until there may be more to forget."""
        with self._lock:
            now = monotonic()
            while self._kept and now - next(iter(self._kept.values())).asked >= self._idle_seconds:
                self._kept.popitem(last=False)
                self._idle += 1
            oldest = next((each.asked for each in self._kept.values()), now)
            return oldest + self._idle_seconds - now

    def _found(self, key: Key) -> Value:
        kept = self._kept[key]
        kept.asked = monotonic()
        self._kept.move_to_end(key)
        return kept.value

    def _keep(self, key: Key, value: Value) -> None:
        n_bytes = self._size(value)
        while self._kept and self._n_bytes() + n_bytes > self._max_bytes:
            self._kept.popitem(last=False)
            self._evicted += 1
        self._kept[key] = _Kept(value, n_bytes, monotonic())
        if self._timer is None:
            self._watch(self._idle_seconds)

    def _n_bytes(self) -> int:
        return sum(each.n_bytes for each in self._kept.values())

    def _watch(self, seconds: float) -> None:
        """Look for idle values once some time has passed; the clock does not keep the cache alive."""
        self._timer = threading.Timer(seconds, _forget_idle, [weakref.ref(self)])
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        seconds = self.forget_idle()
        with self._lock:
            self._timer = None
            if self._kept:
                self._watch(seconds)


@dataclass
class _Kept(Generic[Value]):
    """Hold a value, its size [bytes] and when it was last asked for [s]."""

    value: Value
    n_bytes: int
    asked: float


def _forget_idle(cache: weakref.ref[ByteCache[Key, Value]]) -> None:
    """Let a cache that is still there forget what is idle."""
    found = cache()
    if found is not None:
        found._look()

"""What a run on a worker says to its store: by the same words as the store that it stands for."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from core.cluster.remote import ToldStore
from core.store.store import RunStore

SAID = [name for name, _ in inspect.getmembers(ToldStore, inspect.isfunction) if not name.startswith("_")]


class Heard:
    """Hold what was said, in place of a line to the server."""

    stopping = True

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def say(self, kind: str, **words: Any) -> None:
        self.messages.append({"kind": kind, **words})

    def listen(self) -> None:
        """Hear nothing new."""


@pytest.mark.parametrize("name", SAID)
def test_it_takes_what_the_store_takes(name: str) -> None:
    """A run calls either; no type checker sees that they are alike."""
    asked, meant = (inspect.signature(getattr(kind, name)) for kind in (ToldStore, RunStore))
    assert asked == meant


def test_an_epoch_reaches_the_server_in_plain_numbers(tmp_path: Path) -> None:
    line = Heard()
    told = ToldStore(line, tmp_path)  # type: ignore[arg-type]
    told.record("run", 3, {"auc": 0.5}, "{}")
    told.reach("run", 2, 10, 0.5)
    assert line.messages[0] == {"kind": "record", "epoch": 3, "scalars": {"auc": 0.5}, "view": "{}"}
    assert line.messages[1].items() >= {"kind": "reach", "batch": 2, "batches": 10, "seconds": 0.5}.items()
    assert told.is_stopping("run")

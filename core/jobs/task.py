"""What a task is: something that learns, by an iterator of snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from core.errors import DataError
from core.events.table import EventTable
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.registry import Registry
from core.store.request import RunRequest


class Fit(Protocol):
    """Train what a request asks for."""

    def __call__(
        self, events: EventTable, request: RunRequest, state: State | None = None, /
    ) -> Iterator[Snapshot[Any]]:
        """Yield a snapshot after each epoch that follows the state, or after each where there is none."""


@dataclass(frozen=True)
class Task:
    """Describe a kind of training to the runner, which knows nothing else of it.

    Args:
        check: validates the request's method and config and returns the full config as plain values.
        fit: starts the training of a request on loaded events, or continues it from a state of it.
        conclude: judges a checkpoint on held-out events.
        view: class of the results that figures draw.
    """

    check: Callable[[RunRequest], Mapping[str, Any]]
    fit: Fit
    conclude: Callable[[EventTable, RunRequest, Checkpoint], Conclusion[Any]]
    view: type[Any]


TASKS: Registry[Task] = Registry("task", "core.jobs.tasks")
"""All tasks by name."""


def plain_errors(errors: ValidationError, method: str, fields: Mapping[str, FieldInfo]) -> DataError:
    """Turn pydantic's complaints into one sentence: option, value, what is allowed.

    Args:
        errors: what pydantic raised.
        method: whose config it is.
        fields: of that config, by name.
    """
    return DataError("; ".join(_in_words(error, method, fields) for error in errors.errors()))


def _in_words(error: ErrorDetails, method: str, fields: Mapping[str, FieldInfo]) -> str:
    name, *inner = (str(part) for part in error["loc"] or ("",))
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return f"{method} has no option {name!r}; allowed: {', '.join(fields)}"
    where = ".".join([_called(name, fields), *inner])
    return f"{where} is {error['input']!r}: {message[:1].lower()}{message[1:]}" if name else message


def _called(name: str, fields: Mapping[str, FieldInfo]) -> str:
    """Return what a page calls an option, with its name where that is another word, such as λ (lam)."""
    title = fields[name].title if name in fields else None
    return name if title in (None, name.replace("_", " ")) else f"{title} ({name})"

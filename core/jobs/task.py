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


EVENT_OPTIONS = ("train_fraction", "validation_fraction", "train_events")
"""Options that mean the same in every task: which events are learnt from, and which are held out."""

TASKS: Registry[Task] = Registry("task", "core.jobs.tasks")
"""All tasks by name."""


_ALLOWED = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "string_too_short": "text of length {min_length} or more",
    "tuple_type": "a list",
    "literal_error": "{expected}",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
}
"""What is allowed, by the type of the error, where pydantic speaks to programmers."""
_COUNTED = {"too_short": ("min_length", "at least"), "too_long": ("max_length", "at most")}


def plain_errors(errors: ValidationError, method: str, fields: Mapping[str, FieldInfo]) -> DataError:
    """Turn pydantic's complaints into one sentence: option, value, what is allowed.

    Args:
        errors: what pydantic raised.
        method: whose config it is.
        fields: of that config, by name.
    """
    found = errors.errors()
    refused = {error["loc"][:-1] for error in found}  # of a list with a bad entry, pydantic counts the good ones only
    told = [error for error in found if error["type"] not in _COUNTED or error["loc"] not in refused]
    return DataError("; ".join(_in_words(error, method, fields) for error in told))


def _in_words(error: ErrorDetails, method: str, fields: Mapping[str, FieldInfo]) -> str:
    name, *inner = error["loc"] or ("",)
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{method} has no option {str(name)!r}; allowed: {', '.join(fields)}"
    where = ".".join([_called(str(name), fields), *(part for part in inner if isinstance(part, str))])
    if kind in _COUNTED:
        bound, words = _COUNTED[kind]
        return f"number of {where} is {len(value)}; allowed: {words} {context[bound]}"
    what = f"{'one of ' if inner and isinstance(inner[-1], int) else ''}{where} is {value!r}"
    if kind in _ALLOWED:
        return f"{what}; allowed: {_ALLOWED[kind].format(**context)}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{what}: {message[:1].lower()}{message[1:]}" if name else message


def _called(name: str, fields: Mapping[str, FieldInfo]) -> str:
    """Return what a page calls an option, with its name where that is another word, such as λ (lam)."""
    title = fields[name].title if name in fields else None
    return name if title in (None, name.replace("_", " ")) else f"{title} ({name})"

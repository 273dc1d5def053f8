"""What another process needs to continue a training exactly where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import torch

from core.learning.state import State, UnfitState


@runtime_checkable
class Part(Protocol):
    """Be something that a training changes: a network, an optimiser, a schedule, or a class that is ``Changing``."""

    def state_dict(self) -> Mapping[str, Any]:
        """Return all that the training changed; it may share memory with the part."""

    def load_state_dict(self, state: Any, /) -> Any:
        """Become what ``state_dict`` returned."""


class Changing:
    """Be a part of a training: ``changes`` names the attributes that a training changes, all of them.

    An attribute is a number, a word, a tensor, an array, None, a part, a generator, or a list or mapping of these.
    What the constructor makes from events, config and seed needs no name: another process makes it again.

    Example:
        >>> class Clock(Changing):
        ...     changes = ("ticks",)
        ...     ticks = 0
        >>> clock, other = Clock(), Clock()
        >>> clock.ticks = 7
        >>> other.load_state_dict(clock.state_dict())
        >>> other.ticks
        7
    """

    changes: ClassVar[tuple[str, ...]] = ()

    def state_dict(self) -> dict[str, Any]:
        """Return what the training changed, by name."""
        return {name: _taken(getattr(self, name)) for name in self.changes}

    def load_state_dict(self, state: State, /) -> None:
        """Become what ``state_dict`` returned."""
        for name in self.changes:
            setattr(self, name, _put(getattr(self, name), state[name]))


class Restart:
    """Name all that a training changes, so that another process can continue it with the same numbers.

    A fit makes its parts from events, config and seed as ever, loads a state into them where it is given one, and goes
    on with the epoch after it.

    Args:
        parts: networks, optimisers, ``Changing`` objects and generators, or lists and mappings of these; None for a
            part that this training does not have. Generators are loaded last, since other parts may draw from them.

    Example:
        >>> def train(state=None):
        ...     generator = torch.Generator().manual_seed(1)
        ...     restart = Restart(generator=generator)
        ...     for epoch in range(restart.first_epoch(state), 4):
        ...         yield torch.rand((), generator=generator).item(), restart.at(epoch)
        >>> _, (_, state), (third, _) = train()
        >>> first, (_, state) = next(run := train()), next(run)
        >>> [value for value, _ in train(state())] == [third]
        True
    """

    def __init__(self, **parts: Any) -> None:
        self._parts = dict(sorted(parts.items(), key=lambda part: isinstance(part[1], torch.Generator)))

    def first_epoch(self, state: State | None) -> int:
        """Load a state and return the epoch that follows it; 1 where there is none.

        Raises:
            UnfitState: the state is that of another training.
        """
        if not state:
            return 1
        try:
            for name, part in self._parts.items():
                _put(part, state["parts"][name])
            return int(state["epoch"]) + 1
        except (AttributeError, KeyError, IndexError, RuntimeError, TypeError, ValueError) as problem:
            raise UnfitState("the saved state is that of another training") from problem

    def at(self, epoch: int) -> Callable[[], State]:
        """Return what computes the state after an epoch; it answers for that epoch until the training moves on."""
        return partial(self._state, epoch)

    def _state(self, epoch: int) -> State:
        return {"epoch": epoch, "parts": {name: _taken(part) for name, part in self._parts.items()}}


def with_state(candidate: object) -> Part | None:
    """Return an object if it is a part that a training changes, such as a penalty with a critic; None otherwise."""
    return candidate if isinstance(candidate, Part) else None


def _taken(value: Any) -> Any:
    """Return a value in the types of a state."""
    if isinstance(value, Part):
        return value.state_dict()
    if isinstance(value, torch.Generator):
        return value.get_state()
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, Mapping):
        return {name: _taken(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_taken(one) for one in value]
    return value


def _put(present: Any, value: Any) -> Any:
    """Return what a value of a state becomes in place of the present one; parts and generators stay, and take it in."""
    if isinstance(present, Part):
        present.load_state_dict(value)
    elif isinstance(present, torch.Generator):
        present.set_state(value.cpu())
    elif isinstance(present, np.ndarray):
        return value.cpu().numpy()
    elif isinstance(present, Mapping):
        return {name: _put(one, value[name]) for name, one in present.items()}
    elif isinstance(present, list) and any(one is None or isinstance(one, Part) for one in present):
        return [_put(one, new) for one, new in zip(present, value, strict=True)]
    else:
        return value
    return present

"""What a training yields after each epoch, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.learning.state import State

View = TypeVar("View")
"""The result that figures draw, such as an ``Evaluation``."""

Checkpoint = Mapping[str, NDArray[np.generic]]
"""Parameter name → values: a trained network as plain arrays."""


@dataclass(frozen=True)
class Snapshot(Generic[View]):
    """Report the state of a training after one epoch.

    ``look``, ``save`` and ``state`` compute on demand, so that an epoch nobody looks at costs nothing; they answer for
    this epoch only until the iterator moves on.

    Args:
        epoch: completed epochs, from 1.
        n_epochs: epochs in the whole training.
        scalars: name → value: loss terms and validation figures of this epoch.
        look: evaluates the present network on validation events.
        save: returns the best network so far.
        remarks: what a user must know of this training so far, in words.
        state: returns what another process needs to continue from here; empty where none can.
    """

    epoch: int
    n_epochs: int
    scalars: Mapping[str, float]
    look: Callable[[], View]
    save: Callable[[], Checkpoint]
    remarks: tuple[str, ...] = ()
    state: Callable[[], State] = dict


@dataclass(frozen=True)
class Conclusion(Generic[View]):
    """Hold the outcome of a training on events that it never saw.

    Args:
        view: evaluation on held-out events.
        scalars: headline figures, by name.
        score: score of every event of the table, shape (n_events,), or (n_events, 2) of two classifiers.
        split: 0 for a training, 1 for a validation and 2 for a held-out event, 3 for one that was left out, shape
            (n_events,).
        model: what computes the scores: networks and what was fitted to them.
        remarks: what a user must know of this training, in words, such as a collapse.
        audit: what other measures found on the held-out events; None where there is nothing to audit.
    """

    view: View
    scalars: Mapping[str, float]
    score: NDArray[np.float32]
    split: NDArray[np.int8]
    model: Checkpoint
    remarks: tuple[str, ...] = ()
    audit: Any = None

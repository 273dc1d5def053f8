"""What a training takes before it is begun: events, time and memory."""

from __future__ import annotations

from dataclasses import dataclass

from core.events.table import EventTable
from core.unlearning.method import TrainingConfig

EVENTS_A_SECOND = 290_000
"""Pace of one thread of a processor, measured with the default network."""
BYTES_A_JUDGED_EVENT = 220
"""What figures of merit and the audit take for each held-out event, measured."""
BYTES_BESIDE = 700_000_000
"""What the first training takes whatever its events: torch, and compiled functions."""


@dataclass(frozen=True)
class Cost:
    """Say what a training takes, roughly.

    Args:
        learnt: events that each epoch goes through.
        seconds: of all epochs.
        n_bytes: of memory, at the most [bytes].
    """

    learnt: int
    seconds: float
    n_bytes: int


def cost_of(events: EventTable, config: TrainingConfig, trainings: int = 1) -> Cost:
    """Estimate what a training on a table takes, and others beside it that share the table.

    Memory is that of the table, which they read once, and for each training the larger of what it learns from (features
    of 4 bytes, protected variables of 8, weight, label and order) and of what it is judged by.

    Args:
        events: with roles.
        config: of the training.
        trainings: how many are asked for, side by side.

    Example:
        >>> import numpy as np
        >>> from core.events.table import Roles
        >>> columns = {name: np.zeros(1_000_000, np.float32) for name in ("pt", "m", "label")}
        >>> events = EventTable("toy", columns, Roles(features=("pt",), protected=("m",), label="label"))
        >>> cost = cost_of(events, TrainingConfig())
        >>> cost.learnt, round(cost.seconds), cost.n_bytes // 1_000_000
        (500000, 69, 800)
        >>> cost_of(events, TrainingConfig(train_events=50_000)).learnt
        50000
    """
    n, roles = events.n_events, events.roles
    learnt = round(n * config.train_fraction)
    share = min((config.train_events or learnt) / max(learnt, 1), 1.0)
    table = sum(events[name].nbytes for name in roles.used())
    row = 4 * len(roles.features) + 8 * len(roles.protected) + 4 + 1 + 2 * 8
    seen = (config.train_fraction + config.validation_fraction) * n * row
    judged = (1 - config.train_fraction - config.validation_fraction) * n * BYTES_A_JUDGED_EVENT
    memory = BYTES_BESIDE + table + trainings * share * max(seen, judged)
    return Cost(round(share * learnt), trainings * config.epochs * share * learnt / EVENTS_A_SECOND, round(memory))

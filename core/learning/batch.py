"""Events as tensors on the device that trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.events.table import EventTable, Roles
from core.learning.pulse import sign_of_life


@dataclass(frozen=True)
class Batch:
    """Hold events on a device.

    Args:
        x: features in physical units, shape (n, n_features), float32.
        y: label, shape (n,), boolean.
        m: protected variables, shape (n, n_protected), float64.
        w: weights, each class scaled to a sum of n/2, shape (n,), float32.
    """

    x: Tensor
    y: Tensor
    m: Tensor
    w: Tensor

    @classmethod
    def of(
        cls,
        events: EventTable,
        chosen: NDArray[np.bool_],
        device: torch.device,
        weights: NDArray[np.float64] | None = None,
    ) -> Batch:
        """Move the chosen events to a device, column by column, so that nothing else is copied.

        Args:
            events: table with features, label and protected variables.
            chosen: which of them, shape (n_events,).
            device: where to.
            weights: of the chosen events; None takes theirs, balanced among them.

        Raises:
            DataError: the weights of a class do not have a positive sum.
        """
        sign_of_life()
        roles, y = events.roles, events.is_signal[chosen]
        arrays = (
            rows(events, roles.features, chosen, np.float32),
            y,
            rows(events, roles.protected, chosen, np.float64),
            (_balanced(events, chosen, y) if weights is None else weights).astype(np.float32),
        )
        return cls(*(torch.from_numpy(values).to(device) for values in arrays))

    def take(self, index: Tensor) -> Batch:
        """Return the events at ``index``, shape (k,)."""
        return Batch(self.x[index], self.y[index], self.m[index], self.w[index])


def rows(
    events: EventTable, names: Sequence[str], chosen: NDArray[np.bool_] | slice, dtype: type[np.floating]
) -> NDArray[np.floating]:
    """Return columns of the chosen events side by side, shape (n_chosen, len(names)), without a copy of the table."""
    columns = (events[name][chosen] for name in names)
    found: NDArray[np.floating] | None = None
    for k, values in enumerate(columns):
        if found is None:
            found = np.empty((len(values), len(names)), dtype)
        found[:, k] = values
    return np.empty((len(events.is_signal[chosen]), 0), dtype) if found is None else found


def _balanced(events: EventTable, chosen: NDArray[np.bool_], is_signal: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the weights of the chosen events, each class scaled to half their number."""
    weight = events.roles.weight
    columns: dict[str, NDArray[np.generic]] = {"label": is_signal}
    if weight is not None:
        columns["weight"] = np.asarray(events[weight][chosen], np.float64)
    roles = Roles(label="label", weight=None if weight is None else "weight")
    return EventTable(events.name, columns, roles).balanced_weights

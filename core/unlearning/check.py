"""The check that events can be trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.labels import require_labelled
from core.events.table import EventTable, effective_number

MINIMUM_EVENTS = 50
LARGEST_VALUE = 1e30


def check_events(events: EventTable) -> None:
    """Refuse events that cannot be trained on.

    Raises:
        DataError: no feature, no protected variable, too few events of a class by number or by N_eff, missing, infinite
            or huge values, a protected variable that is also a feature or is constant, or weights whose sum is not
            positive.
    """
    roles = events.roles
    if not roles.features:
        raise DataError("no features; choose at least one column that the classifier may use")
    if not roles.protected:
        raise DataError("no protected variable; choose at least one, such as the invariant mass")
    if both := set(roles.features) & set(roles.protected):
        raise DataError(
            f"{', '.join(sorted(both))} is protected and a feature at once; a protected variable cannot be an input"
        )
    require_labelled(events)
    for name in roles.used():
        bad = int((~np.isfinite(events[name])).sum())
        if bad:
            remedy = "drop those events or the column" if bad < events.n_events else "leave the column out"
            raise DataError(f"column {name!r} has {bad:,} missing or infinite values; {remedy}")
        largest = max(-float(events[name].min()), float(events[name].max()))
        if largest > LARGEST_VALUE:
            raise DataError(
                f"column {name!r} has values up to {largest:.3g}; allowed: {LARGEST_VALUE:g}; drop such events"
            )
    for name, chosen in (("signal", events.is_signal), ("background", ~events.is_signal)):
        _require_enough(name, events.weights[chosen])
    for name in roles.protected:
        if name == roles.label:
            raise DataError(f"protected variable {name!r} is the label itself; a score cannot forget what it must tell")
        if np.ptp(np.asarray(events[name], np.float64)[~events.is_signal]) == 0:
            raise DataError(f"protected variable {name!r} is constant on background; one that varies is needed")


def _require_enough(name: str, weights: NDArray[np.float64]) -> None:
    """Refuse a class of too few events, by number or by N_eff, or of weights whose sum is not positive."""
    if len(weights) < MINIMUM_EVENTS:
        raise DataError(f"{len(weights)} {name} events; at least {MINIMUM_EVENTS} are needed to train")
    if not weights.sum() > 0:
        raise DataError(f"the {name} weights sum to {weights.sum():.4g}; a positive sum is needed")
    n_effective = effective_number(weights)
    if n_effective < MINIMUM_EVENTS:
        raise DataError(
            f"N_eff of the {len(weights):,} {name} events is {n_effective:.3g}; at least {MINIMUM_EVENTS} are needed "
            "to train: a few weights outweigh all others, or negative ones cancel the rest"
        )

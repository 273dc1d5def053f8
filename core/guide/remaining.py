"""What features still tell about the label once the mass is known: disentangling, without a network."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import DataError
from core.events.table import EventTable
from core.information.given import given_matrix
from core.information.relevance import Relevance, relevance
from core.results import Array, Estimate, Number

MOST_FEATURES = 8


@dataclass(frozen=True)
class Remaining:
    """Hold what features tell about the label, alone and once a protected variable is known; in nats.

    Args:
        names: the features, the most telling first.
        titles: their symbols as in print.
        alone: I(X; label), shape (k,).
        alone_error: its standard errors, shape (k,).
        given: I(X; label | m), shape (k,).
        given_error: its standard errors, shape (k,).
        protected: m.
        protected_title: its symbol as in print.
        about_label: I(m; label).
        bins: B, the same for all.
        n_events: events counted, signal and background at even odds.
        n_effective: their N_eff.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    alone: Array
    alone_error: Array
    given: Array
    given_error: Array
    protected: str
    protected_title: str
    about_label: Estimate
    bins: int
    n_events: int
    n_effective: Number


def remaining(table: EventTable, label: Relevance, protected: str) -> Remaining:
    """Compare what features tell about the label with what they add to a protected variable.

    I(X; label | m) = I(X, m; label) - I(m; label): what is left of a feature when the part of it that only repeats m
    is set apart. It may exceed I(X; label) where the two tell more together.

    Args:
        table: labelled events.
        label: what the features tell about the label.
        protected: m.

    Raises:
        DataError: no feature, or counts that do not allow an estimate.

    Example:
        >>> import numpy as np
        >>> from core.events.table import Roles
        >>> n = np.arange(4000)
        >>> table = EventTable("toy", {"m": n % 2, "copy": n % 2, "y": n % 2}, Roles(label="y", protected=("m",)))
        >>> found = remaining(table, relevance(table, ["copy"], "y"), "m")
        >>> found.alone.round(2), abs(found.given.round(2))
        (array([0.69]), array([0.]))
    """
    kept = [name for name in label.names if name != protected][:MOST_FEATURES]
    if not kept:
        raise DataError("no features; allowed: at least one beside the label and the protected variable")
    balanced = table.balanced()
    counted = given_matrix(balanced, protected, (*kept, label.target))
    own = relevance(table, [protected], label.target, bins=counted.bins)
    return Remaining(
        names=tuple(kept),
        titles=counted.titles[:-1],
        alone=counted.mi[-1, :-1],
        alone_error=counted.mi_error[-1, :-1],
        given=counted.given_mi[-1, :-1],
        given_error=counted.given_mi_error[-1, :-1],
        protected=protected,
        protected_title=counted.given_title,
        about_label=Estimate(float(own.mi[0]), float(own.error[0])),
        bins=counted.bins,
        n_events=counted.n_events,
        n_effective=counted.n_effective,
    )

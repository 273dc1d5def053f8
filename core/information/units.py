"""The unit of an amount of information: nats everywhere inside, bits where a user asks for them."""

from __future__ import annotations

from math import log
from typing import Literal, get_args

Unit = Literal["nats", "bits"]
UNITS: tuple[Unit, ...] = get_args(Unit)
NATS: Unit = "nats"


def factor(unit: Unit) -> float:
    """Return what an amount in nats is multiplied by: 1, or 1/log 2 = 1.443 for bits.

    Example:
        >>> factor("nats"), round(factor("bits"), 3)
        (1.0, 1.443)
    """
    return 1.0 if unit == NATS else 1 / log(2)


def shown_unit(stated: str, unit: Unit) -> str:
    """Return the unit in which a quantity is shown: the chosen one for an amount in nats, else its own.

    Example:
        >>> shown_unit("nats", "bits"), shown_unit("", "bits")
        ('bits', '')
    """
    return unit if stated == NATS else stated

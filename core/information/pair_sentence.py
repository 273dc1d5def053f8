"""What a pair of variables shares, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.information.pointwise import Axis, PairMap
from core.information.units import Unit, factor
from core.numbers import format_number

_SIGNIFICANT = 3.0  # standard errors
_NOTABLE = 0.2  # r_I below which a dependence is not worth a warning
_MISSED = 0.5  # |r| below this share of r_I misses the dependence


def pair_sentence(pairs: Sequence[PairMap], unit: Unit = "nats") -> str:
    """Say how much two variables share in each class, and where Pearson's correlation misses it.

    Args:
        pairs: the same two variables in one class of events each, at least one.
        unit: of the information.

    Returns:
        A sentence such as "m_J and √d₁₂ share 0.412 ± 0.003 nats in background (r_I 0.75, Pearson r 0.71) and
        0.121 ± 0.002 nats in signal (r_I 0.46, Pearson r 0.40)."

    Example:
        >>> import numpy as np
        >>> from core.events.table import EventTable
        >>> from core.information.pointwise import pair_map
        >>> x = np.tile([-1, 0, 1], 3000)
        >>> print(pair_sentence([pair_map(EventTable("toy", {"x": x, "x²": x**2}), "x", "x²")]))
        x and x² share 0.637 ± 0.003 nats (r_I 0.849, Pearson r 0). Pearson's r misses most of it.
    """
    names = f"{_title(pairs[0].x)} and {_title(pairs[0].y)}"
    constant, sharing, apart = (
        [pair for pair in pairs if _kind(pair) == kind] for kind in ("constant", "sharing", "apart")
    )
    parts = []
    if sharing:
        parts.append(f"share {' and '.join(_shared_words(pair, unit) for pair in sharing)}")
    if apart:
        where = " and ".join(_apart_words(pair, unit) for pair in apart)
        parts.append(f"share nothing beyond the statistical error {where}")
    parts += [f"have nothing to share{_where(pair)}, for {_constant_words(pair)}" for pair in constant]
    return f"{names} {'; they '.join(parts)}.{_missed_words(sharing, len(pairs))}"


def _kind(pair: PairMap) -> str:
    if _constants(pair):
        return "constant"
    return "sharing" if pair.mi > _SIGNIFICANT * pair.mi_error else "apart"


def _constants(pair: PairMap) -> list[str]:
    cells = np.isfinite(pair.density)
    occupied = {1: pair.x, 0: pair.y}
    return [_title(axis) for other, axis in occupied.items() if np.count_nonzero(cells.any(axis=other)) < 2]


def _constant_words(pair: PairMap) -> str:
    names = _constants(pair)
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} a single value"


def _shared_words(pair: PairMap, unit: Unit) -> str:
    shared = format_number(factor(unit) * pair.mi, factor(unit) * pair.mi_error, unit)
    return f"{shared}{_where(pair)} (r_I {format_number(pair.r_i)}, Pearson r {format_number(pair.pearson)})"


def _apart_words(pair: PairMap, unit: Unit) -> str:
    shared = format_number(factor(unit) * pair.mi, factor(unit) * pair.mi_error, unit)
    return f"{_where(pair)} (I = {shared})".strip()


def _missed_words(sharing: Sequence[PairMap], n_classes: int) -> str:
    """Say where the linear correlation is small beside the shared information."""
    missed = [pair for pair in sharing if pair.r_i > _NOTABLE and abs(pair.pearson) < _MISSED * pair.r_i]
    if not missed:
        return ""
    where = "" if len(missed) == n_classes else _where(missed[0])
    return f" Pearson's r misses most of it{where}."


def _where(pair: PairMap) -> str:
    return "" if pair.event_class == "all" else f" in {pair.event_class}"


def _title(axis: Axis) -> str:
    return axis.column.title or axis.column.name

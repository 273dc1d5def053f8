"""One sentence that says what a matrix shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.information.matrix import InformationMatrix
from core.information.relevance import Relevance
from core.information.units import Unit, factor
from core.numbers import format_number

_BLOCK_SHARE = 0.5  # of the largest information: what every pair of a block shares at least
_LARGEST_BLOCK = 4
_SIGNIFICANT = 3.0  # standard errors
_NOTHING = 1e-12  # nats: what rounding leaves of the entropy of a constant


def matrix_sentence(
    matrix: InformationMatrix,
    relevance: Relevance | None = None,
    unit: Unit = "nats",
    protected: Sequence[str] = (),
) -> str:
    """Say which variables share most, which gives away a protected variable, and which tells most about the target.

    Args:
        matrix: the information of every pair.
        relevance: what the variables tell about the label or a protected variable; None leaves that part out.
        unit: of the information.
        protected: variables that a classifier must not use; the first one in the matrix is spoken of.

    Returns:
        A sentence with the variables' titles, information and standard errors, such as "D₂, τ₂₁ and m share
        0.412 ± 0.006 nats or more, pair by pair; D₂ tells most about m (0.43 ± 0.01 nats); planar flow tells most about
        the label (0.192 ± 0.003 of 0.693 nats at even odds)." Variables that have one value only are named after it.
    """
    label = relevance.target if relevance is not None and relevance.target_is_label else None
    parts = [_block_words(matrix, label, unit), _leak_words(matrix, label, protected, unit)]
    if relevance is not None and relevance.names:
        parts.append(_relevance_words(relevance, unit))
    sentence = "; ".join(part for part in parts if part)
    return " ".join(each for each in (f"{sentence}." if sentence else "", _silent_words(matrix, label)) if each)


def _silent_words(matrix: InformationMatrix, label: str | None) -> str:
    """Name the variables that have nothing to share: one value in all events, or none in any."""
    entropy = zip(matrix.names, matrix.titles, matrix.entropy, strict=True)
    silent = [title for name, title, known in entropy if name != label and known <= _NOTHING]
    if not silent:
        return ""
    if len(silent) == 1:
        return f"{silent[0]} has one value, or none, in all of these events: its row says nothing."
    more = len(silent) - _LARGEST_BLOCK
    told = [*silent[:_LARGEST_BLOCK], f"{more} more"] if more > 0 else silent
    return f"{_listed(told)} have one value, or none, in all of these events: their rows say nothing."


def _block_words(matrix: InformationMatrix, label: str | None, unit: Unit) -> str:
    """Name the pair that shares most, and variables that share half as much or more with each of them."""
    kept = [i for i, name in enumerate(matrix.names) if name != label]
    if len(kept) < 2:
        return ""
    shared, errors = (values[np.ix_(kept, kept)].copy() for values in (matrix.mi, matrix.mi_error))
    np.fill_diagonal(shared, -np.inf)
    i, j = (int(n) for n in np.unravel_index(shared.argmax(), shared.shape))
    if shared[i, j] <= _SIGNIFICANT * errors[i, j]:
        return "No two variables share information beyond the statistical error"
    block, most = [i, j], float(shared[i, j])
    while len(block) < min(_LARGEST_BLOCK, len(kept)):
        weakest = shared[:, block].min(axis=1)  # -inf for members, by the diagonal
        if weakest.max() < _BLOCK_SHARE * most:
            break
        block.append(int(weakest.argmax()))
    names = _listed([matrix.titles[kept[n]] for n in block])
    if len(block) == 2:
        return f"{names} share {_amount(most, errors[i, j], unit)}, more than any other pair"
    a, b = min(((a, b) for a in block for b in block if a != b), key=lambda pair: shared[pair])
    return f"{names} share {_amount(shared[a, b], errors[a, b], unit)} or more, pair by pair"


def _leak_words(matrix: InformationMatrix, label: str | None, protected: Sequence[str], unit: Unit) -> str:
    """Name the variable that tells most about a protected one."""
    place = next((matrix.names.index(name) for name in protected if name in matrix.names), None)
    others = [i for i, name in enumerate(matrix.names) if name != label and name not in protected]
    if place is None or not others:
        return ""
    best = max(others, key=lambda i: matrix.mi[i, place])
    told, error, title = matrix.mi[best, place], matrix.mi_error[best, place], matrix.titles[place]
    if told <= _SIGNIFICANT * error:
        return f"none tells anything about {title} beyond the statistical error"
    return f"{matrix.titles[best]} tells most about {title} ({_amount(told, error, unit)})"


def _relevance_words(relevance: Relevance, unit: Unit) -> str:
    """Name the variable that tells most about the target."""
    best, error = float(relevance.mi[0]), float(relevance.error[0])
    target = relevance.target_title
    if best <= _SIGNIFICANT * error:
        return f"none tells anything about {target} beyond the statistical error"
    odds = " at even odds" if relevance.target_is_label else ""
    told = format_number(best * factor(unit), error * factor(unit))
    return f"{relevance.titles[0]} tells most about {target} ({told} of {_amount(relevance.ceiling, 0.0, unit)}{odds})"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _amount(nats: float, error: float, unit: Unit) -> str:
    return format_number(float(nats) * factor(unit), float(error) * factor(unit), unit)

"""One sentence that says what a matrix shows."""

from __future__ import annotations

import numpy as np

from core.information.matrix import InformationMatrix
from core.information.relevance import Relevance
from core.information.units import Unit, factor

_BLOCK_SHARE = 0.5  # of the largest information: what every pair of a block shares at least
_LARGEST_BLOCK = 4
_SIGNIFICANT = 3.0  # standard errors


def matrix_sentence(matrix: InformationMatrix, relevance: Relevance | None = None, unit: Unit = "nats") -> str:
    """Say which variables share most, and which tells most about the target.

    Args:
        matrix: the information of every pair.
        relevance: what the variables tell about the label or a protected variable; None leaves that part out.
        unit: of the information.

    Returns:
        A sentence with the variables' titles and information, such as "D₂, τ₂₁ and m share 0.41 nats or more,
        pair by pair; planar flow tells most about the label (0.19 of 0.69 nats)."
    """
    label = relevance.target if relevance is not None and relevance.target_is_label else None
    parts = [_block_words(matrix, label, unit)]
    if relevance is not None and relevance.names:
        parts.append(_relevance_words(relevance, unit))
    sentence = "; ".join(part for part in parts if part)
    return f"{sentence}." if sentence else ""


def _block_words(matrix: InformationMatrix, label: str | None, unit: Unit) -> str:
    """Name the pair that shares most, and variables that share half as much or more with each of them."""
    kept = [i for i, name in enumerate(matrix.names) if name != label]
    if len(kept) < 2:
        return ""
    shared = matrix.mi[np.ix_(kept, kept)].copy()
    np.fill_diagonal(shared, -np.inf)
    i, j = (int(n) for n in np.unravel_index(shared.argmax(), shared.shape))
    if shared[i, j] <= _SIGNIFICANT * matrix.mi_error[kept[i], kept[j]]:
        return "no two variables share information beyond the statistical error"
    block, most = [i, j], float(shared[i, j])
    while len(block) < min(_LARGEST_BLOCK, len(kept)):
        weakest = shared[:, block].min(axis=1)  # -inf for members, by the diagonal
        if weakest.max() < _BLOCK_SHARE * most:
            break
        block.append(int(weakest.argmax()))
    names = _listed([matrix.titles[kept[n]] for n in block])
    if len(block) == 2:
        return f"{names} share {_amount(most, unit)}, more than any other pair"
    least = min(float(shared[a, b]) for a in block for b in block if a != b)
    return f"{names} share {_amount(least, unit)} or more, pair by pair"


def _relevance_words(relevance: Relevance, unit: Unit) -> str:
    """Name the variable that tells most about the target."""
    best, error = float(relevance.mi[0]), float(relevance.error[0])
    target = relevance.target_title
    if best <= _SIGNIFICANT * error:
        return f"none tells anything about {target} beyond the statistical error"
    odds = " at even odds" if relevance.target_is_label else ""
    told = f"{_digits(best * factor(unit))} of {_amount(relevance.ceiling, unit)}{odds}"
    return f"{relevance.titles[0]} tells most about {target} ({told})"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _amount(nats: float, unit: Unit) -> str:
    return f"{_digits(nats * factor(unit))} {unit}"


def _digits(amount: float) -> str:
    return f"{amount:.2f}" if amount >= 0.095 else f"{amount:.2g}"

"""Derived columns and selections: expressions that are checked first and then compiled by numexpr.

An expression may hold numbers, ``pi``, column names, ``+ - * / % **``, comparisons (chains such as
``110 < m < 150`` too), ``& | ~`` or ``and or not``, and the functions of `core.events.grammar.FUNCTIONS`.
Columns are written as they are called: ``pt``, ``jet.pt``, ``Muon_pt[0]``, ``Muon_pt.count``; any other name
in backticks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.grammar import Translator
from core.events.summary import near

_MAXIMUM_LENGTH = 1000
_MAXIMUM_COLUMNS = 60
_BLOCK = 1 << 17
_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Expression:
    """Hold an expression that has been checked.

    Args:
        text: what the user wrote.
        names: the columns it needs, as the user calls them.
        code: the same for numexpr, with the columns called v0, v1, …
        is_condition: whether it is true or false for an event, rather than a number.
    """

    text: str
    names: tuple[str, ...]
    code: str
    is_condition: bool


def parse_expression(text: str, *, as_condition: bool = False) -> Expression:
    """Check an expression and translate it for numexpr; nothing but the grammar of this module passes.

    Args:
        text: such as "sqrt(px**2 + py**2)" or "110 < m_mumu < 150 and Muon_pt[0] > 25".
        as_condition: whether it must be true or false for an event, as a selection must.

    Raises:
        DataError: the expression is too long, nested too deep, or holds anything that is not allowed.

    Example:
        >>> parse_expression("Muon_pt[0] > 25").names
        ('Muon_pt[0]',)
    """
    if len(text) > _MAXIMUM_LENGTH:
        raise DataError(f"an expression of {len(text)} characters is too long; allowed: {_MAXIMUM_LENGTH}")
    quoted: dict[str, str] = {}

    def placeholder(found: re.Match[str]) -> str:
        quoted[f"_quoted_{len(quoted)}"] = found[1]
        return f" _quoted_{len(quoted) - 1} "

    source = _QUOTED.sub(placeholder, text).strip()
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        said = problem.msg if isinstance(problem, SyntaxError) else type(problem).__name__
        raise DataError(
            f"expression {text[:200]!r} cannot be read ({said}); unusual names go in `backticks`"
        ) from problem
    translator = Translator(text, source, quoted)
    term = translator.condition(tree) if as_condition else translator.translate(tree)
    if not 0 < len(translator.names) <= _MAXIMUM_COLUMNS:
        raise DataError(
            f"expression {text[:200]!r} names {len(translator.names)} columns; allowed: 1 to {_MAXIMUM_COLUMNS}"
        )
    return Expression(text, tuple(translator.names), term.code, term.is_condition)


def evaluate(
    expression: Expression, columns: Mapping[str, NDArray[np.generic]]
) -> NDArray[np.float64] | NDArray[np.bool_]:
    """Compute an expression for every event, in double precision; 1/x at x = 0 is inf and log(-1) is NaN.

    Args:
        expression: what `parse_expression` returned.
        columns: at least the named columns, each of shape (n_events,).

    Returns:
        Booleans for a condition, float64 otherwise; shape (n_events,).

    Raises:
        DataError: a named column is missing; near matches are listed.

    Example:
        >>> evaluate(parse_expression("pt % 2 == 1"), {"pt": np.array([1.0, 2.0, 3.0])})
        array([ True, False,  True])
    """
    import numexpr

    for name in expression.names:
        if name not in columns:
            raise DataError(
                f"expression {expression.text[:200]!r} names the unknown column {name!r}{near(name, columns)}"
            )
    n_events = len(columns[expression.names[0]])
    result: NDArray[Any] = np.empty(n_events, dtype=np.bool_ if expression.is_condition else np.float64)
    # Blocks bound the memory that copies in double precision take.
    for start in range(0, n_events, _BLOCK):
        block = slice(start, start + _BLOCK)
        values = {f"v{i}": np.asarray(columns[name][block], np.float64) for i, name in enumerate(expression.names)}
        result[block] = numexpr.evaluate(expression.code, local_dict=values, global_dict={}, sanitize=True)
    return result

"""The grammar of expressions: a syntax tree is checked node by node and written anew for numexpr."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.errors import DataError
from core.events.summary import near

FUNCTIONS: Mapping[str, int] = {
    **dict.fromkeys(("sqrt", "log", "log10", "log1p", "exp", "expm1", "abs", "floor", "ceil"), 1),
    **dict.fromkeys(("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh"), 1),
    **dict.fromkeys(("arctan2", "hypot", "min", "max"), 2),
    "where": 3,
}
"""Functions that expressions may call, and how many arguments each takes."""

_ARITHMETIC: Mapping[type[ast.operator], tuple[str, np.ufunc]] = {
    ast.Add: ("+", np.add),
    ast.Sub: ("-", np.subtract),
    ast.Mult: ("*", np.multiply),
    ast.Div: ("/", np.divide),
    ast.Mod: ("%", np.mod),
    ast.Pow: ("**", np.power),
}
_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_LOGIC: Mapping[type[ast.operator] | type[ast.boolop], str] = {
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.And: "&",
    ast.Or: "|",
}
_IN_NUMPY = {"min": "minimum", "max": "maximum"}
_ALLOWED = "numbers, columns, + - * / % **, comparisons, & | ~ and or not, " + ", ".join(sorted(FUNCTIONS))
_MAXIMUM_DEPTH = 50
_MAXIMUM_CODE = 20_000
# numexpr multiplies small powers out, which is faster and exact.
_LARGEST_PRODUCT = 8


@dataclass(frozen=True)
class Term:
    """Hold a translated part of an expression.

    Args:
        code: the part in numexpr's language, in brackets where needed.
        is_condition: whether it is true or false rather than a number.
        value: the number, where the part is a constant.
        is_column: whether the part is a column and nothing else.
    """

    code: str
    is_condition: bool = False
    value: float | None = None
    is_column: bool = False


@dataclass
class Translator:
    """Translate one expression and collect the columns it names.

    Args:
        text: the expression as the user wrote it, for messages.
        source: the text that the syntax tree was made from.
        quoted: placeholder in the tree → the name in backticks that it stands for.
    """

    text: str
    source: str
    quoted: Mapping[str, str]
    names: list[str] = field(default_factory=list)

    def translate(self, node: ast.AST, depth: int = 0) -> Term:
        """Return the translation of a node and all below it.

        Raises:
            DataError: the node is not part of the grammar, or the expression is too large.
        """
        if depth > _MAXIMUM_DEPTH:
            raise self._wrong(f"is nested deeper than {_MAXIMUM_DEPTH} levels")
        term = self._term(node, depth + 1)
        if len(term.code) > _MAXIMUM_CODE:
            raise self._wrong("is too complicated; derive a part of it as a column of its own")
        return term

    def condition(self, node: ast.AST, depth: int = 0) -> Term:
        """Return the translation of a node that is to be true or false; a column is true where it is not 0."""
        term = self.translate(node, depth)
        if term.is_column:
            return Term(f"(({term.code} != 0.0) & ({term.code} == {term.code}))", is_condition=True)
        if not term.is_condition:
            raise self._wrong(
                f"takes {self._written(node)!r} for true or false; compare it, and bracket comparisons "
                "beside & | ~, as in (pt > 20) & (eta < 2)"
            )
        return term

    def _term(self, node: ast.AST, depth: int) -> Term:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                term = self._constant(node, value)
            case ast.Name(id="pi"):
                term = self._constant(node, math.pi)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                term = self._column(self._name(node))
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr() as logic):
                term = self._logic(logic, [node.left, node.right], depth)
            case ast.BoolOp():
                term = self._logic(node.op, node.values, depth)
            case ast.BinOp(op=ast.BitXor()):
                raise self._wrong("holds ^; write ** for a power")
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                term = self._arithmetic(node, self._number(node.left, depth), self._number(node.right, depth))
            case ast.UnaryOp(op=ast.Invert() | ast.Not()):
                term = Term(f"(~{self.condition(node.operand, depth).code})", is_condition=True)
            case ast.UnaryOp():
                term = self._signed(node, self._number(node.operand, depth))
            case ast.Compare():
                term = self._comparison(node, [self._number(part, depth) for part in (node.left, *node.comparators)])
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                term = self._call(node, name, depth)
            case _:
                raise self._wrong(f"holds {self._written(node)!r}; allowed: {_ALLOWED}")
        return term

    def _name(self, node: ast.AST) -> str:
        match node:
            case ast.Name(id=name):
                return self.quoted.get(name, name)
            case ast.Attribute(value=ast.Name() | ast.Attribute() | ast.Subscript() as owner, attr=name):
                return f"{self._name(owner)}.{name}"
            case ast.Subscript(value=ast.Name() | ast.Attribute() as owner, slice=ast.Constant(value=int() as index)):
                return f"{self._name(owner)}[{index}]"
        raise self._wrong(
            f"holds {self._written(node)!r}; an element of a list column is written pt[0], its length pt.count"
        )

    def _column(self, name: str) -> Term:
        if name not in self.names:
            self.names.append(name)
        return Term(f"v{self.names.index(name)}", is_column=True)

    def _number(self, node: ast.AST, depth: int) -> Term:
        term = self.translate(node, depth)
        return Term(f"where({term.code}, 1.0, 0.0)") if term.is_condition else term

    def _constant(self, node: ast.AST, value: float) -> Term:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._wrong(f"holds {self._written(node)!r}, which is no finite number")
        return Term(f"({number!r})" if number < 0 else repr(number), value=number)

    def _fold(self, node: ast.AST, function: np.ufunc, *values: float) -> Term:
        # Constants never reach numexpr as an operation: it would compute them in Python.
        with np.errstate(all="ignore"):
            return self._constant(node, float(function(*values)))

    def _arithmetic(self, node: ast.BinOp, left: Term, right: Term) -> Term:
        sign, function = _ARITHMETIC[type(node.op)]
        if left.value is not None and right.value is not None:
            return self._fold(node, function, left.value, right.value)
        if right.value == 0 and sign in "/%":
            raise self._wrong("divides by the constant 0")
        if sign == "%":
            # As in Python and numpy, the remainder has the sign of the divisor; numexpr's own has not.
            return Term(f"({left.code} - floor({left.code} / {right.code}) * {right.code})")
        if sign == "**" and right.value in range(-_LARGEST_PRODUCT, _LARGEST_PRODUCT + 1):
            return Term(f"({left.code} ** ({int(right.value or 0)}))")
        return Term(f"({left.code} {sign} {right.code})")

    def _signed(self, node: ast.UnaryOp, term: Term) -> Term:
        if isinstance(node.op, ast.UAdd):
            return Term(term.code, value=term.value)
        return Term(f"(-{term.code})") if term.value is None else self._constant(node, -term.value)

    def _comparison(self, node: ast.Compare, terms: Sequence[Term]) -> Term:
        links = []
        for op, left, right in zip(node.ops, terms[:-1], terms[1:], strict=True):
            if type(op) not in _COMPARISONS:
                raise self._wrong(
                    f"holds {self._written(node)!r}; allowed comparisons: {', '.join(_COMPARISONS.values())}"
                )
            if left.value is not None and right.value is not None:
                raise self._wrong(f"compares two constants in {self._written(node)!r}; one side must hold a column")
            links.append(f"({left.code} {_COMPARISONS[type(op)]} {right.code})")
        return Term(f"({' & '.join(links)})", is_condition=True)

    def _logic(self, op: ast.operator | ast.boolop, parts: Sequence[ast.AST], depth: int) -> Term:
        sign = f" {_LOGIC[type(op)]} "
        return Term(f"({sign.join(self.condition(part, depth).code for part in parts)})", is_condition=True)

    def _call(self, node: ast.Call, name: str, depth: int) -> Term:
        if name not in FUNCTIONS:
            raise self._wrong(f"calls the unknown function {name!r}{near(name, FUNCTIONS)}")
        if len(node.args) != FUNCTIONS[name]:
            raise self._wrong(f"gives {name} {len(node.args)} arguments; it takes {FUNCTIONS[name]}")
        if name == "where":
            condition = self.condition(node.args[0], depth)
            then, otherwise = (self._number(part, depth) for part in node.args[1:])
            return Term(f"where({condition.code}, {then.code}, {otherwise.code})")
        terms = [self._number(part, depth) for part in node.args]
        called = _IN_NUMPY.get(name, name)
        values = [term.value for term in terms if term.value is not None]
        if len(values) == len(terms):
            return self._fold(node, getattr(np, called), *values)
        return Term(f"{called}({', '.join(term.code for term in terms)})")

    def _written(self, node: ast.AST) -> str:
        return (ast.get_source_segment(self.source, node) or type(node).__name__)[:60]

    def _wrong(self, what: str) -> DataError:
        return DataError(f"expression {self.text[:200]!r} {what}")

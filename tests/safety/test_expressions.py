"""Expressions are parsed, never evaluated as Python: whatever the text, a result or a sentence, soon and in little."""

import ast
import tracemalloc

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import DataError
from core.events.expressions import evaluate, parse_expression
from core.events.grammar import FUNCTIONS

NAMES = st.sampled_from(
    ["x", "y", "pi", "__class__", "__import__", "os", "v0", "_quoted_0", "None", "True", "lambda", "`ab`", "jet.pt"]
)
NUMBERS = st.sampled_from(
    ["9" * 300, "0", "1", "-1", "9", "1e308", "1e-320", "0x10", "1_000", "1j", "007", ".5", "1e999"]
)
CALLS = st.sampled_from([*FUNCTIONS, "eval", "exec", "open", "getattr", "x.y", "x[0]", "().__class__", "sum"])
WORDS = (" and ", " or ", " in ", " is ", " if ")
OPERATORS = st.sampled_from([*"+-*/%<>&|^@=,.;:", "**", "//", "<<", "==", "!=", ":=", *WORDS])


def extended(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(part, OPERATORS, part).map("".join),
        part.map(lambda p: f"({p})"),
        part.map(lambda p: f"-{p}"),
        part.map(lambda p: f"not {p}"),
        part.map(lambda p: f"{p}.__class__.__bases__[0]"),
        part.map(lambda p: f"{p}[{p}]"),
        part.map(lambda p: f"[{p} for x in y]"),
        part.map(lambda p: f"(lambda: {p})()"),
        st.tuples(CALLS, st.lists(part, max_size=3)).map(lambda t: f"{t[0]}({', '.join(t[1])})"),
    )


PYTHON = st.recursive(NAMES | NUMBERS, extended, max_leaves=25)
COLUMNS = {name: np.array([0.0, -1.5, np.nan]) for name in ("x", "y", "ab", "jet.pt", "τ", "v0", "_quoted_0", "x[0]")}


def result_or_sentence(text: str) -> np.ndarray | None:
    """Return the values of an expression, None if it is refused; whatever else happens is a defect."""
    try:
        expression = parse_expression(text)
        assert not any("__" in name for name in expression.code.split("v"))
        return evaluate(expression, COLUMNS)
    except DataError as problem:
        assert len(str(problem)) < 2000
        return None


@settings(max_examples=150)
@given(PYTHON)
@example("9**9**9")
@example("x**9**9**9")
@example("x" + "**2" * 300)
@example("x" + "[0]" * 300)
@example("x" + ".y" * 450)
@example("(" * 199 + "x" + ")" * 199)
@example("x if x else " * 80 + "x")
@example("~" * 999 + "x")
@example("not " * 249 + "x")
@example("x<" * 499 + "x")
@example("`" * 999)
@example("`" + "a" * 997 + "`")
@example("x\0y")
@example("x\ud800")
@example("\ufeffx")
@example("x # comment")
@example("x \\\n + y")
@example("f'{x}'")
@example("x.__class__.__init__.__globals__")
@example("where(x>0, __import__('os').system('true'), y)")
@example("1 if x else 1 .real")
@example("0xfor x")
@example("1is x")
@example("'\\d' < x")
def test_python_and_what_looks_like_it_is_a_result_or_a_sentence(text: str) -> None:
    values = result_or_sentence(text)
    assert values is None or values.shape == (3,)


@settings(max_examples=100)
@given(st.text(max_size=120) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_any_unicode_is_a_result_or_a_sentence(text: str) -> None:
    result_or_sentence(text)


@settings(max_examples=40)
@given(
    st.sampled_from([*"()[]+-~.*x`%,<", "x+", "sin(", "(x", "x%(", "-(", "x**", "where(", "1<x<"]),
    st.integers(1, 100_000),
)
def test_long_and_deep_texts_are_a_result_or_a_sentence(unit: str, n: int) -> None:
    result_or_sentence(unit * n)
    result_or_sentence((unit * n)[:1000])


def test_the_memory_that_an_attack_takes_is_small() -> None:
    attacks = ["9**9**9 + x", "x**9**9", "x" + "%y" * 400, "x" + "**8" * 300, "(" * 100 + "x" + "%x)" * 100, "9" * 999]
    tracemalloc.start()
    for attack in attacks:
        result_or_sentence(attack)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_what_is_handed_to_numexpr_is_the_grammar_and_nothing_else() -> None:
    """Every name in the code is a placeholder of a column or a function of the grammar."""
    texts = ("where(x > 1, hypot(x, y), min(x, 2))", "`__import__` + x", "jet.pt ** 3 % 2", "not (x < y) & (y != 3)")
    for text in texts:
        tree = ast.parse(parse_expression(text).code, mode="eval")
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert all(name in FUNCTIONS or name[1:].isdigit() or name in ("minimum", "maximum") for name in names)
        assert not any(isinstance(node, ast.Attribute | ast.Subscript | ast.Lambda) for node in ast.walk(tree))

"""The rules of the house that no linter knows, read off the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "core").rglob("*.py"))
PAGES = sorted((ROOT / "views").rglob("*.py"))
SOURCES = [*CORE, *PAGES, ROOT / "app.py"]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LONGEST_FILE = 300
LONGEST_FUNCTION = 50


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def nodes(paths: list[Path]) -> Iterator[tuple[str, ast.AST]]:
    """Yield each node of the files with the place to look at when it breaks a rule."""
    for path in paths:
        for node in ast.walk(parse(path)):
            yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}", node


def imported(node: ast.AST) -> list[str]:
    """Return the top-level packages that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [(node.module or "").partition(".")[0]]
    return []


def length_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def called(node: ast.AST) -> str:
    """Return the dotted name that a call calls, such as "pickle.load"."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def test_no_folder_is_called_pages() -> None:
    """Beside such a folder Streamlit runs a page without app.py, until that ran once, and before the sign-in."""
    assert not (ROOT / "pages").exists()


def test_parts_that_run_alone_are_never_nested() -> None:
    """Streamlit empties the page when fragments are: `alone` sees to that, and so nothing else makes one."""
    makers = {place.partition(":")[0] for place, node in nodes(SOURCES) if ast.unparse(node) == "st.fragment"}
    assert makers == {"views/parts/frame/alone.py"}


def test_files_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{place} {node.name}": length_without_docstring(node)
        for place, node in nodes(SOURCES)
        if isinstance(node, FUNCTIONS)
    }
    assert {function: n for function, n in lengths.items() if n > LONGEST_FUNCTION} == {}


def test_public_functions_and_classes_of_core_say_what_they_do() -> None:
    public = [
        (place, node)
        for path in CORE
        for place, node in nodes([path])
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node in parse(path).body and not node.name.startswith("_")
    ]
    assert [f"{place} {node.name}" for place, node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize(
    ("paths", "forbidden"),
    [
        pytest.param(CORE, {"streamlit", "views", "app"}, id="core knows no screen"),
        pytest.param(PAGES, {"numpy", "scipy", "torch", "numba", "sklearn"}, id="pages do no mathematics"),
        pytest.param(PAGES, {"threading", "concurrent", "multiprocessing", "asyncio"}, id="pages start no threads"),
        pytest.param(SOURCES, {"pickle", "shelve", "dill", "joblib"}, id="nothing is unpickled"),
    ],
)
def test_forbidden_imports(paths: list[Path], forbidden: set[str]) -> None:
    assert [f"{place} {name}" for place, node in nodes(paths) for name in imported(node) if name in forbidden] == []


def test_no_assert_and_no_bare_except() -> None:
    """Bad input raises DataError: ``python -O`` drops asserts, a bare except hides defects."""
    offending = (
        place
        for place, node in nodes(SOURCES)
        if isinstance(node, ast.Assert) or (isinstance(node, ast.ExceptHandler) and node.type is None)
    )
    assert list(offending) == []


def test_no_exception_is_swallowed_silently() -> None:
    handlers = ((place, node) for place, node in nodes(SOURCES) if isinstance(node, ast.ExceptHandler))
    assert [place for place, node in handlers if all(isinstance(line, ast.Pass) for line in node.body)] == []


def test_randomness_and_printing_stay_local_in_core() -> None:
    """Global seeds race between threads; only the command line prints."""
    forbidden = {"print", "np.random.seed", "torch.manual_seed", "random.seed"}
    silent = [path for path in CORE if "cli" not in path.parts]
    assert [f"{place} {called(node)}" for place, node in nodes(silent) if called(node) in forbidden] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "sample_data/generate/requirements.txt"])
def test_requirements_are_pinned(file: str) -> None:
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines())
    required = [line for line in lines if line and not line.startswith("-r ")]
    assert required
    assert [line for line in required if not re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.+!]+", line)] == []


def test_what_only_queues_runs_loads_neither_torch_nor_a_cluster() -> None:
    """The first page opens the store and starts the workers; whoever looks at it waits for no training."""
    heavy = ["torch", "distributed", "alembic", "psycopg"]
    loaded = f"print([name for name in {heavy} if name in sys.modules])"
    program = f"import sys, core.cluster.choice, views.parts.frame.sidebar; {loaded}"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

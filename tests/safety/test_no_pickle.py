"""No file of others is run as code: what unpickles, evaluates or builds objects by name is not called."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "core").rglob("*.py"), *(ROOT / "views").rglob("*.py"), *(ROOT / "scripts").glob("*.py")]
SOURCES += [ROOT / "app.py"]
MODULES = {
    "pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "copyreg", "jsonpickle",
    "yaml", "ruamel", "xml", "lxml", "telnetlib",
}  # fmt: skip
CALLS = {"eval", "exec", "compile", "__import__", "read_pickle", "to_pickle", "HDFStore", "read_hdf", "unsafe_load"}
SAFE_WITH = {"torch.load": ("weights_only", True), "np.load": ("allow_pickle", False)}
ALIASES = {"numpy": "np"}


def dangers(source: str) -> list[str]:
    """Return what a source does that may run a file as code."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [each.name for each in names if each.name.partition(".")[0] in MODULES]
            case ast.ImportFrom(module=str(module), names=names):
                found += [module] if module.partition(".")[0] in MODULES else []
                full = {f"{ALIASES.get(module, module)}.{each.name}" for each in names}
                found += sorted(full & set(SAFE_WITH))  # under a bare name the keyword could not be checked
            case ast.Call(func=function, keywords=keywords):
                name = ast.unparse(function)
                name = name.replace("numpy.", "np.", 1) if name.startswith("numpy.") else name
                given = {each.arg: getattr(each.value, "value", None) for each in keywords}
                if name in SAFE_WITH and given.get(SAFE_WITH[name][0]) is not SAFE_WITH[name][1]:
                    found.append(name)
                is_method = isinstance(function, ast.Attribute) and name.rpartition(".")[2] in ("eval", "compile")
                if name.rpartition(".")[2] in CALLS and not is_method:
                    found.append(name)
    return found


def test_nothing_in_the_program_runs_a_file_as_code() -> None:
    found = {str(path.relative_to(ROOT)): dangers(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert len(found) > 100
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import torch\ntorch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.load(path, weights_only=flag)",
        "from torch import load",
        "np.load(path)",
        "numpy.load(path, allow_pickle=True)",
        "pandas.read_pickle(path)",
        "from yaml import load",
        "eval(text)",
        "builtins.exec(text)",
        "from joblib import load",
    ],
)
def test_the_search_finds(source: str) -> None:
    assert dangers(source)


@pytest.mark.parametrize(
    "source", ["torch.load(p, weights_only=True)", "np.load(p, allow_pickle=False)", "re.compile(x)", "model.eval()"]
)
def test_the_search_lets_pass(source: str) -> None:
    assert dangers(source) == []

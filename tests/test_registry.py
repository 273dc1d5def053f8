"""Registries: discovery, look-up and threads."""

import sys
import threading
from pathlib import Path

import pytest

from core.errors import DataError
from core.registry import Registry


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a package of two items, a slow import and a helper that must not be imported."""
    folder = tmp_path / "shapes_for_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from core.registry import Registry\nSHAPES = Registry('shape', 'shapes_for_test')\n"
    )
    for name in ("circle", "square"):
        (folder / f"{name}.py").write_text(
            "import time; time.sleep(0.05)\nfrom shapes_for_test import SHAPES\n"
            f"SHAPES.register('{name}', '{name}', title='', summary='', reference='')\n"
        )
    (folder / "_helper.py").write_text("raise RuntimeError('a helper is no item')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", {k: v for k, v in sys.modules.items() if not k.startswith("shapes_for_test")})
    return "shapes_for_test"


def test_files_of_the_package_are_discovered_and_helpers_are_not(package: str) -> None:
    import importlib

    assert importlib.import_module(package).SHAPES.names() == ["circle", "square"]


def test_a_second_thread_waits_until_all_items_are_there(package: str) -> None:
    import importlib

    shapes, seen = importlib.import_module(package).SHAPES, []
    threads = [threading.Thread(target=lambda: seen.append(len(shapes))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [2, 2, 2, 2]


def test_unknown_and_doubled_names_are_refused() -> None:
    registry = Registry[int]("shape", "")
    registry.register("square", 4, title="", summary="", reference="")
    with pytest.raises(DataError, match="unknown shape 'circle'; allowed: square"):
        registry["circle"]
    with pytest.raises(ValueError, match="registered twice"):
        registry.register("square", 4, title="", summary="", reference="")

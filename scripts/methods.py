"""Write docs/methods.md from the registries, so that it names every method: python -m scripts.methods."""

from __future__ import annotations

from core.information.estimators.estimator import ESTIMATORS
from core.neural_information.estimator import NEURAL_ESTIMATORS
from core.registry import Registry
from core.unlearning.method import METHODS, PenaltyConfig, TrainingConfig
from scripts.server import ROOT

PAGE = ROOT / "docs" / "methods.md"
HEAD = """# Methods

Written by `python -m scripts.methods` from the program itself: what is registered stands here, on the pages and on
the command line.
"""


def methods_page() -> str:
    """Return the page."""
    unlearning = [_unlearning(name) for name in sorted(METHODS.names())]
    parts = [
        HEAD,
        "## Unlearning\n",
        "`python -m core train FILE --method NAME`. All options have defaults; `train --help` describes them.\n",
        _table(("name", "method", "what it does", "default λ", "own options", "source"), unlearning),
        "## Estimators of mutual information\n",
        "`python -m core matrix FILE --estimator NAME`, or `core.information.estimate_mi(x, y, NAME)`.\n",
        _table(("name", "estimator", "what it does", "source"), _entries(ESTIMATORS)),
        "## Neural estimators of mutual information\n",
        "Trained on part of the events, stopped early on another, judged on a third: each is a bound or an estimate on "
        "events that its network never saw.\n",
        _table(("name", "estimator", "what it does", "source"), _entries(NEURAL_ESTIMATORS)),
    ]
    return "\n".join(parts)


def _unlearning(name: str) -> list[str]:
    entry = METHODS[name]
    fields = entry.item.config.model_fields
    shared = {*TrainingConfig.model_fields, *PenaltyConfig.model_fields}
    own = ", ".join(f"`--{field.replace('_', '-')}`" for field in fields if field not in shared)
    lam = f"{fields['lam'].default:g}" if "lam" in fields else "-"
    return [f"`{name}`", entry.title, entry.summary, lam, own or "-", entry.reference]


def _entries(registry: Registry) -> list[list[str]]:
    entries = sorted(registry, key=lambda entry: entry.name)
    return [[f"`{entry.name}`", entry.title, entry.summary, entry.reference] for entry in entries]


def _table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(methods_page(), encoding="utf-8")

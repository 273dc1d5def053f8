"""Write docs/methods.md from the registries, so that it names every method: python -m scripts.methods."""

from __future__ import annotations

from collections.abc import Iterable

from core.calibration.method import METHODS as CALIBRATIONS
from core.disentanglement.config import VAEConfig
from core.disentanglement.model import MODELS
from core.ensembles.construction import CONSTRUCTIONS
from core.event_variables.blueprint import BLUEPRINTS
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
        "## Disentangling\n",
        "`python -m core disentangle FILE --model NAME`.\n",
        _table(("name", "model", "what it does", "own options", "source"), _disentangling()),
        "## Event variables\n",
        "`python -m core event-variables FILE --method NAME`.\n",
        _table(("name", "blueprint", "what it does", "source"), _entries(BLUEPRINTS)),
        "## Many events at once\n",
        "`python -m core ensembles FILE --set-size N --constructions NAME,…`.\n",
        _table(("name", "construction", "what it does", "source"), _entries(CONSTRUCTIONS)),
        "## Calibration\n",
        "`python -m core calibrate FILE --methods NAME,…`.\n",
        _table(("name", "method", "what it does", "source"), _entries(CALIBRATIONS)),
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
    own = _options(fields, {*TrainingConfig.model_fields, *PenaltyConfig.model_fields})
    lam = f"{fields['lam'].default:g}" if "lam" in fields else "-"
    return [f"`{name}`", entry.title, entry.summary, lam, own, entry.reference]


def _disentangling() -> list[list[str]]:
    shared = {*VAEConfig.model_fields}
    return [
        [
            f"`{entry.name}`",
            entry.title,
            entry.summary,
            _options(entry.item.config.model_fields, shared),
            entry.reference,
        ]
        for entry in sorted(MODELS, key=lambda entry: entry.name)
    ]


def _options(fields: Iterable[str], shared: set[str]) -> str:
    return ", ".join(f"`--{field.replace('_', '-')}`" for field in fields if field not in shared) or "-"


def _entries(registry: Registry) -> list[list[str]]:
    entries = sorted(registry, key=lambda entry: entry.name)
    return [[f"`{entry.name}`", entry.title, entry.summary, entry.reference] for entry in entries]


def _table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(methods_page(), encoding="utf-8")

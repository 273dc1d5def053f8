"""The model that a run saved, ready to be used on other events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from core.errors import DataError
from core.jobs.artifacts import MODEL
from core.learning.film import ConditionalClassifier
from core.learning.snapshot import Checkpoint
from core.unlearning.method import METHODS
from core.unlearning.model import Model
from core.unlearning.slide import AtLambda
from core.unlearning.slide_steps import SlideConfig


@dataclass(frozen=True)
class SavedModel:
    """Hold a trained model and what it takes.

    Args:
        model: features and protected variables → score.
        inputs: names of the features, in the order of the model's inputs.
        protected: names of the protected variables.
        derived: name → expression of inputs that are computed from columns of a file.
        method: how it was trained.
    """

    model: Model
    inputs: tuple[str, ...]
    protected: tuple[str, ...]
    derived: dict[str, str]
    method: str

    @property
    def takes_protected(self) -> bool:
        """Return whether the score needs the protected variables too: a transform does."""
        return self.model.transform is not None


def load_model(folder: Path, lam: float | None = None) -> SavedModel:
    """Read the model that a run left in its folder.

    Args:
        folder: the run's own folder.
        lam: position of a λ slider; None takes its largest λ.

    Raises:
        DataError: the run left no model, its file is damaged, or λ is not on its slider.
    """
    path = folder / MODEL
    if not path.exists():
        raise DataError(f"run {folder.name} has no model; allowed: a run that is done or was stopped after an epoch")
    try:
        with safe_open(path, "numpy") as file:
            card = file.metadata() or {}
        arrays = load_file(path)
    except (SafetensorError, OSError) as problem:
        raise DataError(f"the model of run {folder.name} cannot be read: {problem}") from problem
    if missing := [name for name in ("inputs", "protected", "method") if name not in card]:
        raise DataError(f"the model of run {folder.name} does not say its {', '.join(missing)}; train it again")
    return SavedModel(
        _model(card, arrays, lam).eval(),
        tuple(json.loads(card["inputs"])),
        tuple(json.loads(card["protected"])),
        dict(json.loads(card.get("derived", "{}"))),
        card["method"],
    )


def _model(card: dict[str, str], arrays: Checkpoint, lam: float | None) -> Model:
    if card.get("task") == "slide":
        config = SlideConfig(**json.loads(card["config"]))
        position = config.position(config.lam_max if lam is None else lam)
        return Model([AtLambda(ConditionalClassifier.from_arrays(arrays), position)])
    if lam is not None:
        raise DataError("only a λ slider takes a λ; this run was trained with one")
    transform = METHODS[card["method"]].item.transform
    return Model.from_arrays(arrays, transform.restore if transform else None)

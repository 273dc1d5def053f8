"""The model that a run saved, ready to be used on other events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from core.disentanglement.model import MODELS
from core.disentanglement.represent import CLASSIFIER, Representation, on_features, under
from core.errors import DataError
from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.model import VariableModel
from core.jobs.artifacts import MODEL
from core.learning.film import ConditionalClassifier
from core.learning.snapshot import Checkpoint
from core.unlearning.method import METHODS
from core.unlearning.model import Model
from core.unlearning.slide import AtLambda
from core.unlearning.slide_steps import SlideConfig

_ANY_NETWORK = 2**26
DISENTANGLE, VARIABLES = "disentangle", "event_variables"
SCORING = ("unlearn", "slide", DISENTANGLE, VARIABLES)
"""Tasks whose model gives each event a score, or learnt variables in its place."""


@dataclass(frozen=True)
class SavedModel:
    """Hold a trained model and what it takes.

    Args:
        model: features and protected variables → score.
        inputs: names of the features, in the order of the model's inputs.
        protected: names of the protected variables.
        derived: name → expression of inputs that are computed from columns of a file.
        missing: column → values that meant "no value" in training, "*" those of every column.
        method: how it was trained.
    """

    model: Model
    inputs: tuple[str, ...]
    protected: tuple[str, ...]
    derived: dict[str, str]
    missing: dict[str, tuple[float, ...]]
    method: str

    @property
    def takes_protected(self) -> bool:
        """Return whether the score needs the protected variables too: a transform does."""
        return self.model.transform is not None


@dataclass(frozen=True)
class SavedAutoencoder:
    """Hold a trained autoencoder and what it takes.

    Args:
        representation: the autoencoder, and what was found of its dimensions.
        inputs: names of the features, in the order of its inputs.
        protected: names of the protected variables.
        derived: name → expression of inputs that are computed from columns of a file.
        missing: column → values that meant "no value" in training, "*" those of every column.
    """

    representation: Representation
    inputs: tuple[str, ...]
    protected: tuple[str, ...]
    derived: dict[str, str]
    missing: dict[str, tuple[float, ...]]


def load_model(folder: Path, lam: float | None = None) -> SavedModel:
    """Read the model that a run left in its folder.

    Args:
        folder: the run's own folder.
        lam: position of a λ slider; None takes its largest λ.

    Raises:
        DataError: the run left no model, its file is damaged, its task has no score of single events, or λ is not on
            its slider.
    """
    card, arrays = _read(folder)
    task = card.get("task", SCORING[0])
    if task not in SCORING:
        raise DataError(
            f"run {folder.name} is of the task {task!r}, whose networks are no classifier of single events that other "
            f"events can be put through; allowed: runs of {', '.join(SCORING)}"
        )
    with _rebuilding(folder):
        return SavedModel(_model(card, arrays, lam).eval(), *_columns(card), card["method"])


def load_autoencoder(folder: Path) -> SavedAutoencoder:
    """Read the autoencoder that a run of disentanglement left in its folder.

    Args:
        folder: the run's own folder.

    Raises:
        DataError: the run left no model, its file is damaged, or it has no autoencoder.
    """
    card, arrays = _read(folder)
    if card.get("task") != DISENTANGLE:
        raise DataError(f"run {folder.name} trained {card['method']}, which has no autoencoder; train one: disentangle")
    with _rebuilding(folder):
        return SavedAutoencoder(Representation.from_arrays(arrays), *_columns(card))


def _read(folder: Path) -> tuple[dict[str, str], Checkpoint]:
    """Return the words about a run's model, and its arrays."""
    path = folder / MODEL
    if not path.exists():
        raise DataError(f"run {folder.name} has no model; allowed: a run that is done or was stopped after an epoch")
    with _rebuilding(folder):
        with safe_open(path, "numpy") as file:
            card = file.metadata() or {}
        arrays = load_file(path)
        _require_possible(arrays)
    if missing := [name for name in ("inputs", "protected", "method") if name not in card]:
        raise DataError(f"the model of run {folder.name} does not say its {', '.join(missing)}; train it again")
    return card, arrays


@contextmanager
def _rebuilding(folder: Path) -> Iterator[None]:
    """Turn what a damaged file makes the libraries raise into a DataError that names the run."""
    try:
        yield
    except DataError:
        raise
    except (
        SafetensorError,
        OSError,
        MemoryError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        RuntimeError,
    ) as problem:
        said = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise DataError(f"the model of run {folder.name} cannot be read: {said}; train it again") from problem


def _require_possible(arrays: Checkpoint) -> None:
    """Refuse a standardisation that is no vector, and few numbers that name a network of very many.

    A network is built before it is filled, from the lengths of its arrays.
    """
    for name, array in arrays.items():
        if name.rpartition(".")[2] in ("mean", "scale") and array.ndim != 1:
            raise DataError(f"{name} has shape {array.shape}; allowed: one number for each feature")
    widest = sorted((array.shape[0] for array in arrays.values() if array.ndim), reverse=True)[:2]
    n_numbers = sum(array.size for array in arrays.values())
    if prod(widest) > max(_ANY_NETWORK, 4 * n_numbers):
        raise DataError(f"the file holds {n_numbers:,} numbers; layers of {' and '.join(map(str, widest))} need more")


def _columns(
    card: dict[str, str],
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str], dict[str, tuple[float, ...]]]:
    """Return the names of features and protected variables, expressions of derived ones, values that mean none."""
    return (
        tuple(json.loads(card["inputs"])),
        tuple(json.loads(card["protected"])),
        dict(json.loads(card.get("derived", "{}"))),
        {name: tuple(values) for name, values in json.loads(card.get("missing", "{}")).items()},
    )


def _model(card: dict[str, str], arrays: Checkpoint, lam: float | None) -> Model:
    if card.get("task") == "slide":
        config = SlideConfig(**json.loads(card["config"]))
        position = config.position(config.lam_max if lam is None else lam)
        return Model([AtLambda(ConditionalClassifier.from_arrays(arrays), position)])
    if lam is not None:
        raise DataError("only a λ slider takes a λ; this run was trained with one")
    if card.get("task") == DISENTANGLE:
        return _disentangled(card, arrays)
    if card.get("task") == VARIABLES:
        return VariableModel.restored(arrays, BLUEPRINTS[card["method"]].item.config(**json.loads(card["config"])))
    return _classifier(card["method"], arrays)


def _disentangled(card: dict[str, str], arrays: Checkpoint) -> Model:
    """Return the classifier of a latent representation as one of features."""
    classifier = under(CLASSIFIER, arrays)
    if not classifier:
        raise DataError(
            "the run ended before its classifier, so that it has no score; its autoencoder serves intervene and anomaly"
        )
    config = MODELS[card["method"]].item.config(**json.loads(card["config"]))
    return on_features(_classifier(config.downstream, classifier), Representation.from_arrays(arrays))


def _classifier(method: str, arrays: Checkpoint) -> Model:
    transform = METHODS[method].item.transform
    return Model.from_arrays(arrays, transform.restore if transform else None)

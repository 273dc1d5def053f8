"""The classifier that follows: which methods may, and how they are set up."""

from __future__ import annotations

from pydantic import ValidationError

from core.disentanglement.config import VAEConfig
from core.errors import DataError
from core.unlearning.method import METHODS, TrainingConfig


def downstream_methods() -> list[str]:
    """Return the methods of unlearning that may follow an autoencoder: those of one score."""
    return [entry.name for entry in METHODS if entry.item.n_classifiers == 1]


def downstream_config(config: VAEConfig) -> TrainingConfig:
    """Return the config of the classifier's method: epochs, λ and shares as asked for, its defaults otherwise.

    Raises:
        DataError: the method is unknown, trains more than one classifier, or does not take the λ.
    """
    entry = METHODS[config.downstream].item
    if entry.n_classifiers > 1:
        raise DataError(
            f"{config.downstream} trains {entry.n_classifiers} classifiers against each other and leaves the protected "
            f"variable alone; allowed after an autoencoder: {', '.join(downstream_methods())}"
        )
    fields = {
        "epochs": config.downstream_epochs,
        "train_fraction": config.train_fraction,
        "validation_fraction": config.validation_fraction,
    }
    if config.downstream_lam > 0:
        if "lam" not in entry.config.model_fields:
            raise DataError(f"downstream_lam is {config.downstream_lam:g}: {config.downstream} has no λ; allowed: 0")
        fields["lam"] = config.downstream_lam
    try:
        found: TrainingConfig = entry.config(**fields)
    except ValidationError as problem:
        message = problem.errors()[0]["msg"].removeprefix("Value error, ")
        raise DataError(f"{config.downstream} cannot follow: {message[:1].lower()}{message[1:]}") from None
    return found

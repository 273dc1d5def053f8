"""What a method of unlearning is: a config, and one or more of a penalty, a reweighting and a transform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from core.learning.batch import Batch
from core.learning.options import (
    BatchSize,
    LearningRate,
    MostEvents,
    TrainingShare,
    ValidationShare,
    Widths,
    leave_held_out_events,
)
from core.registry import Registry


class Penalty(Protocol):
    """Measure how much scores depend on protected variables."""

    def __call__(self, scores: Tensor, batch: Batch, /) -> Tensor:
        """Return the dependence, a scalar ≥ 0 (save a neural bound, which fluctuates around 0).

        Args:
            scores: f of all events of the batch, shape (n,); (n, 2) for a method that trains two classifiers.
            batch: the events; ``on_background`` picks what most terms act on.
        """


@runtime_checkable
class Critic(Penalty, Protocol):
    """Be a penalty that has a network of its own to train."""

    def refine(self, scores: Tensor, batch: Batch, /) -> None:
        """Train the critic on detached scores of a batch, shape (n,), before the classifier's step."""


class TrainingConfig(BaseModel):
    """Set up a classifier training; methods add fields of their own.

    Forms, command-line options and validation are made from these fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(40, ge=1, le=20_000, title="epochs", description="passes over the training events")
    batch_size: BatchSize = Field(
        8192,
        description="events per step: large batches measure the dependence on the protected variable better; "
        "a small sample is cut into at least eight batches",
    )
    learning_rate: LearningRate = 1e-2
    hidden: Widths = (64, 64, 64)
    warmup: float = Field(
        0.15,
        ge=0,
        le=1,
        title="warm-up",
        description="share of the training with λ = 0, so that the classifier learns first",
    )
    ramp: float = Field(
        0.35, ge=0, le=1, title="ramp", description="share of the training over which λ then rises to its full value"
    )
    clip: float = Field(1.0, gt=0, title="gradient clipping", description="largest norm of the gradient of one step")
    train_fraction: TrainingShare = Field(0.5, description="share of the events that the network learns from")
    validation_fraction: ValidationShare = 0.1
    train_events: MostEvents = None

    @model_validator(mode="after")
    def _leave_held_out_events(self) -> TrainingConfig:
        leave_held_out_events(self)
        if self.warmup + self.ramp > 1:
            raise ValueError(f"warm-up and ramp add up to {self.warmup + self.ramp:.3g}; at most 1 is allowed")
        return self

    @property
    def strength(self) -> float:
        """Return λ, the weight of the dependence term; 0 for a method without one."""
        return float(getattr(self, "lam", 0.0))


class PenaltyConfig(TrainingConfig):
    """Set up a training with a penalty; methods choose the default of λ.

    ``slider`` is what suits a λ slider with this penalty: its ends in units of the default λ, and fields of its config.
    """

    slider: ClassVar[Mapping[str, float]] = {
        "lowest": 1 / 300, "highest": 3.0, "batch_size": 8192, "draws": 2, "epochs": 40, "damping": 1.0,
    }  # fmt: skip

    lam: float = Field(
        1.0, ge=0, le=1e5, title="λ", description="weight of the dependence beside the cross entropy; 0 is the baseline"
    )
    target: Literal["none", "dcorr", "jsd"] = Field(
        "none",
        title="target",
        description="what to reach by adapting λ: the distance correlation of score and m, or the JSD (nats) of "
        "passing and failing background at 50 % signal efficiency; none keeps λ",
    )
    goal: float = Field(
        0.01,
        gt=0,
        lt=1,
        title="goal",
        description="value that the target shall reach, above what statistics give an independent score; λ is only "
        "where the search begins",
    )


Config = TypeVar("Config", bound=TrainingConfig)
Weighing = Callable[[Batch], Tensor]
"""A batch → the weights (n,) with which its events train the classifier."""


def no_penalty(scores: Tensor, _batch: Batch) -> Tensor:
    """Return zero: the term of methods that act before or after the training."""
    return scores.new_zeros(())


def on_background(scores: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Return scores (k, …), protected variables (k, n_protected) and weights (k,) of the background events."""
    background = ~batch.y
    return scores[background], batch.m[background], batch.w[background]


def _build_none(_config: Any, _train: Batch, _generator: torch.Generator) -> Penalty:
    return no_penalty


@dataclass(frozen=True)
class PostHoc(Generic[Config]):
    """Describe a transform of the score that is fitted after the training.

    The transform is a module: (score (n,), protected variables (n, n_protected)) → score (n,), with all that was
    fitted in buffers, so that it is saved, restored and exported with the network.

    Args:
        fit: (config, scores (n,), protected (n, n_protected), weights (n,)) of the training background → transform.
        restore: the transform's ``state_dict`` → transform.
    """

    fit: Callable[[Config, Tensor, Tensor, Tensor], nn.Module]
    restore: Callable[[Mapping[str, Tensor]], nn.Module]


@dataclass(frozen=True)
class Method(Generic[Config]):
    """Describe one method of unlearning.

    Args:
        config: the config class whose fields its form and its command-line options show.
        build: (config, training events, source of random numbers) → penalty.
        reweigh: (config, training events) → the weights with which events train the classifier; None leaves them.
        transform: what is fitted to the trained score; None leaves it.
        n_classifiers: how many networks are trained side by side; the first one's score is judged.
    """

    config: type[Config]
    build: Callable[[Config, Batch, torch.Generator], Penalty] = _build_none
    reweigh: Callable[[Config, Batch], Weighing] | None = None
    transform: PostHoc[Config] | None = None
    n_classifiers: int = 1

    @property
    def is_plain(self) -> bool:
        """Return whether the method is a penalty on one score and nothing else."""
        acts_elsewhere = self.reweigh is not None or self.transform is not None or self.n_classifiers > 1
        return self.build is not _build_none and not acts_elsewhere


METHODS: Registry[Method[Any]] = Registry("method", "core.unlearning.penalties")
"""All methods of unlearning by name."""

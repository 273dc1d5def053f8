"""What a method of unlearning is: a config and a penalty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor

from core.registry import Registry

Penalty = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(scores (n,), protected variables (n, n_protected), weights (n,)) of background events → dependence, a scalar ≥ 0."""


class TrainingConfig(BaseModel):
    """Set up a classifier training; methods add fields of their own.

    Forms, command-line options and validation are made from these fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(40, ge=1, le=5000, title="epochs", description="passes over the training events")
    batch_size: int = Field(
        8192,
        ge=64,
        le=1_048_576,
        title="batch size",
        description="events per step: large batches measure the dependence on the protected variable better; "
        "a small sample is cut into at least eight batches",
    )
    learning_rate: float = Field(
        1e-2, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )
    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (64, 64, 64), min_length=1, max_length=12, title="hidden layers", description="width of each hidden layer"
    )
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
    train_fraction: float = Field(
        0.5, gt=0, lt=1, title="training share", description="share of the events that the network learns from"
    )
    validation_fraction: float = Field(
        0.1,
        gt=0,
        lt=1,
        title="validation share",
        description="share of the events that choose the best epoch; the rest is held out",
    )

    @model_validator(mode="after")
    def _leave_held_out_events(self) -> TrainingConfig:
        if self.train_fraction + self.validation_fraction > 0.95:
            raise ValueError(
                f"training and validation share add up to {self.train_fraction + self.validation_fraction:.3g}; "
                "at most 0.95 is allowed, so that events are left to judge the result"
            )
        if self.warmup + self.ramp > 1:
            raise ValueError(f"warm-up and ramp add up to {self.warmup + self.ramp:.3g}; at most 1 is allowed")
        return self

    @property
    def strength(self) -> float:
        """Return λ, the weight of the dependence term; 0 for a method without one."""
        return float(getattr(self, "lam", 0.0))


Config = TypeVar("Config", bound=TrainingConfig)


@dataclass(frozen=True)
class Method(Generic[Config]):
    """Describe one method of unlearning.

    Args:
        config: the config class whose fields its form and its command-line options show.
        build: (config, protected (n, n_protected), weights (n,)) of the training background → penalty.
    """

    config: type[Config]
    build: Callable[[Config, Tensor, Tensor], Penalty]


METHODS: Registry[Method[Any]] = Registry("method", "core.unlearning.penalties")
"""All methods of unlearning by name."""

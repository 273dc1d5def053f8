"""The settings that all neural estimators share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class NeuralConfig(BaseModel):
    """Set up the training of a critic; forms, command-line options and validation are made from these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (64, 64), min_length=1, max_length=12, title="hidden layers", description="width of each hidden layer"
    )
    epochs: int = Field(
        30, ge=1, le=5000, title="epochs", description="largest number of passes over the training events"
    )
    batch_size: int = Field(
        1024,
        ge=64,
        le=1_048_576,
        title="batch size",
        description="events per step; a small sample is cut into at least eight batches",
    )
    learning_rate: float = Field(
        1e-2, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )
    patience: int = Field(
        10,
        ge=1,
        le=5000,
        title="patience",
        description="epochs without a better loss on validation events after which the training ends",
    )
    validation_fraction: float = Field(
        0.1, gt=0, lt=1, title="validation share", description="share of the events that choose the best epoch"
    )
    held_out_fraction: float = Field(
        0.4,
        gt=0,
        lt=1,
        title="held-out share",
        description="share of the events that give the estimate; the network learns from the rest",
    )

    @model_validator(mode="after")
    def _leave_training_events(self) -> NeuralConfig:
        if self.validation_fraction + self.held_out_fraction > 0.9:
            raise ValueError(
                f"validation and held-out share add up to {self.validation_fraction + self.held_out_fraction:.3g}; "
                "at most 0.9 is allowed, so that events are left to learn from"
            )
        return self

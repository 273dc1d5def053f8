"""The settings that all neural estimators share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.learning.options import BatchSize, LearningRate, Widths


class NeuralConfig(BaseModel):
    """Set up the training of a critic; forms, command-line options and validation are made from these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden: Widths = (64, 64)
    epochs: int = Field(
        30, ge=1, le=5000, title="epochs", description="largest number of passes over the training events"
    )
    batch_size: BatchSize = 1024
    learning_rate: LearningRate = 1e-2
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

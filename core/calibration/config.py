"""What a calibration is set up by."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.learning.options import BatchSize, LearningRate, TrainingShare, ValidationShare, Widths, leave_held_out_events


class CalibrationConfig(BaseModel):
    """Set up a calibration; forms, command-line options and validation are made from these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    truth: tuple[str, ...] = Field(
        (),
        max_length=6,
        title="truth",
        description="columns of the true quantity; if not given, the protected columns that are no spectrum",
    )
    methods: tuple[str, ...] = Field(
        ("mse", "gaussian_ansatz"), min_length=1, title="methods", description="calibrations to train side by side"
    )
    train: tuple[str, ...] = Field(
        ("uniform", "falling"),
        min_length=1,
        max_length=6,
        title="training spectra",
        description="each gets a training of its own: a column of weights, 'sample' for the events as they are, or "
        "uniform, falling or gaussian, to which the events are weighted",
    )
    test: tuple[str, ...] = Field(
        ("uniform", "falling"),
        min_length=1,
        max_length=6,
        title="test spectra",
        description="spectra of held-out events to judge with, named as those of the training",
    )
    low: float | None = Field(
        None, ge=-1e12, le=1e12, title="lowest truth",
        description="lower end of the uniform and the falling spectrum; if not given, 1 % of the truths lie below it",
    )  # fmt: skip
    high: float | None = Field(
        None,
        ge=-1e12,
        le=1e12,
        title="highest truth",
        description="their upper end; if not given, 1 % of the truths lie above it",
    )
    scale: float | None = Field(
        None, gt=0, le=1e12, title="decay length",
        description="of the falling spectrum, in units of the truth; 0.3 of its range if not given",
    )  # fmt: skip
    known: Literal["nothing", "gaussian"] = Field(
        "nothing",
        title="known answers",
        description="gaussian: the feature is the truth with Gaussian noise, so that exact answers can be drawn",
    )
    noise: float = Field(1.0, gt=0, le=1e9, title="noise", description="σ of that noise, in units of the truth")
    epochs: int = Field(20, ge=1, le=5_000, title="epochs", description="passes over the training events")
    batch_size: BatchSize = Field(
        2048, description="events per step: the mean over shuffled events is better in a large batch"
    )
    learning_rate: LearningRate = 2e-2
    hidden: Widths = (32, 32)
    shuffles: int = Field(
        1, ge=1, le=16, title="shuffles", description="shuffled truths for each event in a step of the ansatz"
    )
    pretraining: float = Field(
        0.2,
        gt=0,
        le=0.5,
        title="pretraining",
        description="share of the ansatz's training in which b alone learns by the mean squared error",
    )
    sparsity: float = Field(
        0.1, ge=0, le=1e3, title="penalty on d", description="weight of the mean |d| in the ansatz's loss"
    )
    train_fraction: TrainingShare = 0.7
    validation_fraction: ValidationShare = Field(
        0.1, description="share of the events that the live view shows; the rest is held out"
    )

    @model_validator(mode="after")
    def _leave_held_out_events(self) -> CalibrationConfig:
        leave_held_out_events(self)
        for names in (self.methods, self.train, self.test, self.truth):
            if len(set(names)) < len(names):
                raise ValueError(f"{', '.join(names)}: a name is there twice")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"spectra from {self.low:g} to {self.high:g}: the first must be smaller")
        return self

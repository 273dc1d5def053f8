"""What a training on sets of events is set up by."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.learning.options import BatchSize, LearningRate, TrainingShare, ValidationShare, Widths, leave_held_out_events

LossName = Literal["cross_entropy", "mlc", "mlc_linear", "mlc_square", "mlc_exponential"]


class SetConfig(BaseModel):
    """Set up what classifiers of sets and regressions from sets share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(20, ge=1, le=5_000, title="epochs", description="passes over the training events")
    batch_size: BatchSize = Field(
        2048, description="events of each class in a step; a small sample is cut into more and smaller batches"
    )
    learning_rate: LearningRate = 1e-2
    hidden: Widths = (64, 64)
    latent: int = Field(
        16, ge=1, le=1024, title="latent size", description="how many numbers of each event a set network adds up"
    )
    train_fraction: TrainingShare = 0.5
    validation_fraction: ValidationShare = 0.1

    _leaves_held_out_events = model_validator(mode="after")(leave_held_out_events)


class EnsembleConfig(SetConfig):
    """Set up classifiers of sets of N events."""

    set_size: int = Field(
        3, ge=2, le=1000, title="events in a set", description="N: how many events of one class are judged together"
    )
    constructions: tuple[str, ...] = Field(
        ("list", "sorted", "set", "readback"),
        title="constructions",
        description="classifiers of sets to train beside the per-event one, whose product is always there",
    )
    loss: LossName = Field(
        "cross_entropy", title="loss", description="every one of them has the likelihood ratio as its minimum"
    )
    sort_by: str = Field(
        "", title="sorted by", description="feature that orders the events of a sorted list; the first one if not given"
    )
    truth: str = Field(
        "",
        title="exact log-ratio",
        description="column of ln p(x|signal)/p(x|background) where it is known, as in a toy; it is never trained on",
    )


class RegressionConfig(SetConfig):
    """Set up the four regressions of a parameter θ from sets of events."""

    epochs: int = Field(10, ge=1, le=5_000, title="epochs", description="passes over the training events")
    learning_rate: LearningRate = 5e-3
    batch_size: BatchSize = Field(4096, description="events in a step; at least one set")
    hidden: Widths = (32, 32)
    train_fraction: TrainingShare = Field(0.3, description="share of the sets that the networks learn from")
    validation_fraction: ValidationShare = Field(
        0.05, description="share of the sets that choose the best epoch; the rest is held out"
    )
    parameter: str = Field(
        "theta", min_length=1, title="θ", description="column of the parameter; the events of a set share its value"
    )
    set_size: int = Field(100, ge=2, le=100_000, title="events in a set", description="N, the same for every set")
    degree: int = Field(
        2,
        ge=1,
        le=4,
        title="critic's degree",
        description="highest power of the features in the critic of the one-step regression",
    )
    truth: str = Field(
        "",
        title="exact estimator",
        description="column whose mean over a set is the maximum-likelihood θ, where it is known, as x of a Gaussian",
    )

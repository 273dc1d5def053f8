"""What a training on sets of events is set up by."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

LossName = Literal["cross_entropy", "mlc", "mlc_linear", "mlc_square", "mlc_exponential"]


class SetConfig(BaseModel):
    """Set up what classifiers of sets and regressions from sets share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(20, ge=1, le=5_000, title="epochs", description="passes over the training events")
    batch_size: int = Field(
        2048,
        ge=64,
        le=1_048_576,
        title="batch size",
        description="events of each class in a step; a small sample is cut into more and smaller batches",
    )
    learning_rate: float = Field(
        1e-2, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )
    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (64, 64), min_length=1, max_length=12, title="hidden layers", description="width of each hidden layer"
    )
    latent: int = Field(
        16, ge=1, le=1024, title="latent size", description="how many numbers of each event a set network adds up"
    )
    train_fraction: float = Field(
        0.5, gt=0, lt=1, title="training share", description="share of the events that the networks learn from"
    )
    validation_fraction: float = Field(
        0.1,
        gt=0,
        lt=1,
        title="validation share",
        description="share of the events that choose the best epoch; the rest is held out",
    )

    @model_validator(mode="after")
    def _leave_held_out_events(self) -> SetConfig:
        if self.train_fraction + self.validation_fraction > 0.95:
            raise ValueError(
                f"training and validation share add up to {self.train_fraction + self.validation_fraction:.3g}; "
                "at most 0.95 is allowed, so that events are left to judge the result"
            )
        return self


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
    learning_rate: float = Field(
        5e-3, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )
    batch_size: int = Field(
        4096, ge=64, le=1_048_576, title="batch size", description="events in a step; at least one set"
    )
    hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (32, 32), min_length=1, max_length=12, title="hidden layers", description="width of each hidden layer"
    )
    train_fraction: float = Field(
        0.3, gt=0, lt=1, title="training share", description="share of the sets that the networks learn from"
    )
    validation_fraction: float = Field(
        0.05,
        gt=0,
        lt=1,
        title="validation share",
        description="share of the sets that choose the best epoch; the rest is held out",
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

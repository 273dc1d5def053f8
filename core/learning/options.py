"""Options that the configs of several trainings have; each gives them its default, and own words where they differ."""

from __future__ import annotations

from typing import Annotated, Protocol, TypeVar

from pydantic import Field

BatchSize = Annotated[
    int,
    Field(
        ge=64,
        le=1_048_576,
        title="batch size",
        description="events per step; a small sample is cut into at least eight batches",
    ),
]
LearningRate = Annotated[
    float,
    Field(gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"),
]
Widths = Annotated[
    tuple[Annotated[int, Field(ge=1, le=4096)], ...],
    Field(min_length=1, max_length=12, title="hidden layers", description="width of each hidden layer"),
]
TrainingShare = Annotated[
    float, Field(gt=0, lt=1, title="training share", description="share of the events that the networks learn from")
]
ValidationShare = Annotated[
    float,
    Field(
        gt=0,
        lt=1,
        title="validation share",
        description="share of the events that choose the best epoch; the rest is held out",
    ),
]
MostEvents = Annotated[
    int | None,
    Field(
        ge=1000,
        le=10_000_000_000,
        title="training events",
        description="train on so many events, drawn at random among those to learn from; validation and held-out "
        "events are thinned alike, and weights stay as they are",
        json_schema_extra={"empty": "all"},
    ),
]
LARGEST_SHARE = 0.95


class Shares(Protocol):
    """Be a config that splits events into training, validation and held-out ones."""

    @property
    def train_fraction(self) -> float:
        """Share of the events to learn from."""

    @property
    def validation_fraction(self) -> float:
        """Share of the events that choose the best epoch."""


Splitting = TypeVar("Splitting", bound=Shares)


def leave_held_out_events(config: Splitting) -> Splitting:
    """Return the config if it leaves events to judge the result; made for pydantic's ``model_validator``.

    Raises:
        ValueError: training and validation take more than 95 % of the events.
    """
    if (taken := config.train_fraction + config.validation_fraction) > LARGEST_SHARE:
        raise ValueError(
            f"training and validation share add up to {taken:.3g}; at most {LARGEST_SHARE:g} is allowed, so that "
            "events are left to judge the result"
        )
    return config

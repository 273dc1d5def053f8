"""Options that the configs of several trainings have; each gives them its default, and own words where they differ."""

from __future__ import annotations

from typing import Annotated

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

"""What a user asks to be run."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.events.portable import portable
from core.events.spec import DatasetSpec


class RunRequest(BaseModel):
    """Ask for one training; together with the program's version it repeats the run exactly.

    Args:
        task: registered task, such as "unlearn".
        method: registered method of that task.
        dataset: which events, and what their columns are for.
        config: fields of the method's config that differ from their defaults.
        seed: of the split, the initial weights and the batches.
        device: "auto", "cpu", "cuda", ….
        scan: name of the scan that it belongs to; empty when it is a run of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = "unlearn"
    method: str = "disco"
    dataset: DatasetSpec
    config: dict[str, Any] = Field(default_factory=dict)
    seed: int = Field(0, ge=0, le=2**32 - 1, title="seed", description="a run with the same seed repeats exactly")
    device: str = Field("auto", title="device", description="auto takes a GPU when there is one")
    scan: str = Field("", max_length=80, title="scan", description="name of the scan that the run belongs to")


def portable_request(request: RunRequest) -> RunRequest:
    """Return a request whose samples and files of the data folder have names that hold in every installation."""
    return request.model_copy(update={"dataset": portable(request.dataset)})

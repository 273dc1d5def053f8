"""The command that repeats a run."""

from __future__ import annotations

import shlex
from typing import Any

from core.jobs.request import RunRequest


def command_line(request: RunRequest) -> str:
    """Return the command that makes the same run again.

    Example:
        >>> from core.events.spec import DatasetSpec
        >>> command_line(RunRequest(dataset=DatasetSpec(path="a b.parquet"), config={"lam": 5.0}))
        "python -m core train 'a b.parquet' --method disco --seed 0 --lam 5"
    """
    spec = request.dataset
    options: list[tuple[str, Any]] = [
        ("method", request.method),
        ("label", spec.roles.label),
        ("weight", spec.roles.weight),
        ("protected", ",".join(spec.roles.protected) or None),
        ("features", ",".join(spec.roles.features) or None),
        *(("derive", f"{name}={expression}") for name, expression in spec.derived.items()),
        ("select", spec.selection),
        ("signal-value", spec.signal_value),
        ("seed", request.seed),
        ("device", None if request.device == "auto" else request.device),
        *((name.replace("_", "-"), _written(value)) for name, value in request.config.items()),
    ]
    words = ["python", "-m", "core", request.task if request.task != "unlearn" else "train", spec.path]
    for name, value in options:
        words += [f"--{name}", str(value)] if value is not None else []
    words += ["--drop-invalid"] if spec.drop_invalid else []
    return shlex.join(words)


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(part) for part in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)

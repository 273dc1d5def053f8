"""The samples of the topologies as data sets that a run can load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.config import SampleConfig
from core.event_variables.topologies import TOPOLOGIES, roles_of, sample_events
from core.events.spec import DatasetSpec
from core.events.table import EventTable

PREFIX = "event_variables"
HALF = 0.5


def suitable_background(method: str, background_share: float = 0.0) -> float:
    """Return the share of background that a sample needs for a blueprint.

    Args:
        method: name of the blueprint.
        background_share: of its config, where it has one.

    Raises:
        DataError: the blueprint is unknown.

    Example:
        >>> suitable_background("blueprint_1"), suitable_background("blueprint_2")
        (0.5, 0.0)
        >>> suitable_background("blueprint_2", background_share=0.3)
        0.5
    """
    return HALF if BLUEPRINTS[method].item.tells_signal or background_share > 0 else 0.0


def sample_spec(config: SampleConfig, seed: int, folder: Path) -> DatasetSpec:
    """Write the events of a sample to a file, if it is not there, and name it as a data set that a run can load.

    Args:
        config: of the sample.
        seed: of the events.
        folder: where samples are kept.
    """
    path = folder / _file_name(config, seed)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        pq.write_table(_table(sample_events(config, seed)), draft, compression="zstd")
        draft.rename(path)
    return DatasetSpec(path=str(path), name=TOPOLOGIES[config.topology].title, roles=roles_of(config))


def sample_in(path: Path, seed: int) -> SampleConfig | None:
    """Return which sample a file of ``sample_spec`` holds; None for a file of another seed or origin.

    Example:
        >>> sample_in(Path("toys/event_variables__pair__events-900__width-0.1__seed3.parquet"), 3).width
        0.1
    """
    start, *parts = path.name.split("__")
    if start != PREFIX or len(parts) < 2 or parts[-1] != f"seed{seed}.parquet":
        return None
    named = dict(part.split("-", 1) for part in parts[1:-1] if "-" in part)
    try:
        found = SampleConfig.model_validate({"topology": parts[0], **named})
    except ValidationError:
        return None
    return found if _file_name(found, seed) == path.name else None


def _file_name(config: SampleConfig, seed: int) -> str:
    """Return a name that says all that the events depend on and that is no default."""
    default = SampleConfig()
    chosen = [f"{name}-{value}" for name, value in config if name != "topology" and value != getattr(default, name)]
    return "__".join([PREFIX, config.topology, *chosen, f"seed{seed}.parquet"])


def _table(events: EventTable) -> pa.Table:
    """Return the events with the words about each column."""
    words = [events.describe(name) for name in events.columns]
    fields: list[Any] = [
        pa.field(
            each.name,
            pa.from_numpy_dtype(events[each.name].dtype),
            metadata={"title": each.title, "unit": each.unit, "description": each.description},
        )
        for each in words
    ]
    schema = pa.schema(fields, metadata={"infoscope": json.dumps({"title": events.name})})
    return pa.table([pa.array(events[each.name]) for each in words], schema=schema)

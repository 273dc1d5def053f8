"""The roles that columns need for the learning of an event variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.events.spec import DatasetSpec

READ = ("complement", "decorrelate", "cut")


def dataset_for(spec: DatasetSpec, config: Mapping[str, Any]) -> DatasetSpec:
    """Return the data set with the columns that a config names among those that are read.

    θ and the known variables become protected and are no features, so that none is trained on. A column that v
    complements, must not depend on or is cut on stays a feature where it is one.

    Args:
        spec: the data set.
        config: fields of a ``VariableConfig`` that are given.

    Example:
        >>> from core.events.table import Roles
        >>> spec = DatasetSpec(path="events.parquet", roles=Roles(features=("px", "mass", "m_t")))
        >>> dataset_for(spec, {"theta": "mass", "known": ["m_t"]}).roles
        Roles(features=('px',), label=None, protected=('mass', 'm_t'), weight=None)
    """
    roles = spec.roles
    theta = config.get("theta") or None
    compared = tuple(config.get("known", ()))
    features = tuple(name for name in roles.features if name not in (theta, *compared))
    named = (*compared, *(config[key] for key in READ if config.get(key)))
    known = (name for name in named if name not in (*features, roles.label, roles.weight))
    protected = tuple(dict.fromkeys((*((theta,) if theta else ()), *roles.protected, *known)))
    return spec.model_copy(update={"roles": roles.model_copy(update={"features": features, "protected": protected})})

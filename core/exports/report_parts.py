"""The options of a run and what repeats it, as rows of words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo

from core.calibration.config import CalibrationConfig
from core.disentanglement.model import MODELS
from core.event_variables.blueprint import BLUEPRINTS
from core.exports.results import RunResults
from core.exports.titles import file_name_of, without_folders
from core.jobs.tasks.ensembles import METHODS as ON_SETS
from core.numbers import format_count
from core.store.run import Run
from core.unlearning.method import METHODS
from core.unlearning.slide_steps import SlideConfig

Row = tuple[str, ...]


def config_rows(run: Run) -> list[Row]:
    """Return option, value and meaning of each option of a run.

    Args:
        run: of any task.
    """
    fields = config_fields(run)
    rows: list[Row] = []
    for name, value in run.config.items():
        field = fields.get(name)
        title = (field.title if field else None) or name.replace("_", " ")
        meaning = (field.description if field else None) or ""
        rows.append((title, _written(value), f"{meaning[:1].upper()}{meaning[1:]}." if meaning else ""))
    return rows


def config_fields(run: Run) -> Mapping[str, FieldInfo]:
    """Return the fields of a run's config by name; nothing where the task or the method is not known any more."""
    task, method = run.request.task, run.request.method
    if task == "slide":
        return SlideConfig.model_fields
    if task == "calibrate":
        return CalibrationConfig.model_fields
    if task == "ensembles":
        return ON_SETS[method].model_fields if method in ON_SETS else {}
    registries: Mapping[str, Any] = {"unlearn": METHODS, "disentangle": MODELS, "event_variables": BLUEPRINTS}
    registry = registries.get(task)
    if registry is None or method not in registry.names():
        return {}
    fields: Mapping[str, FieldInfo] = registry[method].item.config.model_fields
    return fields


def manifest_rows(results: RunResults) -> list[Row]:
    """Return what a run read and what it ran on; files by their names, without folders.

    Args:
        results: of the run.
    """
    run, written = results.run, results.manifest
    roles = run.request.dataset.roles
    data, machine, device = (_part(written, name) for name in ("data", "machine", "device"))
    rows: list[tuple[str, Any]] = [
        ("run", run.id),
        ("file", ", ".join(file_name_of(each) for each in run.request.dataset.files)),
        ("protected", ", ".join(roles.protected)),
        ("features", ", ".join(roles.features)),
        ("label", roles.label or "none"),
        ("weight", roles.weight or "none"),
        *((f"derived: {name}", text) for name, text in run.request.dataset.derived.items()),
        ("selection", run.request.dataset.selection or "none"),
        ("events", format_count(data["events"]) if isinstance(data.get("events"), int) else ""),
        ("fingerprint of the data", data.get("fingerprint", "")),
        ("seed", run.request.seed),
        ("created", written.get("created", "")),
        ("started", written.get("started", "")),
        ("finished", written.get("finished", "")),
        ("system", machine.get("system", "")),
        ("processor", machine.get("processor", "")),
        ("cores", machine.get("cores", "")),
        ("memory", f"{machine['memory_bytes'] / 2**30:.3g} GiB" if "memory_bytes" in machine else ""),
        ("device", " ".join(str(device[name]) for name in ("used", "name") if name in device)),
        ("versions", ", ".join(f"{name} {version}" for name, version in _part(written, "versions").items())),
        ("commit", _commit(written)),
    ]
    return [(name, without_folders(str(value), run.request)) for name, value in rows if value not in ("", None)]


def _part(written: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = written.get(name)
    return found if isinstance(found, dict) else {}


def _commit(written: Mapping[str, Any]) -> str:
    commit = written.get("commit")
    return f"{commit}{', with changes' if written.get('changed') else ''}" if commit else ""


def _written(value: Any) -> str:
    """Return a value of a config in words.

    Example:
        >>> _written([16, 16]), _written(None), _written(True), _written(1e-3)
        ('16, 16', 'none', 'yes', '0.001')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_written, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)

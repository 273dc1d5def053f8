"""The command that repeats a run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.calibration.config import CalibrationConfig
from core.calibration.toys import toy_config, toy_in
from core.ensembles.config import RegressionConfig
from core.ensembles.toys import gaussian_sets_in, two_gaussians_in
from core.errors import DataError
from core.event_variables.toys import sample_in
from core.events.plan import ALL_COLUMNS
from core.events.spec import DatasetSpec
from core.jobs.task import TASKS
from core.settings import settings
from core.store.request import RunRequest
from core.unlearning.slide_steps import SlideConfig

COMMANDS = {"unlearn": "train", "event_variables": "event-variables"}
"""Task → its command, where that has another name."""


def command_line(request: RunRequest) -> str:
    """Return the command that makes the same run again, number for number.

    Every role is named, an empty one too, since the command would guess it; a bundled sample and a toy go by their
    names.

    Example:
        >>> from core.events.spec import DatasetSpec
        >>> from core.events.table import Roles
        >>> roles = Roles(label="is signal", features=("pt",), protected=("m",))
        >>> command_line(RunRequest(dataset=DatasetSpec(path="a b.parquet", roles=roles), config={"lam": 5.0}))
        "python -m core train 'a b.parquet' --method disco --seed 0 --lam 5 --label 'is signal' --weight '' --protected m --features pt"
    """  # noqa: E501
    config = _full_config(request)
    toy = _toy_words(request, config)
    if toy is not None:
        words, left_out = toy
        config = {name: value for name, value in config.items() if name not in left_out}
        dataset: list[str] = []
    else:
        words, dataset = [file_word(request.dataset.path)], dataset_words(request.dataset)
    device = [] if request.device == "auto" else ["--device", request.device]
    start = ["python", "-m", "core", COMMANDS.get(request.task, request.task), *words, "--method", request.method]
    return shlex.join([*start, "--seed", str(request.seed), *device, *option_words(config), *dataset])


def file_word(path: str) -> str:
    """Return how a command names a file: a bundled sample by its name, any other by its path."""
    place = Path(path)
    return place.stem if place.suffix == ".parquet" and place.parent == settings().samples else path


def dataset_words(spec: DatasetSpec) -> list[str]:
    """Return the options that name roles, derived columns, selection and background of a data set."""
    roles = spec.roles
    words = ["--label", roles.label or "", "--weight", roles.weight or ""]
    words += ["--protected", joined(roles.protected), "--features", joined(roles.features)]
    for name, expression in spec.derived.items():
        words += ["--derive", f"{name}={expression}"]
    words += [] if spec.selection is None else ["--select", spec.selection]
    words += [] if spec.signal_value is None else ["--signal-value", written(spec.signal_value)]
    for name, values in spec.missing.items():
        words += ["--missing", joined(value if name == ALL_COLUMNS else f"{name}={written(value)}" for value in values)]
    words += [] if spec.background is None else ["--background-file", file_word(spec.background)]
    return [*words, "--drop-invalid"] if spec.drop_invalid else words


def option_words(config: Mapping[str, Any]) -> list[str]:
    """Return the options that give a config its values; what is None is left to its default.

    Example:
        >>> option_words({"mass_bins": 4, "monotonic": False, "hidden": [8, 8], "low": None})
        ['--mass-bins', '4', '--no-monotonic', '--hidden', '8,8']
    """
    words: list[str] = []
    for name, value in config.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words += [f"--{option}" if value else f"--no-{option}"]
        elif value is not None:
            words += [f"--{option}", joined(value) if isinstance(value, list | tuple) else written(value)]
    return words


def written(value: object) -> str:
    """Return a value as a command takes it; a number in as few digits as name it exactly.

    Example:
        >>> written(5.0), written(1 / 3), written(-2e-7)
        ('5', '0.3333333333333333', '-2e-07')
    """
    if isinstance(value, float):
        short = f"{value:.10g}"
        return short if float(short) == value else repr(value)
    return str(value)


def joined(values: Iterable[object]) -> str:
    r"""Return names or numbers with commas between them; commas, backslashes and outer spaces of a name are escaped.

    Example:
        >>> print(joined(["pt", "d2, groomed", 8]))
        pt,d2\, groomed,8
    """
    return ",".join(re.sub(r"[\\,]|^\s|\s$", r"\\\g<0>", written(value)) for value in values)


def _full_config(request: RunRequest) -> dict[str, Any]:
    """Return the options that a request gives, in the types of its config, and those that its command would suit."""
    task = TASKS[request.task].item
    try:
        full = task.check(request.model_copy(update={"device": "cpu"}))  # the device may be another machine's
    except DataError:  # an option of another version
        return dict(request.config)
    suited = SlideConfig.around(request.method) if request.task == "slide" else {}
    return {name: full[name] for name in (*request.config, *(each for each in suited if each not in request.config))}


def _toy_words(request: RunRequest, config: Mapping[str, Any]) -> tuple[list[str], tuple[str, ...]] | None:
    """Return a toy's name and options, and what of the config goes with the name; None for other events."""
    path = Path(request.dataset.path)
    if request.task == "calibrate":
        defaults = CalibrationConfig()
        spectra = [each for key in ("train", "test") for each in config.get(key, getattr(defaults, key))]
        found = toy_in(path, spectra, request.seed)
        if found is not None and all(config.get(name) == value for name, value in toy_config(found[0]).items()):
            return [found[0], "--events", str(found[1])], tuple(toy_config(found[0]))
    if request.task == "event_variables":
        sample = sample_in(path, request.seed)
        if sample is not None:
            given = {"events": sample.events, **sample.model_dump(exclude_defaults=True, exclude={"topology"})}
            return [sample.topology, *option_words(given)], ()
    if (request.task, request.method) == ("ensembles", "classification"):
        pair = two_gaussians_in(path, request.seed)
        if pair is not None:
            return ["gaussian", "--events", str(pair[0]), "--shift", written(pair[1])], ()
    if (request.task, request.method) == ("ensembles", "regression"):
        size = int(config.get("set_size", RegressionConfig().set_size))
        n_sets = gaussian_sets_in(path, size, request.seed)
        if n_sets is not None:
            return ["gaussian", "--events", str(n_sets)], ()
    return None

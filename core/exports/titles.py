"""What a run and its data are called, without the folders of the machine that trained it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.numbers import format_number
from core.registry import Registry
from core.store.request import RunRequest
from core.store.run import Recorded, Run

_TREE = re.compile(r"(?P<file>.+\.root):(?P<tree>.+)")


def method_title(name: str) -> str:
    """Return the short title of a method or of a model of disentanglement.

    Example:
        >>> method_title("disco"), method_title("side_by_side")
        ('DisCo', 'Side by side')
    """
    from core.disentanglement.model import MODELS
    from core.unlearning.method import METHODS

    known: Registry[Any] = MODELS if name in MODELS.names() else METHODS
    if name not in known.names():
        return name.replace("_", " ").capitalize()
    return known[name].title.partition(" (")[0]


def run_title(run: Run) -> str:
    """Return method and λ of a run, such as "DisCo, λ = 200", model and β, or what else was trained."""
    title, config = method_title(run.request.method), run.config
    match run.request.task:
        case "ensembles":
            kind = "Parameter from" if run.request.method == "regression" else "Classifiers of"
            return f"{kind} sets, N = {config['set_size']}"
        case "calibrate":
            return f"Calibration, {' and '.join(config['train'])}"
        case "event_variables":
            return f"Event variable, blueprint {run.request.method.removeprefix('blueprint_')}"
        case "disentangle":
            from core.disentanglement.model import MODELS

            name = MODELS[run.request.method].item.config.model_fields["beta"].title
            return f"{title}, {name} = {config['beta']:g}"
        case "slide":
            return f"{title}, λ slider"
    return f"{title}, λ = {config['lam']:g}" if "lam" in config else title


def stopped_words(run: Run, history: Sequence[Recorded]) -> str:
    """Return after which epoch a run was stopped, and which λ was in force then; empty for a run that was not.

    Args:
        run: that is over.
        history: what each of its epochs recorded, in order.

    Returns:
        A sentence, such as "Stopped at epoch 6 of 40, while λ was still 0: in effect the baseline."
    """
    if run.status != "stopped" or not history:
        return ""
    words, lam = f"Stopped at epoch {history[-1].epoch} of {run.n_epochs}", history[-1].scalars.get("lam")
    if lam is None or not run.config.get("lam"):
        return f"{words}."
    if lam > 0:
        return f"{words}, when λ was {format_number(lam)}."
    from core.unlearning.method import METHODS  # imports torch, which a title need not wait for

    method = METHODS[run.request.method].item
    acts_elsewhere = method.reweigh is not None or method.transform is not None
    return f"{words}, while λ was still 0{'' if acts_elsewhere else ': in effect the baseline'}."


def file_name_of(path: str) -> str:
    """Return the name of a file of events without its folders; the tree of a ROOT file stays.

    Example:
        >>> file_name_of("/data/uploads/3f/toy.parquet"), file_name_of("/data/a.root:dir/tree")
        ('toy.parquet', 'a.root:dir/tree')
    """
    if "://" in path:
        return path.rstrip("/").rpartition("/")[2]
    found = _TREE.fullmatch(path)
    return f"{Path(found['file']).name}:{found['tree']}" if found else Path(path).name


def dataset_words(request: RunRequest, title: object = None) -> str:
    """Return what the data set of a run is called.

    Args:
        request: of the run.
        title: what the file calls itself; its name when None.
    """
    names = " and ".join(file_name_of(each) for each in request.dataset.files)
    return request.dataset.name or (title if isinstance(title, str) and title else names)


def public_command(request: RunRequest) -> str:
    """Return the command that repeats a run, with files by their names alone.

    Example:
        >>> from core.events.spec import DatasetSpec
        >>> asked = RunRequest(dataset=DatasetSpec(path="/data/uploads/toy.parquet"), config={"lam": 5.0})
        >>> public_command(asked).split(" --")[0]
        'python -m core train toy.parquet'
    """
    from core.jobs.command import command_line  # imports torch, which a title need not wait for

    names = {path: file_name_of(path) for path in request.dataset.files}
    return shlex.join(names.get(word, word) for word in shlex.split(command_line(request)))


def without_folders(text: str, request: RunRequest) -> str:
    """Return a text in which the files of a run, with their trees or without, are called by their names alone.

    Args:
        text: such as a remark on the run, or why it failed.
        request: of the run.
    """
    for path in request.dataset.files:
        name = file_name_of(path)
        text = text.replace(path, name)
        folder = path.removesuffix(name)
        if folder not in ("", "/", path):  # a reader may name the file alone, without its tree
            text = text.replace(folder, "")
    return text

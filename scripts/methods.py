"""Write the reference of methods from the registries, so that it names every one: python -m scripts.methods."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.calibration.config import CalibrationConfig
from core.calibration.method import METHODS as CALIBRATIONS
from core.disentanglement.config import VAEConfig
from core.disentanglement.model import MODELS
from core.ensembles.config import EnsembleConfig, RegressionConfig
from core.ensembles.construction import CONSTRUCTIONS
from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.config import VariableConfig
from core.information.estimators.estimator import ESTIMATORS, Estimator
from core.neural_information.config import NeuralConfig
from core.neural_information.estimator import NEURAL_ESTIMATORS
from core.numbers import MINUS, power_of_ten
from core.registry import Entry, Registry
from core.unlearning.method import METHODS, PenaltyConfig, TrainingConfig
from scripts.server import ROOT

DOCS = ROOT / "docs"
HEAD = """# Methods

What can be trained and estimated: formula, source and options of each, on the pages and on the command line by the
same name. These pages are written by `python -m scripts.methods` from the program itself.
[Adding a method](adding-a-method.md) adds to them.

"""
OPTIONS = ("option", "default", "allowed", "meaning")
LOWER = {"ge": "≥", "gt": ">"}
UPPER = {"le": "≤", "lt": "<"}

UNLEARNING = """`python -m core train FILE --method NAME`, or the page Train. A training minimises the formula over
the classifier f(x).

H is the cross entropy, both classes with the same sum of weights; λ rises from 0 to its full value. ε_bk is the
background efficiency of cut k in bin b of m, ε̄_k its mean over the bins, V_bk the square that counting alone gives;
F_b(s) is the distribution of the background's score in bin b; m̃ in [−1, 1] is the rank of m, and φ₂ the parabola
orthogonal to 1 and m̃. E_b, F_b(f) and p_b are of the background. Several protected variables: the mean over them, or
all at once for the methods with a critic."""
DISENTANGLING = """`python -m core disentangle FILE --model NAME`, or the page Disentangle. A training minimises the
formula plus λ_s times the term that ties one latent dimension z′ to each protected variable.

q(z|x) is the encoder, p(x|z) the decoder, p(z) a unit Gaussian, q(z) the mean of q(z|x) over events; z∖z′ are the
dimensions that are not tied; KL in nats an event. What ties z′ is λ_s Σ_i E[KL(v_i ‖ σ(r_i))], with v the protected
variable scaled to (0, 1) by its rank and r the mean of z′."""
VARIABLES = """`python -m core event-variables FILE --method NAME`, or the page Event variables. The main network
makes v = v(x) of an event; the auxiliary network a sees v and the parameter θ alone. → is what it becomes at the
minimum."""
SETS = """`python -m core ensembles FILE --set-size N --constructions NAME,…`, or the page Many events. ln L is the
logarithm of the likelihood ratio of signal and background, F and Φ are networks."""
CALIBRATING = """`python -m core calibrate FILE --methods NAME,…`, or the page Calibration. z is the truth, x the
features, b, a, c and d are networks."""
ESTIMATING = """`python -m core matrix FILE --estimator NAME`; in Python `estimate_mi(x, y, NAME, option=…)` of
`core.information`. ψ is the digamma function, k the number of neighbours, n_x and n_y the events that are as near in x
and in y; B bins a variable, N_eff = (Σw)²/Σw²."""
NEURAL = """Trained on part of the events, stopped early on another, judged on a third: each is a bound or an estimate
on events that its network never saw. T(x, y) is the critic, p = p(x, y) the events, q = p(x) p(y) the same events
with y shuffled."""


@dataclass(frozen=True)
class Room:
    """One page: a registry, what its formulas mean, and the options that all its entries have."""

    title: str
    words: str
    registry: Registry[Any]
    shared: dict[str, FieldInfo] = field(default_factory=dict)
    extra: Callable[[Any], str] = lambda item: ""
    dashes: str = "--"
    after: str = ""


def _abilities(item: Estimator) -> str:
    takes = {
        "weights": item.takes_weights,
        "negative weights": item.takes_negative_weights,
        "repeated values": item.takes_point_masses,
        "missing values": item.takes_missing,
        "several dimensions": item.takes_vectors,
    }
    able = ", ".join(name for name, is_taken in takes.items() if is_taken) or "plain numbers only"
    return f"Takes {able}.\n\nAssumes: {item.assumes}\n\nLimits: {item.limits}"


REGRESSION = "\n## Options of a regression\n\n`--method regression` estimates a parameter from sets.\n\n"
ROOMS = {
    "unlearning.md": Room(
        "Methods of unlearning", UNLEARNING, METHODS, {**TrainingConfig.model_fields, **PenaltyConfig.model_fields}
    ),
    "disentangling.md": Room("Models that disentangle", DISENTANGLING, MODELS, VAEConfig.model_fields),
    "event-variables.md": Room("Blueprints of event variables", VARIABLES, BLUEPRINTS, VariableConfig.model_fields),
    "many-events.md": Room(
        "Classifiers of many events", SETS, CONSTRUCTIONS, EnsembleConfig.model_fields, after=REGRESSION
    ),
    "calibration.md": Room("Methods of calibration", CALIBRATING, CALIBRATIONS, CalibrationConfig.model_fields),
    "estimators.md": Room("Estimators of mutual information", ESTIMATING, ESTIMATORS, extra=_abilities, dashes=""),
    "neural-estimators.md": Room(
        "Neural estimators of mutual information",
        NEURAL,
        NEURAL_ESTIMATORS,
        NeuralConfig.model_fields,
        extra=lambda item: f"Limits: {item.limits}",
        dashes="",
    ),
}


def pages() -> dict[str, str]:
    """Return the text of each page by its path in docs/."""
    lines = [
        f"- [{room.title}](methods/{name}): {', '.join(f'`{each.name}`' for each in _entries(room))}"
        for name, room in ROOMS.items()
    ]
    return {"methods.md": HEAD + "\n".join(lines) + "\n", **{f"methods/{name}": _page(ROOMS[name]) for name in ROOMS}}


def _page(room: Room) -> str:
    text = f"# {room.title}\n\n{room.words}\n\n" + "\n".join(_section(entry, room) for entry in _entries(room))
    if room.shared:
        text += f"\n## Options that all have\n\n{_options(room.shared, room.dashes)}"
    return text + (room.after + _options(RegressionConfig.model_fields, room.dashes) if room.after else "")


def _entries(room: Room) -> list[Entry[Any]]:
    return sorted(room.registry, key=lambda entry: entry.name)


def _section(entry: Entry[Any], room: Room) -> str:
    config = getattr(entry.item, "config", None)
    fields = config.model_fields if isinstance(config, type) and issubclass(config, BaseModel) else {}
    own = {
        name: field for name, field in fields.items() if name not in room.shared or _differs(field, room.shared[name])
    }
    parts = [f"## {entry.title}", f"`{entry.name}` · {entry.summary}", f"```text\n{entry.formula}\n```"]
    parts += [part for part in (room.extra(entry.item), _options(own, room.dashes).rstrip() if own else "") if part]
    parts += [f"Source: {entry.reference}."] if entry.reference != "-" else []
    return "\n\n".join(parts) + "\n"


def _differs(field: FieldInfo, other: FieldInfo) -> bool:
    return (field.default, field.title, field.description) != (other.default, other.title, other.description)


def _options(fields: dict[str, FieldInfo], dashes: str) -> str:
    rows = [
        [
            f"`{dashes}{name.replace('_', '-') if dashes else name}`",
            _value(field.default),
            _allowed(field),
            _meaning(field),
        ]
        for name, field in fields.items()
    ]
    return _table(OPTIONS, rows)


def _meaning(field: FieldInfo) -> str:
    return f"{field.title}: {field.description}"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(each) for each in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        size = power_of_ten(round(math.log10(abs(value)))) if abs(value) >= 1e9 else f"{abs(value):,.6g}"
        return f"{MINUS if value < 0 else ''}{size}"
    return "-" if value in (None, "") else str(value)


def _allowed(field: FieldInfo) -> str:
    """Return the bounds of a field, or the words that it may be."""
    choices = [each for kind in _kinds(field.annotation) if get_origin(kind) is Literal for each in get_args(kind)]
    if choices:
        return ", ".join(map(str, choices))
    if bool in _kinds(field.annotation):
        return "yes, no"
    bounds = [
        f"{sign} {_value(value)}"
        for signs in (LOWER, UPPER)
        for name, sign in signs.items()
        for each in field.metadata
        if (value := getattr(each, name, None)) is not None
    ]
    is_number = {int, float} & set(_kinds(field.annotation))
    return ", ".join(bounds) if bounds and is_number else "list" if "tuple" in str(field.annotation) else "name"


def _kinds(annotation: Any) -> Sequence[Any]:
    return (annotation, *get_args(annotation)) if get_origin(annotation) not in (tuple, Literal) else (annotation,)


def _table(header: Iterable[str], rows: list[list[str]]) -> str:
    header = list(header)
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    for path, page in pages().items():
        (DOCS / path).write_text(page, encoding="utf-8")

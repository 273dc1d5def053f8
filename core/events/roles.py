"""Guess what each column is for, and say why, so that a user can correct it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from core.events.categories import FEW_VALUES
from core.events.summary import ONLY_IN, ColumnSummary, FileSummary
from core.events.table import Role, Roles

# In order of preference: a file has one label and one weight.
_LABELS = (
    "label", "target", "is_signal", "issignal", "is_sig", "issig", "signal", "truth", "truth_label", "class", "y",
)  # fmt: skip
_WEIGHTS = (
    "weight", "weights", "event_weight", "eventweight", "evt_weight", "genweight", "gen_weight", "mcweight",
    "mc_weight", "w", "wgt",
)  # fmt: skip
_WEIGHT = re.compile(
    r"((evt|event|ev|mc|gen|total|final|nominal)_?)?(wgt|weights?)(_?(final|nominal|nom|total|mc|gen|event|evt))?"
)
_SHORT_WEIGHT = re.compile(r"w_(gen|generator|evt|event|mc|nom|nominal|total|tot|final|sim)|(evt|event|mc)_?w")
"""Names of weights where there is one such column only."""
_MAYBE_WEIGHT = re.compile(r"w_(?!(pt|p[xyz]?|e|et|eta|phi|y|m|mass|charge|id|pdgid|tag|score)$)\w+|\w+_w")
_ALSO_WEIGHTS = re.compile(
    rf"(.*_)?(?!(heavy|light|over|under)weight)[a-z]*(wgt|weight)s?(_.*)?|w|{_SHORT_WEIGHT.pattern}"
)
_MASSES = re.compile(
    r"m|(.*_)?mass|mass_.+|m_.+|m_?(jj|bc|ll|ee|mumu|gg|inv|bb|tt)|(inv|invariant)_?m(ass)?|.*[a-z]mass|.*_m(jj|bc|ll|ee|mumu)"
)
_KINEMATIC = r"(?i:pt|p[xyz]?|e|et|eta|phi|y|charge|id|pdgid|is[a-z]*)(?![a-z])"
"""What follows an m that is a muon or a minus."""
_MASS_WITHIN = re.compile(
    r"(?i:mass|inv_?m|msd)"
    rf"|(?:^|_)[mM](?:$|\d\d|_(?!{_KINEMATIC})|"
    r"(?i:jj|ll|ee|mumu|gg|inv|bb|bc|tt|vis|tot|cand|sd|soft_?drop|jet|j|t(?!2)|b|h|w|z)(?![a-z]))"
)
"""Case tells mT from met, but neither is MET a mass, nor mT2 or M2 what a training must leave alone."""
_NUMBERS = re.compile(
    r"(event|evt|run|lumi|lumi_?block|luminosity_?block|entry|bunch_?crossing)(_?(number|num|nr|id|no))?"
    r"|id|index|unnamed: ?\d+|__index_level_\d+__|event_?id|uid|ls|bx"
)


@dataclass(frozen=True)
class RoleGuess:
    """Say what a column probably is for, and why.

    Args:
        role: the guess.
        reason: why, in words that a table can show.
    """

    role: Role
    reason: str


def guess_roles(summary: FileSummary) -> dict[str, RoleGuess]:
    """Guess the role of every column: what the file states comes first, then its name and type.

    Args:
        summary: what `inspect_file` returned.

    Returns:
        Column → guess, in the order of the file; at most one label and one weight.
    """
    label = _chosen(summary, "label", _LABELS)
    weight = _chosen(summary, "weight", _WEIGHTS)
    return {column.name: _guess(column, label, weight) for column in summary.columns}


def roles_from_guesses(guesses: Mapping[str, RoleGuess]) -> Roles:
    """Gather guesses into roles.

    Example:
        >>> roles_from_guesses({"pt": RoleGuess("feature", ""), "m": RoleGuess("protected", "")}).protected
        ('m',)
    """

    def having(role: Role) -> tuple[str, ...]:
        return tuple(name for name, guess in guesses.items() if guess.role == role)

    label, weight = having("label"), having("weight")
    return Roles(
        features=having("feature"),
        label=label[0] if label else None,
        protected=having("protected"),
        weight=weight[0] if weight else None,
    )


def _chosen(summary: FileSummary, role: Role, names: tuple[str, ...]) -> str | None:
    """Return the one column that is the label, or the weight."""
    usable = [column for column in summary.columns if column.kind in ("numeric", "boolean")]
    for column in summary.columns:
        # A text column may be stated to be the label; which of its values is signal is then asked for.
        if column.stated_role == role and (column in usable or column.kind == "string"):
            return column.name
    silent = [column for column in usable if _stated(column) is None]
    # Case tells columns apart: "label" is the label though there is a "Label" too.
    by_name = {column.name.lower(): column for column in silent} | {column.name: column for column in silent}
    alike = [name for name in by_name if role == "weight" and _WEIGHT.fullmatch(name)]
    short = [name for name in by_name if role == "weight" and _SHORT_WEIGHT.fullmatch(name)]
    for name in (*names, *alike, *(short if len(short) == 1 else ())):
        if name in by_name and _can_be_label(by_name[name]):
            return by_name[name].name
    return None


def named_like_weight(name: str) -> bool:
    """Return whether a column is named as weights of events, or factors of them, are.

    Example:
        >>> [named_like_weight(name) for name in ("wgt_final", "puWeight", "evt_w", "heavyweight", "width")]
        [True, True, True, False, False]
    """
    return bool(_ALSO_WEIGHTS.fullmatch(name.lower()))


def may_be_weight(name: str) -> bool:
    """Return whether a column may be a weight by its name, so that a user is asked.

    Example:
        >>> [may_be_weight(name) for name in ("w_gen", "w_pu", "nominal_w", "w_pt", "w_mass", "pt")]
        [True, True, True, False, False, False]
    """
    return named_like_weight(name) or bool(_MAYBE_WEIGHT.fullmatch(name.lower()))


def looks_like_mass(name: str) -> bool:
    """Return whether a column is named as masses are; such columns are guessed to be protected.

    Example:
        >>> [looks_like_mass(name) for name in ("fatjet_m_sd", "mcand", "jet_mass", "m_jj", "mjj", "mT")]
        [True, True, True, True, True, True]
        >>> [looks_like_mass(name) for name in ("met", "MET", "mT2", "muon_pt", "mu_m_pt", "pt")]
        [False, False, False, False, False, False]
    """
    return bool(_MASSES.fullmatch(name.lower()) or _MASS_WITHIN.search(name))


def _guess(column: ColumnSummary, label: str | None, weight: str | None) -> RoleGuess:
    stated = _stated(column)
    if column.name in (label, weight):
        role: Role = "label" if column.name == label else "weight"
        return RoleGuess(role, (column.reason or "the file says so") if stated == role else f"named like a {role}")
    if column.kind not in ("numeric", "boolean"):
        return RoleGuess("ignore", _why_not(column))
    if stated is not None and stated not in ("label", "weight"):
        return RoleGuess(stated, "the file says so")
    return _guess_by_name(column, label, weight)


def _why_not(column: ColumnSummary) -> str:
    if column.kind == "list":
        return f"a list for each event; use {' or '.join(column.offers[:2])}"
    if column.kind == "string":
        return (
            f"text; can be the label once you say which value is signal, or protected with at most {FEW_VALUES} values"
        )
    return f"{'left out' if column.reason.startswith(ONLY_IN) else 'cannot be read'}: {column.reason}"


def _guess_by_name(column: ColumnSummary, label: str | None, weight: str | None) -> RoleGuess:
    name = column.name.lower()
    rules: tuple[tuple[bool, Role, str], ...] = (
        (name in _LABELS and _can_be_label(column), "ignore", f"named like a label, but {label} is the label"),
        (named_like_weight(name), "ignore", f"named like a weight, but {weight or 'none'} is the weight"),
        (bool(_NUMBERS.fullmatch(name)), "ignore", "named like an event or run number"),
        (looks_like_mass(column.name), "protected", "named like a mass"),
    )
    for applies, role, reason in rules:
        if applies:
            return RoleGuess(role, reason)
    return RoleGuess("feature", "a number for each event")


def _can_be_label(column: ColumnSummary) -> bool:
    # "y" is a rapidity as often as a label: only whole numbers make it one.
    return column.name.lower() != "y" or column.kind == "boolean" or "int" in column.dtype.lower()


def _stated(column: ColumnSummary) -> Role | None:
    return cast(Role, column.stated_role) if column.stated_role in get_args(Role) else None

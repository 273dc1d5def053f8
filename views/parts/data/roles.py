"""The table in which a user corrects what each column is for."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.errors import DataError
from core.events.categories import FEW_VALUES
from core.events.roles import guess_roles, roles_from_guesses
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, bytes_in_memory
from core.events.summary import FileSummary
from core.events.table import EventTable, Roles
from core.numbers import format_count
from core.settings import settings
from views.parts.cached import label_values_of
from views.parts.data.drafts import draft, keep_draft
from views.parts.data.onboarding import counts_of
from views.parts.data.reading import read_anew, read_events
from views.parts.frame.state import DATA, told, use_dataset
from views.parts.words import plain_text

ROLES = ["feature", "protected", "label", "weight", "ignore"]
ROLE_HELP = (
    "feature: the classifier may use it · protected: it must not be learned, such as the mass, or text of at most "
    f"{FEW_VALUES} values · label: 1 signal, 0 background · weight: event weight · ignore: not used"
)
MANY = 12
"""With more columns than that a table has a field to find some."""
TURN, REFUSED = "roles-turn", "roles-refused"


def guessed_dataset(path: str, name: str | None = None, background: str | None = None) -> DatasetSpec:
    """Return a file, or two, as a data set with guessed roles."""
    roles = roles_from_guesses(guess_roles(inspect_file(path, background)))
    return DatasetSpec(path=path, name=name, roles=roles, background=background)


def role_editor(spec: DatasetSpec, summary: FileSummary) -> None:
    """Show every column with its role; an edit becomes the current data set."""
    if any(column.kind == "list" for column in summary.columns):
        summary = summary.with_counts(counts_of(spec.files))
    rows = _rows(spec, summary)
    found = _found(spec, summary, rows) if len(rows) > MANY else rows
    edited = st.data_editor(
        pd.DataFrame(found or rows[:0], columns=list(rows[0])),
        key=f"roles-{spec.files}-{len(rows)}-{len(found)}-{st.session_state.get(TURN, 0)}-{_sought()}",
        hide_index=True,
        disabled=["column", "symbol", "unit", "definition", "type", "guessed because"],
        column_config={"role": st.column_config.SelectboxColumn("role", options=ROLES, required=True, help=ROLE_HELP)},
    )
    chosen = {row["column"]: row["role"] for row in rows}
    roles = _gathered(chosen | dict(zip(edited["column"], edited["role"], strict=True))) or spec.roles
    signal_value = spec.signal_value if roles.label == spec.roles.label else None
    _label_choice(spec, spec.model_copy(update={"roles": roles, "signal_value": signal_value}))
    _expressions(spec)


def take(spec: DatasetSpec) -> None:
    """Make an edited data set the current one, and the table show it, if it can be loaded; else say why."""
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    _take(spec, read_anew)


def _rows(spec: DatasetSpec, summary: FileSummary) -> list[dict[str, str]]:
    """Return what is told of each column, and of elements of lists and derived columns."""
    guesses = guess_roles(summary)
    by_offer = {offer: column for column in summary.columns for offer in (column.offers or (column.name,))}
    names = dict.fromkeys([*by_offer, *spec.derived, *spec.roles.used()])
    rows = []
    for name in names:
        column = by_offer.get(name)
        told_of = ("", "", spec.derived.get(name, ""), "derived", "you derived it")
        if name not in spec.derived:
            told_of = ("", "", "", "part of a list", "you chose it")
        if column is not None:
            words = column.words
            guess = guesses[column.name]
            reason = guess.reason if guess.role == spec.roles.of(name) else "you chose it"
            told_of = (words.title, words.unit, words.description, column.dtype, reason)
        symbol, unit, definition, kind, reason = told_of
        rows.append(
            {
                "column": name,
                "role": str(spec.roles.of(name)),
                "symbol": symbol or name,
                "unit": unit,
                "definition": definition,
                "type": kind,
                "guessed because": reason,
            }
        )
    return rows


def _sought() -> str:
    return str(st.session_state.get("find-column") or "")


def _found(spec: DatasetSpec, summary: FileSummary, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Ask for a part of a name, and offer one role for all columns that have it."""
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    sought = bar.text_input(
        "Find columns",
        placeholder="a part of the name, or a role",
        key="find-column",
        icon=":material/search:",
        width=280,
    )
    words = (sought or "").lower().split()
    found = [row for row in rows if all(_matches(word, row) for word in words)]
    count = f"{format_count(len(found))} of {format_count(len(rows))}" if words else f"all {format_count(len(rows))}"
    role = bar.selectbox("Set their role to", ROLES, index=ROLES.index("ignore"), key="role-of-all", width=160)
    none = None if words and found else "Find some columns first."
    if bar.button(f"Set {count}", disabled=none is not None, help=none, key="set-all"):
        never = ("unsupported", *(["string"] if role == "feature" else []))
        unusable = {column.name for column in summary.columns if column.kind in never}
        usable = [row["column"] for row in found if row["column"] not in unusable]
        alone = role in ("label", "weight") and len(usable) == 1
        kept = {row["column"]: "ignore" if alone and row["role"] == role else row["role"] for row in rows}
        chosen = kept | dict.fromkeys(usable, role)
        roles = _gathered(chosen)
        if roles is not None:
            value = spec.signal_value if roles.label == spec.roles.label else None
            take(spec.model_copy(update={"roles": roles, "signal_value": value}))
    if not found:
        st.caption(f"No column has “{plain_text(sought)}” in its name.")
    return found


def _matches(word: str, row: dict[str, str]) -> bool:
    return word in row["column"].lower() or word in row["symbol"].lower() or word == row["role"]


def _gathered(chosen: dict[str, str]) -> Roles | None:
    """Return the chosen roles, or say why they cannot be."""
    having = {role: tuple(n for n, r in chosen.items() if r == role) for role in ROLES}
    for role in ("label", "weight"):
        if len(having[role]) > 1:
            st.warning(f"{len(having[role])} columns are the {role}: {', '.join(having[role])}. Keep one.")
            return None
    return Roles(
        features=having["feature"],
        protected=having["protected"],
        label=having["label"][0] if having["label"] else None,
        weight=having["weight"][0] if having["weight"] else None,
    )


def _label_choice(spec: DatasetSpec, edited: DatasetSpec) -> None:
    """Take the edited roles; a label that is not 0 and 1 is asked first which of its values is signal."""
    label = edited.roles.label
    if label is not None and label not in edited.derived:
        with told():
            values = label_values_of(edited.path, label, edited.background)
            if not set(values) <= {0, 1}:
                options = list(values)
                chosen = st.selectbox(
                    f"Which value of “{plain_text(label)}” is signal?",
                    options,
                    index=options.index(edited.signal_value) if edited.signal_value in options else None,
                    format_func=lambda value: f"{written(value)} ({values[value]:,} events)",
                    placeholder="Choose one: all others are background",
                    key=f"signal-value-{label}",
                )
                if chosen is None:
                    return
                edited = edited.model_copy(update={"signal_value": chosen})
            elif len(values) == 1:
                ((only, n),) = values.items()
                raise DataError(f"label {label!r} is {only:g} in all {n:,} events; both classes are needed")
    if edited != spec:
        _take(edited)


def written(value: str | float) -> str:
    """Return a value of a label; whole numbers without a point, as a column of integers that misses some has them.

    Example:
        >>> written(22.0), written(0.5), written("ggH")
        ('22', '0.5', 'ggH')
    """
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _expressions(spec: DatasetSpec) -> None:
    """Offer new columns and a selection."""
    fold = st.expander("Derive columns, select events", expanded=bool(spec.derived or spec.selection))
    with fold.form("expressions", border=False):
        lines = st.text_area(
            "New columns, one a line",
            "\n".join(f"{name} = {text}" for name, text in spec.derived.items()),
            placeholder="ratio = d2 / c2",
            help="Arithmetic, comparisons, & | ~, sqrt, log, exp, abs, sin, cos, …; other names in `backticks`.",
        )
        selection = st.text_input("Keep events with", spec.selection or "", placeholder="pt > 300 and abs(eta) < 2")
        submitted = st.form_submit_button("Apply")
    if submitted:
        with fold, told():  # not in the form, which allows no button that stops the reading
            take(_with_expressions(spec, lines, selection))


def _with_expressions(spec: DatasetSpec, lines: str, selection: str) -> DatasetSpec:
    """Return a data set with other derived columns, which are features unless they had a role, and selection."""
    derived = dict(_halves(line) for line in lines.splitlines() if line.strip())
    features = tuple(f for f in spec.roles.features if f not in spec.derived or f in derived)
    used = spec.roles.used()
    new = tuple(name for name in derived if name not in spec.derived and name not in used)
    label = None if spec.roles.label in spec.derived and spec.roles.label not in derived else spec.roles.label
    roles = spec.roles.model_copy(update={"features": (*features, *new), "label": label})
    return spec.model_copy(update={"derived": derived, "selection": selection or None, "roles": roles})


def _halves(line: str) -> tuple[str, str]:
    name, _, expression = line.partition("=")
    if not expression.strip():
        raise DataError(f"the line {line.strip()!r} says nothing after a name and =; write it as ratio = d2 / c2")
    return name.strip(), expression.strip()


def _take(spec: DatasetSpec, read: Callable[[DatasetSpec], EventTable | None] = read_events) -> None:
    """Make the edited data set the current one if it can be loaded; otherwise say why and keep the old one.

    A draft is not loaded yet, nor is a data set that is too large and becomes smaller step by step.
    """
    if draft() is not None:
        with told():
            bytes_in_memory(spec)  # asks for the columns of all expressions, without an event
            keep_draft(spec)
            st.rerun()
        return
    with told():
        before: DatasetSpec | None = st.session_state.get(DATA)
        was = bytes_in_memory(before) if before is not None else 0
        is_smaller = settings().max_uncompressed_bytes < bytes_in_memory(spec) < was
        if not is_smaller and read(spec) is None:
            return
        use_dataset(spec)
        st.rerun()
